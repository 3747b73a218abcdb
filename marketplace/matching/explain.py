"""Why a pair scores as it does. Facts only: words come elsewhere."""

from dataclasses import dataclass

import numpy as np

from marketplace.matching import eligibility, pairs
from marketplace.matching.columns import Capabilities, Listings
from marketplace.matching.components import share, shared_days
from marketplace.matching.kinds import Component, Unit
from marketplace.matching.market import make_market
from marketplace.matching.ontology import Ontology
from marketplace.matching.pairs import Pairs
from marketplace.matching.weights import Weights

Fact = float | int | str


@dataclass(frozen=True)
class Reason:
    """One fact about one component. ``code`` chooses the sentence, ``params`` fill it:

    proximity ``distance`` (distance_km, half_distance_km); fit ``material_exact`` (material),
    ``material_above`` (material, accepted, levels), ``technique_exact`` (technique),
    ``technique_above`` (technique, offered, levels), ``nothing_named``; capacity ``enough``,
    ``part`` and ``nothing_free`` (unit, free, monthly, share), ``unlimited``; timing ``days``
    (shared_days, listing_days); value ``technique`` (technique, retention), ``unknown``
    (retention); fairness ``open_orders`` (open_orders). Materials and techniques are numbers.
    """

    component: Component
    code: str
    value: float
    params: dict[str, Fact]


def reasons(
    listing_row: int,
    capability_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    weights: Weights,
    as_of: np.datetime64,
) -> list[Reason]:
    """Return what made the score of one eligible pair, in the order of the components."""
    market = make_market(
        listings.take(np.array([listing_row])),
        capabilities.take(np.array([capability_row])),
        ontology,
        as_of,
    )
    pair = pairs.of(market, np.array([0]), np.array([0]))
    found = dict(zip(Component, pairs.components(pair, weights)[0].tolist(), strict=True))
    distance: dict[str, Fact] = {
        "distance_km": float(pair.km[0]),
        "half_distance_km": weights.half_distance_km,
    }
    a, b = market.tables.listings[0], market.tables.capabilities[0]
    days: dict[str, Fact] = {
        "shared_days": int(shared_days(a, b)),
        "listing_days": int(a["own_days"]),
    }
    orders: dict[str, Fact] = {"open_orders": int(market.capabilities.open_orders[0])}
    return [
        Reason(Component.PROXIMITY, "distance", found[Component.PROXIMITY], distance),
        *_fit(pair, found[Component.FIT]),
        _capacity(pair, found[Component.CAPACITY]),
        Reason(Component.TIMING, "days", found[Component.TIMING], days),
        _value(pair, found[Component.VALUE]),
        Reason(Component.FAIRNESS, "open_orders", found[Component.FAIRNESS], orders),
    ]


def _fit(pair: Pairs, value: float) -> list[Reason]:
    """Return how closely material and techniques are met."""
    market, found = pair.market, []
    t, a, b = market.tables, market.tables.listings[0], market.tables.capabilities[0]
    material, levels = int(a["material"]), int(eligibility.material_levels(t, a, b))
    if material >= 0:
        accepted = market.ontology.materials.up(material, max(levels, 0))
        params: dict[str, Fact] = {"material": material}
        more: dict[str, Fact] = {"accepted": accepted, "levels": levels} if levels else {}
        code = "material_above" if levels else "material_exact"
        found.append(Reason(Component.FIT, code, value, params | more))
    named = market.listings.techniques[0].tolist()
    if named:
        steps = {number: technique_levels(pair, number) for number in named}
        farthest = max(named, key=lambda number: steps[number])
        up = max(steps[farthest], 0)
        offered = market.ontology.techniques.up(farthest, up)
        params = {"technique": farthest}
        more = {"offered": offered, "levels": up} if up else {}
        code = "technique_above" if up else "technique_exact"
        found.append(Reason(Component.FIT, code, value, params | more))
    return found or [Reason(Component.FIT, "nothing_named", value, {})]


def technique_levels(pair: Pairs, number: int) -> int:
    """Return the steps from one technique up to the deepest offered one, UNCOVERED if there is none."""
    t, j = pair.market.tables, int(pair.capability[0])
    b = t.capabilities[j]
    levels = eligibility.levels(
        t.technique_parent, number, t.offered, b["offered_from"], b["offered_to"]
    )
    return int(levels)


def _capacity(pair: Pairs, value: float) -> Reason:
    """Return the scarcest unit and what is free of it."""
    a, b = pair.market.tables.listings[0], pair.market.tables.capabilities[0]
    amounts = {
        Unit.KG: (float(b["free_kg"]), float(a["monthly_kg"])),
        Unit.PIECE: (float(b["free_pieces"]), float(a["monthly_pieces"])),
        Unit.HOUR: (float(b["free_hours"]), float(a["monthly_hours"])),
    }
    known = {unit: both for unit, both in amounts.items() if not np.isnan(both).any()}
    if not known:
        return Reason(Component.CAPACITY, "unlimited", value, {})
    scarcest = min(known, key=lambda unit: share(*known[unit]))
    free, monthly = known[scarcest]
    params: dict[str, Fact] = {
        "unit": scarcest.value,
        "free": free,
        "monthly": monthly,
        "share": value,
    }
    code = "enough" if value >= 1 else "part" if free > 0 else "nothing_free"
    return Reason(Component.CAPACITY, code, value, params)


def _value(pair: Pairs, value: float) -> Reason:
    """Return the technique that keeps most of the thing's worth."""
    market = pair.market
    named = market.listings.techniques[0] if market.listings.techniques.sizes[0] else None
    numbers = market.capabilities.techniques[0] if named is None else named
    if not numbers.size:
        return Reason(Component.VALUE, "unknown", value, {"retention": value})
    best = int(numbers[market.ontology.value_retention[numbers].argmax()])
    return Reason(Component.VALUE, "technique", value, {"technique": best, "retention": value})
