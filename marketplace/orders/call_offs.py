"""What is asked for out of a standing order's frame, bit by bit."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.lifecycle import Lifecycle
from marketplace.orders import policy
from marketplace.orders.carrying import CallOff, CallOffAction, CallOffState
from marketplace.orders.milestones import open_for
from marketplace.orders.models import Order, OrderLine
from marketplace.orders.policy import Side
from marketplace.orders.steps import tell

_S, _A = CallOffState, CallOffAction

CALL_OFF = Lifecycle(
    start=_S.ASKED,
    moves={
        (_S.ASKED, _A.CONFIRM): _S.CONFIRMED,
        (_S.ASKED, _A.CANCEL): _S.CANCELLED,
        (_S.CONFIRMED, _A.CANCEL): _S.CANCELLED,
    },
)
WHO = {
    _A.CONFIRM: frozenset({Side.ENTERPRISE, Side.BROKER}),
    _A.CANCEL: frozenset({Side.CLIENT, Side.ENTERPRISE, Side.BROKER}),
}


@dataclass(frozen=True, kw_only=True)
class CallOffDraft:
    """``quantity`` is in the line's unit."""

    line_id: int
    quantity: float
    due_on: date

    def __post_init__(self) -> None:
        if not self.quantity > 0:
            raise Invalid.one("quantity", "not_positive")


def ask(
    session: Session, order: Order, draft: CallOffDraft, *, actor: Actor, now: datetime
) -> CallOff:
    """Call a quantity off; the frame of the line and its last day hold."""
    open_for(session, order, actor=actor)
    require(not policy.sides(actor, order).isdisjoint({Side.CLIENT, Side.BROKER}))
    if not order.standing:
        raise WrongState("only standing orders are called off bit by bit")
    line = next((line for line in order.lines if line.id == draft.line_id), None)
    if line is None:
        raise Invalid.one("line", "line_unknown")
    left = line.quantity - asked_for(session, line)
    if draft.quantity > left:
        raise Invalid.one("quantity", "more_than_frame", left=round(max(left, 0.0), 3))
    if not now.date() <= draft.due_on <= order.due_on:
        raise Invalid.one("due_on", "outside_frame")
    last = session.scalar(select(func.max(CallOff.number)).where(CallOff.order_id == order.id))
    call_off = CallOff(
        order_id=order.id,
        line_id=line.id,
        number=(last or 0) + 1,
        quantity=draft.quantity,
        due_on=draft.due_on,
        asked_by=actor.user_id,
        asked_at=now,
    )
    session.add(call_off)
    session.flush()
    after: dict[str, object] = {"number": call_off.number, "quantity": call_off.quantity}
    audit.note(session, "call_off", call_off, actor=actor, now=now, after=after)
    tell(session, order, "order_moved", actor=actor, now=now)
    return call_off


def asked_for(session: Session, line: OrderLine) -> float:
    """Return how much of a line was called off so far, in its unit."""
    return (
        session.scalar(
            select(func.sum(CallOff.quantity)).where(
                CallOff.line_id == line.id, CallOff.state != CallOffState.CANCELLED
            )
        )
        or 0.0
    )


def move(
    session: Session,
    order: Order,
    call_off_id: int,
    action: CallOffAction,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Confirm a call-off, or take it back."""
    open_for(session, order, actor=actor)
    require(not policy.sides(actor, order).isdisjoint(WHO[action]))
    call_off = session.get(CallOff, call_off_id)
    if call_off is None or call_off.order_id != order.id:
        raise NotFound
    session.refresh(call_off)
    before, call_off.state = call_off.state, CALL_OFF.after(call_off.state, action)
    session.flush()
    audit.note(
        session,
        action.value,
        call_off,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": call_off.state.value},
    )
    tell(session, order, "order_moved", actor=actor, now=now)


def of_order(session: Session, order: Order) -> list[CallOff]:
    """Return the call-offs of an order, the earliest due first."""
    return list(
        session.scalars(
            select(CallOff)
            .where(CallOff.order_id == order.id)
            .options(joinedload(CallOff.line))
            .order_by(CallOff.due_on, CallOff.number)
        )
    )
