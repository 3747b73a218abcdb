"""How an order came about and what is planned: its history, and its milestones on the ruler."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton
from flask_babel import get_locale, to_user_timezone
from flask_babel import gettext as _

from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Milestone, Order
from marketplace.orders.policy import BEING_CARRIED_OUT


def short_day(value: datetime | date | None) -> str:
    """Return day and month, such as 3. Nov."""
    if value is None:
        return ""
    local = to_user_timezone(value) if isinstance(value, datetime) else value
    return format_skeleton("MMMd", local, locale=get_locale() or "de")


def period(first: date, last: date) -> str:
    """Return a period: a calendar week as its number, others as their days."""
    if first.weekday() == 0 and (last - first).days in (4, 5, 6):
        return _("week %(n)s", n=first.isocalendar().week)
    return short_day(first) if first == last else f"{short_day(first)} – {short_day(last)}"


@dataclass(frozen=True)
class Event:
    """One line of an order's history; ``at`` is a day where it is planned only."""

    at: datetime | date | None
    title: str
    name: str = ""
    comment: str = ""
    state: str = "done"
    milestone_id: int | None = None

    @property
    def day(self) -> str:
        return short_day(self.at)


def history(order: Order) -> list[Event]:
    """Return what has happened, in order."""
    found: list[tuple[datetime, int, Event]] = []
    offers = drafts = 0
    before: OrderState | None = None
    for step in order.steps:
        offers += step.state is OrderState.OFFERED
        drafts += step.state is OrderState.DRAFT
        title = _happened(step.state, before, offers, drafts)
        name = "" if step.state is OrderState.AGREED else step.name
        rank = 0 if step.state in {OrderState.DRAFT, OrderState.OFFERED} else 2
        found.append((step.at, rank, Event(step.at, title, name, step.comment)))
        before = step.state
    names = {party.id: party.organisation.name for party in order.parties}
    for a in order.acceptances:
        title = _("%(organisation)s has accepted the terms", organisation=names[a.party_id])
        found.append((a.at, 1, Event(a.at, title, a.name)))
    return [event for _at, _rank, event in sorted(found, key=lambda f: f[:2])]


def _happened(state: OrderState, before: OrderState | None, offers: int, drafts: int) -> str:
    if state is OrderState.DRAFT and drafts > 1:
        return _("A change was asked for")
    if before is OrderState.PAUSED and state is not OrderState.CANCELLED:
        return _("The order goes on")
    if before is OrderState.DISPUTED and state is not OrderState.CANCELLED:
        return _("The dispute is settled")
    return {
        OrderState.DRAFT: _("Drawn up from the proposal"),
        OrderState.OFFERED: _("Offered to both sides, terms %(n)s", n=offers),
        OrderState.AGREED: _("Agreed by both sides"),
        OrderState.IN_PRODUCTION: _("Production has started"),
        OrderState.DELIVERED: _("Everything is handed over"),
        OrderState.COMPLETED: _("Completed"),
        OrderState.PAUSED: _("Paused"),
        OrderState.DISPUTED: _("Disputed"),
        OrderState.CANCELLED: _("Cancelled"),
    }[state]


def plan(order: Order) -> list[Event]:
    """Return the milestones with start and end, in the order of their days; the next one is now."""
    begun = _first(order, OrderState.IN_PRODUCTION)
    ended = _first(order, OrderState.DELIVERED)
    rows = [
        (begun or order.starts_on, 0, _("Start of production"), "", begun is not None, None),
        *(
            (m.reached_on or m.planned_on, 1, m.title, _late(m), m.reached_on is not None, m.id)
            for m in order.milestones
        ),
        (ended or order.due_on, 2, _("Delivery"), "", ended is not None, None),
    ]
    rows.sort(key=lambda row: row[:2])
    ahead = [n for n, row in enumerate(rows) if not row[4]]
    running = order.state in BEING_CARRIED_OUT
    return [
        Event(day, title, comment=note, milestone_id=key,
              state="done" if done else "now" if running and n == ahead[0] else "")
        for n, (day, _rank, title, note, done, key) in enumerate(rows)
    ]  # fmt: skip


def _first(order: Order, state: OrderState) -> date | None:
    found = next((step.at for step in order.steps if step.state is state), None)
    return None if found is None else to_user_timezone(found).date()


def _late(milestone: Milestone) -> str:
    if milestone.reached_on is None or milestone.reached_on == milestone.planned_on:
        return milestone.note
    planned = _("planned for %(day)s", day=short_day(milestone.planned_on))
    return f"{milestone.note} ({planned})" if milestone.note else planned
