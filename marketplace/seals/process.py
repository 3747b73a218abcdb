"""The way of an application: submitted, assessed, before the panel, decided, appealed against."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, Problem, WrongState
from marketplace.seals import policy, queries, renewing, settings
from marketplace.seals.assessment import Finding, Judgement, Question, SealRole, Vote
from marketplace.seals.criteria import Criterion, ProductKind
from marketplace.seals.lifecycle import SealAction
from marketplace.seals.models import SealApplication
from marketplace.seals.record import lock, reason, take, tell
from marketplace.seals.ruling import Obstacle, Outcome, obstacles, outcomes, unjudged
from marketplace.seals.separation import appointed, complete, insiders, role_of, serving

CLOCK = timedelta(weeks=6)
MOST_POINTS = 100.0
ROWS = ("makers", "inputs", "steps")


def submit(
    session: Session, application: SealApplication, *, today: date, actor: Actor, now: datetime
) -> None:
    """Hand the application in; the agency has six weeks from now on.

    Raises ``Invalid`` where the description, the makers' figures, materials or steps are missing,
    while the applicant is not verified, and where another one asks for the same renewal.
    """
    lock(session, application)
    session.refresh(application, ROWS)
    require(policy.can(actor, application, SealAction.SUBMIT, None))
    if application.renews is not None:
        renewing.ask_once(session, application.renews)
    problems = []
    if not session.get_one(Organisation, application.organisation_id).takes_part:
        problems.append(Problem("organisation", "not_verified_yet"))
    if not application.description:
        problems.append(Problem("description", "required"))
    if any(maker.employees is None for maker in application.makers):
        problems.append(Problem("makers", "seal_people_required"))
    if not application.inputs and application.kind is ProductKind.PRODUCT:
        problems.append(Problem("inputs", "seal_inputs_required"))
    if not application.steps:
        problems.append(Problem("steps", "seal_steps_required"))
    if problems:
        raise Invalid(problems)
    application.submitted_at, application.due_on = now, today + CLOCK
    take(session, application, SealAction.SUBMIT, "", role=None, actor=actor, now=now)


def withdraw(
    session: Session, application: SealApplication, *, actor: Actor, now: datetime
) -> None:
    """Take the application back."""
    lock(session, application)
    take(session, application, SealAction.WITHDRAW, "", role=None, actor=actor, now=now)


def begin(session: Session, application: SealApplication, *, actor: Actor, now: datetime) -> None:
    """Begin the assessment, once adviser and assessor are appointed."""
    lock(session, application)
    require(policy.is_agency(actor))
    complete(appointed(session, application), SealRole.ADVISER, SealRole.ASSESSOR)
    take(session, application, SealAction.BEGIN, "", role=None, actor=actor, now=now)


def judge(
    session: Session,
    application: SealApplication,
    code: str,
    finding: Finding | None,
    points: float | None,
    text: str,
    *,
    actor: Actor,
    now: datetime,
) -> Judgement:
    """Fill in a line of the assessment sheet. Computed criteria are not judged."""
    lock(session, application)
    require(policy.can_judge(application, role_of(session, application, actor)))
    criterion = criterion_of(application, code)
    if criterion.computed:
        raise WrongState("this criterion is computed")
    if finding is None:
        raise Invalid.one("finding", "required")
    if points is not None and not 0 <= points <= MOST_POINTS:
        raise Invalid.one("points", "seal_points", most=int(MOST_POINTS))
    comment = reason(text)
    known = queries.judgements(session, application)
    row = next((r for r in known if r.criterion_id == criterion.id), None)
    if row is None:
        row = Judgement(application_id=application.id, criterion_id=criterion.id)
        session.add(row)
    row.finding, row.points, row.reason = finding, points or 0.0, comment
    row.user_id, row.at = actor.user_id, now
    session.flush()
    after: dict[str, object] = {"code": code, "finding": finding.value, "points": row.points}
    audit.note(session, "judge", row, actor=actor, now=now, after=after)
    return row


def criterion_of(application: SealApplication, code: str) -> Criterion:
    """Return one of the criteria of the version under which the application began."""
    found = next((c for c in queries.applicable(application) if c.code == code), None)
    if found is None:
        raise NotFound
    return found


def sheet(session: Session, application: SealApplication) -> list[Outcome]:
    """Return what was found of every criterion so far."""
    return outcomes(
        queries.applicable(application),
        queries.values_of(application),
        queries.judgements(session, application),
    )


def report(session: Session, application: SealApplication, *, actor: Actor, now: datetime) -> None:
    """Close the assessment: figures and points stand as they are in the test report.

    Raises ``Invalid`` while a criterion is open.
    """
    lock(session, application)
    role = role_of(session, application, actor)
    require(policy.can(actor, application, SealAction.REPORT, role))
    found = sheet(session, application)
    still = unjudged(found)
    if still:
        raise Invalid.one("report", "seal_unjudged", codes=", ".join(still))
    application.figures = queries.frozen(queries.figures(application))
    application.points = sum(each.points for each in found)
    application.reported_at = now
    comment = f"{application.points:g}"
    take(session, application, SealAction.REPORT, comment, role=role, actor=actor, now=now)


def convene(session: Session, application: SealApplication, *, actor: Actor, now: datetime) -> None:
    """Lay the report before the panel, which has an independent member, and name the decider."""
    _to_panel(session, application, SealAction.CONVENE, actor=actor, now=now)


def _to_panel(
    session: Session,
    application: SealApplication,
    action: SealAction,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    lock(session, application)
    require(policy.is_agency(actor))
    complete(appointed(session, application), SealRole.PANEL, SealRole.DECIDER)
    take(session, application, action, "", role=None, actor=actor, now=now)


def vote(
    session: Session,
    application: SealApplication,
    yes: bool | None,
    text: str,
    *,
    actor: Actor,
    now: datetime,
) -> Vote:
    """Say yes or no as a member of the panel, with the reason; one may think again until it is
    decided."""
    lock(session, application)
    require(policy.can_vote(application, role_of(session, application, actor)))
    if yes is None:
        raise Invalid.one("yes", "required")
    comment = reason(text)
    known = queries.votes(session, application)
    row = next((v for v in known if v.user_id == actor.user_id), None)
    if row is None:
        row = Vote(application_id=application.id, round=application.round, user_id=actor.user_id)
        session.add(row)
    row.yes, row.reason, row.at = yes, comment, now
    session.flush()
    audit.note(session, "vote", row, actor=actor, now=now, after={"yes": yes})
    return row


def standing_obstacles(session: Session, application: SealApplication) -> list[Obstacle]:
    """Return why the seal cannot be awarded now; empty where it can.

    Whoever joined the applicant's or a maker's organisation after voting is no longer heard.
    """
    inside = insiders(session, application)
    return obstacles(
        sheet(session, application),
        [row for row in appointed(session, application) if row.user_id not in inside],
        [vote for vote in queries.votes(session, application) if vote.user_id not in inside],
        points=application.points,
        pass_mark=settings.load(session).pass_mark,
    )


def refuse(
    session: Session, application: SealApplication, text: str, *, actor: Actor, now: datetime
) -> None:
    """Decide against the seal, with the reason. The panel has to have been heard."""
    lock(session, application)
    role = role_of(session, application, actor)
    require(policy.can(actor, application, SealAction.REFUSE, role))
    unheard = {Obstacle.QUORUM_MISSING, Obstacle.INDEPENDENT_MISSING}
    missing = unheard.intersection(standing_obstacles(session, application))
    if missing:
        raise Invalid.one("reason", min(missing).value)
    decide(session, application, SealAction.REFUSE, reason(text), role=role, actor=actor, now=now)


def decide(
    session: Session,
    application: SealApplication,
    action: SealAction,
    comment: str,
    *,
    role: SealRole | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the decision down."""
    application.decided_at, application.decision = now, comment
    take(session, application, action, comment, role=role, actor=actor, now=now)


