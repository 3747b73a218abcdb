"""Cases as cards: the columns that board, list and groups read, and the choices among them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import (
    Appointment,
    Case,
    CaseParty,
    CaseTask,
    Outcome,
    Referral,
)
from marketplace.core.actor import Actor
from marketplace.listings.models import Kind

Home = aliased(ServicePoint, name="home")


class Show(StrEnum):
    """Which of the open cases a broker wants to see."""

    MINE = auto()
    ALL = auto()
    THIS_WEEK = auto()
    SILENT = auto()
    ACROSS = auto()


@dataclass(frozen=True, kw_only=True)
class Card:
    """A case as board, list and groups show it. ``here``: the reader's service point has it now."""

    id: int
    number: str
    title: str
    kind: Kind | None
    phase: Phase
    outcome: Outcome | None
    broker_id: int | None
    broker: str | None
    organisation: str
    opened_at: datetime
    last_word_at: datetime
    service_point: str
    here: bool
    task: str | None
    task_due_on: date | None
    meeting: str | None
    meeting_at: datetime | None
    offered_to: str | None

    @property
    def due_on(self) -> date | None:
        """The day of what comes next."""
        days = [self.task_due_on, self.meeting_at.date() if self.meeting_at else None]
        return min((day for day in days if day is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When cases are looked at: ``tomorrow`` is the moment at which the day after ``today`` begins.

    A case is silent ``silent_days`` after its last word.
    """

    now: datetime
    today: date
    tomorrow: datetime
    silent_days: int = 7

    @property
    def week_ends(self) -> date:
        return self.today + timedelta(days=6 - self.today.weekday())

    @property
    def next_week(self) -> datetime:
        return self.tomorrow + timedelta(days=6 - self.today.weekday())

    @property
    def silent_before(self) -> datetime:
        return self.now - timedelta(days=self.silent_days)


def condition(show: Show, clock: Clock, *, actor: Actor) -> ColumnElement[bool]:
    """Return the filter of a choice among the cases that the actor may know of."""
    match show:
        case Show.MINE:
            return Case.broker_id == actor.user_id
        case Show.THIS_WEEK:
            task = open_task() & (CaseTask.due_on <= clock.week_ends)
            meeting = _meeting(clock) & (Appointment.starts_at < clock.next_week)
            return or_(exists().where(task), exists().where(meeting))
        case Show.SILENT:
            return Case.last_word_at < clock.silent_before
        case Show.ACROSS:
            return exists().where(
                CaseParty.case_id == Case.id,
                CaseParty.organisation_id == Organisation.id,
                ServicePoint.id == Case.service_point_id,
                Organisation.country != ServicePoint.country,
            )
        case Show.ALL:
            return true()


def open_task() -> ColumnElement[bool]:
    return and_(CaseTask.case_id == Case.id, CaseTask.done_at.is_(None))


def _meeting(clock: Clock) -> ColumnElement[bool]:
    return and_(
        Appointment.case_id == Case.id,
        Appointment.cancelled_at.is_(None),
        Appointment.starts_at >= clock.now,
    )


def first(column: Any, of: ColumnElement[bool], *order: Any) -> ScalarSelect[Any]:
    return select(column).where(of).order_by(*order).limit(1).correlate(Case).scalar_subquery()


def _organisation() -> ColumnElement[str]:
    """Return whom a case is for: its first client, else its first party, else who asked."""
    party = (
        select(Organisation.name)
        .join(CaseParty, CaseParty.organisation_id == Organisation.id)
        .where(CaseParty.case_id == Case.id)
        .order_by(CaseParty.part, CaseParty.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    asked = func.nullif(Case.contact_organisation, "")
    return func.coalesce(party, asked, Case.contact_name)


def columns(clock: Clock) -> tuple[Any, ...]:
    """Return the columns of a card; ``cards`` reads them. The case joins ``Home`` and ``User``."""
    task_order = (CaseTask.due_on, CaseTask.id)
    meeting, meeting_order = _meeting(clock), (Appointment.starts_at, Appointment.id)
    offered = and_(Referral.case_id == Case.id, Referral.answered_at.is_(None))
    to_point = and_(offered, ServicePoint.id == Referral.to_point_id)
    return (
        Case.id.label("id"),
        Case.number.label("number"),
        Case.title.label("title"),
        Case.kind.label("kind"),
        Case.phase.label("phase"),
        Case.outcome.label("outcome"),
        Case.broker_id.label("broker_id"),
        User.name.label("broker"),
        _organisation().label("organisation"),
        Case.opened_at.label("opened_at"),
        Case.last_word_at.label("last_word_at"),
        Case.service_point_id.label("service_point_id"),
        Home.name.label("service_point"),
        first(CaseTask.title, open_task(), *task_order).label("task"),
        first(CaseTask.due_on, open_task(), *task_order).label("task_due_on"),
        first(Appointment.title, meeting, *meeting_order).label("meeting"),
        first(Appointment.starts_at, meeting, *meeting_order).label("meeting_at"),
        first(ServicePoint.name, to_point).label("offered_to"),
    )


def joined(query: Select[Any]) -> Select[Any]:
    """Join what ``columns`` reads beside the case itself."""
    return query.join(Home, Home.id == Case.service_point_id).outerjoin(
        User, User.id == Case.broker_id
    )


def card(row: Any, *, actor: Actor) -> Card:
    """Return the card that a row of ``columns`` holds."""
    values = {name: getattr(row, name) for name in Card.__dataclass_fields__ if name != "here"}
    return Card(**values, here=actor.brokers_for(row.service_point_id))
