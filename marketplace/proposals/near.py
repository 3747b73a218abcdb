"""Candidates near by, straight from the database's index: exact, and no more rows than it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, bindparam, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.accounts.nearby import Points, chord2, exact, public, strip_rows, within
from marketplace.capabilities.models import (
    Capability,
    CapabilityNode,
    CapabilityState,
    class_reach_km,
    reach_class,
)
from marketplace.geo.areas import parse_area, reaches_km
from marketplace.geo.bands import strips
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.matching.ranking import Ranking
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import (
    Able,
    Offered,
    read_capabilities,
    read_listings,
)
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques

FIRST = 200
FIRST_KM = 40.0
WHOLE_EARTH_KM = 20_040.0
BLUR_KM = 1.6
CHORD_SLACK = 1.000001
LAST_BY_STRIP = 4  # up to 160 km, 146 bands


@dataclass(frozen=True)
class Asked:
    """What a listing asks for, and from where: enough to look for capabilities."""

    kind: Kind
    material_code: str | None
    techniques: list[str]
    at: Coordinate

    @property
    def nodes(self) -> list[str]:
        """Every node under which a capability can stand that suits it; the material's if one counts."""
        if self.material_code and self.kind is not Kind.SERVICE:
            return [node.code for node in materials().ancestors(self.material_code)]
        named = self.techniques[:1]
        return ["~" + node.code for code in named for node in techniques().ancestors(code)]


def asked_by(listing: Listing) -> Asked:
    """Return what a stored listing asks for, from its exact place."""
    at = Coordinate(listing.latitude, listing.longitude)
    return Asked(listing.kind, listing.material_code, listing.techniques, at)


def reaching(
    session: Session,
    asked: Asked,
    rank: Callable[[Able], Ranking],
    weights: Weights,
    top: int | None,
    *,
    are_public: bool = False,
) -> tuple[Able, Ranking]:
    """Return capabilities that may reach what is asked for, and the ranking of them: its first ``top``
    are those of all there are. ``rank`` ranks some; ``are_public`` takes them where others see them.

    The nearest few are asked first; often nothing farther off can still be among the first.
    """
    slack = BLUR_KM if are_public else 0.0
    farthest = _farthest_reach(session, asked.nodes)
    near = {} if farthest is None else dict(_reaching(session, asked, farthest, slack))
    ids = sorted(near, key=lambda key: near[key])
    beyond = near[ids[FIRST]] ** 0.5 if len(ids) > FIRST and top is not None else 0.0
    able = _able(session, ids[:FIRST] if beyond else ids, are_public)
    found = rank(able)
    if beyond and not _complete(found, top, beyond - slack, weights):
        able = _able(session, ids, are_public)
        found = rank(able)
    return able, found


def _able(session: Session, ids: list[int], are_public: bool) -> Able:
    return read_capabilities(session, one_of(Capability.id, ids), public=are_public)


def one_of(key: InstrumentedAttribute[int], ids: list[int]) -> ColumnElement[bool]:
    """Return the filter for rows by key, however many: written out, since parameters are limited."""
    return key.in_(bindparam("keys", sorted(ids), expanding=True, literal_execute=True))


def _reaching(
    session: Session, asked: Asked, farthest: float, slack: float
) -> Iterable[tuple[int, float]]:
    """Yield keys and squares of chords in km.

    Each class of reach is looked for as far as that class reaches; the widest are all looked at.
    """
    named = {f"n{k}": node for k, node in enumerate(asked.nodes)}
    x, y, z = (float(v) for v in ecef(asked.at.latitude, asked.at.longitude))
    chord2 = "(c.x - :x) * (c.x - :x) + (c.y - :y) * (c.y - :y) + (c.z - :z) * (c.z - :z)"
    near = (
        f"c.node IN ({','.join(':' + name for name in named)}) "
        f"AND {chord2} <= (c.reach_km * :more + :slack) * (c.reach_km * :more + :slack)"
    )
    values = {**named, "x": x, "y": y, "z": z, "more": CHORD_SLACK, "slack": slack + 1e-6}
    last = reach_class(farthest)
    rows = [
        (number, strip.low, strip.west, strip.east)
        for number in range(min(last, LAST_BY_STRIP) + 1)
        for strip in strips(asked.at, class_reach_km(number) * CHORD_SLACK + slack + 1e-6)
    ]
    by_strip = text(
        f"WITH strips AS (VALUES {strip_rows(rows)}) SELECT c.capability_id, {chord2} FROM strips "
        "CROSS JOIN capability_nodes c WHERE c.reach_class = column1 AND c.band = column2 "
        f"AND c.longitude BETWEEN column3 AND column4 AND {near}"
    )
    yield from ((row[0], row[1]) for row in session.execute(by_strip, values))
    if last > LAST_BY_STRIP:
        wide = (
            f"SELECT c.capability_id, {chord2} FROM capability_nodes c "
            f"WHERE c.reach_class > :last AND {near}"
        )
        found = session.execute(text(wide), values | {"last": LAST_BY_STRIP})
        yield from ((row[0], row[1]) for row in found)