def appeal_until(session: Session, application: SealApplication) -> date | None:
    """Return the last day on which a refusal may be appealed against."""
    if application.decided_at is None:
        return None
    return (application.decided_at + timedelta(days=settings.load(session).appeal_days)).date()


def appeal(
    session: Session,
    application: SealApplication,
    text: str,
    *,
    today: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Appeal against the refusal in time; whoever decided does not decide again."""
    lock(session, application)
    require(policy.can(actor, application, SealAction.APPEAL, None))
    last = appeal_until(session, application)
    if last is not None and today > last:
        raise Invalid.one("reason", "seal_appeal_late")
    comment = reason(text)
    for row in serving(appointed(session, application), SealRole.DECIDER):
        row.ended = True
    application.due_on = today + CLOCK
    application.round += 1
    take(session, application, SealAction.APPEAL, comment, role=None, actor=actor, now=now)


def rehear(session: Session, application: SealApplication, *, actor: Actor, now: datetime) -> None:
    """Lay the appeal before the panel, with another decider than before."""
    _to_panel(session, application, SealAction.REHEAR, actor=actor, now=now)


def ask(
    session: Session, application: SealApplication, text: str, *, actor: Actor, now: datetime
) -> Question:
    """Ask the applicant something."""
    lock(session, application)
    require(policy.can_ask(application, role_of(session, application, actor)))
    words = reason(text, field="text")
    row = Question(
        application_id=application.id, text=words, answer="", asked_by=actor.user_id, asked_at=now
    )
    session.add(row)
    session.flush()
    audit.note(session, "ask", row, actor=actor, now=now)
    tell(session, application.id, actor=actor, now=now)
    return row


def answer(
    session: Session,
    application: SealApplication,
    question_id: int,
    text: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Answer a question, once."""
    lock(session, application)
    require(policy.is_applicant(actor, application))
    row = session.get(Question, question_id)
    if row is None or row.application_id != application.id:
        raise NotFound
    if row.answered_at is not None:
        raise WrongState("this question is answered")
    row.answer = reason(text, field="text")
    row.answered_by, row.answered_at = actor.user_id, now
    session.flush()
    audit.note(session, "answer", row, actor=actor, now=now)
    tell(session, application.id, actor=actor, now=now)
