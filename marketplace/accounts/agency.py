"""The people of the agency: the first of them is made on the server, by whoever runs it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts import policy
from marketplace.accounts.drafts import PersonDraft, good_email
from marketplace.accounts.models import User
from marketplace.accounts.passwords import hashed
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid


def appoint(session: Session, person: PersonDraft, *, actor: Actor, now: datetime) -> User:
    """Make somebody of the agency, with their address taken as confirmed.

    Raises ``Invalid`` on ``email`` where the address has an account.
    """
    require(policy.can_run_service_points(actor))
    email = good_email(person.email)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Invalid.one("email", "email_taken")
    user = User(
        email=email,
        name=person.name,
        password_hash=hashed(person.password),
        language=person.language,
        agency=True,
        confirmed_at=now,
        created_at=now,
    )
    session.add(user)
    session.flush()
    audit.note(session, "appoint", user, actor=actor, now=now, after={"agency": True})
    return user


def has_agency(session: Session) -> bool:
    """Tell whether anybody can administer the marketplace yet."""
    found = select(User.id).where(User.agency, User.active).limit(1)
    return session.scalar(found) is not None
