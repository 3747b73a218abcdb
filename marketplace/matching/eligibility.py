"""The ten rules. Each is one function of pairs and says which of them it lets pass, (n,) bool."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import ArrayLike

from marketplace.matching.columns import Bools, Ints, Rows
from marketplace.matching.kinds import Kind, Rule
from marketplace.matching.market import Pairs
from marketplace.matching.ontology import UNCOVERED

ROUNDING_KM = 1e-6


def is_hazardous(flag: ArrayLike, code_hazardous: ArrayLike) -> Bools:
    """Return whether a listing is hazardous: by its flag, or by a starred List-of-Waste code."""
    either: Bools = np.logical_or(flag, code_hazardous)
    return either


def status(pairs: Pairs) -> Bools:
    """Both organisations verified and active, both entries live, and not one's own."""
    listings, capabilities = pairs.market.listings, pairs.market.capabilities
    i, j = pairs.listing, pairs.capability
    live = (listings.published & listings.organisation_active)[i]
    able = (capabilities.active & capabilities.organisation_active)[j]
    strangers: Bools = listings.organisation[i] != capabilities.organisation[j]
    return live & able & strangers


def asked_material(pairs: Pairs) -> Ints:
    """Return the material that counts, -1 where a listing names none or is a service."""
    listings, i = pairs.market.listings, pairs.listing
    return np.where(listings.kind[i] == Kind.SERVICE, -1, listings.material[i])


def material(pairs: Pairs) -> Bools:
    """The listing's material is accepted or lies below an accepted one; a residual has one."""
    asked = asked_material(pairs)
    covered: Bools = pairs.market.materials.levels(asked, pairs.capability) != UNCOVERED
    residual: Bools = pairs.market.listings.kind[pairs.listing] == Kind.RESIDUAL
    return covered & ((asked >= 0) | ~residual)


def technique_levels(pairs: Pairs) -> Ints:
    """Return the most steps that a named technique lies below an offered one.

    0 where the listing names none, UNCOVERED where the capability does not offer all of them.
    """
    named = pairs.market.listings.techniques
    worst = np.zeros(len(pairs), dtype=np.int64)
    most = int(named.sizes[pairs.listing].max(initial=0))
    for position in range(most):
        nodes = named.nth(position, pairs.listing)
        levels = pairs.market.techniques.levels(nodes, pairs.capability)
        missing = (worst == UNCOVERED) | (levels == UNCOVERED)
        worst = np.where(missing, UNCOVERED, np.maximum(worst, levels))
    return worst


def technique(pairs: Pairs) -> Bools:
    """All named techniques are offered; all but a residual must name one."""
    listings, i = pairs.market.listings, pairs.listing
    named: Bools = (listings.techniques.sizes[i] > 0) | (listings.kind[i] == Kind.RESIDUAL)
    offered: Bools = technique_levels(pairs) != UNCOVERED
    return named & offered


def place(pairs: Pairs) -> Bools:
    """The service area covers the listing's point, border included; without one, the radius."""
    market, i, j = pairs.market, pairs.listing, pairs.capability
    by_area = market.has_area[j]
    reached = np.zeros(len(pairs), dtype=np.bool_)
    listings, capabilities = market.listings, market.capabilities
    a, r = np.flatnonzero(by_area), np.flatnonzero(~by_area)
    reached[a] = shapely.intersects_xy(
        capabilities.area[j[a]], listings.longitude[i[a]], listings.latitude[i[a]]
    )
    near = r[~_surely_beyond(pairs, r)]
    reached[near] = pairs.distance_of(near) <= capabilities.radius_km[j[near]]
    return reached


def _surely_beyond(pairs: Pairs, which: Rows) -> Bools:
    """Return which pairs the straight line through the Earth already puts beyond the radius.

    It is never longer than the geodesic, so that none is lost that lies within.
    """
    i, j = pairs.listing[which], pairs.capability[which]
    (x, y, z), (u, v, w) = pairs.market.listing_points, pairs.market.capability_points
    squared = (x[i] - u[j]) ** 2 + (y[i] - v[j]) ** 2 + (z[i] - w[j]) ** 2
    reach = pairs.market.capabilities.radius_km[j] + ROUNDING_KM
    within: Bools = squared <= reach**2
    return ~within


def hazard(pairs: Pairs) -> Bools:
    """Hazardous material goes only to those who accept it."""
    accepts = pairs.market.capabilities.accepts_hazardous[pairs.capability]
    return ~pairs.market.listings.hazardous[pairs.listing] | accepts


def condition(pairs: Pairs) -> Bools:
    """The listing's condition is among those accepted; an empty set accepts all."""
    accepted = pairs.market.capabilities.conditions[pairs.capability]
    shared = accepted & pairs.market.listings.condition[pairs.listing]
    fits: Bools = (shared != 0) | (accepted == 0)
    return fits


def batch(pairs: Pairs) -> Bools:
    """One delivery is at least the smallest batch, where both are known."""
    mass = pairs.market.listings.mass_kg[pairs.listing]
    least = pairs.market.capabilities.min_batch_kg[pairs.capability]
    return ~(mass < least)


def time(pairs: Pairs) -> Bools:
    """Both windows share a day on or after the day of matching."""
    (first, last), (opens, closes) = (
        pairs.market.listing_windows,
        pairs.market.capability_windows,
    )
    i, j = pairs.listing, pairs.capability
    start = np.maximum(np.maximum(first[i], opens[j]), pairs.market.as_of)
    shares: Bools = start <= np.minimum(last[i], closes[j])
    return shares


def refused(pairs: Pairs) -> Bools:
    """No broker has refused the pair."""
    known = pairs.market.refused_keys
    if not known.size:
        return np.ones(len(pairs), dtype=np.bool_)
    keys = pairs.market.pair_keys(pairs.listing, pairs.capability)
    found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    free: Bools = known[found] != keys
    return free


def work_place(pairs: Pairs) -> Bools:
    """Work at the client's site goes to those who work on site."""
    on_site = pairs.market.capabilities.on_site[pairs.capability]
    return ~pairs.market.listings.client_site[pairs.listing] | on_site


RULES: dict[Rule, Callable[[Pairs], Bools]] = {
    Rule.STATUS: status,
    Rule.MATERIAL: material,
    Rule.TECHNIQUE: technique,
    Rule.PLACE: place,
    Rule.HAZARD: hazard,
    Rule.CONDITION: condition,
    Rule.BATCH: batch,
    Rule.TIME: time,
    Rule.REFUSED: refused,
    Rule.WORK_PLACE: work_place,
}
CHEAPEST_FIRST = (
    Rule.STATUS,
    Rule.HAZARD,
    Rule.WORK_PLACE,
    Rule.CONDITION,
    Rule.MATERIAL,
    Rule.TECHNIQUE,
    Rule.TIME,
    Rule.BATCH,
    Rule.REFUSED,
    Rule.PLACE,
)


def eligible(pairs: Pairs, rules: tuple[Rule, ...] = CHEAPEST_FIRST) -> Pairs:
    """Return the pairs that all ``rules`` let pass, in the order given."""
    for rule in rules:
        if not len(pairs):
            break
        pairs = pairs.take(RULES[rule](pairs))
    return pairs
