"""Trials: what is tried between proposal and order, and how it came out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.cases.attempts import move
from marketplace.cases.drafts import TrialDraft
from marketplace.cases.lifecycle import AttemptAction, CaseAction, Phase
from marketplace.cases.models import Attempt, Case, CaseParty, Trial, Verdict
from marketplace.cases.steps import again, begin, heard, reason_of, take, write_down
from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, WrongState


def try_out(
    session: Session,
    case: Case,
    attempt: Attempt,
    draft: TrialDraft,
    *,
    actor: Actor,
    now: datetime,
) -> Trial:
    """Write down what is tried before anything is ordered; one trial of an attempt at a time."""
    begin(session, case, actor=actor)
    again(session, attempt)
    if draft.organisation_id is not None:
        with_whom = select(CaseParty.id).where(
            CaseParty.case_id == case.id, CaseParty.organisation_id == draft.organisation_id
        )
        if session.scalar(with_whom) is None:
            raise Invalid.one("organisation", "not_a_choice")
    move(session, attempt, AttemptAction.TRY, "", actor=actor, now=now)
    trial = Trial(
        case_id=case.id,
        attempt_id=attempt.id,
        recorded_by=actor.user_id,
        at=now,
        **vars(draft),
    )
    session.add(trial)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "create", trial, actor=actor, now=now, after={"what": draft.what})
    return trial


def judge(
    session: Session,
    case: Case,
    trial: Trial,
    verdict: Verdict | None,
    result: str,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say how a trial came out. One that failed needs a reason, and sends the case back to matching.

    Raises ``WrongState`` where it was judged before.
    """
    begin(session, case, actor=actor)
    again(session, trial)
    attempt = session.get_one(Attempt, trial.attempt_id)
    again(session, attempt)
    if trial.verdict is not Verdict.OPEN:
        raise WrongState("the trial has its verdict")
    if verdict not in (Verdict.PASSED, Verdict.FAILED):
        raise Invalid.one("verdict", "not_a_choice")
    failed = verdict is Verdict.FAILED
    why, outcome = reason_of(reason, needed=failed), reason_of(result, "result", needed=False)
    action = AttemptAction.FAIL if failed else AttemptAction.PASS
    move(session, attempt, action, why, actor=actor, now=now)
    trial.verdict, trial.result, trial.reason = verdict, outcome, why
    session.flush()
    heard(session, case, now=now)
    if failed:
        _send_back(session, case, why, actor=actor, now=now)


def _send_back(session: Session, case: Case, why: str, *, actor: Actor, now: datetime) -> None:
    if case.phase is Phase.MATCHING:
        write_down(session, case, why, actor=actor, now=now)
    else:
        take(session, case, CaseAction.MATCH, why, actor=actor, now=now)
