"""All that a match looks at, and pairs of it. Every rule and every component takes these two."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from marketplace.geo.distance import Floats, ecef, geodesic_km
from marketplace.matching.columns import Bools, Capabilities, Days, Ints, Listings, Rows
from marketplace.matching.ontology import Coverage, Ontology

DISTANT_PAST = -(10**7)
DISTANT_FUTURE = 10**7


def day_numbers(days: Days, open_end: int) -> Ints:
    """Return days since 1970-01-01, ``open_end`` where a date is open."""
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(days), open_end, numbers)


@dataclass(frozen=True)
class Market:
    """Listings, capabilities, the taxonomies, the day of matching and the refused pairs.

    ``as_of`` is a day since 1970-01-01; ``refused`` is (n, 2), a listing's row and a capability's.
    """

    listings: Listings
    capabilities: Capabilities
    ontology: Ontology
    as_of: int
    refused: NDArray[np.intp]

    @cached_property
    def materials(self) -> Coverage:
        """What each capability accepts."""
        return Coverage(self.ontology.materials, self.capabilities.materials)

    @cached_property
    def techniques(self) -> Coverage:
        """What each capability offers."""
        return Coverage(self.ontology.techniques, self.capabilities.techniques)

    @cached_property
    def listing_windows(self) -> tuple[Ints, Ints]:
        """First and last day of each listing, open ends very far away."""
        return _windows(self.listings.available_from, self.listings.available_until)

    @cached_property
    def capability_windows(self) -> tuple[Ints, Ints]:
        """First and last day of each capability, open ends very far away."""
        return _windows(self.capabilities.available_from, self.capabilities.available_until)

    @cached_property
    def listing_points(self) -> tuple[Floats, Floats, Floats]:
        """Earth-centred x, y, z in km of each listing."""
        return ecef(self.listings.latitude, self.listings.longitude)

    @cached_property
    def capability_points(self) -> tuple[Floats, Floats, Floats]:
        """Earth-centred x, y, z in km of each capability."""
        return ecef(self.capabilities.latitude, self.capabilities.longitude)

    @cached_property
    def has_area(self) -> Bools:
        """Whether each capability has a service area; on the way areas are made quick to ask."""
        areas = self.capabilities.area
        shapely.prepare(areas)
        return np.array([area is not None for area in areas], dtype=np.bool_)

    @cached_property
    def refused_keys(self) -> Ints:
        """The refused pairs as sorted numbers (see ``pair_keys``)."""
        return np.sort(self.pair_keys(self.refused[:, 0], self.refused[:, 1]))

    def pair_keys(self, listing: Rows, capability: Rows) -> Ints:
        """Return one number for each pair of rows."""
        return listing.astype(np.int64) * max(len(self.capabilities), 1) + capability


def _windows(first: Days, last: Days) -> tuple[Ints, Ints]:
    return day_numbers(first, DISTANT_PAST), day_numbers(last, DISTANT_FUTURE)


class Pairs:
    """Pairs of a listing's row and a capability's row, (n,) each; distances are worked out once."""

    def __init__(
        self, market: Market, listing: Rows, capability: Rows, distance: Floats | None = None
    ) -> None:
        self.market = market
        self.listing = listing
        self.capability = capability
        self._distance = distance

    def __len__(self) -> int:
        return len(self.listing)

    @property
    def distance_km(self) -> Floats:
        """From the capability's base to the listing, along the WGS84 geodesic, in km, (n,)."""
        return self.distance_of(np.arange(len(self)))

    def distance_of(self, positions: Rows) -> Floats:
        """Return the distances in km of some of the pairs, remembering them."""
        if self._distance is None:
            self._distance = np.full(len(self), np.nan)
        unknown = positions[np.isnan(self._distance[positions])]
        if unknown.size:
            here, there = self.market.capabilities, self.market.listings
            i, j = self.listing[unknown], self.capability[unknown]
            self._distance[unknown] = geodesic_km(
                here.latitude[j], here.longitude[j], there.latitude[i], there.longitude[i]
            )
        return self._distance[positions]

    def take(self, which: Bools | Rows) -> "Pairs":
        """Return the pairs that ``which`` picks (a mask or positions), keeping known distances."""
        distance = None if self._distance is None else self._distance[which]
        return Pairs(self.market, self.listing[which], self.capability[which], distance)
