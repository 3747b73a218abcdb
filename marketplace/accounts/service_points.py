"""What the agency does with service points, their brokers and its own people."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.accounts import policy
from marketplace.accounts.actions import find_user
from marketplace.accounts.drafts import ServicePointDraft
from marketplace.accounts.events import OrganisationChanged
from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.accounts.queries import service_point_for
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound

PLAIN = ("name", "country", "regions", "email", "phone", "about", "contact_abroad")


def create_service_point(
    session: Session, draft: ServicePointDraft, *, actor: Actor, now: datetime
) -> ServicePoint:
    """Open a service point; organisations in its regions are looked after by it from now on."""
    require(policy.can_run_service_points(actor))
    point = ServicePoint()
    _write(session, point, draft)
    session.add(point)
    session.flush()
    _reassign(session, set(draft.regions), now=now)
    audit.note(session, "create", point, actor=actor, now=now, after={"name": point.name})
    return point


def edit_service_point(
    session: Session, point: ServicePoint, draft: ServicePointDraft, *, actor: Actor, now: datetime
) -> None:
    """Change name and regions; organisations in regions that came or went change hands."""
    require(policy.can_run_service_points(actor))
    before = {name: getattr(point, name) for name in PLAIN}
    _write(session, point, draft)
    session.flush()
    _reassign(session, {*before["regions"], *draft.regions}, now=now)
    changed = [name for name in PLAIN if before[name] != getattr(point, name)]
    audit.note(
        session,
        "edit",
        point,
        actor=actor,
        now=now,
        before={name: before[name] for name in changed},
        after={name: getattr(point, name) for name in changed},
    )


def _write(session: Session, point: ServicePoint, draft: ServicePointDraft) -> None:
    taken = select(ServicePoint.id).where(ServicePoint.name == draft.name)
    if point.id is not None:
        taken = taken.where(ServicePoint.id != point.id)
    with session.no_autoflush:
        if session.scalar(taken) is not None:
            raise Invalid.one("name", "name_taken")
    if draft.contact_abroad:
        others = update(ServicePoint).where(ServicePoint.contact_abroad)
        session.execute(others.values(contact_abroad=False))
    for name in PLAIN:
        setattr(point, name, getattr(draft, name))


def _reassign(session: Session, regions: set[str], *, now: datetime) -> None:
    found = session.scalars(select(Organisation).where(Organisation.region.in_(regions)))
    holder = {region: service_point_for(session, region) for region in regions}
    for organisation in found:
        point = holder[organisation.region or ""]
        new = point.id if point else None
        if organisation.service_point_id != new:
            organisation.service_point_id = new
            outbox.record(session, OrganisationChanged(organisation.id), now=now)
    session.flush()


def appoint_broker(
    session: Session, point: ServicePoint, email: str, *, actor: Actor, now: datetime
) -> User:
    """Make somebody who has an account a broker of this service point, and of no other."""
    require(policy.can_run_service_points(actor))
    user = _person(session, email)
    before = user.service_point_id
    user.service_point_id = point.id
    audit.note(
        session,
        "appoint_broker",
        user,
        actor=actor,
        now=now,
        before={"service_point_id": before},
        after={"service_point_id": point.id},
    )
    return user


def dismiss_broker(
    session: Session, point: ServicePoint, user_id: int, *, actor: Actor, now: datetime
) -> None:
    """End a broker's work for this service point; the account stays."""
    require(policy.can_run_service_points(actor))
    user = session.get(User, user_id)
    if user is None or user.service_point_id != point.id:
        raise NotFound
    user.service_point_id = None
    audit.note(
        session,
        "dismiss_broker",
        user,
        actor=actor,
        now=now,
        before={"service_point_id": point.id},
    )


def make_agency_user(session: Session, email: str, *, actor: Actor, now: datetime) -> User:
    """Let somebody who has an account work for the agency."""
    require(policy.can_run_service_points(actor))
    user = _person(session, email)
    user.agency = True
    audit.note(session, "make_agency_user", user, actor=actor, now=now)
    return user


def _person(session: Session, email: str) -> User:
    user = find_user(session, email)
    if user is None:
        raise Invalid.one("email", "person_unknown", text=email.strip())
    return user
