"""When people meet, and the files that calendars read."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.cases.drafts import AppointmentDraft
from marketplace.cases.events import AppointmentSet
from marketplace.cases.models import Appointment, Case
from marketplace.cases.steps import again, begin, heard
from marketplace.core import audit, calendars, outbox
from marketplace.core.actor import Actor
from marketplace.core.calendars import Entry
from marketplace.core.errors import Outrun, WrongState


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
    """Return the appointment as an iCalendar file.

    ``title`` and ``place`` are as the reader may see them, ``organiser`` is a name and a mail address
    (perhaps empty).
    """
    entry = Entry(
        uid=appointment.uid,
        begins=appointment.starts_at,
        minutes=appointment.minutes,
        title=title,
        place=place,
        organiser=organiser,
        sequence=appointment.sequence,
        cancelled=appointment.cancelled_at is not None,
    )
    return calendars.calendar([entry], now=now)
