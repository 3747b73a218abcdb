"""Files of a case: kept, shown to the parties, and deleted for good."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.cases.models import Case, CaseFile, Idea, Trial
from marketplace.cases.steps import again, begin, heard
from marketplace.core import audit
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid
from marketplace.core.storage import Storage
from marketplace.photos.attachments import Checked

MOST_FILES = 200


def store(
    session: Session,
    storage: Storage,
    case: Case,
    checked: Checked,
    *,
    idea: Idea | None = None,
    trial: Trial | None = None,
    for_parties: bool = False,
    actor: Actor,
    now: datetime,
) -> CaseFile:
    """Keep a checked file; ``for_parties`` lets them see it too."""
    begin(session, case, actor=actor)
    many = len(session.scalars(select(CaseFile.id).where(CaseFile.case_id == case.id)).all())
    if many >= MOST_FILES:
        raise Invalid.one("file", "too_many_files", most=MOST_FILES)
    kept = CaseFile(
        case_id=case.id,
        idea_id=idea.id if idea is not None else None,
        trial_id=trial.id if trial is not None else None,
        key=f"case-{secrets.token_hex(18)}",
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.data),
        for_parties=for_parties,
        uploaded_by=actor.user_id,
        at=now,
    )
    storage.put(kept.key, checked.data)
    session.add(kept)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "create", kept, actor=actor, now=now, after={"name": kept.name})
    return kept


def show_to_parties(
    session: Session, case: Case, kept: CaseFile, shown: bool, *, actor: Actor, now: datetime
) -> None:
    """Let the parties see a file, or no longer."""
    begin(session, case, actor=actor)
    again(session, kept)
    kept.for_parties = shown
    session.flush()
    audit.note(session, "show", kept, actor=actor, now=now, after={"for_parties": shown})


def remove(session: Session, case: Case, kept: CaseFile, *, actor: Actor, now: datetime) -> str:
    """Take a file out of the case; return the name under which its bytes lie.

    The bytes may go only once this is committed.
    """
    begin(session, case, actor=actor)
    again(session, kept)
    key = kept.key
    audit.note(session, "remove", kept, actor=actor, now=now, before={"name": kept.name})
    session.delete(kept)
    session.flush()
    return key