def _farthest_reach(session: Session, nodes: list[str]) -> float | None:
    """Return the longest reach of any that take one of the nodes; one step in an index for each."""
    ends = [
        select(func.max(CapabilityNode.reach_km))
        .where(CapabilityNode.node == node)
        .scalar_subquery()
        for node in nodes
    ]
    known = [km for km in session.execute(select(*ends)).one() if km is not None] if ends else []
    return max(known, default=None)


def suited(
    session: Session,
    capability: Capability,
    rank: Callable[[Offered], Ranking],
    weights: Weights,
    top: int,
) -> tuple[Offered, Ranking]:
    """Return published listings near a capability by their public places, and the ranking of them: its
    first ``top`` are those of all there are. ``rank`` ranks some.

    A small disc first, and that is the end of it where nothing beyond can still be among the first.
    """
    farthest = reach_of(capability) + BLUR_KM
    for outer in (min(FIRST_KM, farthest), farthest):
        near = _sought(session, capability, public(Listing), outer)
        offered = read_listings(session, one_of(Listing.id, near), public=True)
        found = rank(offered)
        if _complete(found, top, outer, weights):
            break
    return offered, found


def in_reach(session: Session, capability: Capability) -> Offered:
    """Return every published listing that asks for what a capability does and may lie in its reach."""
    near = _sought(session, capability, exact(Listing), reach_of(capability))
    return read_listings(session, one_of(Listing.id, near))


def reach_of(capability: Capability) -> float:
    """Return a distance in km that no place served by the capability exceeds."""
    if capability.service_area:
        area = np.array([parse_area(capability.service_area)], dtype=np.object_)
        return float(reaches_km(area, [capability.latitude], [capability.longitude])[0])
    return (capability.service_radius_km or 0.0) * CHORD_SLACK + 1e-6


def _sought(session: Session, capability: Capability, points: Points, km: float) -> list[int]:
    """Return the listings within a distance whose family the capability takes."""
    roots = {code.split(".")[0] for code in capability.materials}
    roots |= {"~" + code.split(".")[0] for code in capability.techniques}
    at = Coordinate(capability.latitude, capability.longitude)
    query = select(Listing.id).where(Listing.sought.in_(sorted(roots)))
    return list(session.scalars(within(query, points, at, min(km, WHOLE_EARTH_KM))))


def _complete(found: Ranking, top: int | None, beyond_km: float, weights: Weights) -> bool:
    """Tell whether nothing farther than ``beyond_km`` can be among the first ``top``."""
    if top is None or len(found) < top or beyond_km <= 0:
        return False
    whole = weights.column().sum()
    lost = weights.proximity * (1 - 2 ** (-beyond_km / weights.half_distance_km))
    return bool((whole - lost) / whole < found.score[top - 1] - 1e-9)


def around(session: Session, listing: Listing, km: float) -> list[int]:
    """Return the capabilities that are open to matching within a distance of a listing, by key."""
    query = select(Capability.id).where(Capability.state == CapabilityState.ACTIVE)
    at = Coordinate(listing.latitude, listing.longitude)
    return list(session.scalars(within(query, exact(Capability), at, km)))


def listings_around(session: Session, capability: Capability, km: float) -> list[int]:
    """Return the published listings of the families that a capability takes, by their public places."""
    return _sought(session, capability, public(Listing), km)


def masses_around(session: Session, listing: Listing, km: float) -> list[float]:
    """Return what other published listings of the same material near by weigh in kg, nearest first."""
    at = Coordinate(listing.latitude, listing.longitude)
    query = (
        select(Listing.mass_kg)
        .where(
            Listing.sought == listing.sought,
            Listing.material_code == listing.material_code,
            Listing.id != listing.id,
            Listing.state == ListingState.PUBLISHED,
            Listing.mass_kg.is_not(None),
        )
        .order_by(chord2(exact(Listing), at), Listing.id)
        .limit(50)
    )
    found = session.scalars(within(query, exact(Listing), at, km))
    return [float(mass) for mass in found if mass is not None]
