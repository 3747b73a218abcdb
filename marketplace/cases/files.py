"""Files of a case: kept, shown to the parties, and deleted for good."""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from marketplace.cases.disclosure import party_of
from marketplace.cases.events import CaseFilesAttached
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Case, CaseFile, Idea, Trial
from marketplace.cases.steps import again, begin, heard, lock
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, WrongState
from marketplace.core.storage import Storage
from marketplace.photos.attachments import Checked

MOST_FILES = 200
MOST_OF_A_PARTY = 30


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
    kept = CaseFile(
        case_id=case.id,
        idea_id=idea.id if idea is not None else None,
        trial_id=trial.id if trial is not None else None,
        for_parties=for_parties,
    )
    return _keep(session, storage, case, kept, checked, actor=actor, now=now)


def attach(
    session: Session, storage: Storage, case: Case, checked: Checked, *, actor: Actor, now: datetime
) -> CaseFile:
    """Keep a checked file of a party; the brokers see it at once, the other parties once they know
    who attached it. Raises ``WrongState`` where the case is closed."""
    require(party_of(case, actor.organisation_id) is not None)
    lock(session, case)
    if case.phase is Phase.CLOSED:
        raise WrongState("the case is closed")
    mine = CaseFile(case_id=case.id, organisation_id=actor.organisation_id, for_parties=True)
    if _many(session, case, CaseFile.organisation_id == actor.organisation_id) >= MOST_OF_A_PARTY:
        raise Invalid.one("file", "too_many_files", most=MOST_OF_A_PARTY)
    row = _keep(session, storage, case, mine, checked, actor=actor, now=now)
    if actor.user_id is not None and actor.organisation_id is not None:
        until = outbox.gathered_until(now)
        said = CaseFilesAttached(case.id, actor.organisation_id, actor.user_id, until.isoformat())
        outbox.record(session, said, now=now, due_at=until)
    return row


def _many(session: Session, case: Case, *wanted: ColumnElement[bool]) -> int:
    counted = select(func.count(CaseFile.id)).where(CaseFile.case_id == case.id, *wanted)
    return session.scalar(counted) or 0


def _keep(
    session: Session,
    storage: Storage,
    case: Case,
    kept: CaseFile,
    checked: Checked,
    *,
    actor: Actor,
    now: datetime,
) -> CaseFile:
    if _many(session, case) >= MOST_FILES:
        raise Invalid.one("file", "too_many_files", most=MOST_FILES)
    kept.key = f"case-{secrets.token_hex(18)}"
    kept.name, kept.media_type, kept.size = checked.name, checked.media_type, len(checked.data)
    kept.uploaded_by, kept.at = actor.user_id, now
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
