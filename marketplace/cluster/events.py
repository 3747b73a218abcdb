"""What happens in the cluster."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class PartnerApplied(Event):
    """An organisation would like to join; the agency decides."""

    partner_id: int


@dataclass(frozen=True)
class PartnerDecided(Event):
    """The agency admitted an organisation or refused it."""

    partner_id: int


@dataclass(frozen=True)
class PlaceOffered(Event):
    """A consortium invited an organisation."""

    place_id: int


@dataclass(frozen=True)
class PlaceAnswered(Event):
    """An organisation took its place in a consortium, or declined it."""

    place_id: int


@dataclass(frozen=True)
class DeadlineNear(Event):
    """A call ends in ``days`` days."""

    call_id: int
    days: int
