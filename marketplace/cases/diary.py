"""What brokers keep for themselves in a case: notes and tasks."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.cases.drafts import WORDS, TaskDraft
from marketplace.cases.models import Case, CaseNote, CaseTask
from marketplace.cases.steps import again, begin, heard, name_of
from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid
from marketplace.core.text import clean


def note(session: Session, case: Case, text: str, *, actor: Actor, now: datetime) -> CaseNote:
    """Write something down that the parties never see."""
    begin(session, case, actor=actor)
    words = clean(text)
    if not words:
        raise Invalid.one("text", "required")
    if len(words) > WORDS:
        raise Invalid.one("text", "too_long", most=WORDS)
    written = CaseNote(
        case_id=case.id,
        author_id=actor.user_id,
        name=name_of(session, actor),
        text=words,
        at=now,
    )
    session.add(written)
    session.flush()
    heard(session, case, now=now)
    return written


def add_task(
    session: Session, case: Case, draft: TaskDraft, *, actor: Actor, now: datetime
) -> CaseTask:
    """Note what is to be done until when, and by whom."""
    begin(session, case, actor=actor)
    if draft.assignee_id is not None:
        doer = session.get(User, draft.assignee_id)
        if (
            doer is None
            or not doer.active
            or not (doer.agency or doer.service_point_id == case.service_point_id)
        ):
            raise Invalid.one("assignee", "not_a_choice")
    task = CaseTask(case_id=case.id, created_at=now, **vars(draft))
    session.add(task)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "create", task, actor=actor, now=now, after={"title": task.title})
    return task


def finish_task(
    session: Session, case: Case, task: CaseTask, *, actor: Actor, now: datetime
) -> None:
    """Mark a task as done; doing it twice is doing it once."""
    begin(session, case, actor=actor)
    again(session, task)
    if task.done_at is None:
        task.done_at, task.done_by = now, actor.user_id
        session.flush()
        heard(session, case, now=now)
        audit.note(session, "finish", task, actor=actor, now=now)


def undo_task(session: Session, case: Case, task: CaseTask, *, actor: Actor, now: datetime) -> None:
    """Mark a task as not done after all."""
    begin(session, case, actor=actor)
    again(session, task)
    if task.done_at is not None:
        task.done_at = task.done_by = None
        session.flush()
        audit.note(session, "undo", task, actor=actor, now=now)
