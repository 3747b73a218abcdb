"""What every action on a case has in common: the lock, the history, the last word, the record."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.accounts.models import User
from marketplace.cases import policy
from marketplace.cases.lifecycle import CASE, CaseAction, Phase
from marketplace.cases.models import Case, CaseStep
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.db import Base
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.text import clean

MOST_REASON = 2000
READ_AGAIN = (
    "title",
    "description",
    "kind",
    "phase",
    "outcome",
    "closed_at",
    "closed_reason",
    "service_point_id",
    "broker_id",
    "version",
)


def lock(session: Session, case: Case) -> None:
    """Have the row for ourselves, as it is now and not as it was when it was read."""
    session.refresh(case, READ_AGAIN, with_for_update={"key_share": True})


def begin(session: Session, case: Case, *, actor: Actor) -> None:
    """Lock the case for a change by one of its brokers.

    Raises ``NotAllowed`` for everybody else and ``WrongState`` where the case is closed.
    """
    require(policy.works_on(actor, case))
    lock(session, case)
    require(policy.works_on(actor, case))
    if case.phase is Phase.CLOSED:
        raise WrongState("the case is closed")


def again(session: Session, thing: Base) -> None:
    """Read a part of a locked case again; raise ``NotFound`` where somebody has removed it."""
    try:
        session.refresh(thing)
    except InvalidRequestError:
        raise NotFound from None


def heard(session: Session, case: Case, *, now: datetime) -> None:
    """Note that something was said or done in the case, so that it no longer counts as silent.

    That is no change of the case itself: nobody who edits it at the same time is outrun by it.
    """
    session.execute(
        update(Case)
        .where(Case.id == case.id, Case.last_word_at < now)
        .values(last_word_at=now)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(case, "last_word_at", max(case.last_word_at, now))


def write_down(
    session: Session, case: Case, comment: str, *, actor: Actor, now: datetime
) -> CaseStep:
    """Add a line with the case's phase to its history."""
    step = CaseStep(
        case_id=case.id,
        phase=case.phase,
        at=now,
        user_id=actor.user_id,
        name=name_of(session, actor),
        comment=comment,
    )
    session.add(step)
    session.flush()
    heard(session, case, now=now)
    return step


def take(
    session: Session, case: Case, action: CaseAction, comment: str, *, actor: Actor, now: datetime
) -> None:
    """Take one step of the lifecycle of a case that is locked, and put it on record."""
    before, case.phase = case.phase, CASE.after(case.phase, action)
    case.phase_since = now
    session.flush()
    write_down(session, case, comment, actor=actor, now=now)
    audit.note(
        session,
        action.value,
        case,
        actor=actor,
        now=now,
        before={"phase": before.value},
        after={"phase": case.phase.value},
    )


def name_of(session: Session, actor: Actor) -> str:
    """Return the person's name as it is now; the history keeps it."""
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    return user.name if user is not None else ""


def reason_of(text: str, field: str = "reason", *, needed: bool = True) -> str:
    """Return the reason that somebody typed; raise ``Invalid`` where it is missing or too long."""
    reason = clean(text)
    if needed and not reason:
        raise Invalid.one(field, "reason_required")
    if len(reason) > MOST_REASON:
        raise Invalid.one(field, "too_long", most=MOST_REASON)
    return reason
