"""Reading listings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import chord_distance_km, ecef
from marketplace.listings import policy
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import (
    Interest,
    Kind,
    Listing,
    ListingPhoto,
    ListingWord,
    Recurrence,
)
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.words import fold, stems

EARTH_RADIUS_KM = 6371.0088


def with_everything() -> Sequence[ORMOption]:
    """Return the loads that a page about a listing needs: organisation and gallery."""
    return (
        joinedload(Listing.organisation),
        selectinload(Listing.pictures).joinedload(ListingPhoto.photo),
    )


def get(session: Session, listing_id: int, *, actor: Actor) -> Listing:
    """Return the listing if this actor may know of it, with organisation and gallery."""
    found = session.scalars(
        select(Listing)
        .where(Listing.id == listing_id, policy.visible_to(actor))
        .options(*with_everything())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def mine(
    session: Session, *, actor: Actor, state: ListingState | None, page: int, size: int = 20
) -> tuple[list[Listing], int]:
    """Return one page of the organisation's own listings, newest first, and how many there are."""
    own = [Listing.organisation_id == actor.organisation_id]
    if state is not None:
        own.append(Listing.state == state)
    total = session.scalar(select(func.count()).select_from(Listing).where(*own)) or 0
    rows = session.scalars(
        select(Listing)
        .where(*own)
        .options(*with_everything())
        .order_by(Listing.created_at.desc(), Listing.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def counts_by_state(session: Session, *, organisation_id: int) -> dict[ListingState, int]:
    """Return how many listings the organisation has in each state."""
    rows = session.execute(
        select(Listing.state, func.count())
        .where(Listing.organisation_id == organisation_id)
        .group_by(Listing.state)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What somebody looks for; every part may be empty. ``radius_km`` needs ``near``."""

    words: str = ""
    kinds: list[Kind] = field(default_factory=list)
    material: str = ""
    conditions: list[Condition] = field(default_factory=list)
    recurrences: list[Recurrence] = field(default_factory=list)
    mass_at_least: float | None = None
    near: Coordinate | None = None
    radius_km: float | None = None
    nearest_first: bool = True


@dataclass(frozen=True)
class Found:
    """A row of a search: the listing, and the km from the middle to its public place, if any."""

    listing: Listing
    km: float | None


def browse(
    session: Session, wanted: Filter, *, page: int = 1, size: int = 20
) -> tuple[list[Found], int]:
    """Return one page of what is open to everybody, and how many there are.

    Distances run to the blurred place, so that no row of queries can find the exact one.
    """
    conditions = _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(Listing).where(*conditions)) or 0
    query = select(Listing).where(*conditions).options(*with_everything())
    if wanted.near is not None and wanted.nearest_first:
        query = query.order_by(_chord_squared(wanted.near), Listing.id)
    else:
        query = query.order_by(Listing.published_at.desc(), Listing.id.desc())
    rows = session.scalars(query.limit(size).offset((page - 1) * size)).all()
    return [Found(row, km_to_public(row, wanted.near)) for row in rows], total


def counts_by_family(session: Session) -> dict[str, int]:
    """Return how many open listings each material family (the top of the tree) has."""
    rows = session.execute(
        select(Listing.material_code, func.count())
        .where(
            policy.is_public(),
            Listing.state == ListingState.PUBLISHED,
            Listing.material_code.is_not(None),
        )
        .group_by(Listing.material_code)
    )
    families: dict[str, int] = {}
    for code, count in rows:
        family = str(code).split(".")[0]
        families[family] = families.get(family, 0) + count
    return families


def km_to_public(listing: Listing, near: Coordinate | None) -> float | None:
    """Return the kilometres from ``near`` to where others see the listing."""
    if near is None:
        return None
    x, y, z = (float(v) for v in ecef(near.latitude, near.longitude))
    squared = (listing.public_x - x) ** 2 + (listing.public_y - y) ** 2
    return float(chord_distance_km((squared + (listing.public_z - z) ** 2) ** 0.5))


def _chord_squared(near: Coordinate) -> ColumnElement[float]:
    x, y, z = (float(v) for v in ecef(near.latitude, near.longitude))
    return (
        (Listing.public_x - x) * (Listing.public_x - x)
        + (Listing.public_y - y) * (Listing.public_y - y)
        + (Listing.public_z - z) * (Listing.public_z - z)
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        policy.is_public(),
        Listing.state == ListingState.PUBLISHED,
    ]
    if wanted.kinds:
        found.append(Listing.kind.in_(wanted.kinds))
    if wanted.material:
        found.append(below(wanted.material))
    if wanted.conditions:
        found.append(Listing.condition.in_(wanted.conditions))
    if wanted.recurrences:
        found.append(Listing.recurrence.in_(wanted.recurrences))
    if wanted.mass_at_least:
        found.append(Listing.mass_kg >= wanted.mass_at_least)
    for word in fold(wanted.words).split()[:8]:
        found.append(_says(word))
    if wanted.near is not None and wanted.radius_km:
        found.extend(_within(wanted.near, wanted.radius_km))
    return found


def below(code: str) -> ColumnElement[bool]:
    """Return the filter for a material and everything under it."""
    return or_(
        Listing.material_code == code, Listing.material_code.startswith(code + ".", autoescape=True)
    )


def _says(word: str) -> ColumnElement[bool]:
    """The word stands in title or description, or names the material in any language."""
    spelled = or_(
        *(ListingWord.word.startswith(stem, autoescape=True) for stem in {word, *stems(word)})
    )
    said: ColumnElement[bool] = exists().where(ListingWord.listing_id == Listing.id, spelled)
    node = materials().find(word)
    return or_(said, below(node.code)) if node is not None else said


def _within(near: Coordinate, radius_km: float) -> list[ColumnElement[bool]]:
    chord = 2 * EARTH_RADIUS_KM * sin(min(radius_km / (2 * EARTH_RADIUS_KM), 1.57))
    up = radius_km / 110.5
    found = [
        Listing.public_latitude.between(near.latitude - up, near.latitude + up),
        _chord_squared(near) <= chord * chord,
    ]
    across = radius_km / max(110.5 * cos(radians(near.latitude)), 1e-9)
    west, east = near.longitude - across, near.longitude + across
    if west > -180 and east < 180 and abs(near.latitude) + up < 90:
        found.append(Listing.public_longitude.between(west, east))
    return found


def interests(session: Session, *, actor: Actor, limit: int = 200) -> list[Interest]:
    """Return what enterprises said they would like, for the brokers of either side, newest first."""
    query = (
        select(Interest)
        .join(Interest.listing)
        .join(Listing.organisation)
        .options(
            joinedload(Interest.organisation),
            joinedload(Interest.listing).joinedload(Listing.organisation),
            joinedload(Interest.listing)
            .selectinload(Listing.pictures)
            .joinedload(ListingPhoto.photo),
        )
        .order_by(Interest.at.desc(), Interest.id.desc())
        .limit(limit)
    )
    if not actor.brokers_for(None):
        query = query.where(
            or_(
                Organisation.service_point_id == actor.service_point_id,
                Interest.organisation.has(
                    and_(Organisation.service_point_id == actor.service_point_id)
                ),
            )
        )
    return list(session.scalars(query))


def my_interest(session: Session, listing: Listing, *, actor: Actor) -> Interest | None:
    """Return the interest that the actor's enterprise has shown, if any."""
    return session.scalars(
        select(Interest).where(
            Interest.listing_id == listing.id, Interest.organisation_id == actor.organisation_id
        )
    ).one_or_none()
