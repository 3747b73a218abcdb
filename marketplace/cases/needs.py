"""What is needed, and what might be made of it: needs sheets and ideas."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.cases.drafts import CaseDraft, IdeaDraft, NeedsDraft
from marketplace.cases.models import Case, Idea, NeedsSheet, Verdict
from marketplace.cases.steps import again, begin, heard, reason_of
from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, Outrun
from marketplace.listings.models import Kind


def edit(
    session: Session, case: Case, draft: CaseDraft, *, seen: int, actor: Actor, now: datetime
) -> None:
    """Say anew what the case is about and who asked.

    ``seen`` is the row's version that the broker had before them: raises ``Outrun`` where somebody
    else has written since.
    """
    begin(session, case, actor=actor)
    if seen != case.version:
        raise Outrun("somebody else has written since")
    changed = [name for name, value in vars(draft).items() if getattr(case, name) != value]
    for name in changed:
        setattr(case, name, getattr(draft, name))
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "edit", case, actor=actor, now=now, after={"changed": changed})


def first(session: Session, case: Case, draft: NeedsDraft) -> None:
    """Add the needs sheet that an enquiry begins with."""
    session.add(_written(NeedsSheet(case_id=case.id), draft))
    session.flush()


def write(
    session: Session, case: Case, draft: NeedsDraft, *, seen: int, actor: Actor, now: datetime
) -> NeedsSheet:
    """Write the needs sheet of one mediation kind; ``seen`` is its version, 0 for a new one.

    Raises ``Outrun`` where somebody else has written it since.
    """
    begin(session, case, actor=actor)
    sheet = sheet_of(session, case, draft.kind)
    if seen != (sheet.version if sheet is not None else 0):
        raise Outrun("somebody else has written the sheet since")
    if sheet is None:
        sheet = NeedsSheet(case_id=case.id)
        session.add(sheet)
    _written(sheet, draft)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "write", sheet, actor=actor, now=now, after={"kind": draft.kind.value})
    return sheet


def remove(session: Session, case: Case, kind: Kind, *, actor: Actor, now: datetime) -> None:
    """Throw the needs sheet of one mediation kind away."""
    begin(session, case, actor=actor)
    sheet = sheet_of(session, case, kind)
    if sheet is not None:
        audit.note(session, "remove", sheet, actor=actor, now=now, before={"what": sheet.what})
        session.delete(sheet)
        session.flush()


def sheet_of(session: Session, case: Case, kind: Kind) -> NeedsSheet | None:
    """Return the needs sheet of one mediation kind, as it is now."""
    return session.scalars(
        select(NeedsSheet)
        .where(NeedsSheet.case_id == case.id, NeedsSheet.kind == kind)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _written(sheet: NeedsSheet, draft: NeedsDraft) -> NeedsSheet:
    for name, value in vars(draft).items():
        setattr(sheet, name, list(value) if name == "sdgs" else value)
    return sheet


def add_idea(
    session: Session, case: Case, draft: IdeaDraft, *, actor: Actor, now: datetime
) -> Idea:
    """Write down what might be made."""
    begin(session, case, actor=actor)
    idea = Idea(case_id=case.id, author_id=actor.user_id, at=now, **vars(draft))
    session.add(idea)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "create", idea, actor=actor, now=now, after={"title": idea.title})
    return idea


def judge_idea(
    session: Session,
    case: Case,
    idea: Idea,
    verdict: Verdict | None,
    reason: str,
    *,
    seen: Verdict | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say whether an idea is followed up; one that is not needs a reason.

    ``seen`` is the verdict that the broker had before them: raises ``Outrun`` where it is another.
    """
    begin(session, case, actor=actor)
    again(session, idea)
    if verdict is None:
        raise Invalid.one("verdict", "not_a_choice")
    if seen is not idea.verdict:
        raise Outrun("somebody else has judged the idea since")
    why = reason_of(reason, needed=verdict is Verdict.FAILED)
    before, idea.verdict, idea.verdict_reason = idea.verdict, verdict, why
    session.flush()
    heard(session, case, now=now)
    audit.note(
        session,
        "judge",
        idea,
        actor=actor,
        now=now,
        before={"verdict": before.value},
        after={"verdict": verdict.value, "reason": why},
    )
