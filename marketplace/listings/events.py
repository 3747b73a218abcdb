"""What happens to listings."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class ListingChanged(Event):
    """Its state or a field that matching reads is another one now."""

    listing_id: int


@dataclass(frozen=True)
class InterestShown(Event):
    interest_id: int


@dataclass(frozen=True)
class ListingExpiring(Event):
    listing_id: int


@dataclass(frozen=True)
class ListingExpired(Event):
    listing_id: int
