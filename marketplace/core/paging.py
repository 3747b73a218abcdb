"""Long lists by the page: where a page ends is said by its last row, not by a number of rows."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from marketplace.core.text import whole

MOST_COUNTED = 1000
Item = TypeVar("Item")


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """One page of a list. ``total`` is exact unless there are ``more_than`` that many; ``after`` is
    what asks for the following page, and empty on the last one."""

    rows: list[Item]
    total: int
    more_than: bool
    after: str


def count_of(session: Session, rows: Select[Any]) -> int:
    """Return how many rows there are, or ``MOST_COUNTED`` + 1 where there are more than that."""
    some = rows.limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def cursor(value: object, key: int) -> str:
    """Return the text that names the last row of a page, by what the list is ordered by."""
    return f"{value}~{key}"


def read_cursor(text: str) -> tuple[str, int] | None:
    """Return value and key out of a cursor; None where the text is none."""
    value, _, key = text.rpartition("~")
    number = whole(key)
    return (value, number) if number is not None else None
