"""What happens to orders."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class OrderMoved(Event):
    """An order took a step; ``topic`` says which, ``user_id`` who did it and need not be told.

    Topics: ``order_offered``, ``order_returned``, ``order_accepted``, ``order_agreed``,
    ``order_moved`` and ``order_cancelled``.
    """

    order_id: int
    topic: str
    user_id: int | None
