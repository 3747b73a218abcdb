"""What shuts a near one out, and how little would have to change. Facts only: words come elsewhere."""

from dataclasses import dataclass

import numpy as np
import shapely

from marketplace.geo.distance import geodesic_km
from marketplace.matching import pairs
from marketplace.matching.columns import Capabilities, Listings, Rows
from marketplace.matching.explain import Fact, technique_levels
from marketplace.matching.kinds import Rule
from marketplace.matching.market import (
    Market,
    barred_for_capability,
    barred_for_listing,
    make_market,
)
from marketplace.matching.ontology import UNCOVERED, Ontology
from marketplace.matching.pairs import Pairs
from marketplace.matching.tables import DISTANT_FUTURE

NEAREST = 5
BY_WHAT = (Rule.MATERIAL, Rule.TECHNIQUE)


@dataclass(frozen=True)
class ShutOut:
    """A near pair that is not eligible: its rows, the distance, and all rules it fails.

    ``facts``: material (material); technique (technique: the first one missing); place (beyond_km, and
    radius_km or outside_area); condition (condition); batch (mass_kg, least_kg, missing_kg); time
    (gap_days: between the windows, or since the earlier closed; opens: the day since 1970-01-01
    from which the later side is there, where it only comes too late).
    """

    listing: int
    capability: int
    distance_km: float
    rules: tuple[Rule, ...]
    facts: dict[Rule, dict[str, Fact]]

    @property
    def effort(self) -> tuple[int, bool, float]:
        """How much would have to change, for sorting: how many rules, whether it is another line of
        work altogether, how far."""
        return len(self.rules), any(r in self.rules for r in BY_WHAT), self.distance_km


def shut_out(
    listing_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    nearest: int = NEAREST,
    refused: Rows | None = None,
) -> list[ShutOut]:
    """Return the nearest capabilities that are active, verified and yet not eligible.

    Nearest first, then by reference; the listing's own organisation is left out. ``refused`` holds
    the capability rows that a broker has refused for this listing.
    """
    one = listings.take(np.array([listing_row]))
    market = make_market(one, capabilities, ontology, as_of, barred_for_listing(refused))
    others = capabilities.organisation != market.listings.organisation[0]
    rows = np.flatnonzero(capabilities.active & capabilities.organisation_active & others)
    return _nearest(market, np.zeros_like(rows), rows, capabilities.ref[rows], nearest)


def shut_out_of_capability(
    capability_row: int,
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    nearest: int = NEAREST,
    refused: Rows | None = None,
) -> list[ShutOut]:
    """Return the nearest listings that are published, verified and yet shut out of a capability.

    Nearest first, then by reference. ``refused`` holds the listing rows that a broker has refused.
    """
    one = capabilities.take(np.array([capability_row]))
    market = make_market(listings, one, ontology, as_of, barred_for_capability(refused))
    others = listings.organisation != one.organisation[0]
    rows = np.flatnonzero(listings.published & listings.organisation_active & others)
    return _nearest(market, rows, np.zeros_like(rows), listings.ref[rows], nearest)


def _nearest(
    market: Market, listing: Rows, capability: Rows, refs: np.ndarray, nearest: int
) -> list[ShutOut]:
    near = pairs.of(market, listing, capability)
    passed = pairs.verdicts(near)
    out = np.flatnonzero(~passed.all(axis=1))
    order = np.lexsort((refs[out], np.rint(near.km[out] * 1e3)))
    return [
        _shut_out(near.take(np.array([p])), [r for n, r in enumerate(Rule) if not passed[p, n]])
        for p in out[order][:nearest]
    ]


def _shut_out(pair: Pairs, rules: list[Rule]) -> ShutOut:
    facts = {rule: _facts(pair, rule) for rule in rules}
    i, j = int(pair.listing[0]), int(pair.capability[0])
    return ShutOut(i, j, float(pair.km[0]), tuple(rules), facts)


def _facts(pair: Pairs, rule: Rule) -> dict[str, Fact]:
    """Return the smallest facts that make a failed rule clear."""
    listings, capabilities = pair.market.listings, pair.market.capabilities
    i, j = int(pair.listing[0]), int(pair.capability[0])
    match rule:
        case Rule.MATERIAL:
            return {"material": int(listings.material[i])}
        case Rule.TECHNIQUE:
            return _missing_technique(pair)
        case Rule.PLACE:
            return _beyond(pair)
        case Rule.CONDITION:
            return {"condition": int(listings.condition[i])}
        case Rule.BATCH:
            mass, least = float(listings.mass_kg[i]), float(capabilities.min_batch_kg[j])
            return {"mass_kg": mass, "least_kg": least, "missing_kg": least - mass}
        case Rule.TIME:
            return _gap(pair)
        case _:
            return {}


def _missing_technique(pair: Pairs) -> dict[str, Fact]:
    """Return the first named technique that is not offered; nothing where none is named."""
    for number in pair.market.listings.techniques[int(pair.listing[0])].tolist():
        if technique_levels(pair, number) == UNCOVERED:
            return {"technique": int(number)}
    return {}


def _beyond(pair: Pairs) -> dict[str, Fact]:
    """Return how many km the listing lies outside of the radius or the area."""
    j = int(pair.capability[0])
    if pair.market.capabilities.area[j] is not None:
        return {"outside_area": 1, "beyond_km": _km_to_area(pair)}
    radius = float(pair.market.capabilities.radius_km[j])
    if np.isnan(radius):
        return {}
    return {"radius_km": radius, "beyond_km": float(pair.km[0]) - radius}


def _km_to_area(pair: Pairs) -> float:
    """Return the km to the nearest point of the area, found where a degree is as wide as it is high."""
    listings, i = pair.market.listings, int(pair.listing[0])
    lat, lon = float(listings.latitude[i]), float(listings.longitude[i])
    narrow = max(np.cos(np.radians(lat)), 1e-6)
    area = shapely.transform(
        pair.market.capabilities.area[int(pair.capability[0])],
        lambda corners: corners * [narrow, 1.0],
    )
    there = shapely.get_coordinates(shapely.shortest_line(shapely.Point(lon * narrow, lat), area))[
        1
    ]
    return float(geodesic_km(lat, lon, there[1], there[0] / narrow))


def _gap(pair: Pairs) -> dict[str, Fact]:
    """Return how many days lie between the windows, and from when the later side is there."""
    t = pair.market.tables
    a, b = t.listings[int(pair.listing[0])], t.capabilities[int(pair.capability[0])]
    first, last = (
        max(int(a["first"]), int(b["opens"]), t.today),
        min(int(a["last"]), int(b["closes"])),
    )
    facts: dict[str, Fact] = {"gap_days": first - last}
    if first > t.today and last < DISTANT_FUTURE:
        facts["opens"] = first
    return facts
