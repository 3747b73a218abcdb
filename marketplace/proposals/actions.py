"""What brokers decide about proposals."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.listings.models import Listing
from marketplace.proposals import policy
from marketplace.proposals.lifecycle import PROPOSAL, ProposalAction
from marketplace.proposals.models import Proposal, RefusalReason


def move(
    session: Session, proposal: Proposal, action: ProposalAction, *, actor: Actor, now: datetime
) -> None:
    """Take the proposal one step; whoever comes second meets ``WrongState`` or a stale version."""
    require(policy.can_decide(actor, proposal))
    before = proposal.state
    proposal.state = PROPOSAL.after(before, action)
    proposal.decided_by, proposal.decided_at = actor.user_id, now
    session.flush()
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
    revisions = session.execute(
        select(Listing.revision, Capability.revision).where(
            Listing.id == proposal.listing_id, Capability.id == proposal.capability_id
        )
    ).one()
    proposal.reason, proposal.note = reason, note
    proposal.listing_revision, proposal.capability_revision = revisions
    move(session, proposal, ProposalAction.REFUSE, actor=actor, now=now)
