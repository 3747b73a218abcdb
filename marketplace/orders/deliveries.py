"""Ways of goods between two parties: planned, handed over, confirmed by both, with a note."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, Problem
from marketplace.core.text import clean
from marketplace.orders import policy
from marketplace.orders.carrying import CallOff, CallOffState, Delivery, DeliveryPhoto
from marketplace.orders.drafts import MOST_QUANTITY
from marketplace.orders.milestones import open_for
from marketplace.orders.models import Order, OrderLine
from marketplace.orders.numbers import add_numbered
from marketplace.orders.steps import MOST_COMMENT, permitted, tell
from marketplace.photos import actions as photos


def _amount(name: str, value: float | None, *, zero: bool = False) -> list[Problem]:
    if value is None:
        return []
    if not (value >= 0 if zero else value > 0):
        return [Problem(name, "negative" if zero else "not_positive")]
    return [Problem(name, "too_big")] if value > MOST_QUANTITY else []


def _note(text: str) -> list[Problem]:
    return [Problem("note", "too_long", {"most": MOST_COMMENT})] if len(text) > MOST_COMMENT else []


@dataclass(frozen=True, kw_only=True)
class DeliveryDraft:
    """What is to go where; ``fetched``: the taker comes for it. ``expected`` is in the line's unit."""

    line_id: int
    planned_on: date
    expected: float
    fetched: bool = False
    call_off_id: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        problems = [*_amount("expected", self.expected), *_note(self.note)]
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """What came, in the line's unit; what was lost on the way; the mass in kg."""

    done_on: date
    arrived: float
    lost: float = 0.0
    mass_kg: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        problems = _amount("arrived", self.arrived, zero=True)
        problems += _amount("lost", self.lost, zero=True)
        problems += [*_amount("mass_kg", self.mass_kg), *_note(self.note)]
        if problems:
            raise Invalid(problems)


def plan(
    session: Session, order: Order, draft: DeliveryDraft, *, actor: Actor, now: datetime
) -> Delivery:
    """Announce a delivery or a pick-up; it gets its note's number and secret."""
    open_for(session, order, actor=actor)
    if draft.line_id not in {line.id for line in order.lines}:
        raise Invalid.one("line", "line_unknown")
    if draft.call_off_id is not None:
        asked = session.get(CallOff, draft.call_off_id)
        if asked is None or (asked.order_id, asked.line_id) != (order.id, draft.line_id):
            raise Invalid.one("call_off", "line_unknown")
    delivery = Delivery(
        order_id=order.id,
        line_id=draft.line_id,
        call_off_id=draft.call_off_id,
        token=secrets.token_urlsafe(24),
        fetched=draft.fetched,
        planned_on=draft.planned_on,
        expected=draft.expected,
        note=draft.note,
        pictures=[],
    )
    add_numbered(session, delivery, Delivery.number, f"Ü-{now.year}-")
    after: dict[str, object] = {"number": delivery.number}
    audit.note(session, "plan", delivery, actor=actor, now=now, after=after)
    tell(session, order, "order_moved", actor=actor, now=now)
    return delivery


