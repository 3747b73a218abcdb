"""Candidates near by, straight from the database's index: exact, and no more rows than it takes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from math import inf, log2
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, TextClause, and_, not_, select, text
from sqlalchemy.orm import Session

from marketplace.accounts.nearby import (
    MOST_BANDS,
    PLACE,
    WIDEST_KM,
    Points,
    chord2,
    disc,
    exact,
    public,
    within,
)
from marketplace.accounts.nearest import Search, nearest
from marketplace.capabilities.models import Capability, CapabilityState, class_reach_km
from marketplace.core.db import columns_of
from marketplace.geo.areas import parse_area, reaches_km
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.matching.components import UNKNOWN_VALUE
from marketplace.matching.kinds import Component
from marketplace.matching.ranking import Ranking
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import Able, Offered, read_capabilities, read_listings
from marketplace.proposals.reading import one_of
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques

FIRST = 128
FIRST_LISTINGS = 192  # a third of them or fewer suit
FIRST_KM = 40.0
WHOLE_EARTH_KM = 20_040.0
BLUR_KM = 1.6
SPARE_KM = 1e-6
CHORD_SLACK = 1.000001
LAST_BY_BAND = 4  # up to 160 km, 146 bands
FAIRNESS = list(Component).index(Component.FAIRNESS)


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

    @property
    def value(self) -> float:
        """The most that a capability's value can be for it: that of what it names, if it names any."""
        known = [techniques().get(code) for code in self.techniques if code in techniques()]
        return max((node.value_retention for node in known), default=1.0)


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

    The nearest few are asked first: they tell how far off another can still be among the first.
    """

    def ranked(ids: list[int]) -> tuple[Able, Ranking]:
        able = read_capabilities(session, one_of(Capability.id, ids), public=are_public)
        return able, rank(able)

    slack = BLUR_KM if are_public else 0.0
    near = _reaching(session, asked, slack)
    ids = sorted(near, key=near.__getitem__)
    if top is None or len(ids) <= FIRST:
        return ranked(ids)
    able, found = ranked(ids[:FIRST])
    last = _last_km(found, top, weights, asked.value) + slack
    if near[ids[FIRST]] > last * last:
        return able, found
    return ranked([key for key in ids if near[key] <= last * last])


def _last_km(
    found: Ranking, top: int, weights: Weights, value: float, fairness: float = 1.0
) -> float:
    """Return how far off what has not been ranked yet can be and still come among the first ``top``,
    with no more than this value and fairness, and all but its proximity perfect."""
    if len(found) < top or not weights.proximity:
        return inf
    column = weights.column()
    perfect = float(column @ (1.0, 1.0, 1.0, 1.0, value, fairness))
    lost = (perfect - (float(found.score[top - 1]) - 2e-9) * float(column.sum())) / column[0]
    return -weights.half_distance_km * log2(1 - max(lost, 0.0)) if lost < 1 else inf


def _reaching(session: Session, asked: Asked, slack: float) -> dict[int, float]:
    """Return keys and squares of chords in km."""
    x, y, z = map(float, ecef(asked.at.latitude, asked.at.longitude))
    slack += SPARE_KM
    values: dict[str, Any] = {"x": x, "y": y, "z": z, "more": CHORD_SLACK, "slack": slack}
    values |= {f"node{n}": node for n, node in enumerate(asked.nodes)}
    for number in range(LAST_BY_BAND + 1):
        around = disc(asked.at, class_reach_km(number) * CHORD_SLACK + slack)
        values |= {f"{name}{number}": around[name] for name in PLACE}
    if not asked.nodes:
        return {}
    rows = columns_of(session, _reaching_query(len(asked.nodes)), values)
    return {row.key: row.squared for row in rows.all()}


@cache
def _reaching_query(nodes: int) -> TextClause:
    """Return the query for capabilities under so many nodes that reach a point.

    Each class of reach is looked for as far as that class reaches; the widest are all looked at.
    """
    chord2 = "(c.x - :x) * (c.x - :x) + (c.y - :y) * (c.y - :y) + (c.z - :z) * (c.z - :z)"
    found = (
        f"SELECT c.capability_id AS key, {chord2} AS squared FROM {{}} "
        f"WHERE c.node IN ({','.join(f':node{n}' for n in range(nodes))}) "
        f"AND {chord2} <= (c.reach_km * :more + :slack) * (c.reach_km * :more + :slack)"
    )
    strips = f"(SELECT * FROM bands LIMIT {MOST_BANDS}) s"
    windows = ", ".join(
        f"({n}, CAST(:low{n} AS INTEGER), CAST(:high{n} AS INTEGER),"
        f" CAST(:west{n} AS DOUBLE PRECISION), CAST(:east{n} AS DOUBLE PRECISION)),"
        f" ({n}, :other_low{n}, :high{n}, :other_west{n}, :other_east{n})"
        for n in range(LAST_BY_BAND + 1)
    )
    return text(
        f"WITH RECURSIVE bands(class, number, high, west, east) AS (VALUES {windows} "
        "UNION ALL SELECT class, number + 1, high, west, east FROM bands WHERE number < high) "
        f"{found.format(strips + ' CROSS JOIN capability_nodes c')} AND c.reach_class = s.class "
        "AND c.band = s.number AND c.longitude BETWEEN s.west AND s.east UNION ALL "
        f"{found.format('capability_nodes c')} AND c.reach_class > {LAST_BY_BAND}"
    )


def suited(
    session: Session,
    capability: Capability,
    rank: Callable[[Offered], Ranking],
    weights: Weights,
    top: int,
) -> tuple[Offered, Ranking]:
    """Return published listings near a capability by their public places, and the ranking of them: its
    first ``top`` are those of all there are. ``rank`` ranks some.

    The nearest few are asked first: they tell how far off another can still be among the first. So does
    each further part, beside the best so far, until nobody is left that near.
    """
    may_suit, value = _may_suit(capability), _best_value(capability)

    def ranked(ids: list[int]) -> tuple[Offered, Ranking]:
        offered = read_listings(session, one_of(Listing.id, ids), may_suit, public=True)
        return offered, rank(offered)

    search = _sought(capability, public(Listing), reach_of(capability) + SPARE_KM)
    hits = nearest(session, search, count=FIRST_LISTINGS, first_km=FIRST_KM)
    offered, found = ranked([hit.key for hit in hits])
    last = _last_of(found, top, weights, value, search.radius_km)
    if len(hits) < FIRST_LISTINGS or hits[-1].chord2 > last * last:
        return offered, found
    near, seen = _all_of(session, replace(search, radius_km=last)), {hit.key for hit in hits}
    rest, count = sorted(near.keys() - seen, key=near.__getitem__), FIRST_LISTINGS
    while rest and near[rest[0]] <= last * last:
        best = offered.ids[found.rows[:top]].tolist()
        offered, found = ranked([*best, *rest[:count]])
        last = _last_of(found, top, weights, value, last)
        rest, count = rest[count:], 2 * count
    return offered, found


def _last_of(found: Ranking, top: int, weights: Weights, value: float, last: float) -> float:
    """Return how far off a listing can be, by a ranking for one capability, whose fairness is known."""
    if len(found) < top:
        return last
    return min(_last_km(found, top, weights, value, float(found.components[0, FAIRNESS])), last)


def _best_value(capability: Capability) -> float:
    """Return the most that a listing's value can be: that of what lies below the techniques offered."""
    offered = [code for code in capability.techniques if code in techniques()]
    below = (node for code in offered for node in techniques().descendants(code))
    return max((node.value_retention for node in below), default=UNKNOWN_VALUE)


