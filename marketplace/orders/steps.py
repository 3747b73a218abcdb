"""The steps of an order as they are written down: state, history, record, fact, and what it takes."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor
from marketplace.orders.commitments import recount
from marketplace.orders.events import OrderMoved
from marketplace.orders.lifecycle import OrderAction, OrderState
from marketplace.orders.models import Order, OrderStep

TERMS = ("title", "product", "quantity", "unit", "payer", "price", "starts_on", "due_on")
TOPICS = {
    OrderAction.OFFER: "order_offered",
    OrderAction.REVISE: "order_returned",
    OrderAction.AGREE: "order_agreed",
    OrderAction.START: "order_moved",
    OrderAction.DELIVER: "order_moved",
    OrderAction.COMPLETE: "order_moved",
    OrderAction.CANCEL: "order_cancelled",
}


def take(
    session: Session,
    order: Order,
    action: OrderAction,
    after: OrderState,
    comment: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring the order to the state ``after`` and put that on record everywhere."""
    before, order.state = order.state, after
    if after is OrderState.CANCELLED:
        order.cancelled_reason = comment
    write_down(session, order, comment, actor=actor, now=now)
    audit.note(
        session,
        action.value,
        order,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": after.value, "terms": order.terms},
    )
    tell(session, order, TOPICS[action], actor=actor, now=now)
    recount(session, order.enterprise_id, order.capability_id, now=now)


def write_down(
    session: Session, order: Order, comment: str, *, actor: Actor, now: datetime
) -> None:
    """Add a line with the order's state to its history."""
    session.add(
        OrderStep(
            order_id=order.id,
            state=order.state,
            at=now,
            user_id=actor.user_id,
            name=name_of(session, actor),
            comment=comment,
        )
    )
    session.flush()


def lock(session: Session, order: Order) -> None:
    """Have the row for ourselves, as it is now and not as it was when it was read."""
    session.refresh(
        order, [*TERMS, "state", "terms", "version"], with_for_update={"key_share": True}
    )


def tell(session: Session, order: Order, topic: str, *, actor: Actor, now: datetime) -> None:
    """Record the fact; what was never offered concerns nobody but the brokers."""
    if order.terms > 0:
        outbox.record(session, OrderMoved(order.id, topic, actor.user_id), now=now)


def name_of(session: Session, actor: Actor) -> str:
    """Return the person's name as it is now; history and agreement keep it."""
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    return user.name if user is not None else ""
