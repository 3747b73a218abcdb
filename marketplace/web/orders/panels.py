"""What an order's page shows of how it is carried out."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.orders import (
    call_offs,
    deliveries,
    evidence,
    feedback,
    legal,
    policy,
    stories,
    work_log,
)
from marketplace.orders.call_offs import CALL_OFF, WHO
from marketplace.orders.carrying import CallOff, CallOffState, Delivery, WorkEntry
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order, OrderLine
from marketplace.refusals import PROBLEMS
from marketplace.web.language import number
from marketplace.web.orders import course, words
from marketplace.wording import label


@dataclass(frozen=True)
class Row:
    """One delivery as the table shows it."""

    delivery: Delivery
    what: str
    way: str
    amount: str
    state: str
    kind: str
    remark: str


@dataclass(frozen=True)
class Bar:
    """How far a line has got, or the hours of a period."""

    name: str
    value: float
    most: float
    text: str
    entry: WorkEntry | None = None


def carrying(session: Session, order: Order, *, actor: Actor) -> dict[str, Any]:
    """Return what the page's templates need of an order that runs or has run."""
    rows = deliveries.of_order(session, order)
    entries = work_log.of_order(session, order)
    asked = call_offs.of_order(session, order) if order.standing else []
    mine = policy.sides(actor, order)
    return {
        "deliveries": [_row(row, order) for row in rows],
        "progress": [_progress(line, rows) for line in order.lines],
        "call_offs": [
            (c, words.measured(c.quantity, c.line),
             [a for a in CALL_OFF.open_to(c.state) if not WHO[a].isdisjoint(mine)])
            for c in asked
        ],
        "frame": [_frame(line, asked) for line in order.lines] if order.standing else [],
        "work": _work(entries),
        "hours": work_log.totals(entries),
        "qualifications": sorted({e.qualification for e in entries if e.qualified}),
        "may_log": policy.can_carry_out(actor, order) and bool(work_log.parties_for(actor, order)),
        "feedback": feedback.of_order(session, order),
        "story": stories.of_order(session, order),
        "story_stamp": stories.stamp,
        "closed": order.state is OrderState.COMPLETED,
        "evidence": evidence.of_order(session, order),
        "open_points": [
            (point.line, label(point.demand), PROBLEMS()[f"legal_{point.demand.value}"])
            for point in legal.open_points(session, order)
        ],
        "shipments": [
            (line, kind) for line in order.lines
            if (kind := legal.shipments(order).get(line.id)) is not None
        ],
    }  # fmt: skip


def _row(delivery: Delivery, order: Order) -> Row:
    names = {party.id: party.organisation.name for party in order.parties}
    giver, taker = names[delivery.line.giver_id], names[delivery.line.taker_id]
    way = (
        _("%(name)s fetches", name=taker) if delivery.fetched else _("%(name)s brings", name=giver)
    )
    done = delivery.arrived is not None
    amount = delivery.arrived if delivery.arrived is not None else delivery.expected
    both = delivery.giver_at is not None and delivery.taker_at is not None
    return Row(
        delivery,
        delivery.line.description,
        way,
        words.measured(amount, delivery.line),
        _("handed over") if both else _("to be confirmed") if done else _("announced"),
        "yes" if both else "wait" if done else "",
        _remark(delivery) if done else "",
    )


def _remark(delivery: Delivery) -> str:
    """Say what came otherwise than it was announced."""
    said = []
    difference = (delivery.arrived or 0.0) - delivery.expected
    if difference < 0:
        amount = words.measured(-difference, delivery.line)
        said.append(_("%(amount)s too little", amount=amount))
    if difference > 0:
        said.append(_("%(amount)s too much", amount=words.measured(difference, delivery.line)))
    if delivery.lost:
        said.append(_("%(amount)s lost", amount=words.measured(delivery.lost, delivery.line)))
    return ", ".join(said)


def _progress(line: OrderLine, rows: list[Delivery]) -> Bar:
    came = deliveries.progress(line, rows).arrived
    text = _("%(n)s of %(of)s", n=number(came, 2), of=words.amount(line))
    return Bar(line.description, min(came, line.quantity), line.quantity, text)


def _frame(line: OrderLine, asked: list[CallOff]) -> Bar:
    """Return how much of the line's frame was called off."""
    standing = (c for c in asked if c.state is not CallOffState.CANCELLED)
    taken = sum(c.quantity for c in standing if c.line_id == line.id)
    text = _("%(n)s of %(of)s called off", n=number(taken, 2), of=words.amount(line))
    return Bar(line.description, min(taken, line.quantity), line.quantity, text)


def _work(entries: list[WorkEntry]) -> list[Bar]:
    most = max((e.hours_worked for e in entries), default=0.0) or 1.0
    return [
        Bar(course.period(e.first_day, e.last_day), e.hours_worked, most,
            f"{number(e.hours_worked, 1)} h", e)
        for e in entries
    ]  # fmt: skip
