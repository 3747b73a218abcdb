"""When people meet, and the files that calendars read (RFC 5545)."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.cases.drafts import AppointmentDraft
from marketplace.cases.events import AppointmentSet
from marketplace.cases.models import Appointment, Case
from marketplace.cases.steps import again, begin, heard
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor
from marketplace.core.errors import Outrun, WrongState

LINE = 75
PRODUCT = "-//SoPro//Marketplace//EN"


def make(
    session: Session, case: Case, draft: AppointmentDraft, *, actor: Actor, now: datetime
) -> Appointment:
    """Make an appointment; those whom it concerns hear of it."""
    begin(session, case, actor=actor)
    made = Appointment(
        case_id=case.id,
        uid=f"{uuid.uuid4()}@sopro",
        created_by=actor.user_id,
        **vars(draft),
    )
    session.add(made)
    session.flush()
    _told(session, case, made, "create", actor=actor, now=now)
    return made


def change(
    session: Session,
    case: Case,
    appointment: Appointment,
    draft: AppointmentDraft,
    *,
    seen: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Move an appointment or say it differently.

    ``seen`` is the sequence that the broker had before them: raises ``Outrun`` where somebody else
    has changed it since.
    """
    begin(session, case, actor=actor)
    again(session, appointment)
    if appointment.cancelled_at is not None:
        raise WrongState("the appointment is called off")
    if seen != appointment.sequence:
        raise Outrun("somebody else has moved the appointment")
    for name, value in vars(draft).items():
        setattr(appointment, name, value)
    appointment.sequence += 1
    session.flush()
    _told(session, case, appointment, "change", actor=actor, now=now)


def cancel(
    session: Session, case: Case, appointment: Appointment, *, actor: Actor, now: datetime
) -> None:
    """Call an appointment off; it stays in the calendars as cancelled."""
    begin(session, case, actor=actor)
    again(session, appointment)
    if appointment.cancelled_at is not None:
        raise WrongState("the appointment is called off")
    cancel_now(session, appointment, actor=actor, now=now)
    heard(session, case, now=now)


def cancel_now(session: Session, appointment: Appointment, *, actor: Actor, now: datetime) -> None:
    """Call an appointment of a locked case off."""
    appointment.cancelled_at = now
    appointment.sequence += 1
    session.flush()
    audit.note(session, "cancel", appointment, actor=actor, now=now)
    outbox.record(session, AppointmentSet(appointment.id, actor.user_id), now=now)


def _told(
    session: Session,
    case: Case,
    appointment: Appointment,
    action: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    heard(session, case, now=now)
    after: dict[str, object] = {"starts_at": appointment.starts_at.isoformat()}
    audit.note(session, action, appointment, actor=actor, now=now, after=after)
    outbox.record(session, AppointmentSet(appointment.id, actor.user_id), now=now)


def calendar(
    appointment: Appointment, *, title: str, place: str, organiser: tuple[str, str], now: datetime
) -> str:
    """Return the appointment as an iCalendar file that calendars take over (METHOD:PUBLISH).

    ``title`` and ``place`` are as the reader may see them, ``organiser`` is a name and a mail address
    (perhaps empty). Moments are written in UTC, which every calendar turns into its own time.
    """
    name, email = organiser
    ends = appointment.starts_at + timedelta(minutes=appointment.minutes)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{appointment.uid}",
        f"SEQUENCE:{appointment.sequence}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_text(title)}",
        *([f"LOCATION:{_text(place)}"] if place else []),
        *([f"ORGANIZER;CN={_parameter(name)}:mailto:{email}"] if email else []),
        f"STATUS:{'CANCELLED' if appointment.cancelled_at is not None else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(folded + "\r\n" for line in lines for folded in [_folded(line)])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(sign, written)
    return value


def _parameter(value: str) -> str:
    return '"' + value.replace('"', "'").replace("\n", " ") + '"'


def _folded(line: str) -> str:
    """Break a line after at most 75 octets, never inside a character."""
    parts, size = [""], 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LINE:
            parts.append(" ")
            size = 1
        parts[-1] += sign
        size += width
    return "\r\n".join(parts)
