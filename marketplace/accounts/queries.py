"""Reading people, organisations and service points."""

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts import policy
from marketplace.accounts.models import (
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    ServicePoint,
    Site,
    User,
    Verification,
)
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound


def home(session: Session, *, actor: Actor) -> Organisation | None:
    """Return the organisation that the actor acts for."""
    if actor.organisation_id is None:
        return None
    return session.get(Organisation, actor.organisation_id)


def sites(session: Session, *, actor: Actor) -> list[Site]:
    """Return the places of the actor's organisation, by name."""
    return list(
        session.scalars(
            select(Site).where(Site.organisation_id == actor.organisation_id).order_by(Site.name)
        )
    )


def service_point_for(session: Session, region: str | None) -> ServicePoint | None:
    """Return the service point whose region holds a place; the oldest where several do."""
    points = session.scalars(select(ServicePoint).order_by(ServicePoint.id))
    return next((p for p in points if region in p.regions), None) if region else None


def countries(session: Session) -> set[str]:
    """Return the countries that have a service point."""
    return set(session.scalars(select(ServicePoint.country).distinct()))


def contact_abroad(session: Session) -> ServicePoint | None:
    """Return the service point that answers for all countries that none holds."""
    return session.scalars(select(ServicePoint).where(ServicePoint.contact_abroad)).first()


def members(session: Session, organisation_id: int) -> list[User]:
    """Return the active people of an organisation, by name."""
    return list(
        session.scalars(
            select(User)
            .where(User.active, User.memberships.any(organisation_id=organisation_id))
            .order_by(User.name)
        )
    )


def brokers(session: Session, service_point_id: int | None) -> list[User]:
    """Return the brokers of a service point, or the agency's people where there is none."""
    wanted = (
        User.service_point_id == service_point_id if service_point_id is not None else User.agency
    )
    return list(session.scalars(select(User).where(User.active, wanted).order_by(User.name)))


def get(session: Session, organisation_id: int, *, actor: Actor) -> Organisation:
    """Return the organisation if this actor may know of it."""
    found = session.scalars(
        select(Organisation).where(Organisation.id == organisation_id, policy.visible_to(actor))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def memberships(session: Session, organisation_id: int) -> list[Membership]:
    """Return who belongs to an organisation and in which role, by name."""
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.user)
            .where(Membership.organisation_id == organisation_id, User.active)
            .options(joinedload(Membership.user))
            .order_by(User.name, User.id)
        )
    )


def open_invitations(session: Session, organisation_id: int) -> list[Invitation]:
    """Return the invitations that nobody has accepted yet, newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.organisation_id == organisation_id, Invitation.accepted_at.is_(None))
            .order_by(Invitation.invited_at.desc())
        )
    )


def invitation(session: Session, invitation_id: int) -> Invitation | None:
    """Return an invitation with its organisation."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(joinedload(Invitation.organisation))
    ).one_or_none()


def service_points(session: Session) -> list[ServicePoint]:
    """Return every service point, by country and name."""
    order = (ServicePoint.country, ServicePoint.name)
    return list(session.scalars(select(ServicePoint).order_by(*order)))


def service_point(session: Session, point_id: int) -> ServicePoint:
    """Return a service point."""
    found = session.get(ServicePoint, point_id)
    if found is None:
        raise NotFound
    return found


def service_points_with_counts(
    session: Session,
) -> list[tuple[ServicePoint, dict[Verification, int]]]:
    """Return every service point with how many organisations it has in each verification state."""
    rows = session.execute(
        select(Organisation.service_point_id, Organisation.verification, func.count()).group_by(
            Organisation.service_point_id, Organisation.verification
        )
    ).all()
    points = session.scalars(select(ServicePoint).order_by(ServicePoint.name)).all()
    return [(p, {state: n for key, state, n in rows if key == p.id}) for p in points]


def enterprises_of(session: Session, point_id: int) -> list[Organisation]:
    """Return the social enterprises of a service point that everybody may see, by name."""
    wanted = select(Organisation).where(
        Organisation.service_point_id == point_id,
        Organisation.kind == OrganisationKind.SOCIAL_ENTERPRISE,
        Organisation.verification == Verification.VERIFIED,
        Organisation.active,
    )
    return list(session.scalars(wanted.order_by(func.lower(Organisation.name)).limit(60)))


def verified_count(session: Session, point_id: int) -> int:
    """Return how many organisations of a service point take part."""
    wanted = select(func.count()).where(
        Organisation.service_point_id == point_id,
        Organisation.verification == Verification.VERIFIED,
        Organisation.active,
    )
    return session.scalar(wanted) or 0


def looked_after(
    session: Session,
    *,
    actor: Actor,
    verification: Verification | None = None,
    words: str = "",
    page: int = 1,
    size: int = 25,
) -> tuple[list[Organisation], int]:
    """Return one page of the organisations that a broker looks after, and how many.

    Those that wait to be verified come longest waiting first, all others by name.
    """
    conditions: list[ColumnElement[bool]] = []
    if not policy.can_run_service_points(actor):
        conditions.append(Organisation.service_point_id == actor.service_point_id)
    if verification is not None:
        conditions.append(Organisation.verification == verification)
    for word in words.split()[:6]:
        texts = (Organisation.name, Organisation.city, Organisation.email, Organisation.vat_id)
        conditions.append(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    waiting = verification is Verification.PENDING
    order = Organisation.created_at if waiting else func.lower(Organisation.name)
    total = session.scalar(select(func.count()).select_from(Organisation).where(*conditions)) or 0
    rows = session.scalars(
        select(Organisation)
        .where(*conditions)
        .options(joinedload(Organisation.service_point))
        .order_by(order, Organisation.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total
