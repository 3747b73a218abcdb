"""Which capabilities suit a listing, best first, and the same the other way round. Exact."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marketplace.geo.distance import Floats
from marketplace.matching import pairs
from marketplace.matching.columns import Capabilities, Ints, Listings, Rows
from marketplace.matching.market import (
    Market,
    barred_for_capability,
    barred_for_listing,
    make_market,
)
from marketplace.matching.ontology import Ontology
from marketplace.matching.pairs import Pairs
from marketplace.matching.postings import Postings, post
from marketplace.matching.search import first_of_all
from marketplace.matching.weights import Weights

TOP = 10
BLOCK = 1_000_000
AT_ONCE = 20_000


@dataclass(frozen=True)
class Ranking:
    """Rows best first, with what ranked them. ``components`` is (n, 6), distances are in km."""

    rows: Rows
    score: Floats
    distance_km: Floats
    components: Floats

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Rankings:
    """The best capabilities of many listings: by listing row, then ``rank`` from 1; (n,) each."""

    listing: Rows
    capability: Rows
    rank: Ints
    score: Floats
    distance_km: Floats
    components: Floats

    def __len__(self) -> int:
        return len(self.listing)


def rank(
    listing_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    weights: Weights,
    as_of: np.datetime64,
    top: int | None = TOP,
    refused: Rows | None = None,
) -> Ranking:
    """Return the first ``top`` eligible capability rows of one listing (all where None).

    ``refused`` holds the capability rows that a broker has refused for this listing.
    """
    one = listings.take(np.array([listing_row]))
    market = make_market(one, capabilities, ontology, as_of, barred_for_listing(refused))
    found = _best_of_each(_all_pairs(market), weights, top)
    return Ranking(found.capability, found.score, found.distance_km, found.components)


def rank_all(
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    weights: Weights,
    as_of: np.datetime64,
    top: int | None = TOP,
    refused: NDArray[np.intp] | None = None,
    threads: int = 2,
) -> Rankings:
    """Return the first ``top`` eligible capabilities of every listing. ``refused`` is (n, 2)."""
    market = make_market(listings, capabilities, ontology, as_of, refused)
    if top is None:
        return _best_of_each(_all_pairs(market), weights, None)
    return rank_market(market, post(market), weights, top, threads)


def rank_market(
    market: Market,
    postings: Postings,
    weights: Weights,
    top: int = TOP,
    threads: int = 2,
    progress: Callable[[int], None] = lambda done: None,
) -> Rankings:
    """Return the first ``top`` eligible capabilities of every listing of a market.

    ``postings`` are those of the market's capabilities. ``progress`` hears how many listings are done.
    """
    order = _near_ones_together(market)
    blocks = [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]
    parts, done = [], 0
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        jobs = (pool.submit(_ranked, market, postings, weights, top, block) for block in blocks)
        for block, job in zip(blocks, list(jobs), strict=True):
            parts.append(job.result())
            done += len(block)
            progress(done)
    return _joined(parts)


def _ranked(market: Market, postings: Postings, weights: Weights, top: int, rows: Rows) -> Rankings:
    """Return the best of some listings; where the search was in doubt, from all pairs, exactly."""
    found = np.empty((len(rows), top), dtype=np.int32)
    kept, doubt = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.bool_)
    half = weights.half_distance_km
    first_of_all(market.tables, postings, rows, weights.column(), half, found, kept, doubt)
    kept[doubt] = 0
    chosen = np.arange(top) < kept[:, np.newaxis]
    listing, capability = np.repeat(rows, kept), found[chosen].astype(np.intp)
    these = pairs.of(market, listing, capability)
    parts = pairs.components(these, weights)
    place = np.broadcast_to(np.arange(1, top + 1), found.shape)[chosen]
    sure = Rankings(listing, capability, place, weights.score(parts), these.km, parts)
    if not doubt.any():
        return sure
    unsure = (_candidates(market, int(row)) for row in rows[doubt])
    return _joined([sure, *(_best_of_each(group, weights, top) for group in unsure)])


def _candidates(market: Market, row: int) -> Pairs:
    """Return all eligible pairs of one listing."""
    everyone = np.arange(len(market.capabilities))
    return pairs.eligible(market, np.full_like(everyone, row), everyone)


def _near_ones_together(market: Market) -> Rows:
    """Return the live listings so that those which ask for the same and lie near each other follow one
    another: they read the same branches."""
    t = market.tables.listings
    asked = np.where(t["material"] >= 0, t["material"], -1 - t["named_from"])
    band, column = np.floor(t["latitude"] * 5), np.floor(t["longitude"] * 5)
    key = (asked.astype(np.int64) * 1000 + band.astype(np.int64)) * 2000 + column.astype(np.int64)
    rows = np.flatnonzero(t["live"])
    near: Rows = rows[np.argsort(key[rows], kind="stable")]
    return near


def capability_best(
    capability_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    weights: Weights,
    as_of: np.datetime64,
    top: int | None = TOP,
    refused: Rows | None = None,
) -> Ranking:
    """Return an enterprise's best listing rows: the same order, ties by the listing's reference.

    ``refused`` holds the listing rows that a broker has refused for this capability.
    """
    these = _touched(capability_row, listings, capabilities, ontology, as_of, refused)
    tie = these.market.listing_order[these.listing]
    rows, score, parts, _ = pairs.best_of(these, weights, these.capability, tie, top)
    return Ranking(these.listing[rows], score, these.km[rows], parts)


def touched_listings(
    capability_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    refused: Rows | None = None,
) -> Rows:
    """Return the listing rows for which one capability is eligible, ascending."""
    return _touched(capability_row, listings, capabilities, ontology, as_of, refused).listing


def _touched(
    capability_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    refused: Rows | None,
) -> Pairs:
    one = capabilities.take(np.array([capability_row]))
    market = make_market(listings, one, ontology, as_of, barred_for_capability(refused))
    rows = np.arange(len(listings))
    return pairs.eligible(market, rows, np.zeros_like(rows))


def _all_pairs(market: Market) -> Iterator[Pairs]:
    """Yield all eligible pairs, each listing's within one block."""
    everyone = np.arange(len(market.capabilities))
    size = max(1, BLOCK // max(len(everyone), 1))
    for start in range(0, len(market.listings), size):
        part = np.arange(start, min(start + size, len(market.listings)))
        yield pairs.eligible(market, np.repeat(part, len(everyone)), np.tile(everyone, len(part)))


def _best_of_each(groups: Iterator[Pairs] | Pairs, weights: Weights, top: int | None) -> Rankings:
    """Return the best pairs of each listing; a listing's pairs stand in one group."""
    parts = []
    for these in [groups] if isinstance(groups, Pairs) else groups:
        tie = these.market.tables.capabilities["tie"][these.capability]
        rows, score, six, place = pairs.best_of(these, weights, these.listing, tie, top)
        parts.append(
            Rankings(these.listing[rows], these.capability[rows], place, score, these.km[rows], six)
        )
    return _joined(parts)


def _joined(parts: list[Rankings]) -> Rankings:
    """Return the blocks as one, by listing row and rank."""
    if not parts:
        rows, none = np.empty(0, dtype=np.intp), np.empty(0)
        return Rankings(rows, rows, rows.astype(np.int64), none, none, np.empty((0, 6)))
    listing = np.concatenate([p.listing for p in parts])
    order = np.argsort(listing, kind="stable")
    return Rankings(
        listing[order],
        np.concatenate([p.capability for p in parts])[order],
        np.concatenate([p.rank for p in parts])[order],
        np.concatenate([p.score for p in parts])[order],
        np.concatenate([p.distance_km for p in parts])[order],
        np.concatenate([p.components for p in parts])[order],
    )
