"""The broker's board and list, each in one statement however many cases there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, User
from marketplace.cases import policy
from marketplace.cases.cards import (
    Card,
    Clock,
    Show,
    card,
    columns,
    condition,
    first,
    joined,
    open_task,
)
from marketplace.cases.lifecycle import OPEN_PHASES, Phase
from marketplace.cases.models import Case, CaseParty, CaseTask, Outcome
from marketplace.core.actor import Actor
from marketplace.listings.models import Kind


class Order(StrEnum):
    """How the list is sorted."""

    LAST_WORD = auto()
    DUE = auto()
    OPENED = auto()
    TITLE = auto()


@dataclass(frozen=True)
class Lane:
    """One phase of the board: its first cards, and how many cases there are."""

    phase: Phase
    cards: list[Card]
    total: int


def lanes(
    session: Session, show: Show, clock: Clock, *, actor: Actor, each: int = 20
) -> list[Lane]:
    """Return the open cases by phase: what is due first comes first, then what was silent longest."""
    due = first(CaseTask.due_on, open_task(), CaseTask.due_on)
    order = (due.is_(None), due, Case.last_word_at, Case.id)
    ranked = (
        select(
            Case.id.label("id"),
            func.row_number().over(partition_by=Case.phase, order_by=order).label("place"),
            func.count().over(partition_by=Case.phase).label("total"),
        )
        .where(
            policy.visible_to_brokers(actor),
            Case.phase != Phase.CLOSED,
            condition(show, clock, actor=actor),
        )
        .subquery()
    )
    query = joined(
        select(*columns(clock), ranked.c.total).join(ranked, ranked.c.id == Case.id)
    ).where(ranked.c.place <= each)
    rows = session.execute(query.order_by(ranked.c.place)).all()
    return [
        Lane(
            phase,
            [card(row, actor=actor) for row in rows if row.phase is phase],
            next((row.total for row in rows if row.phase is phase), 0),
        )
        for phase in OPEN_PHASES
    ]


def counts(session: Session, clock: Clock, *, actor: Actor) -> dict[Show, int]:
    """Return how many open cases each choice shows."""
    wanted = [
        func.count(case((condition(show, clock, actor=actor), 1))).label(show) for show in Show
    ]
    row = session.execute(
        select(*wanted)
        .select_from(Case)
        .where(policy.visible_to_brokers(actor), Case.phase != Phase.CLOSED)
    ).one()
    return {show: getattr(row, show) for show in Show}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a broker looks for in the list; every part may be empty. No phase: all open ones."""

    show: Show = Show.ALL
    phases: Sequence[Phase] = ()
    kind: Kind | None = None
    outcome: Outcome | None = None
    broker_id: int | None = None
    unassigned: bool = False
    words: str = ""
    order: Order = Order.LAST_WORD


def find(
    session: Session,
    wanted: Filter,
    clock: Clock,
    *,
    actor: Actor,
    page: int = 1,
    size: int = 25,
) -> tuple[list[Card], int]:
    """Return one page of the list, closed cases too where they are asked for, and how many."""
    conditions = [
        policy.visible_to_brokers(actor),
        condition(wanted.show, clock, actor=actor),
        *_conditions(wanted),
    ]
    due = first(CaseTask.due_on, open_task(), CaseTask.due_on)
    orders: dict[Order, tuple[Any, ...]] = {
        Order.LAST_WORD: (Case.last_word_at.desc(),),
        Order.DUE: (due.is_(None), due),
        Order.OPENED: (Case.opened_at.desc(),),
        Order.TITLE: (func.lower(Case.title),),
    }
    total = session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    rows = session.execute(
        joined(select(*columns(clock)).select_from(Case))
        .where(*conditions)
        .order_by(*orders[wanted.order], Case.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return [card(row, actor=actor) for row in rows], total


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Case.phase.in_(wanted.phases or OPEN_PHASES)]
    if wanted.outcome is not None:
        found = [Case.outcome == wanted.outcome]
    if wanted.kind is not None:
        found.append(Case.kind == wanted.kind)
    if wanted.broker_id is not None:
        found.append(Case.broker_id == wanted.broker_id)
    if wanted.unassigned:
        found.append(Case.broker_id.is_(None))
    return found + [_says(word) for word in wanted.words.split()[:6]]


def _says(word: str) -> ColumnElement[bool]:
    texts = (Case.number, Case.title, Case.contact_organisation, Case.contact_name)
    forms = {word, word.capitalize()}
    named = [Organisation.name.icontains(form, autoescape=True) for form in forms]
    party = exists().where(
        CaseParty.case_id == Case.id, CaseParty.organisation_id == Organisation.id, or_(*named)
    )
    return or_(*(t.icontains(form, autoescape=True) for t in texts for form in forms), party)


def brokers_of(session: Session, *, actor: Actor) -> list[tuple[int, str]]:
    """Return key and name of everybody who mediates a case that the actor may know of, by name."""
    rows = session.execute(
        select(User.id, User.name)
        .where(User.id.in_(select(Case.broker_id).where(policy.visible_to_brokers(actor))))
        .order_by(User.name, User.id)
    )
    return [(row.id, row.name) for row in rows]
