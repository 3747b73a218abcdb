"""How a case moves, who mediates it, how it ends and begins again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.cases import appointments, attempts, policy
from marketplace.cases.lifecycle import CASE, LEADS_TO, CaseAction, Phase
from marketplace.cases.models import Appointment, Attempt, Case, CaseTask, Outcome, Referral
from marketplace.cases.steps import begin, lock, reason_of, take, write_down
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, Outrun, WrongState


def move(
    session: Session,
    case: Case,
    action: CaseAction,
    comment: str = "",
    *,
    seen: Phase | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring the case to another of the four phases; closing and reopening have their own actions.

    ``seen`` is the phase that the broker saw: raises ``Outrun`` where somebody else has moved the
    case since.
    """
    begin(session, case, actor=actor)
    if action not in LEADS_TO:
        raise WrongState("this needs an answer first")
    if seen is not None and seen is not case.phase:
        raise Outrun("somebody else has moved the case")
    take(session, case, action, reason_of(comment, needed=False), actor=actor, now=now)


def assign(
    session: Session,
    case: Case,
    broker_id: int | None,
    *,
    seen: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say who mediates; somebody of the service point that has the case, or of the agency.

    ``seen`` is who mediated until now: raises ``Outrun`` where that is somebody else already.
    """
    begin(session, case, actor=actor)
    if seen != case.broker_id:
        raise Outrun("somebody else has taken the case")
    broker = session.get(User, broker_id) if broker_id is not None else None
    if broker_id is not None and not _mediates(broker, case):
        raise Invalid.one("broker", "not_a_choice")
    before, case.broker_id = case.broker_id, broker_id
    session.flush()
    write_down(session, case, "", actor=actor, now=now)
    audit.note(
        session,
        "assign",
        case,
        actor=actor,
        now=now,
        before={"broker": before},
        after={"broker": broker_id},
    )


def _mediates(user: User | None, case: Case) -> bool:
    if user is None or not user.active:
        return False
    return user.agency or user.service_point_id == case.service_point_id


@dataclass(frozen=True)
class Loose:
    """What is still open in a case: tasks, attempts, appointments ahead."""

    tasks: int
    attempts: int
    appointments: int

    def __bool__(self) -> bool:
        return bool(self.tasks or self.attempts or self.appointments)


def loose_ends(session: Session, case: Case, *, now: datetime) -> Loose:
    """Return what closing the case would leave open."""
    tasks = select(func.count()).where(CaseTask.case_id == case.id, CaseTask.done_at.is_(None))
    tries = select(func.count()).where(Attempt.case_id == case.id, Attempt.state.in_(attempts.LIVE))
    ahead = select(func.count()).where(*_ahead(case, now))
    return Loose(*(session.scalar(query) or 0 for query in (tasks, tries, ahead)))


def _ahead(case: Case, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Appointment.case_id == case.id,
        Appointment.starts_at > now,
        Appointment.cancelled_at.is_(None),
    )


def close(
    session: Session,
    case: Case,
    outcome: Outcome | None,
    reason: str,
    *,
    settle: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """End the case with what came of it and why.

    Open tasks, attempts and appointments are settled only where somebody said so with ``settle``:
    raises ``Invalid`` otherwise, as it does while a referral waits for its answer.
    """
    begin(session, case, actor=actor)
    if outcome is None:
        raise Invalid.one("outcome", "not_a_choice")
    why = reason_of(reason)
    waiting = select(Referral.id).where(Referral.case_id == case.id, Referral.answered_at.is_(None))
    if session.scalar(waiting) is not None:
        raise Invalid.one("outcome", "referral_waits")
    if loose_ends(session, case, now=now):
        if not settle:
            raise Invalid.one("settle", "settle_required")
        _settle(session, case, why, actor=actor, now=now)
    case.outcome, case.closed_reason, case.closed_at = outcome, why, now
    take(session, case, CaseAction.CLOSE, why, actor=actor, now=now)


def _settle(session: Session, case: Case, why: str, *, actor: Actor, now: datetime) -> None:
    session.execute(
        update(CaseTask)
        .where(CaseTask.case_id == case.id, CaseTask.done_at.is_(None))
        .values(done_at=now, done_by=actor.user_id)
    )
    for attempt in session.scalars(
        select(Attempt).where(Attempt.case_id == case.id, Attempt.state.in_(attempts.LIVE))
    ):
        attempts.drop_now(session, attempt, why, actor=actor, now=now)
    for ahead in session.scalars(select(Appointment).where(*_ahead(case, now))):
        appointments.cancel_now(session, ahead, actor=actor, now=now)


def reopen(session: Session, case: Case, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a closed case up again, with what has changed."""
    require(policy.works_on(actor, case))
    lock(session, case)
    require(policy.works_on(actor, case))
    CASE.after(case.phase, CaseAction.REOPEN)
    why = reason_of(reason)
    case.outcome, case.closed_reason, case.closed_at = None, "", None
    take(session, case, CaseAction.REOPEN, why, actor=actor, now=now)
