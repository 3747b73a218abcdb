"""Facts written with the data they describe, and delivered afterwards by a worker.

A worker leases a row, does what it asks and marks it done in the same transaction as the work. A
worker that dies lets its lease run out, and the row is taken again: at least once, never lost.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import JSON, ColumnElement, Index, Text, and_, case, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.core.bulk import insert_columns
from marketplace.core.db import Base, Moment

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=1)
GATHERING = timedelta(minutes=10)


@dataclass(frozen=True)
class Event:
    """A fact in the past tense; carries ids and plain values only."""


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "done_at", "due_at"),)

    kind: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)


def gathered_until(now: datetime) -> datetime:
    """Return the end of the ten minutes in which what happens alike is told together."""
    begun = now.timestamp() // GATHERING.total_seconds() * GATHERING.total_seconds()
    return datetime.fromtimestamp(begun, UTC) + GATHERING


def record(
    session: Session, event: Event, *, now: datetime, due_at: datetime | None = None
) -> None:
    """Add ``event`` to the current transaction, to be delivered at ``due_at`` (default: now)."""
    session.add(
        OutboxRow(
            kind=type(event).__name__,
            payload=asdict(event),
            recorded_at=now,
            due_at=due_at or now,
        )
    )


def record_all(session: Session, events: Sequence[Event], *, now: datetime) -> None:
    """Add any number of events to the current transaction at once, to be delivered now."""
    columns = {
        "kind": [type(event).__name__ for event in events],
        "payload": [json.dumps(vars(event)) for event in events],
    }
    insert_columns(session, OutboxRow, columns, {"recorded_at": now, "due_at": now})


def claim_next(session: Session, *, now: datetime) -> OutboxRow | None:
    """Lease the oldest open row that is due; None when none is left. Commit before working."""
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now)
    open_ = and_(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now, free)
    oldest = (
        select(OutboxRow.id)
        .where(open_)
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claim = (
        update(OutboxRow)
        .where(OutboxRow.id == oldest, open_)
        .values(leased_until=now + LEASE, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(claim).one_or_none()


def comes_again(session: Session, row_id: int) -> bool:
    """Tell whether the same fact waits once more, untouched: what this row asks for is done then."""
    row = session.get(OutboxRow, row_id)
    if row is None:
        return False
    later = select(OutboxRow.payload).where(
        OutboxRow.kind == row.kind,
        OutboxRow.id > row_id,
        OutboxRow.done_at.is_(None),
        OutboxRow.leased_until.is_(None),
    )
    return row.payload in session.scalars(later).all()


def finish(session: Session, row_id: int, *, now: datetime) -> None:
    """Mark the row as done."""
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(done_at=now, error=None))


def fail(session: Session, row_id: int, error: str, *, now: datetime) -> None:
    """Give the row back, to be tried again later and later; after the last try it rests as done."""
    row = session.get_one(OutboxRow, row_id)
    row.error = error[-2000:]
    row.leased_until = None
    row.due_at = now + timedelta(seconds=2**row.attempts)
    if row.attempts >= MOST_ATTEMPTS:
        row.done_at = now


def wait(session: Session, row_id: int, error: str, *, now: datetime) -> datetime:
    """Give the row back, to be tried later and later up to an hour, for as long as it takes."""
    row = session.get_one(OutboxRow, row_id)
    row.error, row.leased_until = error[-2000:], None
    row.due_at = now + min(timedelta(seconds=15 * 2 ** min(row.attempts, 20)), LONGEST_WAIT)
    session.flush()
    return row.due_at


def wait_along(session: Session, kind: str, error: str, *, until: datetime) -> None:
    """Let every open row of a kind wait that long, since none of them could be done before."""
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.kind == kind,
            OutboxRow.done_at.is_(None),
            OutboxRow.leased_until.is_(None),
            OutboxRow.due_at < until,
        )
        .values(due_at=until, error=error[-2000:])
        .execution_options(synchronize_session=False)
    )


def give_up(session: Session, row_id: int, error: str, *, now: datetime) -> None:
    """Let the row rest as done, with what made it impossible."""
    values = {"done_at": now, "error": error[-2000:]}
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(values))


GIVEN_UP = and_(OutboxRow.done_at.is_not(None), OutboxRow.error.is_not(None))


@dataclass(frozen=True)
class Counts:
    """How many rows wait, how many of them have failed already, were given up, are done."""

    waiting: int
    failing: int
    given_up: int
    done: int


def counts(session: Session) -> Counts:
    """Return how much there is of what."""
    open_ = OutboxRow.done_at.is_(None)
    kinds = (
        open_,
        and_(open_, OutboxRow.error.is_not(None)),
        GIVEN_UP,
        and_(OutboxRow.done_at.is_not(None), OutboxRow.error.is_(None)),
    )
    row = session.execute(select(*(func.count(case((kind, 1))) for kind in kinds))).one()
    return Counts(row[0], row[1], row[2], row[3])


def listed(
    session: Session, *, given_up: bool, page: int = 1, size: int = 50
) -> Sequence[OutboxRow]:
    """Return one page of the rows that wait, oldest first, or of those given up, latest first."""
    if given_up:
        rows = select(OutboxRow).where(GIVEN_UP).order_by(OutboxRow.done_at.desc(), OutboxRow.id)
    else:
        rows = select(OutboxRow).where(OutboxRow.done_at.is_(None)).order_by(OutboxRow.id)
    return session.scalars(rows.limit(size).offset((page - 1) * size)).all()


def try_now(session: Session, *, row_id: int | None = None, now: datetime) -> int:
    """Let a row, or all that wait, be tried at once; return how many.

    A row that was given up begins anew; one that somebody is working on stays with them.
    """
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now)
    which: ColumnElement[bool] = OutboxRow.done_at.is_(None)
    if row_id is not None:
        which = and_(OutboxRow.id == row_id, or_(which, GIVEN_UP))
    again = session.execute(
        update(OutboxRow)
        .where(which, free)
        .values(due_at=now, done_at=None, attempts=0, leased_until=None)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(again.all())
