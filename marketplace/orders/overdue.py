"""Orders whose day has passed, for the brokers who accompany them."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.orders import policy
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order

UNDER_WAY = (OrderState.OFFERED, OrderState.AGREED, OrderState.IN_PRODUCTION)


def overdue(session: Session, *, actor: Actor, today: date, most: int) -> tuple[list[Order], int]:
    """Return the first orders that should have been delivered, the longest overdue first, and how
    many there are."""
    rows = session.execute(
        select(Order, func.count().over())
        .where(policy.visible_to(actor), Order.state.in_(UNDER_WAY), Order.due_on < today)
        .order_by(Order.due_on, Order.id)
        .limit(most)
    ).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0
