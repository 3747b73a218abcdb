"""Handing a case to another service point, across the border too."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.accounts.models import ServicePoint
from marketplace.cases import handed_over
from marketplace.cases.events import CaseReferred
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import (
    Appointment,
    Attempt,
    Case,
    CaseFile,
    CaseNote,
    CaseParty,
    CaseTask,
    Idea,
    NeedsSheet,
    Referral,
    Trial,
)
from marketplace.cases.steps import again, begin, heard, lock, reason_of, write_down
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, WrongState

GOES_ALONG: dict[str, InstrumentedAttribute[int]] = {
    "parties": CaseParty.case_id,
    "needs": NeedsSheet.case_id,
    "ideas": Idea.case_id,
    "attempts": Attempt.case_id,
    "trials": Trial.case_id,
    "notes": CaseNote.case_id,
    "tasks": CaseTask.case_id,
    "appointments": Appointment.case_id,
    "files": CaseFile.case_id,
}


def goes_along(session: Session, case: Case) -> dict[str, int]:
    """Return how many of each a referral hands over; what there is none of is left out."""
    counts = {
        name: session.scalar(select(func.count()).where(column == case.id)) or 0
        for name, column in GOES_ALONG.items()
    }
    return {name: count for name, count in counts.items() if count}


def refer(
    session: Session, case: Case, to_point_id: int | None, reason: str, *, actor: Actor,
    now: datetime,
) -> Referral:  # fmt: skip
    """Offer the case to another service point, whose brokers see it from now on and answer."""
    begin(session, case, actor=actor)
    point = session.get(ServicePoint, to_point_id) if to_point_id is not None else None
    if point is None or point.id == case.service_point_id:
        raise Invalid.one("to_point", "not_a_choice")
    why = reason_of(reason)
    if _waiting(session, case):
        raise WrongState("the case is offered to somebody already")
    offered = Referral(
        case_id=case.id,
        from_point_id=case.service_point_id,
        to_point_id=point.id,
        reason=why,
        handed_over=goes_along(session, case),
        asked_by=actor.user_id,
        asked_at=now,
    )
    session.add(offered)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "refer", case, actor=actor, now=now, after={"to": point.id})
    outbox.record(session, CaseReferred(offered.id, actor.user_id), now=now)
    return offered


def _waiting(session: Session, case: Case) -> bool:
    open_one = select(Referral.id).where(
        Referral.case_id == case.id, Referral.answered_at.is_(None)
    )
    return session.scalar(open_one) is not None


def answer(
    session: Session,
    case: Case,
    referral: Referral,
    accepted: bool,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take the case over, or leave it where it is; either with a sentence.

    On acceptance the case belongs to the answering service point, and to the broker who answered;
    its history stays, and the service point that gave it away still reads it.
    """
    require(actor.brokers_for(referral.to_point_id))
    words = reason_of(sentence, "answer")
    _still_open(session, case, referral)
    if accepted:
        case.service_point_id = referral.to_point_id
        here = actor.service_point_id == referral.to_point_id
        case.broker_id = actor.user_id if here else None
        referral.handed_over = goes_along(session, case)
        referral.stood = handed_over.standing(session, case)
    _answered(session, case, referral, accepted, words, actor=actor, now=now)


def withdraw(
    session: Session, case: Case, referral: Referral, *, actor: Actor, now: datetime
) -> None:
    """Keep the case after all, before the other side has answered."""
    require(actor.brokers_for(referral.from_point_id))
    _still_open(session, case, referral)
    _answered(session, case, referral, False, "", actor=actor, now=now)


def _still_open(session: Session, case: Case, referral: Referral) -> None:
    lock(session, case)
    again(session, referral)
    if referral.answered_at is not None or case.phase is Phase.CLOSED:
        raise WrongState("the referral has its answer")


def _answered(
    session: Session,
    case: Case,
    referral: Referral,
    accepted: bool,
    words: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    referral.accepted, referral.answer = accepted, words
    referral.answered_at, referral.answered_by = now, actor.user_id
    session.flush()
    write_down(session, case, words, actor=actor, now=now)
    audit.note(session, "answer", referral, actor=actor, now=now, after={"accepted": accepted})
    outbox.record(session, CaseReferred(referral.id, actor.user_id), now=now)
