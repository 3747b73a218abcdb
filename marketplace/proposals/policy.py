"""Who may decide on a proposal."""

from sqlalchemy import ColumnElement, false, or_, true

from marketplace.core.actor import Actor, Role
from marketplace.proposals.models import Proposal


def can_decide(actor: Actor, proposal: Proposal) -> bool:
    """Brokers of either side decide, and the agency."""
    return actor.brokers_for(proposal.listing_service_point_id) or actor.brokers_for(
        proposal.capability_service_point_id
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that shows brokers the proposals of their service point's either side."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    if not actor.has(Role.BROKER):
        return false()
    return or_(
        Proposal.listing_service_point_id == actor.service_point_id,
        Proposal.capability_service_point_id == actor.service_point_id,
    )
