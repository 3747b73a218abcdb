"""What happens to capabilities."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class CapabilityChanged(Event):
    """Its state or a field that matching reads is another one now."""

    capability_id: int


@dataclass(frozen=True)
class WorkSought(Event):
    """A workshop looks for work; companies near by are told."""

    capability_id: int
