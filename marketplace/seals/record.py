"""The steps of an application as they are written down: state, history, record, fact."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.seals import policy
from marketplace.seals.assessment import SealRole
from marketplace.seals.events import SealMoved
from marketplace.seals.lifecycle import SEAL, SealAction
from marketplace.seals.models import SealApplication, SealStep

LONGEST = 4000
STATE = ("state", "round", "points", "figures", "due_on", "reported_at", "decided_at", "version")


def lock(session: Session, application: SealApplication) -> None:
    """Have the application for ourselves, as it is now and not as it was when it was read."""
    session.refresh(application, STATE, with_for_update={"key_share": True})


def reason(text: str | None, *, field: str = "reason") -> str:
    """Return a reason as it is kept; raise ``Invalid`` where it says nothing or too much."""
    kept = clean(text)
    if not kept:
        raise Invalid.one(field, "reason_required")
    if len(kept) > LONGEST:
        raise Invalid.one(field, "too_long", most=LONGEST)
    return kept


def take(
    session: Session,
    application: SealApplication,
    action: SealAction,
    comment: str,
    *,
    role: SealRole | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Take one step and put it on record everywhere. Raises ``NotAllowed`` and ``WrongState``."""
    require(policy.can(actor, application, action, role))
    before = application.state
    application.state = SEAL.after(before, action)
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    session.add(
        SealStep(
            application_id=application.id,
            state=application.state,
            at=now,
            user_id=actor.user_id,
            name=user.name if user else "",
            comment=comment,
        )
    )
    session.flush()
    audit.note(
        session,
        action.value,
        application,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": application.state.value, "comment": comment},
    )
    tell(session, application.id, actor=actor, now=now)


def tell(session: Session, application_id: int, *, actor: Actor, now: datetime) -> None:
    """Have those who take part told that something moved."""
    outbox.record(session, SealMoved(application_id, actor.user_id), now=now)
