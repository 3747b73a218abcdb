"""The days that the terms plan for: reached, or not after all."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.text import clean
from marketplace.orders import policy
from marketplace.orders.models import Order
from marketplace.orders.steps import MOST_COMMENT, lock, tell


def open_for(session: Session, order: Order, *, actor: Actor) -> None:
    """Lock the order and refuse where the actor takes no part, or where nothing is carried out."""
    lock(session, order)
    require(bool(policy.sides(actor, order)))
    if order.state not in policy.BEING_CARRIED_OUT:
        raise WrongState("the order is not being carried out")


def reach(
    session: Session,
    order: Order,
    milestone_id: int,
    day: date | None,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Put down when a milestone was reached; without a day it is not reached after all."""
    open_for(session, order, actor=actor)
    milestone = next((m for m in order.milestones if m.id == milestone_id), None)
    if milestone is None:
        raise NotFound
    if day is not None and day > now.date():
        raise Invalid.one("reached_on", "in_the_future")
    text = clean(note)
    if len(text) > MOST_COMMENT:
        raise Invalid.one("note", "too_long", most=MOST_COMMENT)
    before = milestone.reached_on
    milestone.reached_on, milestone.note = day, text
    session.flush()
    audit.note(
        session,
        "reach",
        milestone,
        actor=actor,
        now=now,
        before={"reached_on": before and before.isoformat()},
        after={"reached_on": day and day.isoformat()},
    )
    tell(session, order, "order_moved", actor=actor, now=now)
