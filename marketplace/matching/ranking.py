"""Which capabilities suit a listing, best first, and the same the other way round. Exact."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

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
from marketplace.matching.search import first_of_all, scale_of
from marketplace.matching.weights import Weights

Short = NDArray[np.int32]

TOP = 10
BLOCK = 1_000_000
AT_ONCE = 5_000


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

    listing: Short
    capability: Short
    rank: Short
    score: Floats
    distance_km: Floats
    work_out: Callable[[Rows, Rows, Floats], Floats]

    def __len__(self) -> int:
        return len(self.listing)

    @cached_property
    def components(self) -> Floats:
        """The six components, (n, 6), worked out when asked for: a million listings' are long."""
        rows = self.listing.astype(np.intp), self.capability.astype(np.intp)
        return self.work_out(*rows, self.distance_km)


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
    found = _best_of_each(market, _all_pairs(market), weights, top)
    rows = found.capability.astype(np.intp)
    return Ranking(rows, found.score, found.distance_km, found.components)


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
    market = make_market(listings, capabilities, ontology, as_of, refused, threads)
    if top is None:
        return _best_of_each(market, _all_pairs(market), weights, None)
    return rank_market(market, post(market, threads), weights, top, threads)


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
    tables, scale = market.tables, scale_of(weights)
    found = np.empty((len(market.listings), top), dtype=np.int32)
    kept = np.zeros(len(found), dtype=np.int64)
    doubt = np.zeros(len(found), dtype=np.bool_)

    def search(rows: Rows) -> None:
        first_of_all(tables, postings, rows, scale, found, kept, doubt)

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        done = 0
        for block, _ in zip(_blocks(order), pool.map(search, _blocks(order)), strict=True):
            done += len(block)
            progress(done)
        kept[doubt] = 0
        sure = _without_values(int(kept.sum()), market, weights)
        ends = np.cumsum(kept)
        fill = partial(_fill, sure, market, weights, found, kept, ends)
        list(pool.map(fill, _blocks(np.arange(len(found)))))
    if not doubt.any():
        return sure
    unsure = (_candidates(market, int(row)) for row in np.flatnonzero(doubt))
    return _in_order([sure, *(_best_of_each(market, [one], weights, top) for one in unsure)])


def _blocks(rows: Rows) -> list[Rows]:
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]


def _fill(
    wanted: Rankings,
    market: Market,
    weights: Weights,
    found: Short,
    kept: Ints,
    ends: Ints,
    rows: Rows,
) -> None:
    """Write what was found for consecutive rows, with what ranks it, where it belongs."""
    chosen = np.arange(found.shape[1]) < kept[rows, np.newaxis]
    place = slice(int(ends[rows[-1]]) - int(kept[rows].sum()), int(ends[rows[-1]]))
    listing, capability = np.repeat(rows, kept[rows]), found[rows][chosen].astype(np.intp)
    these = pairs.of(market, listing, capability)
    wanted.listing[place], wanted.capability[place] = listing, capability
    wanted.rank[place] = np.nonzero(chosen)[1] + 1
    wanted.score[place] = weights.score(pairs.components(these, weights))
    wanted.distance_km[place] = these.km


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


def _best_of_each(
    market: Market, groups: Iterable[Pairs], weights: Weights, top: int | None
) -> Rankings:
    """Return the best pairs of each listing; a listing's pairs stand in one group."""
    parts = [_without_values(0, market, weights)]
    for these in groups:
        tie = market.tables.capabilities["tie"][these.capability]
        rows, score, _, place = pairs.best_of(these, weights, these.listing, tie, top)
        listing, capability, ranks = (
            column.astype(np.int32)
            for column in (these.listing[rows], these.capability[rows], place)
        )
        found = listing, capability, ranks, score, these.km[rows]
        parts.append(Rankings(*found, parts[0].work_out))
    return _in_order(parts)


def _without_values(count: int, market: Market, weights: Weights) -> Rankings:
    """Return so many rows yet to be filled in."""

    def work_out(listing: Rows, capability: Rows, km: Floats) -> Floats:
        return pairs.components(Pairs(market, listing, capability, km), weights)

    listing, capability, place = (np.empty(count, dtype=np.int32) for _ in range(3))
    return Rankings(listing, capability, place, np.empty(count), np.empty(count), work_out)


def _in_order(parts: list[Rankings]) -> Rankings:
    """Return the parts as one, by listing row and rank."""
    listing = np.concatenate([part.listing for part in parts])
    order = np.argsort(listing, kind="stable")
    return Rankings(
        listing[order],
        np.concatenate([part.capability for part in parts])[order],
        np.concatenate([part.rank for part in parts])[order],
        np.concatenate([part.score for part in parts])[order],
        np.concatenate([part.distance_km for part in parts])[order],
        parts[0].work_out,
    )
