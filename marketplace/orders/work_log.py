"""Hours planned and worked, by role and target group: counts and hours, never persons."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, Problem
from marketplace.orders import policy
from marketplace.orders.carrying import TargetGroup, WorkEntry
from marketplace.orders.events import WorkLogged
from marketplace.orders.milestones import open_for
from marketplace.orders.models import Order, OrderParty, Part

MOST_HOURS = 100_000.0
MOST_PEOPLE = 10_000
LONGEST = 366


@dataclass(frozen=True, kw_only=True)
class WorkDraft:
    """A period of an enterprise; hours are those of all ``people`` together."""

    party_id: int
    first_day: date
    last_day: date
    role: str = ""
    target_group: TargetGroup
    hours_planned: float = 0.0
    hours_worked: float = 0.0
    people: int = 0
    in_training: int = 0
    qualified: int = 0
    qualification: str = ""

    def __post_init__(self) -> None:
        problems = [*self._days(), *self._counts()]
        for name, most in (("role", 120), ("qualification", 160)):
            if len(getattr(self, name)) > most:
                problems.append(Problem(name, "too_long", {"most": most}))
        if self.qualified and not self.qualification:
            problems.append(Problem("qualification", "required"))
        if problems:
            raise Invalid(problems)

    def _days(self) -> list[Problem]:
        if self.last_day < self.first_day:
            return [Problem("last_day", "dates_reversed")]
        too_long = (self.last_day - self.first_day).days >= LONGEST
        return [Problem("last_day", "period_too_long")] if too_long else []

    def _counts(self) -> list[Problem]:
        found = []
        hours, people = ("hours_planned", "hours_worked"), ("people", "in_training", "qualified")
        for name, most in [*((n, MOST_HOURS) for n in hours), *((n, MOST_PEOPLE) for n in people)]:
            value = getattr(self, name)
            if not value >= 0:
                found.append(Problem(name, "negative"))
            elif value > most:
                found.append(Problem(name, "too_big"))
        for name in ("in_training", "qualified"):
            if getattr(self, name) > self.people:
                found.append(Problem(name, "more_than_people"))
        return found


def record(
    session: Session, order: Order, draft: WorkDraft, *, actor: Actor, now: datetime
) -> WorkEntry:
    """Put down a period of work, for the actor's own enterprise; brokers do so for any."""
    open_for(session, order, actor=actor)
    party = next((p for p in order.enterprises if p.id == draft.party_id), None)
    if party is None:
        raise Invalid.one("party", "party_unknown")
    require(_speaks(actor, order, party))
    entry = WorkEntry(
        order_id=order.id,
        **{f.name: getattr(draft, f.name) for f in fields(draft)},
        recorded_by=actor.user_id,
        at=now,
    )
    session.add(entry)
    session.flush()
    after: dict[str, object] = {"hours_worked": entry.hours_worked, "people": entry.people}
    audit.note(session, "record", entry, actor=actor, now=now, after=after)
    outbox.record(session, WorkLogged(order.id), now=now)
    return entry


def strike(session: Session, order: Order, entry_id: int, *, actor: Actor, now: datetime) -> None:
    """Take out an entry that was wrong."""
    open_for(session, order, actor=actor)
    entry = session.get(WorkEntry, entry_id, options=[joinedload(WorkEntry.party)])
    if entry is None or entry.order_id != order.id:
        raise NotFound
    require(_speaks(actor, order, entry.party))
    before: dict[str, object] = {"hours_worked": entry.hours_worked, "people": entry.people}
    audit.note(session, "strike", entry, actor=actor, now=now, before=before)
    session.delete(entry)
    session.flush()
    outbox.record(session, WorkLogged(order.id), now=now)


def _speaks(actor: Actor, order: Order, party: OrderParty) -> bool:
    return actor.belongs_to(party.organisation_id) or policy.is_broker(actor, order)


def parties_for(actor: Actor, order: Order) -> list[OrderParty]:
    """Return the enterprises for which the actor may put hours down."""
    return [p for p in order.parties if p.part is Part.ENTERPRISE and _speaks(actor, order, p)]


def of_order(session: Session, order: Order) -> list[WorkEntry]:
    """Return the periods of an order, the first ones first."""
    return list(
        session.scalars(
            select(WorkEntry)
            .where(WorkEntry.order_id == order.id)
            .options(joinedload(WorkEntry.party).joinedload(OrderParty.organisation))
            .order_by(WorkEntry.first_day, WorkEntry.id)
        )
    )


@dataclass(frozen=True)
class Hours:
    """Everything that was worked: hours, and at most how many people at once in a period."""

    planned: float = 0.0
    worked: float = 0.0
    people: int = 0
    in_training: int = 0
    qualified: int = 0


def totals(entries: Iterable[WorkEntry]) -> Hours:
    """Add the hours up. The same people work in several periods, so people are not added up over
    time: the period with the most of them counts, over all groups of that period."""
    rows = list(entries)
    periods: dict[tuple[date, date], list[WorkEntry]] = {}
    for row in rows:
        periods.setdefault((row.first_day, row.last_day), []).append(row)
    return Hours(
        sum(row.hours_planned for row in rows),
        sum(row.hours_worked for row in rows),
        max((sum(r.people for r in each) for each in periods.values()), default=0),
        max((sum(r.in_training for r in each) for each in periods.values()), default=0),
        sum(row.qualified for row in rows),
    )
