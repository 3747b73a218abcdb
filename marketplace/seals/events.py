"""What happens to applications for the seal and to certificates."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class SealMoved(Event):
    """An application or its certificate took a step; ``user_id`` did it and need not be told."""

    application_id: int
    user_id: int | None


@dataclass(frozen=True)
class SealEnding(Event):
    """A certificate ends within ``days`` and can be renewed."""

    certificate_id: int
    days: int


@dataclass(frozen=True)
class ComplaintReceived(Event):
    """Somebody has complained about the seal."""

    complaint_id: int


@dataclass(frozen=True)
class ComplaintAnswered(Event):
    """The agency has answered a complaint."""

    complaint_id: int