def drop(session: Session, order: Order, delivery_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back a delivery that has not happened."""
    open_for(session, order, actor=actor)
    delivery = _locked(session, order, delivery_id)
    if delivery.done_on is not None:
        raise Outrun("it has been handed over")
    audit.note(session, "drop", delivery, actor=actor, now=now)
    session.delete(delivery)
    session.flush()


def hand_over(
    session: Session,
    order: Order,
    delivery_id: int,
    said: HandOver,
    *,
    photo_ids: Iterable[int] = (),
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Record what was handed over, and confirm it for the actor's side.

    Both sides confirm the same amounts: whoever changes them takes the other side's yes away.
    Brokers record without confirming. Raises ``Outrun`` where somebody else recorded since ``seen``.
    """
    open_for(session, order, actor=actor)
    delivery = _locked(session, order, delivery_id)
    line = next(line for line in order.lines if line.id == delivery.line_id)
    if seen is not None and seen != delivery.version:
        raise Outrun("somebody else has recorded it since")
    if said.done_on > now.date():
        raise Invalid.one("done_on", "in_the_future")
    permitted(session, order, now=now)
    mine = policy.party_of(actor, order)
    sides = {line.giver_id, line.taker_id}
    if (mine is None or mine.id not in sides) and not policy.is_broker(actor, order):
        raise NotAllowed
    _write(delivery, said)
    _add_photos(session, delivery, photo_ids, actor=actor)
    if mine is not None and mine.id == line.giver_id:
        delivery.giver_by, delivery.giver_at = actor.user_id, now
    elif mine is not None and mine.id == line.taker_id:
        delivery.taker_by, delivery.taker_at = actor.user_id, now
    session.flush()
    _count_call_off(session, delivery)
    audit.note(
        session,
        "hand_over",
        delivery,
        actor=actor,
        now=now,
        after={"arrived": said.arrived, "lost": said.lost, "mass_kg": said.mass_kg},
    )
    tell(session, order, "order_moved", actor=actor, now=now)


def _write(delivery: Delivery, said: HandOver) -> None:
    names = ("done_on", "arrived", "lost", "mass_kg")
    if any(getattr(delivery, name) != getattr(said, name) for name in names):
        delivery.giver_by = delivery.giver_at = None
        delivery.taker_by = delivery.taker_at = None
    for name in (*names, "note"):
        setattr(delivery, name, getattr(said, name))


def _add_photos(session: Session, delivery: Delivery, ids: Iterable[int], *, actor: Actor) -> None:
    if actor.organisation_id is None:
        return
    there = {picture.photo_id for picture in delivery.pictures}
    for photo in photos.chosen(session, list(ids), organisation_id=actor.organisation_id):
        if photo.id not in there:
            picture = DeliveryPhoto(photo_id=photo.id, position=len(delivery.pictures))
            picture.photo = photo
            delivery.pictures.append(picture)


def _locked(session: Session, order: Order, delivery_id: int) -> Delivery:
    found = session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.order_id == order.id)
        .options(selectinload(Delivery.pictures))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _count_call_off(session: Session, delivery: Delivery) -> None:
    """A call-off is delivered once all of it has come."""
    if delivery.call_off_id is None:
        return
    call_off = session.get_one(CallOff, delivery.call_off_id)
    came = session.scalars(
        select(Delivery.arrived).where(
            Delivery.call_off_id == call_off.id, Delivery.arrived.is_not(None)
        )
    )
    if (
        sum(filter(None, came)) >= call_off.quantity
        and call_off.state is not CallOffState.CANCELLED
    ):
        call_off.state = CallOffState.DELIVERED
        session.flush()


def of_order(session: Session, order: Order) -> list[Delivery]:
    """Return all deliveries of an order, as they were done or are planned."""
    found = session.scalars(
        select(Delivery)
        .where(Delivery.order_id == order.id)
        .options(
            joinedload(Delivery.line),
            selectinload(Delivery.pictures).joinedload(DeliveryPhoto.photo),
        )
    )
    return sorted(found, key=lambda d: (d.done_on or d.planned_on, d.id))


def by_token(session: Session, token: str) -> Delivery:
    """Return the delivery of a note's QR code; who may see it is its order's to say."""
    found = session.scalars(select(Delivery).where(Delivery.token == clean(token))).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Progress:
    """How much of a line has come, was lost and is on its way, in the line's unit."""

    arrived: float = 0.0
    lost: float = 0.0
    planned: float = 0.0


def progress(line: OrderLine, rows: Iterable[Delivery]) -> Progress:
    """Return how far the deliveries of a line have got."""
    mine = [row for row in rows if row.line_id == line.id]
    return Progress(
        sum(row.arrived or 0.0 for row in mine),
        sum(row.lost for row in mine),
        sum(row.expected for row in mine if row.done_on is None),
    )
