"""What needs a broker today: each group its first rows and how many there are, in one statement each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import ServicePoint
from marketplace.cases import cards
from marketplace.cases.cards import Card, Clock, Show
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Appointment, Case, CaseTask, Origin, Referral
from marketplace.core.actor import Actor, Role

Row = TypeVar("Row")


@dataclass(frozen=True)
class Group(Generic[Row]):
    """The first rows, and how many there are altogether."""

    rows: list[Row]
    total: int


@dataclass(frozen=True)
class Due:
    """A task or an appointment with the case that it belongs to."""

    case_id: int
    number: str
    case_title: str
    id: int
    title: str
    due_on: date | None = None
    starts_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True)
class Offered:
    """A case that another service point offers, with why."""

    case_id: int
    number: str
    case_title: str
    from_point: str
    reason: str
    asked_at: datetime


def _group(session: Session, query: Select[*tuple[Any, ...]], kind: Any, most: int) -> Group[Any]:
    rows = session.execute(query.add_columns(func.count().over()).limit(most)).all()
    return Group([kind(*row[:-1]) for row in rows], rows[0][-1] if rows else 0)


def _works_here(actor: Actor) -> ColumnElement[bool]:
    """Return the filter for open cases of the actor's service point, for the agency all."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return Case.phase != Phase.CLOSED
    return and_(Case.phase != Phase.CLOSED, Case.service_point_id == actor.service_point_id)


def tasks(session: Session, clock: Clock, *, actor: Actor, most: int) -> Group[Due]:
    """Return what the actor has to do by today, the longest overdue first."""
    mine = or_(
        CaseTask.assignee_id == actor.user_id,
        and_(CaseTask.assignee_id.is_(None), Case.broker_id == actor.user_id),
    )
    query = (
        select(Case.id, Case.number, Case.title, CaseTask.id, CaseTask.title, CaseTask.due_on)
        .join(CaseTask, CaseTask.case_id == Case.id)
        .where(_works_here(actor), CaseTask.done_at.is_(None), CaseTask.due_on <= clock.today, mine)
        .order_by(CaseTask.due_on, CaseTask.id)
    )
    return _group(session, query, Due, most)


def appointments(session: Session, clock: Clock, *, actor: Actor, most: int) -> Group[Due]:
    """Return whom the actor meets in what is left of today, in the order of the day."""

    def meeting(*columns: Any) -> Due:
        case_id, number, case_title, key, title, starts_at, place = columns
        return Due(case_id, number, case_title, key, title, None, starts_at, place)

    query = (
        select(
            Case.id,
            Case.number,
            Case.title,
            Appointment.id,
            Appointment.title,
            Appointment.starts_at,
            Appointment.place,
        )
        .join(Appointment, Appointment.case_id == Case.id)
        .where(
            _works_here(actor),
            or_(Case.broker_id == actor.user_id, Appointment.created_by == actor.user_id),
            Appointment.cancelled_at.is_(None),
            Appointment.starts_at >= clock.now,
            Appointment.starts_at < clock.tomorrow,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return _group(session, query, meeting, most)


def _cards(
    session: Session,
    clock: Clock,
    *conditions: ColumnElement[bool],
    order: Any,
    actor: Actor,
    most: int,
) -> Group[Card]:
    query = (
        cards.joined(
            select(*cards.columns(clock), func.count().over().label("total")).select_from(Case)
        )
        .where(_works_here(actor), *conditions)
        .order_by(order, Case.id)
        .limit(most)
    )
    rows = session.execute(query).all()
    return Group([cards.card(row, actor=actor) for row in rows], rows[0].total if rows else 0)


def silent(session: Session, clock: Clock, *, actor: Actor, most: int) -> Group[Card]:
    """Return the actor's cases in which nobody has said a word for long, the longest first."""
    mine = cards.condition(Show.MINE, clock, actor=actor)
    quiet = cards.condition(Show.SILENT, clock, actor=actor)
    return _cards(session, clock, mine, quiet, order=Case.last_word_at, actor=actor, most=most)


def new(session: Session, clock: Clock, *, actor: Actor, most: int) -> Group[Card]:
    """Return the enquiries that nobody has taken yet, the longest waiting first."""
    asked, free = Case.origin == Origin.ENQUIRY, Case.broker_id.is_(None)
    return _cards(session, clock, asked, free, order=Case.opened_at, actor=actor, most=most)


def referrals(session: Session, *, actor: Actor, most: int) -> Group[Offered]:
    """Return the cases that other service points offer to the actor's, the longest waiting first."""
    here = (
        Referral.id.is_not(None)
        if actor.has(Role.AGENCY, Role.SYSTEM)
        else Referral.to_point_id == actor.service_point_id
    )
    query = (
        select(
            Case.id, Case.number, Case.title, ServicePoint.name, Referral.reason, Referral.asked_at
        )
        .join(Referral, Referral.case_id == Case.id)
        .join(ServicePoint, ServicePoint.id == Referral.from_point_id)
        .where(here, Referral.answered_at.is_(None))
        .order_by(Referral.asked_at, Referral.id)
    )
    return _group(session, query, Offered, most)
