"""Pools out of the database: listings of like material that one workshop can fetch in one round."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.places import Placed
from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km
from marketplace.geo.routing.matrices import Distances
from marketplace.geo.routing.tours import Tour, tour
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.matching.columns import Ints, Rows
from marketplace.matching.pools import Pool, Scattered, find_pools, goal_of
from marketplace.matching.ranking import rank_all
from marketplace.matching.tables import windows
from marketplace.proposals.candidates import (
    Able,
    Offered,
    day64,
    matchable,
    ontology,
    read_capabilities,
    read_listings,
    refused_pairs,
    weights,
)
from marketplace.taxonomy.materials import materials

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Found:
    """A pool by its keys. ``material`` is the code that the capability accepts; masses in kg.

    ``free_kg`` is None where the capability states no capacity, ``min_batch_kg`` where it takes any
    batch; ``last_day`` is None where nobody's window ends.
    """

    capability_id: int
    listing_ids: tuple[int, ...]
    material: str
    kg: float
    min_batch_kg: float | None
    free_kg: float | None
    km: float
    first_day: date
    last_day: date | None


@dataclass(frozen=True)
class Stop:
    """A listing on the way, ``km`` from the stop before; ``at`` is blurred where not ``exact``."""

    listing: Listing
    at: Coordinate
    exact: bool
    km: float


@dataclass(frozen=True)
class Round:
    """A pool with its tour from the base through ``stops`` and back, as far as the actor may know."""

    pool: Found
    capability: Capability
    base: Coordinate
    base_exact: bool
    stops: list[Stop]
    back_km: float
    km: float
    separate_km: float
    by_road: bool


def pools(session: Session, *, actor: Actor, today: date) -> list[Found]:
    """Return the pools of which the actor brokers one side, most kilograms per kilometre first."""
    bounded = or_(
        Capability.min_batch_kg.is_not(None), Capability.capacity_kg_per_month.is_not(None)
    )
    able = read_capabilities(session, *matchable(), bounded)
    offered = read_listings(
        session,
        Listing.state == ListingState.PUBLISHED,
        Listing.kind == Kind.RESIDUAL,
        Listing.mass_kg.is_not(None),
    )
    if not len(able.ids) or not len(offered.ids):
        return []
    anything = replace(able.columns, min_batch_kg=np.full(len(able.ids), np.nan))
    pairs = rank_all(
        offered.columns,
        anything,
        ontology(),
        weights(session),
        day64(today),
        top=None,
        refused=refused_pairs(session, offered, able),
    )
    mine = np.array([actor.brokers_for(point) for point in offered.service_points])
    theirs = np.array([actor.brokers_for(point) for point in able.service_points])
    seen = mine[pairs.listing] | theirs[pairs.capability]
    search = _Search(offered, able, int(day64(today).astype(np.int64)))
    i, j = pairs.listing[seen], pairs.capability[seen]
    found = [pool for row in np.unique(j) for pool in search.of(int(row), i[j == row])]
    return sorted(found, key=lambda p: (-p.kg / max(p.km, 1.0), p.capability_id, p.listing_ids))


class _Search:
    """Looks for pools, capability by capability."""

    def __init__(self, offered: Offered, able: Able, today: int) -> None:
        self.offered, self.able, self.today = offered, able, today
        self.parent = ontology().materials.parent
        self.listing_days = windows(offered.columns.available_from, offered.columns.available_until)
        self.able_days = windows(able.columns.available_from, able.columns.available_until)

    def of(self, capability: int, listings: Rows) -> list[Found]:
        """Return the pools of one capability row among listing rows that suit it in all but mass."""
        table = self.able.columns
        left = table.capacity_kg[capability] - np.nan_to_num(table.committed_kg[capability])
        free = float(np.maximum(left, 0.0))
        goal = goal_of(float(table.min_batch_kg[capability]), free)
        if not goal > 0:
            return []
        found = []
        accepted = self._accepted(capability, listings)
        for node in np.unique(accepted):
            rows = listings[accepted == node]
            scattered = self._scattered(capability, rows, goal, free)
            for pool in find_pools(scattered):
                found.append(self._named(capability, rows, int(node), pool, free))
        return found

    def _accepted(self, capability: int, listings: Rows) -> Ints:
        """Return the deepest node accepted that covers each listing's material."""
        accepts = set(self.able.columns.materials[capability].tolist())
        found = self.offered.columns.material[listings].copy()
        for n, node in enumerate(found.tolist()):
            while node not in accepts:
                node = int(self.parent[node])
            found[n] = node
        return found

    def _scattered(self, capability: int, rows: Rows, goal: float, free: float) -> Scattered:
        here, there = self.able.columns, self.offered.columns
        latitude = np.append(here.latitude[capability], there.latitude[rows])
        longitude = np.append(here.longitude[capability], there.longitude[rows])
        (first, last), (opens, closes) = self.listing_days, self.able_days
        return Scattered(
            km=geodesic_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None]),
            mass_kg=there.mass_kg[rows],
            first=np.maximum(np.maximum(first[rows], opens[capability]), self.today),
            last=np.minimum(last[rows], closes[capability]),
            goal_kg=goal,
            most_kg=np.inf if np.isnan(free) else free,
        )

    def _named(self, capability: int, rows: Rows, node: int, pool: Pool, free: float) -> Found:
        return Found(
            capability_id=int(self.able.ids[capability]),
            listing_ids=tuple(int(self.offered.ids[rows[n]]) for n in pool.rows),
            material=list(materials())[node].code,
            kg=pool.mass_kg,
            min_batch_kg=_known(self.able.columns.min_batch_kg[capability]),
            free_kg=_known(free),
            km=pool.km,
            first_day=EPOCH + timedelta(days=pool.first),
            last_day=_day(pool.last),
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _day(number: int) -> date | None:
    """Return a day since 1970; None where it lies beyond what a date can be: nobody's window ends."""
    try:
        return EPOCH + timedelta(days=number)
    except OverflowError:
        return None


def find(
    session: Session, capability_id: int, listing_ids: set[int], *, actor: Actor, today: date
) -> Found:
    """Return the pool of exactly these; raise ``NotFound`` where there is none for this actor now."""
    for pool in pools(session, actor=actor, today=today):
        if pool.capability_id == capability_id and set(pool.listing_ids) == listing_ids:
            return pool
    raise NotFound


def rounds(
    session: Session, found: list[Found], distances: Distances, *, actor: Actor
) -> list[Round]:
    """Return the pools with their tours, measured between the places that the actor may see."""
    listing_ids = {key for pool in found for key in pool.listing_ids}
    listings = {
        row.id: row
        for row in session.scalars(
            select(Listing)
            .where(Listing.id.in_(listing_ids))
            .options(joinedload(Listing.organisation))
        )
    }
    capabilities = {
        row.id: row
        for row in session.scalars(
            select(Capability)
            .where(Capability.id.in_({pool.capability_id for pool in found}))
            .options(joinedload(Capability.organisation))
        )
    }
    return [
        _round(
            pool,
            capabilities[pool.capability_id],
            [listings[key] for key in pool.listing_ids],
            distances,
            actor,
        )
        for pool in found
    ]


def _round(
    pool: Found,
    capability: Capability,
    listings: list[Listing],
    distances: Distances,
    actor: Actor,
) -> Round:
    base, base_exact = _seen(capability, capability.organisation.service_point_id, actor)
    seen = [_seen(one, one.organisation.service_point_id, actor) for one in listings]
    matrix = distances.matrix([base, *(at for at, _ in seen)])
    found: Tour = tour(matrix.km)
    stops = [
        Stop(listings[row - 1], *seen[row - 1], km)
        for row, km in zip(found.order, found.legs_km, strict=False)
    ]
    return Round(
        pool=pool,
        capability=capability,
        base=base,
        base_exact=base_exact,
        stops=stops,
        back_km=found.legs_km[-1],
        km=found.km,
        separate_km=found.separate_km,
        by_road=matrix.by_road,
    )


def _seen(placed: Placed, service_point_id: int | None, actor: Actor) -> tuple[Coordinate, bool]:
    """Return the place as the actor may see it: exact for the brokers of its service point only."""
    if actor.brokers_for(service_point_id):
        return Coordinate(placed.latitude, placed.longitude), True
    return Coordinate(placed.public_latitude, placed.public_longitude), False
