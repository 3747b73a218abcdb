"""What a handler is given beside the fact itself."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Job:
    """One row of the outbox being worked off: ``key`` is the row's, the same at each try.

    ``today`` is the calendar day where the service points are.
    """

    key: int
    now: datetime
    today: date
