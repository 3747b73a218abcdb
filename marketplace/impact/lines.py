"""The lines behind the figures, each with its factor; and what today's factors would make of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.core.actor import Actor
from marketplace.impact.models import Entry, FactorVersion, Measure, Path
from marketplace.impact.queries import Filter, matching
from marketplace.orders import policy
from marketplace.orders.models import Order, OrderParty


class Anew(NamedTuple):
    """A sum as it was booked and with the factors in force today, in kg CO2e."""

    measure: Measure
    booked: float
    today: float


def with_todays_factors(
    session: Session, wanted: Filter, *, actor: Actor, today: date
) -> list[Anew]:
    """Return what was booked beside what today's factors would make of it; nothing is stored."""
    used, newest = aliased(FactorVersion), aliased(FactorVersion)
    latest = (
        select(func.max(FactorVersion.version))
        .where(FactorVersion.factor_id == used.factor_id, FactorVersion.valid_from <= today)
        .correlate(used)
        .scalar_subquery()
    )
    number = func.coalesce(latest, 1)
    version = Entry.factor_version_id
    with_one = (version.is_not(None), *matching(wanted, actor=actor))
    each = (
        select(
            Entry.measure,
            version,
            func.sum(Entry.result).label("booked"),
            func.sum(Entry.amount).label("amount"),
        )
        .where(*with_one)
        .group_by(version, Entry.measure)
        .subquery()
    ).c
    rows = session.execute(
        select(each.measure, func.sum(each.booked), func.sum(each.amount * newest.value))
        .join(used, used.id == each.factor_version_id)
        .join(newest, (newest.factor_id == used.factor_id) & (newest.version == number))
        .group_by(each.measure)
        .order_by(each.measure)
    )
    return [Anew(*row) for row in rows]


def lines(
    session: Session,
    wanted: Filter,
    measure: Measure | None,
    path: Path | None,
    *,
    actor: Actor,
    page: int = 1,
    size: int = 50,
) -> tuple[list[Entry], int]:
    """Return one page of the lines behind a figure, the latest first, and how many there are."""
    conditions = matching(wanted, actor=actor)
    if measure is not None:
        conditions.append(Entry.measure == measure)
    if path is not None:
        conditions.append(Entry.path == path)
    total = session.scalar(select(func.count()).select_from(Entry).where(*conditions)) or 0
    latest = (Entry.happened_on.desc(), Entry.id.desc())
    keys = select(Entry.id).where(*conditions).order_by(*latest)
    rows = session.scalars(
        select(Entry)
        .where(Entry.id.in_(keys.limit(size).offset((page - 1) * size)))
        .options(
            joinedload(Entry.order),
            joinedload(Entry.giver),
            joinedload(Entry.taker),
            joinedload(Entry.factor_version).joinedload(FactorVersion.factor),
        )
        .order_by(*latest)
    ).all()
    _hide_earlier(session, rows, actor=actor)
    return list(rows), total


def _hide_earlier(session: Session, rows: Sequence[Entry], *, actor: Actor) -> None:
    """Take from an organisation's lines the givers whom it never met: mass came to it through others."""
    if actor.organisation_id is None:
        return
    keys = {row.order_id for row in rows}
    named = select(OrderParty.order_id, OrderParty.organisation_id)
    found = session.execute(named.where(OrderParty.order_id.in_(keys)))
    met = {(order_id, key) for order_id, key in found}
    for row in rows:
        if row.giver_id != actor.organisation_id and (row.order_id, row.giver_id) not in met:
            set_committed_value(row, "giver", None)


def known_orders(session: Session, rows: Iterable[Entry], *, actor: Actor) -> set[int]:
    """Return those of the lines' orders that the actor may know of: mass goes on beyond them."""
    keys = {row.order_id for row in rows}
    return set(
        session.scalars(select(Order.id).where(Order.id.in_(keys), policy.visible_to(actor)))
    )
