"""Orders with a day that has passed, for the brokers who accompany them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.orders import policy
from marketplace.orders.lifecycle import RUNNING, OrderState
from marketplace.orders.models import Milestone, Order

TO_BE_DELIVERED = (OrderState.OFFERED, OrderState.AGREED, OrderState.IN_PRODUCTION)
WITH_MILESTONES = (OrderState.OFFERED, *RUNNING)


@dataclass(frozen=True)
class Overdue:
    """An order, the first day that has passed, and the milestone that was planned for it; without
    one it is the day of delivery."""

    order: Order
    since: date
    milestone: str = ""


def overdue(session: Session, *, actor: Actor, today: date, most: int) -> tuple[list[Overdue], int]:
    """Return the first orders that should have been delivered or have missed a milestone, the longest
    overdue first, and how many there are."""
    late = and_(Order.state.in_(TO_BE_DELIVERED), Order.due_on < today)
    first = (
        select(Milestone.planned_on)
        .where(
            Milestone.order_id == Order.id,
            Milestone.reached_on.is_(None),
            Milestone.planned_on < today,
            Order.state.in_(WITH_MILESTONES),
        )
        .order_by(Milestone.planned_on, Milestone.id)
        .limit(1)
    )
    missed = first.scalar_subquery()
    title = first.with_only_columns(Milestone.title).scalar_subquery()
    since = case((not_(late), missed), (missed < Order.due_on, missed), else_=Order.due_on)
    rows = session.execute(
        select(Order, since, missed, title, func.count().over())
        .where(policy.visible_to(actor), or_(late, missed.is_not(None)))
        .order_by(since, Order.id)
        .limit(most)
    ).all()
    found = [
        Overdue(order, day, name if day == planned else "") for order, day, planned, name, _ in rows
    ]
    return found, rows[0][4] if rows else 0
