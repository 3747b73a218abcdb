"""Two ways to rank side by side: what would move, on today's listings and capabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.capabilities.models import Capability
from marketplace.geo.distance import Floats
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.matching.columns import Ints
from marketplace.matching.ontology import Ontology
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
)
from marketplace.proposals.matches import TOP

Thing = TypeVar("Thing", Listing, Capability)
MOST = 5_000
SHOWN = 12
NOBODY = -1


@dataclass(frozen=True)
class Mover:
    """A listing that moves: who is first with either weights, and how many ranks change in all."""

    listing: Listing
    before: Capability
    after: Capability
    km_before: float
    km_after: float
    ranks: int

    @property
    def other_first(self) -> bool:
        return self.before is not self.after


@dataclass(frozen=True)
class Moves:
    """What changes between two sets of weights, or two editions of the taxonomy.

    ``listings`` were compared ``of`` all that are published. Pairs are counted among the first ten:
    those that enter, leave or stay at another rank. Kilometres are the mean of the firsts, NaN where
    nothing is proposed at all. ``movers``: first those with another first, then by ranks.
    """

    listings: int
    of: int
    other_first: int
    entered: int
    left: int
    reranked: int
    km_before: float
    km_after: float
    movers: list[Mover]


@dataclass(frozen=True)
class _Side:
    """One ranking: a key for each pair with its rank, and the first of each listing row."""

    pairs: Ints
    rank: Ints
    first: Ints
    km: Floats

    @classmethod
    def of(cls, found: Rankings, listings: int, capabilities: int) -> "_Side":
        top = found.rank == 1
        first, km = np.full(listings, NOBODY), np.full(listings, np.nan)
        first[found.listing[top]] = found.capability[top]
        km[found.listing[top]] = found.distance_km[top]
        pairs = found.listing.astype(np.int64) * capabilities + found.capability
        return cls(pairs, found.rank.astype(np.int64), first, km)

    def ranks_of(self, pairs: Ints) -> Ints:
        """Return the rank of each of ``pairs``, which are sorted; eleven where it has none."""
        ranks = np.full(len(pairs), TOP + 1)
        ranks[np.searchsorted(pairs, self.pairs)] = self.rank
        return ranks

    @property
    def mean_km(self) -> float:
        held = self.first != NOBODY
        return float(self.km[held].mean()) if held.any() else float("nan")


def compare(
    session: Session,
    before: Weights,
    after: Weights,
    *,
    trees: Ontology | None = None,
    as_of: date,
    most: int = MOST,
) -> Moves:
    """Return what moves if ``after`` takes the place of ``before``; stores nothing.

    ``trees`` are ranked with ``after``, numbered as those in force, which they are by default. Of more
    than ``most`` published listings, that many are drawn evenly by their keys.
    """
    published = select(Listing.id).where(Listing.state == ListingState.PUBLISHED)
    ids = np.array(session.scalars(published.order_by(Listing.id)).all(), dtype=np.int64)
    drawn = np.unique(np.linspace(0, len(ids) - 1, min(most, len(ids))).round().astype(np.int64))
    offered = read_listings(session, Listing.id.in_(ids[drawn].tolist()))
    able = read_capabilities(session, *matchable())
    ways = [(before, ontology()), (after, trees or ontology())]
    one, two = _both(session, offered, able, ways, as_of)
    pairs = np.union1d(one.pairs, two.pairs)
    old, new = one.ranks_of(pairs), two.ranks_of(pairs)
    rows = pairs // max(len(able.ids), 1)
    ranks = np.bincount(rows, np.abs(new - old), minlength=len(offered.ids)).astype(np.int64)
    return Moves(
        listings=len(offered.ids),
        of=len(ids),
        other_first=int((one.first != two.first).sum()),
        entered=int((old > TOP).sum()),
        left=int((new > TOP).sum()),
        reranked=int(((old != new) & (old <= TOP) & (new <= TOP)).sum()),
        km_before=one.mean_km,
        km_after=two.mean_km,
        movers=_movers(session, offered.ids, able.ids, one, two, ranks),
    )


def _both(
    session: Session,
    offered: Offered,
    able: Able,
    ways: Sequence[tuple[Weights, Ontology]],
    as_of: date,
) -> list[_Side]:
    tables = offered.columns, able.columns
    refused = refused_pairs(session, offered, able)
    rankings = (
        rank_all(*tables, trees, weights, day64(as_of), top=TOP, refused=refused)
        for weights, trees in ways
    )
    return [_Side.of(found, len(offered.ids), len(able.ids)) for found in rankings]


def _movers(
    session: Session, listing_ids: Ints, capability_ids: Ints, one: _Side, two: _Side, ranks: Ints
) -> list[Mover]:
    """Return the listings that move most, loaded with both sides' organisations.

    Whoever has a rank either way has a first both ways: eligibility knows neither weights nor values.
    """
    order = np.lexsort((listing_ids, -ranks, one.first == two.first))
    rows = order[ranks[order] > 0][:SHOWN]
    firsts = [capability_ids[side.first[rows]] for side in (one, two)]
    listings = _by_key(session, Listing, listing_ids[rows])
    capabilities = _by_key(session, Capability, np.concatenate(firsts))
    columns = (listing_ids[rows], *firsts, one.km[rows], two.km[rows], ranks[rows])
    return [
        Mover(listings[key], capabilities[before], capabilities[after], km_before, km_after, moved)
        for key, before, after, km_before, km_after, moved in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _by_key(session: Session, kind: type[Thing], keys: Ints) -> dict[int, Thing]:
    """Return the rows with these keys, each with its organisation."""
    found = select(kind).where(kind.id.in_(keys.tolist())).options(joinedload(kind.organisation))
    return {row.id: row for row in session.scalars(found)}
