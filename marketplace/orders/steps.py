"""The steps of an order as they are written down: state, history, record, fact, what it takes."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, Outrun
from marketplace.core.text import clean
from marketplace.orders.commitments import read_pair, recount_for
from marketplace.orders.events import OrderMoved
from marketplace.orders.lifecycle import STOPPED, OrderAction, OrderState
from marketplace.orders.models import Order, OrderStep

HEAD = (
    "title", "product", "work_place", "standing", "recurrence", "starts_on", "due_on",
)  # fmt: skip
ROWS = ("parties", "pairings", "lines", "milestones", "acceptances", "versions")
MOST_COMMENT = 2000
TOPICS = {
    OrderAction.OFFER: "order_offered",
    OrderAction.REVISE: "order_returned",
    OrderAction.AGREE: "order_agreed",
    OrderAction.PAUSE: "order_paused",
    OrderAction.DISPUTE: "order_disputed",
    OrderAction.COMPLETE: "order_completed",
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
    stops = after in STOPPED
    order.state_before = (order.state_before or before) if stops else None
    order.reason = comment if stops or after is OrderState.CANCELLED else None
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
    tell(session, order, TOPICS.get(action, "order_moved"), actor=actor, now=now)
    recount_for(session, order, now=now)


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
    """Have the order for ourselves, as it is now and not as it was when it was read."""
    session.refresh(
        order,
        [*HEAD, "state", "state_before", "reason", "terms", "version"],
        with_for_update={"key_share": True},
    )
    session.refresh(order, ROWS)
    for party in order.parties:
        session.refresh(party, ["organisation"])


def check_seen(order: Order, seen: int | None) -> None:
    """Raise ``Outrun`` where the order is another than the version that somebody had before them."""
    if seen is not None and seen != order.version:
        raise Outrun("somebody else has written since")


def tell(session: Session, order: Order, topic: str, *, actor: Actor, now: datetime) -> None:
    """Record the fact; what was never offered concerns nobody but the brokers."""
    if order.terms > 0:
        outbox.record(session, OrderMoved(order.id, topic, actor.user_id), now=now)


def name_of(session: Session, actor: Actor) -> str:
    """Return the person's name as it is now; history and agreement keep it."""
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    return user.name if user is not None else ""


def permitted(session: Session, order: Order, *, now: datetime) -> None:
    """Refuse where hazardous material would go to somebody who is not permitted to take it today.

    Asked again at every step before the material changes hands: a listing may have become hazardous,
    or a permit may have ended, since the proposal.
    """
    for pairing in order.bound:
        if pairing.listing_id is not None:
            pair = read_pair(session, pairing.listing_id, pairing.capability_id, today=now.date())
            pair.check_hazard()


def reason(text: str, *, field: str = "reason") -> str:
    """Return a reason as it is kept; raise ``Invalid`` where it says nothing or too much."""
    comment = clean(text)
    if not comment:
        raise Invalid.one(field, "reason_required")
    if len(comment) > MOST_COMMENT:
        raise Invalid.one(field, "too_long", most=MOST_COMMENT)
    return comment
