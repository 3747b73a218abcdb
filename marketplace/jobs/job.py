"""What a handler is given beside the fact itself."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Job:
    """One row of the outbox being worked off: ``key`` is the row's, the same at each try.

    ``now`` is in the time zone of the service points, and ``today`` the calendar day there.
    """

    key: int
    now: datetime
    today: date
