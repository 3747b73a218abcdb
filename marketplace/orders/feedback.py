"""What the parties say at the end: three answers from 1 to 5, and a sentence."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, Problem, WrongState
from marketplace.orders import policy
from marketplace.orders.carrying import Feedback
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order
from marketplace.orders.steps import MOST_COMMENT, lock, tell

QUESTIONS = ("fair_price", "quality", "again")


@dataclass(frozen=True, kw_only=True)
class FeedbackDraft:
    """How far each holds, 5 is best, None was not answered: the price was fair, quality and dates
    were as agreed, they would work together again."""

    fair_price: int | None
    quality: int | None
    again: int | None
    comment: str = ""

    def __post_init__(self) -> None:
        problems = []
        for name in QUESTIONS:
            value = getattr(self, name)
            if value is None or not 1 <= value <= 5:
                problems.append(Problem(name, "not_a_choice"))
        if len(self.comment) > MOST_COMMENT:
            problems.append(Problem("comment", "too_long", {"most": MOST_COMMENT}))
        if problems:
            raise Invalid(problems)


def give(
    session: Session, order: Order, draft: FeedbackDraft, *, actor: Actor, now: datetime
) -> None:
    """Keep what the actor's party says; saying it again replaces it."""
    lock(session, order)
    party = policy.speaks_for(actor, order)
    if order.state is not OrderState.COMPLETED:
        raise WrongState("the order is not completed")
    mine = (Feedback.order_id == order.id, Feedback.party_id == party.id)
    row = session.scalars(select(Feedback).where(*mine)).one_or_none()
    if row is None:
        row = Feedback(order_id=order.id, party_id=party.id)
        session.add(row)
    for name in (*QUESTIONS, "comment"):
        setattr(row, name, getattr(draft, name))
    row.user_id, row.at = actor.user_id, now
    session.flush()
    audit.note(session, "give", row, actor=actor, now=now)
    tell(session, order, "order_moved", actor=actor, now=now)


def of_order(session: Session, order: Order) -> dict[int, Feedback]:
    """Return what each party said, by the party's key."""
    rows = session.scalars(select(Feedback).where(Feedback.order_id == order.id))
    return {row.party_id: row for row in rows}