def in_reach(session: Session, capability: Capability) -> Offered:
    """Return every published listing that asks for what a capability does and may lie in its reach."""
    near = _all_of(session, _sought(capability, exact(Listing), reach_of(capability)))
    return read_listings(session, one_of(Listing.id, near), _may_suit(capability))


def reach_of(capability: Capability) -> float:
    """Return a distance in km that no place served by the capability exceeds."""
    if capability.service_area:
        area = np.array([parse_area(capability.service_area)], dtype=np.object_)
        return float(reaches_km(area, [capability.latitude], [capability.longitude])[0])
    return (capability.service_radius_km or 0.0) * CHORD_SLACK + 1e-6


def _sought(capability: Capability, points: Points, km: float) -> Search:
    """Return the search for listings within a distance whose family the capability takes."""
    roots = {code.split(".")[0] for code in capability.materials} | _technique_roots(capability)
    at = Coordinate(capability.latitude, capability.longitude)
    return Search(Listing.id, points, at, [Listing.sought.in_(sorted(roots))], km)


def _technique_roots(capability: Capability) -> set[str]:
    return {"~" + code.split(".")[0] for code in capability.techniques}


def _may_suit(capability: Capability) -> ColumnElement[bool]:
    """Return a filter that spares reading most listings of other materials than the capability takes.

    Written by what it leaves out, for which no database takes an index: the keys are to find the rows.
    """
    accepted = [code for code in capability.materials if code in materials()]
    covered = {node.code for code in accepted for node in materials().descendants(code)}
    return not_(
        and_(
            Listing.sought.not_in(sorted(_technique_roots(capability))),
            Listing.material_code.not_in(sorted(covered)),
        )
    )


def _all_of(session: Session, search: Search) -> dict[int, float]:
    """Return the keys of all that a search finds, whose chords are no longer than its radius, and the
    squares of these in km."""
    around = disc(search.near, min(search.radius_km, WHOLE_EARTH_KM))
    rows = search.rows(by_place=search.radius_km <= WIDEST_KM)
    return {row.key: row.squared for row in columns_of(session, rows, around).all()}


def around(session: Session, listing: Listing, km: float) -> list[int]:
    """Return the capabilities that are open to matching within a distance of a listing, by key."""
    at = Coordinate(listing.latitude, listing.longitude)
    is_open = [Capability.state == CapabilityState.ACTIVE]
    return list(_all_of(session, Search(Capability.id, exact(Capability), at, is_open, km)))


def listings_around(session: Session, capability: Capability, km: float) -> list[int]:
    """Return the listings of the families that a capability takes, by their public places."""
    return list(_all_of(session, _sought(capability, public(Listing), km)))


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
