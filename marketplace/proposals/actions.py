"""What brokers decide about proposals."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.listings.models import Listing
from marketplace.proposals import policy
from marketplace.proposals.events import ProposalDecided
from marketplace.proposals.lifecycle import PROPOSAL, ProposalAction, ProposalState
from marketplace.proposals.models import Proposal, RefusalReason

TELLING = frozenset({ProposalState.ACCEPTED, ProposalState.REFUSED})
"""To come to these, or to leave them, is something to learn from."""


def move(
    session: Session, proposal: Proposal, action: ProposalAction, *, actor: Actor, now: datetime
) -> None:
    """Take the proposal one step; whoever comes second meets ``WrongState`` or a stale version."""
    require(policy.can_decide(actor, proposal))
    before = proposal.state
    proposal.state = PROPOSAL.after(before, action)
    proposal.decided_by, proposal.decided_at = actor.user_id, now
    session.flush()
    point = proposal.listing_service_point_id
    if point is not None and not TELLING.isdisjoint((before, proposal.state)):
        outbox.record(session, ProposalDecided(point), now=now)
    audit.note(
        session,
        action.value,
        proposal,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": proposal.state.value},
    )


def refuse(
    session: Session,
    proposal: Proposal,
    reason: RefusalReason | None,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Refuse the pair until one of its sides changes; the reason goes on record."""
    if reason is None:
        raise Invalid.one("reason", "reason_required")
    note = clean(note)
    if len(note) > 2000:
        raise Invalid.one("note", "too_long", most=2000)
    _let_go(session, proposal, reason, note)
    move(session, proposal, ProposalAction.REFUSE, actor=actor, now=now)


def withdraw(
    session: Session, proposal: Proposal, note: str, *, actor: Actor, now: datetime
) -> None:
    """Take an accepted proposal back because its order was called off; it counts as refused."""
    _let_go(session, proposal, RefusalReason.OTHER, note)
    move(session, proposal, ProposalAction.WITHDRAW, actor=actor, now=now)


def _let_go(session: Session, proposal: Proposal, reason: RefusalReason, note: str) -> None:
    """Write why, and what both sides were like then: the pair rests until one of them changes."""
    listing = select(Listing.revision).where(Listing.id == proposal.listing_id)
    capability = select(Capability.revision).where(Capability.id == proposal.capability_id)
    revisions = session.scalars(listing).one(), session.scalars(capability).one()
    proposal.listing_revision, proposal.capability_revision = revisions
    proposal.reason, proposal.note = reason, note
