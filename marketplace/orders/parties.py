"""Who takes part in an order, and what that binds: listings, capabilities, proposals."""

from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import SYSTEM, Actor
from marketplace.core.errors import Invalid, WrongState
from marketplace.geo.distance import geodesic_km
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Listing, Recurrence
from marketplace.orders.commitments import read_pair
from marketplace.orders.drafts import PartyDraft
from marketplace.orders.models import Order, OrderPairing, OrderParty, Part
from marketplace.proposals import actions as proposals
from marketplace.proposals.lifecycle import LIVE, ProposalAction
from marketplace.proposals.models import Proposal

Thing = TypeVar("Thing", Listing, Capability)


def party(organisation: Organisation, part: Part) -> OrderParty:
    """Return a new party; raise ``WrongState`` where the organisation is not open to everybody."""
    if not organisation.takes_part:
        raise WrongState("one side is no longer open to everybody")
    return OrderParty(
        part=part,
        organisation_id=organisation.id,
        service_point_id=organisation.service_point_id,
        organisation=organisation,
    )


def pairing(
    session: Session,
    listing: Listing,
    capability: Capability,
    proposal: Proposal | None,
    *,
    chained: bool = False,
    today: date,
) -> OrderPairing:
    """Return what binds a listing to a capability, with what it takes per month.

    ``chained``: the capability goes on with what another one made of the listing. Raises
    ``WrongState`` where either is not to be had, ``Invalid`` where the material is hazardous and the
    taker not permitted.
    """
    ended = listing.expires_on is not None and listing.expires_on < today
    here = chained or (listing.state is ListingState.PUBLISHED and not ended)
    if not here:
        raise WrongState("the listing has expired" if ended else "the listing is not on offer")
    if capability.state is not CapabilityState.ACTIVE:
        raise WrongState("the capability is not on offer")
    known = read_pair(session, listing.id, capability.id, today=today)
    known.check_hazard()
    ends = capability.latitude, capability.longitude, listing.latitude, listing.longitude
    return OrderPairing(
        proposal_id=None if proposal is None else proposal.id,
        listing_id=None if chained else listing.id,
        capability_id=capability.id,
        distance_km=float(geodesic_km(*ends)) if proposal is None else proposal.distance_km,
        mass_kg=None if chained else listing.mass_kg,
        **known.committed,
    )


def reserve(session: Session, listing: Listing, *, now: datetime) -> None:
    """Keep what is there once for this order."""
    if listing.recurrence is Recurrence.ONCE:
        listings.move(session, listing, ListingAction.RESERVE, actor=SYSTEM, now=now)


def arrange(
    session: Session, order: Order, wanted: tuple[PartyDraft, ...], *, actor: Actor, now: datetime
) -> None:
    """Add the parties that the draft names; rows of those that are there keep their keys."""
    there = {row.organisation_id: row for row in order.parties}
    for position, draft in enumerate(wanted):
        found = there.get(draft.organisation_id)
        if found is None:
            found = party(session.get_one(Organisation, draft.organisation_id), draft.part)
            found.position = position
            order.parties.append(found)
            _bind(session, order, draft, actor=actor, now=now)
        elif found.part is not draft.part:
            raise Invalid.one("parties", "party_twice")
        found.position, found.sells = position, draft.sells
    order.parties.sort(key=lambda row: row.position)
    session.flush()


def dismiss(
    session: Session, order: Order, wanted: tuple[PartyDraft, ...], *, actor: Actor, now: datetime
) -> None:
    """Let those go that the draft does not name any more; no line may name them by now."""
    named = {draft.organisation_id for draft in wanted}
    for row in [r for r in order.parties if r.organisation_id not in named]:
        _let_go(session, order, row, actor=actor, now=now)
        order.parties.remove(row)
    session.flush()


def _bind(
    session: Session, order: Order, draft: PartyDraft, *, actor: Actor, now: datetime
) -> None:
    """Bind the listing or the capability with which a new party comes."""
    bound = order.bound
    if draft.listing_id is not None:
        listing = _theirs(session, Listing, draft.listing_id, draft.organisation_id)
        for capability_id in dict.fromkeys(p.capability_id for p in bound[:1]):
            capability = session.get_one(Capability, capability_id)
            proposal = _accepted(session, listing, capability, actor=actor, now=now)
            row = pairing(session, listing, capability, proposal, today=now.date())
            reserve(session, listing, now=now)
            _append(order, row)
    if draft.capability_id is not None:
        capability = _theirs(session, Capability, draft.capability_id, draft.organisation_id)
        for listing_id in [p.listing_id for p in bound if p.listing_id is not None][:1]:
            listing = session.get_one(Listing, listing_id)
            row = pairing(session, listing, capability, None, chained=True, today=now.date())
            _append(order, row)


def _theirs(session: Session, kind: type[Thing], key: int, organisation_id: int) -> Thing:
    found = session.get(kind, key)
    if found is None or found.organisation_id != organisation_id:
        raise Invalid.one("parties", "party_unknown")
    return found


def _append(order: Order, row: OrderPairing) -> None:
    row.position = 1 + max((p.position for p in order.pairings), default=-1)
    order.pairings.append(row)


def _accepted(
    session: Session, listing: Listing, capability: Capability, *, actor: Actor, now: datetime
) -> Proposal | None:
    """Accept the proposal of this pair, where there is one."""
    pair = (Proposal.listing_id == listing.id, Proposal.capability_id == capability.id)
    found = session.scalars(select(Proposal).where(*pair, Proposal.state.in_(LIVE))).first()
    if found is not None:
        proposals.move(session, found, ProposalAction.ACCEPT, actor=actor, now=now)
    return found


def _let_go(
    session: Session, order: Order, leaving: OrderParty, *, actor: Actor, now: datetime
) -> None:
    """Free what a party had brought, or what it would have worked on, and its proposals."""
    for row in order.bound:
        listing = None if row.listing_id is None else session.get_one(Listing, row.listing_id)
        capability = session.get_one(Capability, row.capability_id)
        owners = {capability.organisation_id, listing.organisation_id if listing else None}
        if leaving.organisation_id in owners:
            free(session, row, "", actor=actor, now=now)


def free(session: Session, row: OrderPairing, note: str, *, actor: Actor, now: datetime) -> None:
    """Let a listing and its proposal go: on offer again at once, or with a ``note`` not this pair."""
    row.released = True
    if row.proposal_id is not None:
        proposal = session.get_one(Proposal, row.proposal_id)
        if note:
            proposals.withdraw(session, proposal, note, actor=actor, now=now)
        else:
            proposals.move(session, proposal, ProposalAction.REVIVE, actor=actor, now=now)
    if row.listing_id is not None:
        listing = session.get_one(Listing, row.listing_id)
        if listing.state is ListingState.RESERVED:
            listings.move(session, listing, ListingAction.RELEASE, actor=SYSTEM, now=now)
