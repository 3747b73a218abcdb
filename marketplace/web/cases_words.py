"""Cases in words: what is due on a card, what has happened, where a party comes from."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import current_app
from flask_babel import get_locale, ngettext, to_user_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.cases.cards import Card, Clock
from marketplace.cases.goals import goal_name
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Case
from marketplace.cases.phases import Loose
from marketplace.geo.regions import regions
from marketplace.web.language import day, language, moment
from marketplace.web.session import now, today, visitor
from marketplace.wording import label

SOON = timedelta(days=14)


def clock(session: Session) -> Clock:
    """Return the moment of this request, with what the reader calls silent."""
    user = session.get(User, visitor().user_id) if visitor().signed_in else None
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    tomorrow = datetime.combine(today() + timedelta(days=1), time.min, zone)
    return Clock(
        now=now(),
        today=today(),
        tomorrow=tomorrow,
        silent_days=user.silent_days if user is not None else 7,
    )


def short_day(value: date | datetime) -> str:
    """Return day and month; the year only where it is another one."""
    named = to_user_timezone(value).date() if isinstance(value, datetime) else value
    if named.year != today().year:
        return day(value)
    return format_skeleton("MMMd", named, locale=get_locale())


@dataclass(frozen=True)
class Badge:
    """What is due in a case: ``kind`` is that of the badge macro, empty for plain words."""

    kind: str
    text: str


def badge(card: Card, when: Clock) -> Badge | None:
    """Return what a card says first: what is late, what is near, what is silent."""
    if card.offered_to:
        return Badge("", _("offered to %(point)s", point=card.offered_to))
    if not card.here:
        return Badge("", _("handed to %(point)s", point=card.service_point))
    if card.task and card.task_due_on and card.task_due_on < when.today:
        late = (when.today - card.task_due_on).days
        since = ngettext("since yesterday", "for %(num)s days", late)
        return Badge("no", _("%(what)s, late %(since)s", what=card.task, since=since))
    soon = _soonest(card, when)
    if soon is not None:
        return soon
    if card.phase is not Phase.CLOSED and card.last_word_at < when.silent_before:
        silent = (when.now - card.last_word_at).days
        return Badge("no", ngettext("no word for one day", "no word for %(num)s days", silent))
    return None


def _soonest(card: Card, when: Clock) -> Badge | None:
    """Return the nearest of task and appointment, marked where it is near."""
    found: list[tuple[date, str]] = []
    if card.task and card.task_due_on:
        until = _("%(what)s by %(day)s", what=card.task, day=short_day(card.task_due_on))
        found.append((card.task_due_on, until))
    if card.meeting and card.meeting_at:
        on = _("%(what)s on %(day)s", what=card.meeting, day=short_day(card.meeting_at))
        found.append((card.meeting_at.date(), on))
    if not found:
        return None
    on_day, text = min(found)
    return Badge("wait" if on_day <= when.today + SOON else "", text)


def region_name(code: str) -> str:
    """Return a region's name in the reader's language, or nothing."""
    found = regions().get(code)
    return found.names[language()] if found is not None else ""


@dataclass(frozen=True)
class Event:
    """A line of a case's history."""

    at: datetime
    day: str
    title: str
    name: str = ""
    comment: str = ""
    state: str = "done"


def history(case: Case) -> list[Event]:
    """Return how the case went, the latest first: its phases and what was asked of others."""
    found, before = [], None
    for step in case.steps:
        moved = step.phase is not before
        title = (
            label(step.phase) if moved else _("%(phase)s, a word on it", phase=label(step.phase))
        )
        if moved or step.comment:
            found.append(Event(step.at, short_day(step.at), title, step.name, step.comment))
        before = step.phase
    for referral in case.referrals:
        to_point = _("Offered to %(point)s", point=referral.to_point.name)
        asked = referral.asked_at
        found.append(Event(asked, short_day(asked), to_point, "", referral.reason))
        if referral.answered_at is not None:
            taken, point = bool(referral.accepted), referral.to_point.name
            said = _("Taken over by %(point)s", point=point) if taken else _("Not taken over")
            found.append(Event(referral.answered_at, short_day(referral.answered_at), said))
    return sorted(found, key=lambda event: event.at, reverse=True)


def goes_along(counts: dict[str, int]) -> list[str]:
    """Return in words what a referral hands over."""
    spoken = {
        "parties": lambda n: ngettext("one party", "%(num)s parties", n),
        "needs": lambda n: ngettext("one needs sheet", "%(num)s needs sheets", n),
        "ideas": lambda n: ngettext("one idea", "%(num)s ideas", n),
        "attempts": lambda n: ngettext("one attempt", "%(num)s attempts", n),
        "trials": lambda n: ngettext("one trial", "%(num)s trials", n),
        "notes": lambda n: ngettext("one note", "%(num)s notes", n),
        "tasks": lambda n: ngettext("one task", "%(num)s tasks", n),
        "appointments": lambda n: ngettext("one appointment", "%(num)s appointments", n),
        "files": lambda n: ngettext("one file", "%(num)s files", n),
    }
    return [spoken[name](count) for name, count in counts.items() if name in spoken]


def loose_ends(loose: Loose) -> list[str]:
    """Return in words what becomes of what is still open when a case is closed."""
    spoken = (
        (
            loose.tasks,
            ngettext("one task: it is done", "%(num)s tasks: they are done", loose.tasks),
        ),
        (
            loose.attempts,
            ngettext("one attempt: dropped", "%(num)s attempts: dropped", loose.attempts),
        ),
        (
            loose.appointments,
            ngettext(
                "one appointment: called off",
                "%(num)s appointments: called off",
                loose.appointments,
            ),
        ),
    )
    return [text for count, text in spoken if count]


def when(value: datetime, minutes: int) -> str:
    """Return when an appointment is, such as 25 Nov, 14:30 to 15:30."""
    begins, ends = (moment(at, "HH:mm") for at in (value, value + timedelta(minutes=minutes)))
    return _("%(day)s, %(begins)s to %(ends)s", day=short_day(value), begins=begins, ends=ends)


def goal(number: int) -> str:
    """Return a goal of the United Nations in the reader's language."""
    return goal_name(number, language())
