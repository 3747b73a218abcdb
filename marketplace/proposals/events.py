"""What happens to proposals."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class ProposalsFound(Event):
    """A listing has proposals that it did not have before."""

    listing_id: int
    count: int


@dataclass(frozen=True)
class ProposalDecided(Event):
    """A proposal was accepted or refused, or taken back, at this service point (the listing's)."""

    service_point_id: int


@dataclass(frozen=True)
class EvidenceAged(Event):
    """Everything was matched, and what this service point decided is a day older."""

    service_point_id: int


@dataclass(frozen=True)
class LearningSwitched(Event):
    """A service point learns from refusals from now on, or no longer."""

    service_point_id: int


@dataclass(frozen=True)
class DecisionsMoved(Event):
    """An organisation fell to another service point, and what was decided about its listings too."""

    service_point_id: int


@dataclass(frozen=True)
class MatchRunFinished(Event):
    """Everything is matched as of a day."""

    run_id: int


@dataclass(frozen=True)
class WeightsChanged(Event):
    """A new version of the matcher's weights is in force."""

    version: int
