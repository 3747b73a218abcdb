"""Who may do what to a capability, and who may know of it."""

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.lifecycle import CAPABILITY, CapabilityAction
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor, Role


def can_create(actor: Actor) -> bool:
    return actor.has(Role.ENTERPRISE, Role.SYSTEM)


def can_edit(actor: Actor, capability: Capability) -> bool:
    return actor.has(Role.SYSTEM) or actor.belongs_to(capability.organisation_id)


def actions_for(actor: Actor, capability: Capability) -> list[CapabilityAction]:
    """Return the buttons to show."""
    if not can_edit(actor, capability):
        return []
    possible = CAPABILITY.open_to(capability.state)
    return [a for a in CapabilityAction if a in possible]


def is_public() -> ColumnElement[bool]:
    """Return the filter for what everybody sees: active, of a verified, active organisation."""
    return and_(
        Capability.state == CapabilityState.ACTIVE,
        Capability.organisation.has(
            and_(Organisation.active, Organisation.verification == Verification.VERIFIED)
        ),
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides what this actor must not know exists."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    own = (
        Capability.organisation_id == actor.organisation_id
        if actor.organisation_id is not None
        else false()
    )
    brokered: ColumnElement[bool] = false()
    if actor.has(Role.BROKER):
        brokered = and_(
            Capability.state != CapabilityState.DRAFT,
            Capability.organisation.has(Organisation.service_point_id == actor.service_point_id),
        )
    return or_(is_public(), own, brokered)
