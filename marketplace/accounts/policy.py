"""Who may do what to organisations and their people."""

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.accounts.models import Organisation, Verification
from marketplace.core.actor import Actor, Role


def can_edit(actor: Actor, organisation: Organisation) -> bool:
    return actor.has(Role.SYSTEM) or (actor.belongs_to(organisation.id) and actor.has(Role.MANAGER))


def can_manage_members(actor: Actor, organisation: Organisation) -> bool:
    return actor.belongs_to(organisation.id) and actor.has(Role.MANAGER)


def can_verify(actor: Actor, organisation: Organisation) -> bool:
    return actor.brokers_for(organisation.service_point_id)


def can_run_service_points(actor: Actor) -> bool:
    return actor.has(Role.AGENCY, Role.SYSTEM)


def sees_contact(actor: Actor, organisation: Organisation) -> bool:
    """Address and contact persons are for the organisation itself, its brokers and the agency."""
    return actor.belongs_to(organisation.id) or actor.brokers_for(organisation.service_point_id)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides organisations which this actor must not know of."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    public = and_(Organisation.active, Organisation.verification == Verification.VERIFIED)
    own = Organisation.id == actor.organisation_id if actor.organisation_id else false()
    brokered = (
        Organisation.service_point_id == actor.service_point_id
        if actor.has(Role.BROKER)
        else false()
    )
    return or_(public, own, brokered)
