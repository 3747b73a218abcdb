"""The numbers of orders, such as A-2026-0001: one after the other within a year."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.core.errors import Outrun
from marketplace.orders.models import Order

TRIES = 20


def add_numbered(session: Session, order: Order, year: int) -> None:
    """Store a new order under the next free number of the year.

    Where two orders reach for the same number, the later one waits for the earlier and takes the
    next. Raises ``Outrun`` where the proposal has an order already.
    """
    for _ in range(TRIES):
        order.number = _next(session, year)
        try:
            with session.begin_nested():
                session.add(order)
        except IntegrityError:
            if _has_order(session, order.proposal_id):
                raise Outrun("the proposal has an order already") from None
        else:
            return
    raise Outrun("no free number")


def _next(session: Session, year: int) -> str:
    prefix = f"A-{year}-"
    last = session.scalar(
        select(Order.number)
        .where(Order.number.startswith(prefix, autoescape=True))
        .order_by(func.length(Order.number).desc(), Order.number.desc())
        .limit(1)
    )
    count = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{count + 1:04d}"


def _has_order(session: Session, proposal_id: int) -> bool:
    return session.scalar(select(Order.id).where(Order.proposal_id == proposal_id)) is not None
