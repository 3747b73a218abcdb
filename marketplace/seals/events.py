"""What happens to applications for the seal and to certificates."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class SealMoved(Event):
    """An application or its certificate took a step; ``user_id`` did it and need not be told."""

    application_id: int
    user_id: int | None
