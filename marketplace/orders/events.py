"""What happens to orders."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class OrderMoved(Event):
    """An order took a step; ``topic`` says which, ``user_id`` who did it and need not be told.

    Topics: ``order_offered``, ``order_returned``, ``order_accepted``, ``order_agreed``,
    ``order_moved``, ``order_paused``, ``order_disputed``, ``order_completed`` and
    ``order_cancelled``.
    """

    order_id: int
    topic: str
    user_id: int | None


@dataclass(frozen=True)
class OrderFilesAttached(Event):
    """A party's person attached a file, perhaps more; ``until`` ends the time of gathering, in ISO."""

    order_id: int
    organisation_id: int
    user_id: int
    until: str


@dataclass(frozen=True)
class WorkLogged(Event):
    """The hours of an order were put down, or some were taken out; nobody needs to be told."""

    order_id: int
