"""Reading listings."""

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.listings import policy
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Interest, Listing, ListingPhoto


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


def below(code: str) -> ColumnElement[bool]:
    """Return the filter for a material and everything under it."""
    return or_(
        Listing.material_code == code, Listing.material_code.startswith(code + ".", autoescape=True)
    )


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


def expiring(session: Session, *, actor: Actor, by: date, most: int) -> tuple[list[Listing], int]:
    """Return the first listings that end by a day unless renewed, and how many there are.

    For the brokers of their organisations; with the organisation, the soonest first.
    """
    query = (
        select(Listing, func.count().over())
        .join(Listing.organisation)
        .where(Listing.state.in_((ListingState.PUBLISHED, ListingState.PAUSED)))
        .where(Listing.expires_on <= by)
        .options(contains_eager(Listing.organisation))
        .order_by(Listing.expires_on, Listing.id)
        .limit(most)
    )
    if not actor.brokers_for(None):
        query = query.where(Organisation.service_point_id == actor.service_point_id)
    rows = session.execute(query).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def counts_by_material(session: Session) -> dict[str, int]:
    """Return how many listings name each material itself."""
    named = select(Listing.material_code, func.count()).where(Listing.material_code.is_not(None))
    return {code: n for code, n in session.execute(named.group_by(Listing.material_code)) if code}


def counts_by_technique(session: Session) -> dict[str, int]:
    """Return how many listings ask for each technique itself."""
    listed = cast(Listing.techniques, Text)
    found: dict[str, int] = {}
    for codes, n in session.execute(select(listed, func.count()).group_by(listed)):
        for code in json.loads(codes):
            found[code] = found.get(code, 0) + n
    return found
