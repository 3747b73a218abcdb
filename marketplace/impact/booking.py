"""Booking: the figures of orders put into the ledger, only as far as they differ."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from marketplace.impact import factors, facts
from marketplace.impact.factors import Book
from marketplace.impact.flow import Flow, flow
from marketplace.impact.models import Entry
from marketplace.impact.rows import Row, rows_of
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order
from marketplace.orders.queries import AGREED

PLAIN = tuple(f.name for f in fields(Row) if f.name not in {"factor", "year", "result"})


@dataclass
class Booked:
    """How many entries were added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def followed(found: Iterable[facts.Facts]) -> Flow:
    """Return where the kilograms of these orders went; all that feed each other belong together."""
    every = list(found)
    return flow(
        [h for each in every for h in facts.handed(each.deliveries)],
        [s for each in every for s in facts.stated(each.fates)],
    )


def book(session: Session, order_id: int, *, now: datetime) -> Booked:
    """Book an order, and with it all among which kilograms were passed on; harmless when repeated.

    An entry keeps the version of its factor that it was booked with, whichever row stands for its
    material by now.
    """
    keys = facts.joined(session, order_id)
    session.execute(
        select(Order.id)
        .where(Order.id.in_(keys))
        .order_by(Order.id)
        .with_for_update(key_share=True)
    ).all()
    session.flush()
    found = facts.read(session, keys, zone=now.tzinfo or UTC)
    moved, table, booked = followed(found.values()), factors.read(session, now=now), Booked()
    for key, each in found.items():
        _store(session, key, rows_of(each, moved), table, booked)
    session.flush()
    return booked


def book_all(session: Session, *, now: datetime) -> Booked:
    """Book every order that was ever agreed."""
    booked = Booked()
    for key in session.scalars(select(Order.id).where(_counts()).order_by(Order.id)).all():
        each = book(session, key, now=now)
        booked.added += each.added
        booked.changed += each.changed
        booked.removed += each.removed
    return booked


def _counts() -> ColumnElement[bool]:
    """Orders that are agreed or later; of cancelled ones, what was delivered before stays."""
    return Order.state.in_([*AGREED, OrderState.CANCELLED])


def _store(session: Session, order_id: int, rows: list[Row], table: Book, booked: Booked) -> None:
    stored = {e.key: e for e in session.scalars(select(Entry).where(Entry.order_id == order_id))}
    for row in rows:
        entry = stored.pop(row.key, None)
        if entry is None and not _can_be_booked(row, table):
            continue
        values = _values(row, entry, table)
        if entry is None:
            session.add(Entry(order_id=order_id, key=row.key, **values))
            booked.added += 1
        elif any(getattr(entry, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(entry, name, value)
            booked.changed += 1
    for entry in stored.values():
        session.delete(entry)
        booked.removed += 1


def _can_be_booked(row: Row, table: Book) -> bool:
    """Tell whether the figure is known: what a material avoids is not where no factor stands for it."""
    return row.factor in table if row.factor else not row.lacks_factor


def _values(row: Row, entry: Entry | None, table: Book) -> dict[str, Any]:
    """Return an entry's columns; the factor is the one it has, or the one in force on its day."""
    values = {name: getattr(row, name) for name in PLAIN}
    result = row.amount if row.result is None else row.result
    values |= {"result": result, "low": result, "high": result, "factor_version_id": None}
    kept = None if entry is None else entry.factor_version_id
    if row.factor is None and kept is None:
        return values
    version = table.version(kept) if kept else table.in_force(row.factor, row.happened_on)
    assert version is not None, row.factor
    return values | {
        "result": row.amount * version.value,
        "low": row.amount * version.low,
        "high": row.amount * version.high,
        "factor_version_id": version.id,
    }
