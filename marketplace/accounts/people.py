"""A person's own data: changing it, taking it along, being erased."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.drafts import good_password
from marketplace.accounts.events import OrganisationChanged, PersonErased
from marketplace.accounts.members import other_managers
from marketplace.accounts.models import Invitation, MemberRole, Membership, Organisation, User
from marketplace.accounts.passwords import hashed, matches
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor
from marketplace.core.audit import AuditRow
from marketplace.core.errors import Invalid
from marketplace.core.text import clean

LANGUAGES = ("de", "hu", "en")
MOST_SILENT_DAYS = 60


def edit_person(session: Session, user: User, *, name: str, language: str) -> None:
    """Change what the person is called and in which language they are written to."""
    name = clean(name)
    if not name:
        raise Invalid.one("name", "required")
    if len(name) > 120:
        raise Invalid.one("name", "too_long", most=120)
    user.name = name
    choose_language(user, language)


def choose_language(user: User, language: str) -> None:
    """Write to the person in this language from now on, if it is one of ours."""
    if language in LANGUAGES:
        user.language = language


def choose_silence(user: User, days: int | None) -> None:
    """Tell the broker of cases after so many days without a word, 1 to 60."""
    if days is None or not 1 <= days <= MOST_SILENT_DAYS:
        raise Invalid.one("days", "days_of_silence", most=MOST_SILENT_DAYS)
    user.silent_days = days


def check_password(user: User, password: str, *, field: str) -> None:
    """Refuse unless the person knows their password."""
    if not matches(user.password_hash, password):
        raise Invalid.one(field, "password_wrong")


def change_password(session: Session, user: User, *, current: str, new: str) -> None:
    """Store a new password for somebody who knows the old one, and sign them out elsewhere."""
    check_password(user, current, field="current")
    user.password_hash = hashed(good_password(new))
    user.epoch += 1


def choose_organisation(session: Session, user: User, organisation_id: int) -> bool:
    """Act for this organisation at the next sign-in too; False where it is not theirs."""
    theirs = session.scalar(
        select(Membership.id).where(
            Membership.user_id == user.id, Membership.organisation_id == organisation_id
        )
    )
    if theirs is None:
        return False
    user.last_organisation_id = organisation_id
    return True


def memberships_of(session: Session, user: User) -> list[Membership]:
    """Return where the person belongs, with the organisations."""
    return list(
        session.scalars(
            select(Membership)
            .where(Membership.user_id == user.id)
            .options(joinedload(Membership.organisation))
            .order_by(Membership.id)
        )
    )


def export_my_data(session: Session, user: User) -> dict[str, object]:
    """Return what accounts hold on the person, as plain values that JSON can carry."""
    decisions = session.scalars(
        select(AuditRow).where(AuditRow.user_id == user.id).order_by(AuditRow.id)
    )
    return {
        "person": {
            "name": user.name,
            "email": user.email,
            "language": user.language,
            "registered_at": user.created_at.isoformat(),
            "confirmed_at": user.confirmed_at.isoformat() if user.confirmed_at else None,
            "broker_of_service_point": user.service_point_id,
            "agency": user.agency,
        },
        "memberships": [
            {"organisation": m.organisation.name, "role": m.role.value}
            for m in memberships_of(session, user)
        ],
        "invitations": [
            {"organisation": i.organisation.name, "invited_at": i.invited_at.isoformat()}
            for i in session.scalars(
                select(Invitation)
                .where(Invitation.email == user.email)
                .options(joinedload(Invitation.organisation))
            )
        ],
        "decisions": [
            {"at": row.at.isoformat(), "action": row.action, "subject": row.subject}
            for row in decisions
        ],
    }


def erase(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Forget who the person was; what the law wants kept stays, without the name.

    An organisation that has other people needs another manager first; one that has nobody left
    takes no part any more.
    """
    for membership in memberships_of(session, user):
        _leave(session, membership, now)
    session.execute(delete(Invitation).where(Invitation.email == user.email))
    user.name, user.email = "erased", f"erased-{user.id}@erased.invalid"
    user.password_hash, user.active, user.agency = "erased", False, False
    user.service_point_id = user.last_organisation_id = None
    user.epoch += 1
    session.flush()
    outbox.record(session, PersonErased(user.id), now=now)
    audit.note(session, "erase", user, actor=actor, now=now)


def _leave(session: Session, membership: Membership, now: datetime) -> None:
    organisation: Organisation = membership.organisation
    others = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.organisation_id == organisation.id,
            Membership.user_id != membership.user_id,
        )
    )
    is_manager = membership.role is MemberRole.MANAGER
    if others and is_manager and not other_managers(session, organisation.id, membership.user_id):
        raise Invalid.one("password", "hand_over_first", organisation=organisation.name)
    if not others:
        organisation.active = False
        organisation.contact_name = ""
        outbox.record(session, OrganisationChanged(organisation.id), now=now)
    session.delete(membership)
