"""Which capabilities suit a listing, best first, and the same the other way round.

Exact: the first K are the first K. What cannot be eligible is left out early and cheaply, but
only ever by the rules themselves, or by a bound that is too generous.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Capabilities, Ints, Listings, Rows
from marketplace.matching.components import components
from marketplace.matching.eligibility import CHEAPEST_FIRST, eligible
from marketplace.matching.kinds import Rule
from marketplace.matching.market import Market, Pairs, day_numbers
from marketplace.matching.ontology import Ontology
from marketplace.matching.weights import Weights

TOP = 10
BLOCK = 1_000_000
SCORE_DECIMALS = 9
METRE_DECIMALS = 3
BY_GROUP = (Rule.MATERIAL, Rule.TECHNIQUE)
BY_PAIR = tuple(r for r in CHEAPEST_FIRST if r not in BY_GROUP)


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


def make_market(
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    refused: NDArray[np.intp] | None = None,
) -> Market:
    """Return the market of a day. ``refused`` is (n, 2): a listing's row and a capability's."""
    today = int(day_numbers(np.array([as_of], dtype="datetime64[D]"), 0)[0])
    pairs = np.asarray([] if refused is None else refused, dtype=np.intp).reshape(-1, 2)
    return Market(listings, capabilities, ontology, today, pairs)


def barred_for_listing(refused: Rows | None) -> NDArray[np.intp] | None:
    """Return refused capability rows as pairs with the only listing, row 0."""
    return None if refused is None else np.stack([np.zeros_like(refused), refused], axis=1)


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
    found = rank_market(market, weights, top)
    return Ranking(found.capability, found.score, found.distance_km, found.components)


def rank_all(
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    weights: Weights,
    as_of: np.datetime64,
    top: int | None = TOP,
    refused: NDArray[np.intp] | None = None,
) -> Rankings:
    """Return the first ``top`` eligible capabilities of every listing. ``refused`` is (n, 2)."""
    return rank_market(make_market(listings, capabilities, ontology, as_of, refused), weights, top)


def rank_market(market: Market, weights: Weights, top: int | None = TOP) -> Rankings:
    """Return the first ``top`` eligible capabilities of every listing in ``market``."""
    refs = _text_order(market.capabilities.ref)
    parts = []
    for pairs in _eligible_blocks(market):
        parts.append(_ranked(pairs, weights, pairs.listing, refs[pairs.capability], top))
    return _joined(parts)


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
    pairs = _touched(capability_row, listings, capabilities, ontology, as_of, refused)
    refs = _text_order(listings.ref)
    found = _ranked(pairs, weights, pairs.capability, refs[pairs.listing], top)
    return Ranking(found.listing, found.score, found.distance_km, found.components)


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
    barred = None if refused is None else np.stack([refused, np.zeros_like(refused)], axis=1)
    market = make_market(listings, one, ontology, as_of, barred)
    rows = np.arange(len(listings))
    return eligible(Pairs(market, rows, np.zeros_like(rows)))


def _eligible_blocks(market: Market) -> Iterator[Pairs]:
    """Yield all eligible pairs, each listing's within one block.

    Listings that ask for the same thing share their candidates: what they ask for is looked up
    once for all of them.
    """
    for group in _groups(market.listings):
        everyone = np.arange(len(market.capabilities))
        sample = Pairs(market, np.repeat(group[:1], len(everyone)), everyone)
        candidates = eligible(sample, BY_GROUP).capability
        if not candidates.size:
            continue
        for part in _slices(group, max(1, BLOCK // len(candidates))):
            i, j = np.repeat(part, len(candidates)), np.tile(candidates, len(part))
            yield eligible(Pairs(market, i, j), BY_PAIR)


def _groups(listings: Listings) -> list[Rows]:
    """Return the listing rows by what they ask for: kind, material and techniques."""
    bounds, flat = listings.techniques.indptr.tolist(), listings.techniques.indices.tolist()
    asked: dict[tuple[int, int, tuple[int, ...]], list[int]] = {}
    both = zip(listings.kind.tolist(), listings.material.tolist(), strict=True)
    for row, (kind, material) in enumerate(both):
        named = tuple(sorted(set(flat[bounds[row] : bounds[row + 1]])))
        asked.setdefault((kind, material, named), []).append(row)
    return [np.array(rows, dtype=np.intp) for rows in asked.values()]


def _slices(rows: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _text_order(refs: NDArray[np.str_]) -> Ints:
    """Return for each reference its place in the order of the text, so that sorting is cheap."""
    return np.unique(refs, return_inverse=True)[1].astype(np.int64)


def _ranked(pairs: Pairs, weights: Weights, owner: Rows, tie: Ints, top: int | None) -> Rankings:
    """Return the first ``top`` pairs of each owner: by score, then distance, then ``tie``."""
    parts = components(pairs, weights)
    score, distance = weights.score(parts), pairs.distance_km
    order = np.lexsort(
        (tie, np.round(distance, METRE_DECIMALS), -np.round(score, SCORE_DECIMALS), owner)
    )
    sorted_owner = owner[order]
    starts = np.flatnonzero(np.r_[True, sorted_owner[1:] != sorted_owner[:-1]][: len(order)])
    sizes = np.diff(np.r_[starts, len(order)])
    ranks = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    first = slice(None) if top is None else ranks <= top
    order = order[first]
    return Rankings(
        pairs.listing[order],
        pairs.capability[order],
        ranks[first],
        score[order],
        distance[order],
        parts[order],
    )


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
