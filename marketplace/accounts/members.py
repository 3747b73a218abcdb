"""Who belongs to an organisation: inviting, joining, changing roles, leaving."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts import policy
from marketplace.accounts.drafts import good_email
from marketplace.accounts.events import MemberInvited
from marketplace.accounts.models import Invitation, MemberRole, Membership, Organisation, User
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, WrongState


def invite(
    session: Session,
    organisation: Organisation,
    email: str,
    role: MemberRole,
    *,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Invite an address by mail; inviting it again sends a fresh link and voids the earlier one."""
    require(policy.can_manage_members(actor, organisation) and actor.user_id is not None)
    email = good_email(email)
    if _belongs(session, organisation.id, email):
        raise Invalid.one("email", "already_member")
    invitation = session.scalars(
        select(Invitation).where(
            Invitation.organisation_id == organisation.id, Invitation.email == email
        )
    ).one_or_none()
    if invitation is None:
        invitation = Invitation(organisation_id=organisation.id, email=email)
        session.add(invitation)
    invitation.role = role
    invitation.invited_by = actor.user_id or 0
    invitation.invited_at, invitation.accepted_at = now, None
    session.flush()
    outbox.record(session, MemberInvited(invitation.id), now=now)
    audit.note(session, "invite", organisation, actor=actor, now=now, after={"role": role.value})
    return invitation


def _belongs(session: Session, organisation_id: int, email: str) -> bool:
    found = session.scalar(
        select(Membership.id)
        .join(Membership.user)
        .where(Membership.organisation_id == organisation_id, User.email == email)
    )
    return found is not None


def withdraw_invitation(
    session: Session,
    organisation: Organisation,
    invitation_id: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make the invitation's link worthless."""
    require(policy.can_manage_members(actor, organisation))
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.organisation_id != organisation.id:
        raise NotFound
    session.delete(invitation)
    audit.note(session, "withdraw_invitation", organisation, actor=actor, now=now)


def accept_invitation(
    session: Session, invitation: Invitation, user: User, *, now: datetime
) -> Membership:
    """Let ``user``, who holds the mail's link, join; who belongs already keeps the higher role."""
    if invitation.accepted_at is not None:
        raise WrongState("the invitation has been used")
    organisation = session.get_one(Organisation, invitation.organisation_id)
    membership = _membership(session, organisation.id, user.id)
    if membership is None:
        membership = Membership(
            user_id=user.id, organisation_id=organisation.id, role=invitation.role
        )
        session.add(membership)
    elif invitation.role is MemberRole.MANAGER:
        membership.role = MemberRole.MANAGER
    invitation.accepted_at = now
    user.last_organisation_id = organisation.id
    session.flush()
    audit.note(
        session,
        "join",
        organisation,
        actor=Actor(user_id=user.id),
        now=now,
        after={"user_id": user.id, "role": membership.role.value},
    )
    return membership


def change_role(
    session: Session,
    organisation: Organisation,
    user_id: int,
    role: MemberRole,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make a member a manager or the other way about; one manager always stays."""
    require(policy.can_manage_members(actor, organisation))
    membership = _get(session, organisation.id, user_id)
    before = membership.role
    if role is before:
        return
    if before is MemberRole.MANAGER:
        _keep_a_manager(session, organisation.id, user_id)
    membership.role = role
    audit.note(
        session,
        "change_role",
        organisation,
        actor=actor,
        now=now,
        before={"user_id": user_id, "role": before.value},
        after={"user_id": user_id, "role": role.value},
    )


def remove_member(
    session: Session, organisation: Organisation, user_id: int, *, actor: Actor, now: datetime
) -> None:
    """End a membership, by a manager or by the person; one manager always stays."""
    leaving = actor.belongs_to(organisation.id) and actor.user_id == user_id
    require(leaving or policy.can_manage_members(actor, organisation))
    membership = _get(session, organisation.id, user_id)
    if membership.role is MemberRole.MANAGER:
        _keep_a_manager(session, organisation.id, user_id)
    session.delete(membership)
    user = session.get_one(User, user_id)
    if user.last_organisation_id == organisation.id:
        user.last_organisation_id = None
    audit.note(
        session, "remove_member", organisation, actor=actor, now=now, before={"user_id": user_id}
    )


def other_managers(session: Session, organisation_id: int, user_id: int) -> int:
    """Return how many active managers the organisation has beside this person.

    The organisation is locked first, so that two managers who leave at once cannot both count on
    the other.
    """
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Membership)
            .join(Membership.user)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.user_id != user_id,
                Membership.role == MemberRole.MANAGER,
                User.active,
            )
        )
        or 0
    )


def _keep_a_manager(session: Session, organisation_id: int, user_id: int) -> None:
    if not other_managers(session, organisation_id, user_id):
        raise Invalid.one("members", "last_manager")


def _membership(session: Session, organisation_id: int, user_id: int) -> Membership | None:
    return session.scalars(
        select(Membership).where(
            Membership.organisation_id == organisation_id, Membership.user_id == user_id
        )
    ).one_or_none()


def _get(session: Session, organisation_id: int, user_id: int) -> Membership:
    found = _membership(session, organisation_id, user_id)
    if found is None:
        raise NotFound
    return found
