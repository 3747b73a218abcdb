"""What became of the mass: stated by the enterprises, or by a broker for them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, Problem, WrongState
from marketplace.impact import booking, facts
from marketplace.impact.flow import total
from marketplace.impact.models import Fate, Path
from marketplace.orders import policy
from marketplace.orders.carrying import Delivery
from marketplace.orders.drafts import MOST_QUANTITY
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import LineRole, Order, OrderLine, OrderParty, Part
from marketplace.orders.policy import BEING_CARRIED_OUT
from marketplace.orders.queries import AGREED
from marketplace.orders.steps import lock
from marketplace.orders.work_log import parties_for

SPARE_KG = 0.01
"""Weighing is not finer than ten grams."""
OPEN = (*BEING_CARRIED_OUT, OrderState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class FateDraft:
    """What became of ``mass_kg`` of what had come."""

    party_id: int
    path: Path
    mass_kg: float
    happened_on: date
    to_order_id: int | None = None

    def __post_init__(self) -> None:
        problems = []
        if not self.mass_kg > 0:
            problems.append(Problem("mass_kg", "not_positive"))
        elif self.mass_kg > MOST_QUANTITY:
            problems.append(Problem("mass_kg", "too_big"))
        if (self.path is Path.PASSED_ON) != (self.to_order_id is not None):
            problems.append(Problem("to_order_id", "passed_on_where"))
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True)
class Balance:
    """Of an order, in kg: what came, what was lost on the way, what was said of it, what is left.

    ``entered`` is the part of what came that counts here; the rest had entered elsewhere and nobody
    has said from where it was passed on. ``came_to`` is by party.
    """

    came: float
    lost: float
    entered: float
    stated: list[Fate]
    came_to: dict[int, float]

    @property
    def in_work(self) -> float:
        return self.came - sum(fate.mass_kg for fate in self.stated)

    def open_to(self, actor: Actor, order: Order, party: OrderParty) -> float:
        """Return the kg of which the actor may say what became of them at a workshop.

        A workshop speaks of what came to it alone, a broker of all that came to the order.
        """
        if policy.is_broker(actor, order):
            return self.in_work
        said = sum(fate.mass_kg for fate in self.stated if fate.party_id == party.id)
        return min(self.in_work, self.came_to.get(party.id, 0.0) - said)


def may_state(actor: Actor, order: Order) -> bool:
    """Tell whether the actor may say what became of the mass, now."""
    return order.state in OPEN and bool(parties_for(actor, order))


def most_open(balance: Balance, order: Order, *, actor: Actor) -> float:
    """Return the most kg of which the actor may still say at one workshop what became of them."""
    return max((balance.open_to(actor, order, p) for p in parties_for(actor, order)), default=0.0)


def balance(session: Session, order: Order) -> Balance:
    """Return what is known of an order's kilograms."""
    found = facts.read(session, facts.joined(session, order.id))
    mine = found[order.id]
    came = facts.handed(mine.deliveries)
    return Balance(
        sum(h.came for h in came),
        sum(h.lost for h in came),
        total(booking.followed(found.values()).came.get(order.id, {})),
        mine.fates,
        _came_to(mine.deliveries),
    )


def _came_to(deliveries: Collection[Delivery]) -> dict[int, float]:
    """Return the kg that came to each workshop, less what it handed on to another of the order."""
    found: dict[int, float] = defaultdict(float)
    for delivery in deliveries:
        giver, taker = delivery.line.giver, delivery.line.taker
        if taker.part is Part.ENTERPRISE:
            kg = facts.came_kg(delivery) or 0.0
            found[taker.id] += kg
            found[giver.id] -= kg
    return found


def state(session: Session, order: Order, draft: FateDraft, *, actor: Actor, now: datetime) -> Fate:
    """Say what became of a part of the mass; no more than had come, and in no circle."""
    _lock_both(session, order.id, draft.to_order_id)
    lock(session, order)
    party = next((p for p in order.enterprises if p.id == draft.party_id), None)
    if party is None:
        raise Invalid.one("party_id", "party_unknown")
    require(party in parties_for(actor, order))
    _open(order)
    if draft.happened_on > now.date():
        raise Invalid.one("happened_on", "in_the_future")
    left = balance(session, order).open_to(actor, order, party)
    if draft.mass_kg > left + SPARE_KG:
        raise Invalid.one("mass_kg", "more_than_came", left=round(max(left, 0.0), 2))
    if draft.to_order_id is not None:
        _check_target(session, order, party, draft)
    row = Fate(order_id=order.id, **vars(draft), stated_by=actor.user_id, stated_at=now)
    session.add(row)
    session.flush()
    after: dict[str, object] = {"path": row.path.value, "mass_kg": row.mass_kg}
    audit.note(session, "state", row, actor=actor, now=now, after=after)
    booking.book(session, order.id, now=now)
    return row


