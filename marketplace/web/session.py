"""The database session, the clock and the visitor behind the current request."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g
from flask import session as cookie
from flask_login import current_user
from sqlalchemy.orm import Session

from marketplace.accounts.models import MemberRole, Organisation, OrganisationKind, User
from marketplace.core import db
from marketplace.core.actor import ANYBODY, Actor, Role

KIND_ROLE = {
    OrganisationKind.COMPANY: Role.COMPANY,
    OrganisationKind.PUBLIC_BODY: Role.COMPANY,
    OrganisationKind.SOCIAL_ENTERPRISE: Role.ENTERPRISE,
    OrganisationKind.CONSULTANCY: Role.PARTNER,
    OrganisationKind.PARTNER: Role.PARTNER,
}


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session that commits everything or nothing; note that this request has kept something."""
    with db.transaction(current_app.extensions["sessions"]) as session:
        yield session
    g.committed = True


def reading() -> AbstractContextManager[Session]:
    """Open a session that only reads."""
    return db.reading(current_app.extensions["sessions"])


def now() -> datetime:
    """Return the moment of this request, the same throughout, as clocks show it at the service points.

    Features take the day and the year from it, so that New Year begins there and not in Greenwich.
    """
    if "now" not in g:
        g.now = datetime.now(ZoneInfo(current_app.config["TIMEZONE"]))
    moment: datetime = g.now
    return moment


def today() -> date:
    """Return the calendar day of this request where the service points are."""
    return now().date()


@dataclass(frozen=True)
class Visitor:
    """The person of this request as templates and Flask-Login see them."""

    actor: Actor = ANYBODY
    epoch: int = 0
    name: str = ""
    email: str = ""
    language: str = ""
    organisation_name: str = ""
    verified: bool = True
    memberships: list[tuple[int, str]] = field(default_factory=list)
    is_authenticated: bool = False
    is_active: bool = True

    def get_id(self) -> str:
        return f"{self.actor.user_id}:{self.epoch}"

    @property
    def user_id(self) -> int | None:
        return self.actor.user_id

    @property
    def organisation_id(self) -> int | None:
        return self.actor.organisation_id

    @property
    def signed_in(self) -> bool:
        return self.actor.signed_in

    @property
    def is_company(self) -> bool:
        return self.actor.has(Role.COMPANY)

    @property
    def is_enterprise(self) -> bool:
        return self.actor.has(Role.ENTERPRISE)

    @property
    def is_manager(self) -> bool:
        return self.actor.has(Role.MANAGER)

    @property
    def is_broker(self) -> bool:
        return self.actor.has(Role.BROKER, Role.AGENCY)

    @property
    def is_agency(self) -> bool:
        return self.actor.has(Role.AGENCY)


def visitor_of(user: User, organisation_id: int | None) -> Visitor:
    """Build the visitor from a user whose memberships and organisations are loaded.

    ``organisation_id`` is the one they chose; where it is not theirs, the first of theirs is taken.
    """
    mine = sorted(user.memberships, key=lambda m: (m.organisation_id != organisation_id, m.id))
    roles: set[Role] = set()
    organisation: Organisation | None = None
    if user.service_point_id is not None:
        roles.add(Role.BROKER)
    if user.agency:
        roles.add(Role.AGENCY)
    if mine:
        organisation = mine[0].organisation
        roles.add(KIND_ROLE[organisation.kind])
        if mine[0].role is MemberRole.MANAGER:
            roles.add(Role.MANAGER)
    return Visitor(
        actor=Actor(
            user_id=user.id,
            organisation_id=organisation.id if organisation else None,
            service_point_id=user.service_point_id,
            roles=frozenset(roles),
        ),
        epoch=user.epoch,
        name=user.name,
        email=user.email,
        language=user.language,
        organisation_name=organisation.name if organisation else "",
        verified=organisation.takes_part if organisation else True,
        memberships=[(m.organisation_id, m.organisation.name) for m in mine],
        is_authenticated=True,
    )


def visitor() -> Visitor:
    """Return who is asking; nobody is a visitor too."""
    who: Any = current_user
    return who if isinstance(who._get_current_object(), Visitor) else Visitor()


def actor() -> Actor:
    """Return who is asking, as features know them."""
    return visitor().actor


def chosen_organisation() -> int | None:
    """Return the organisation that this browser acts for."""
    chosen = cookie.get("organisation_id")
    return chosen if isinstance(chosen, int) else None
