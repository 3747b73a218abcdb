"""All that a match looks at: both sides' columns, the taxonomies, the day and the refused pairs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from marketplace.matching.columns import Capabilities, Ints, Listings, Rows
from marketplace.matching.ontology import Ontology
from marketplace.matching.tables import Tables, day_numbers, tabulate, text_order


@dataclass(frozen=True)
class Market:
    """``as_of`` is a day since 1970-01-01; ``refused`` is (n, 2): a listing's row, a capability's."""

    listings: Listings
    capabilities: Capabilities
    ontology: Ontology
    as_of: int
    refused: NDArray[np.intp]
    threads: int = 1

    @cached_property
    def tables(self) -> Tables:
        """Both sides as compiled functions read them."""
        both = self.listings, self.capabilities
        return tabulate(*both, self.ontology, self.as_of, self.refused, self.threads)

    @cached_property
    def listing_order(self) -> Ints:
        """The place of each listing in the order of the references, for ties."""
        return text_order(self.listings.ref)


def make_market(
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    as_of: np.datetime64,
    refused: NDArray[np.intp] | None = None,
    threads: int = 1,
) -> Market:
    """Return the market of a day. ``refused`` is (n, 2): a listing's row and a capability's."""
    today = int(day_numbers(np.array([as_of], dtype="datetime64[D]"), 0)[0])
    pairs = np.asarray([] if refused is None else refused, dtype=np.intp).reshape(-1, 2)
    return Market(listings, capabilities, ontology, today, pairs, threads)


def barred_for_listing(refused: Rows | None) -> NDArray[np.intp] | None:
    """Return refused capability rows as pairs with the only listing, row 0."""
    return None if refused is None else np.stack([np.zeros_like(refused), refused], axis=1)


def barred_for_capability(refused: Rows | None) -> NDArray[np.intp] | None:
    """Return refused listing rows as pairs with the only capability, row 0."""
    return None if refused is None else np.stack([refused, np.zeros_like(refused)], axis=1)