def _lock_both(session: Session, *keys: int | None) -> None:
    """Have both ends, always in the same order: two who pass on to each other do not both do so."""
    wanted = select(Order.id).where(Order.id.in_([key for key in keys if key is not None]))
    session.execute(wanted.order_by(Order.id).with_for_update(key_share=True)).all()


def _open(order: Order) -> None:
    if order.state not in OPEN:
        raise WrongState("the order has not begun, or was called off")


def _check_target(session: Session, order: Order, party: OrderParty, draft: FateDraft) -> None:
    target = next((o for o in targets(session, order, party) if o.id == draft.to_order_id), None)
    if target is None:
        raise Invalid.one("to_order_id", "not_a_choice")
    if order.id in _reached_from(session, target.id):
        raise Invalid.one("to_order_id", "goes_in_circles")
    carried = sum(
        session.scalars(
            select(Fate.mass_kg)
            .join(Fate.party)
            .where(
                Fate.to_order_id == target.id, OrderParty.organisation_id == party.organisation_id
            )
        )
    )
    left = _expected(session, target, party.organisation_id) - carried
    if draft.mass_kg > left + SPARE_KG:
        raise Invalid.one("mass_kg", "more_than_arrives", left=round(max(left, 0.0), 2))


def _expected(session: Session, target: Order, organisation_id: int) -> float:
    """Return how much an organisation has handed over there, or is to, whichever is more; in kg."""
    came = facts.handed(facts.done_deliveries(session, [target.id]))
    lines = session.scalars(
        select(OrderLine)
        .join(OrderLine.giver)
        .where(OrderLine.order_id == target.id, _brings(organisation_id))
        .options(joinedload(OrderLine.listing), joinedload(OrderLine.giver))
    )
    planned = sum(facts.mass_of(line, line.quantity) or 0.0 for line in lines)
    return max(planned, sum(h.income for h in came if h.lot.giver_id == organisation_id))


def _brings(organisation_id: int, party: type[OrderParty] = OrderParty) -> ColumnElement[bool]:
    return and_(
        OrderLine.role == LineRole.MATERIAL_IN,
        party.organisation_id == organisation_id,
        party.part == Part.CLIENT,
    )


def targets(session: Session, order: Order, party: OrderParty) -> list[Order]:
    """Return the orders to which an enterprise of this one gives material as a client."""
    giver = aliased(OrderParty)
    brings = (
        select(OrderLine.order_id)
        .join(giver, OrderLine.giver_id == giver.id)
        .where(_brings(party.organisation_id, giver))
    )
    return list(
        session.scalars(
            select(Order)
            .where(Order.id.in_(brings), Order.id != order.id, Order.state.in_(AGREED))
            .order_by(Order.id.desc())
        )
    )


def _reached_from(session: Session, order_id: int) -> set[int]:
    """Return the orders to which kilograms go on from here, however far."""
    found, new = {order_id}, {order_id}
    while new:
        rows = session.scalars(
            select(Fate.to_order_id).where(Fate.order_id.in_(new), Fate.to_order_id.is_not(None))
        )
        new = {key for key in rows if key is not None} - found
        found |= new
    return found


def strike(session: Session, order: Order, fate_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back what was wrong."""
    lock(session, order)
    fate = session.get(Fate, fate_id)
    if fate is None or fate.order_id != order.id:
        raise NotFound
    require(fate.party_id in {party.id for party in parties_for(actor, order)})
    _open(order)
    together = facts.joined(session, order.id)
    before: dict[str, object] = {"path": fate.path.value, "mass_kg": fate.mass_kg}
    audit.note(session, "strike", fate, actor=actor, now=now, before=before)
    session.delete(fate)
    session.flush()
    for key in sorted(together):
        booking.book(session, key, now=now)
