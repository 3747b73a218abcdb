"""Chosen pairs, one by one: which rules they meet, how far apart they are, what they score.

What only exact arithmetic can tell is asked of the libraries that have it: pyproj for the geodesic,
shapely for the border of an area.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from marketplace.geo.distance import Floats, geodesic_km
from marketplace.matching import components as formulas
from marketplace.matching import eligibility as rules
from marketplace.matching.columns import Bools, Rows
from marketplace.matching.geodesic import FAR_KM, length_km
from marketplace.matching.jit import borrowed, compiled
from marketplace.matching.market import Market
from marketplace.matching.weights import Weights

NO, YES, UNDECIDED = rules.NO, rules.YES, rules.UNDECIDED
PLACE = 3  # its position among the rules


@dataclass(frozen=True)
class Pairs:
    """Pairs of a listing's row and a capability's, with the km between them; (n,) each."""

    market: Market
    listing: Rows
    capability: Rows
    km: Floats

    def __len__(self) -> int:
        return len(self.listing)

    def take(self, which: Bools | Rows) -> "Pairs":
        """Return the pairs that ``which`` picks (a mask or positions)."""
        return Pairs(self.market, self.listing[which], self.capability[which], self.km[which])


def of(market: Market, listing: Rows, capability: Rows) -> Pairs:
    """Return the pairs of these rows, whether eligible or not."""
    return Pairs(market, listing, capability, _distances(market, listing, capability))


def eligible(market: Market, listing: Rows, capability: Rows) -> Pairs:
    """Return those of the pairs that all ten rules let pass, in the order given."""
    verdict, km = _judge(market.tables, listing, capability)
    rows = np.flatnonzero(verdict != NO)
    i, j, km, verdict = listing[rows], capability[rows], km[rows], verdict[rows]
    km = _exact_where_far(market, i, j, km)
    kept = verdict == YES
    doubtful = np.flatnonzero(verdict == UNDECIDED)
    kept[doubtful] = _surely_reached(market, i[doubtful], j[doubtful])
    return Pairs(market, i[kept], j[kept], km[kept])


def verdicts(pairs: Pairs) -> Bools:
    """Return which rules each pair meets, (n, 10), in the order of ``Rule``."""
    i, j = pairs.listing, pairs.capability
    found = _each_rule(pairs.market.tables, i, j, pairs.km)
    doubtful = np.flatnonzero(found[:, PLACE] == UNDECIDED)
    found[doubtful, PLACE] = _surely_reached(pairs.market, i[doubtful], j[doubtful])
    return found.astype(np.bool_)


def components(pairs: Pairs, weights: Weights) -> Floats:
    """Return the six components of eligible pairs, (n, 6), in the order of ``Component``."""
    half = weights.half_distance_km
    return _components(pairs.market.tables, pairs.listing, pairs.capability, pairs.km, half)


def _distances(market: Market, listing: Rows, capability: Rows) -> Floats:
    km = _lengths(market.tables, listing, capability)
    return _exact_where_far(market, listing, capability, km)


def _exact_where_far(market: Market, listing: Rows, capability: Rows, km: Floats) -> Floats:
    far = np.flatnonzero(km > FAR_KM)
    km[far] = exact_km(market, listing[far], capability[far])
    return km


def exact_km(market: Market, listing: Rows, capability: Rows) -> Floats:
    """Return the lengths of the geodesics from the capabilities' bases in km, by Karney's way."""
    here, there = market.capabilities, market.listings
    return geodesic_km(
        here.latitude[capability],
        here.longitude[capability],
        there.latitude[listing],
        there.longitude[listing],
    )


def _surely_reached(market: Market, listing: Rows, capability: Rows) -> Bools:
    """Decide the rule of place exactly, (n,)."""
    areas = market.capabilities.area[capability]
    by_area = np.array([area is not None for area in areas], dtype=np.bool_)
    there = market.listings
    reached = exact_km(market, listing, capability) <= market.capabilities.radius_km[capability]
    reached[by_area] = shapely.intersects_xy(
        areas[by_area], there.longitude[listing[by_area]], there.latitude[listing[by_area]]
    )
    return reached


@compiled
def _judge(t: Any, listing: Any, capability: Any) -> Any:
    """Return NO, YES or UNDECIDED for each pair, and the km where it is not NO."""
    t, listing, capability = borrowed(t), borrowed(listing), borrowed(capability)
    verdict = np.zeros(len(listing), dtype=np.int8)
    km = np.zeros(len(listing))
    for n in range(len(listing)):
        a, b = t.listings[listing[n]], t.capabilities[capability[n]]
        if not (
            rules.status(a, b)
            and a.needs & ~b.takes == 0
            and rules.time(t.today, a, b)
            and rules.batch(a, b)
            and rules.material(t, a, b)
            and rules.technique(t, a, b)
            and rules.refused(t, a, capability[n])
        ):
            continue
        far = length_km(b.x, b.y, b.z, a.x, a.y, a.z)
        verdict[n] = rules.place(t, a, b, far)
        km[n] = far
    return verdict, km


@compiled
def _lengths(t: Any, listing: Any, capability: Any) -> Any:
    t, listing, capability = borrowed(t), borrowed(listing), borrowed(capability)
    km = np.empty(len(listing))
    for n in range(len(listing)):
        a, b = t.listings[listing[n]], t.capabilities[capability[n]]
        km[n] = length_km(b.x, b.y, b.z, a.x, a.y, a.z)
    return km


@compiled
def _each_rule(t: Any, listing: Any, capability: Any, km: Any) -> Any:
    t, listing, capability = borrowed(t), borrowed(listing), borrowed(capability)
    found = np.zeros((len(listing), 10), dtype=np.int8)
    for n in range(len(listing)):
        a, b = t.listings[listing[n]], t.capabilities[capability[n]]
        found[n, 0] = rules.status(a, b)
        found[n, 1] = rules.material(t, a, b)
        found[n, 2] = rules.technique(t, a, b)
        found[n, 3] = rules.place(t, a, b, km[n])
        found[n, 4] = rules.hazard(a, b)
        found[n, 5] = rules.condition(a, b)
        found[n, 6] = rules.batch(a, b)
        found[n, 7] = rules.time(t.today, a, b)
        found[n, 8] = rules.refused(t, a, capability[n])
        found[n, 9] = rules.work_place(a, b)
    return found


@compiled
def _components(t: Any, listing: Any, capability: Any, km: Any, half_km: float) -> Any:
    t, listing, capability = borrowed(t), borrowed(listing), borrowed(capability)
    parts = np.empty((len(listing), 6))
    for n in range(len(listing)):
        a, b = t.listings[listing[n]], t.capabilities[capability[n]]
        levels = rules.material_levels(t, a, b) + rules.technique_levels(t, a, b)
        formulas.components(a, b, levels, km[n], half_km, parts[n])
    return parts


def best_of(
    pairs: Pairs, weights: Weights, owner: Rows, tie: NDArray[np.int64], top: int | None
) -> tuple[Rows, Floats, Floats, NDArray[np.int64]]:
    """Return the positions of the first ``top`` pairs of each owner, their scores, their components
    and their ranks from 1: by score, then distance, then ``tie``."""
    parts = components(pairs, weights)
    score = weights.score(parts)
    order = np.lexsort((tie, np.rint(pairs.km * 1e3), -np.rint(score * 1e9), owner))
    sorted_owner = owner[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = sorted_owner[1:] != sorted_owner[:-1]
    starts = np.flatnonzero(new)
    ranks = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)])) + 1
    first = slice(None) if top is None else ranks <= top
    chosen = order[first]
    return chosen, score[chosen], parts[chosen], ranks[first]
