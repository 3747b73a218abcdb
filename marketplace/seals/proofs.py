"""Evidence for a criterion: PDFs and pictures, for the applicant and those who assess only."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.storage import Storage
from marketplace.photos.attachments import check
from marketplace.seals import policy, queries
from marketplace.seals.assessment import SealEvidence
from marketplace.seals.models import SealApplication
from marketplace.seals.process import criterion_of
from marketplace.seals.record import lock
from marketplace.seals.separation import role_of

MOST_FILES = 60


def attach(
    session: Session,
    storage: Storage,
    application: SealApplication,
    code: str,
    name: str,
    data: bytes,
    *,
    actor: Actor,
    now: datetime,
) -> SealEvidence:
    """Keep a file for a criterion. Raises ``Invalid`` on ``file`` for what is not taken."""
    lock(session, application)
    require(policy.can_attach(actor, application, role_of(session, application, actor)))
    criterion = criterion_of(application, code)
    if len(queries.evidence(session, application)) >= MOST_FILES:
        raise Invalid.one("file", "too_many_files", most=MOST_FILES)
    kept = check(name, data)
    row = SealEvidence(
        application_id=application.id,
        criterion_id=criterion.id,
        key=f"seal-{secrets.token_urlsafe(24)}",
        name=kept.name,
        size=len(kept.data),
        uploaded_by=actor.user_id,
        at=now,
    )
    storage.put(row.key, kept.data)
    session.add(row)
    session.flush()
    after: dict[str, object] = {"name": row.name, "code": code}
    audit.note(session, "attach", row, actor=actor, now=now, after=after)
    return row


def get(
    session: Session, application: SealApplication, evidence_id: int, *, actor: Actor
) -> SealEvidence:
    """Return one file; makers who are not the applicant do not see the evidence."""
    role = role_of(session, application, actor)
    require(policy.is_applicant(actor, application) or policy.sees_inside(actor, role))
    found = session.get(SealEvidence, evidence_id)
    if found is None or found.application_id != application.id:
        raise NotFound
    return found
