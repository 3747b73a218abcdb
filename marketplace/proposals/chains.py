"""Chains out of the database: for listings that no single workshop can take."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.geo.distance import Floats, chord_distance_km, ecef, geodesic_km
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.listings.queries import with_everything
from marketplace.matching.chains import Chain, Sequence, best_chain
from marketplace.matching.columns import Bools, Capabilities, Listings, Rows, Sets
from marketplace.matching.kinds import Component, Kind
from marketplace.matching.ranking import Rankings, rank_all
from marketplace.matching.weights import Weights
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
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.models import Proposal
from marketplace.taxonomy.techniques import techniques

ANYWHERE_KM = 20_100.0
CHORD_ERROR = 0.006
NEAR = list(Component).index(Component.PROXIMITY)


@dataclass(frozen=True)
class Step:
    """What one capability does, and the way to it from the listing or the one before, in km."""

    capability_id: int
    techniques: list[str]
    km: float


@dataclass(frozen=True)
class Found:
    """The best chain for a listing; ``score`` in [0, 1] as in ``matching.chains.chain_score``."""

    listing_id: int
    steps: list[Step]
    score: float

    @property
    def km(self) -> float:
        return sum(step.km for step in self.steps)


def chains(session: Session, *, actor: Actor, today: date) -> list[Found]:
    """Return the best chain of each listing without a proposal that names several techniques.

    Only listings that the actor looks after; best score first. The first member meets every rule of
    matching for its part; those who follow are open, offer their part, take hazard where there is
    any, are there in time, and serve the base before them. Pairs that a broker refused stay apart.
    """
    offered = _unmatched(session, actor)
    several = np.flatnonzero(offered.columns.techniques.sizes > 1)
    able = read_capabilities(session, *matchable())
    if not len(several) or not len(able.ids):
        return []
    search = _Parts(session, offered, able, several, today)
    half = search.weights.half_distance_km
    found = [
        _named(offered, able, int(row), chain)
        for row in several
        if (chain := search.best(int(row), half)) is not None
    ]
    return sorted(found, key=lambda one: (-one.score, one.listing_id))


def loaded(
    session: Session, found: list[Found]
) -> tuple[dict[int, Listing], dict[int, Capability]]:
    """Return the listings and capabilities of these chains, by key."""
    listings = session.scalars(
        select(Listing)
        .where(Listing.id.in_({one.listing_id for one in found}))
        .options(*with_everything())
    )
    keys = {step.capability_id for one in found for step in one.steps}
    capabilities = session.scalars(
        select(Capability)
        .where(Capability.id.in_(keys))
        .options(joinedload(Capability.organisation))
    )
    return {row.id: row for row in listings}, {row.id: row for row in capabilities}


def _unmatched(session: Session, actor: Actor) -> Offered:
    matched = exists().where(
        Proposal.listing_id == Listing.id, Proposal.state.in_((*LIVE, ProposalState.ACCEPTED))
    )
    mine = () if actor.brokers_for(None) else (
        Organisation.service_point_id == actor.service_point_id,
    )  # fmt: skip
    return read_listings(session, Listing.state == ListingState.PUBLISHED, ~matched, *mine)


def _named(offered: Offered, able: Able, row: int, chain: Chain) -> Found:
    tree = list(techniques())
    named = offered.columns.techniques[row].tolist()
    steps = [
        Step(int(able.ids[member]), [tree[n].code for n in named[start:end]], km)
        for (member, start, end), km in zip(chain.members, chain.legs_km, strict=True)
    ]
    return Found(int(offered.ids[row]), steps, chain.score)


@dataclass(frozen=True)
class _Variants:
    """Listings cut to a part of their techniques: ``row`` of the listing, part ``start`` to ``end``."""

    columns: Listings
    row: Rows
    start: Rows
    end: Rows

    def take(self, which: Bools) -> "_Variants":
        rows = np.flatnonzero(which)
        return _Variants(self.columns.take(rows), self.row[rows], self.start[rows], self.end[rows])


class _Parts:
    """Who can do which part of which listing, and how well."""

    def __init__(
        self, session: Session, offered: Offered, able: Able, rows: Rows, today: date
    ) -> None:
        self.offered, self.able, self.weights = offered, able, weights(session)
        refused = refused_pairs(session, offered, able)
        variants = _variants(offered.columns, rows)
        first, later = variants.take(variants.start == 0), variants.take(variants.start > 0)
        self.found = [
            self._ranked(first, able.columns, refused, today),
            self._ranked(_simply(later), _everywhere(able.columns), refused, today),
        ]

    def _ranked(
        self, variants: _Variants, able: Capabilities, refused: Rows, today: date
    ) -> tuple[_Variants, Rankings]:
        barred = [
            np.stack([at, np.full(len(at), capability)], axis=1)
            for listing, capability in refused
            if len(at := np.flatnonzero(variants.row == listing))
        ]
        both = np.concatenate(barred) if barred else None
        found = rank_all(
            variants.columns, able, ontology(), self.weights, day64(today), top=None, refused=both
        )
        return variants, found

    def best(self, row: int, half_distance_km: float) -> Chain | None:
        """Return the best chain of one listing row; members are rows of the capabilities."""
        entries = list(self._entries(row))
        members = np.unique(np.concatenate([capability for _, _, capability, _ in entries]))
        named = len(self.offered.columns.techniques[row])
        worth = np.full((named, named + 1, len(members)), np.nan)
        for start, end, capability, value in entries:
            worth[start, end, np.searchsorted(members, capability)] = value
        there, table = self.offered.columns, self.able.columns.take(members)
        km = _ways(table)
        first_km = geodesic_km(
            table.latitude, table.longitude, there.latitude[row], there.longitude[row]
        )
        chain = best_chain(Sequence(worth, first_km, km, _reaches(table, km)), half_distance_km)
        if chain is None:
            return None
        named_rows = tuple((int(members[n]), start, end) for n, start, end in chain.members)
        return replace(chain, members=named_rows)

    def _entries(self, row: int) -> Iterator[tuple[int, int, Rows, Floats]]:
        """Yield for each part of a listing who can do it, and the score without proximity."""
        for variants, found in self.found:
            able = found.capability.astype(np.intp)
            for n in np.flatnonzero(variants.row == row):
                mine = slice(*np.searchsorted(found.listing, [n, n + 1]))
                value = _worth(found.components[mine], self.weights)
                yield int(variants.start[n]), int(variants.end[n]), able[mine], value


def _variants(listings: Listings, rows: Rows) -> _Variants:
    """Return every part of the techniques of these rows that is not the whole."""
    parts = [
        (row, start, end)
        for row in rows.tolist()
        for size in [len(listings.techniques[row])]
        for start in range(size)
        for end in range(start + 1, size + 1)
        if end - start < size
    ]
    row, start, end = np.array(parts, dtype=np.intp).T
    named = Sets.of([listings.techniques[r][a:b].tolist() for r, a, b in parts])
    return _Variants(replace(listings.take(row), techniques=named), row, start, end)


def _simply(variants: _Variants) -> _Variants:
    """Return the variants as those see them who follow: a technique is asked for, and nothing else."""
    columns, size = variants.columns, len(variants.columns)
    asked = replace(
        columns,
        kind=np.full(size, int(Kind.SERVICE)),
        mass_kg=np.full(size, np.nan),
        client_site=np.zeros(size, dtype=np.bool_),
    )
    return replace(variants, columns=asked)


def _everywhere(able: Capabilities) -> Capabilities:
    """Return the capabilities as if they took any condition from anywhere: reach is asked for later."""
    size = len(able)
    return replace(
        able,
        radius_km=np.full(size, ANYWHERE_KM),
        area=np.full(size, None),
        conditions=np.zeros(size, dtype=np.int64),
    )


def _ways(table: Capabilities) -> Floats:
    """Return the km from base to base, (n, n), by the chord: exact to 4 cm up to 150 km."""
    at = np.stack(ecef(table.latitude, table.longitude))
    return chord_distance_km(np.sqrt(((at[:, :, None] - at[:, None]) ** 2).sum(axis=0)))


def _reaches(table: Capabilities, km: Floats) -> Bools:
    """Return whether each capability (column) serves the base of each (row), (n, n).

    Where the chord could be wrong about a radius, the geodesic decides.
    """
    reached: Bools = km <= table.radius_km
    i, j = np.nonzero(np.abs(km - table.radius_km) <= CHORD_ERROR * km)
    exact = geodesic_km(
        table.latitude[j], table.longitude[j], table.latitude[i], table.longitude[i]
    )
    reached[i, j] = exact <= table.radius_km[j]
    for n, area in enumerate(table.area):
        if area is not None:
            reached[:, n] = shapely.intersects_xy(area, table.longitude, table.latitude)
    return reached


def _worth(components: Floats, force: Weights) -> Floats:
    """Return the score without proximity, (n,); 1 where nothing else has a weight."""
    rest = np.delete(force.column(), NEAR)
    if not rest.sum() > 0:
        return np.ones(len(components))
    value: Floats = np.delete(components, NEAR, axis=1) @ rest / rest.sum()
    return value
