"""Complaints about the seal, from anybody: a misuse seen, a decision doubted. There is a clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.core import audit, outbox
from marketplace.core.actor import ANYBODY, Actor, require
from marketplace.core.errors import Invalid, NotFound, Problem, WrongState
from marketplace.orders.numbers import add_numbered
from marketplace.seals import policy
from marketplace.seals.events import ComplaintAnswered, ComplaintReceived
from marketplace.seals.record import LONGEST, reason
from marketplace.seals.register import Complaint

CLOCK = timedelta(weeks=4)


@dataclass(frozen=True, kw_only=True)
class ComplaintDraft:
    """What somebody says; name and address may be left out, and then nobody is answered."""

    about: str = ""
    text: str
    name: str = ""
    email: str = ""
    language: str = "de"

    def __post_init__(self) -> None:
        problems = []
        if not self.text:
            problems.append(Problem("text", "required"))
        for name, most in (("about", 40), ("text", LONGEST), ("name", 120)):
            if len(getattr(self, name)) > most:
                problems.append(Problem(name, "too_long", {"most": most}))
        if self.email:
            try:
                validate_email(self.email, check_deliverability=False)
            except EmailNotValidError:
                problems.append(Problem("email", "email_not_valid"))
        if problems:
            raise Invalid(problems)


def receive(session: Session, draft: ComplaintDraft, *, today: date, now: datetime) -> Complaint:
    """Take a complaint in; it is answered within four weeks."""
    row = Complaint(
        about=draft.about,
        text=draft.text,
        name=draft.name,
        email=draft.email,
        language=draft.language,
        received_at=now,
        answer_by=today + CLOCK,
        answer="",
    )
    add_numbered(session, row, Complaint.number, f"B-{now.year}-")
    audit.note(session, "receive", row, actor=ANYBODY, now=now, after={"about": row.about})
    outbox.record(session, ComplaintReceived(row.id), now=now)
    return row


def answer(
    session: Session, complaint_id: int, text: str, *, actor: Actor, now: datetime
) -> Complaint:
    """Answer a complaint; who left an address is written to."""
    require(policy.is_agency(actor))
    row = session.get(Complaint, complaint_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        raise WrongState("this complaint is answered")
    row.answer = reason(text, field="text")
    row.answered_at, row.answered_by = now, actor.user_id
    session.flush()
    audit.note(session, "answer", row, actor=actor, now=now)
    outbox.record(session, ComplaintAnswered(row.id), now=now)
    return row


def listed(
    session: Session, *, actor: Actor, page: int = 1, size: int = 20
) -> tuple[list[Complaint], int]:
    """Return one page of the complaints, those that wait first, the earliest deadline first."""
    require(policy.is_agency(actor))
    total = session.scalar(select(func.count()).select_from(Complaint)) or 0
    rows = session.scalars(
        select(Complaint)
        .order_by(Complaint.answered_at.is_not(None), Complaint.answer_by, Complaint.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def waiting(session: Session, *, today: date) -> tuple[int, int]:
    """Return how many complaints wait for an answer, and how many of them are late."""
    late = func.count().filter(Complaint.answer_by < today)
    found = session.execute(select(func.count(), late).where(Complaint.answered_at.is_(None)))
    row = found.one()
    return row[0], row[1]
