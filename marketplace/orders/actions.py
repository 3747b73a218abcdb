"""What brokers and parties do with orders: draw up, move, stop, call off."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.core import audit
from marketplace.core.actor import SYSTEM, Actor, require
from marketplace.core.errors import Outrun
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.orders import parties, policy
from marketplace.orders.commitments import recount_for
from marketplace.orders.lifecycle import ORDER, OrderAction
from marketplace.orders.models import LineRole, Order, OrderLine, OrderPairing, Part
from marketplace.orders.numbers import add_numbered
from marketplace.orders.steps import lock, permitted, reason, take, write_down
from marketplace.proposals import actions as proposals
from marketplace.proposals.lifecycle import ProposalAction
from marketplace.proposals.models import Proposal

USUAL_TIME = timedelta(weeks=6)
FIRST_LINE = {
    Kind.RESIDUAL: LineRole.MATERIAL_IN,
    Kind.PRODUCTION_STEP: LineRole.SERVICE,
    Kind.SERVICE: LineRole.SERVICE,
    Kind.CSR_PRODUCT: LineRole.PRODUCT_OUT,
}


def draft_from(session: Session, proposal: Proposal, *, actor: Actor, now: datetime) -> Order:
    """Accept the proposal and draw up its order from what both sides have said already.

    Nobody pays until a broker has written the terms: what is made and who pays are not in a
    listing. Raises ``WrongState`` where another broker was faster or one side is no longer there,
    and ``Invalid`` where hazardous material would go to somebody who is not permitted to take it.
    """
    require(actor.user_id is not None)
    try:
        proposals.move(session, proposal, ProposalAction.ACCEPT, actor=actor, now=now)
        listing = session.get_one(Listing, proposal.listing_id)
        capability = session.get_one(Capability, proposal.capability_id)
        order = _drawn_up(session, proposal, listing, capability, actor=actor, now=now)
        parties.reserve(session, listing, now=now)
    except StaleDataError:
        raise Outrun("somebody else was faster") from None
    taken = select(OrderPairing.id).where(
        OrderPairing.proposal_id == proposal.id, OrderPairing.released.is_(False)
    )
    add_numbered(
        session,
        order,
        Order.number,
        f"A-{now.year}-",
        taken=lambda: session.scalar(taken) is not None,
    )
    order.lines.append(_first_line(order, listing))
    write_down(session, order, "", actor=actor, now=now)
    after: dict[str, object] = {"number": order.number, "proposal": proposal.id}
    audit.note(session, "create", order, actor=actor, now=now, after=after)
    recount_for(session, order, now=now)
    return order


def _drawn_up(
    session: Session,
    proposal: Proposal,
    listing: Listing,
    capability: Capability,
    *,
    actor: Actor,
    now: datetime,
) -> Order:
    client = parties.party(session.get_one(Organisation, listing.organisation_id), Part.CLIENT)
    maker = session.get_one(Organisation, capability.organisation_id)
    enterprise = parties.party(maker, Part.ENTERPRISE)
    client.position, enterprise.position = 0, 1
    bound = parties.pairing(session, listing, capability, proposal, today=now.date())
    bound.position = 0
    begin = max(now.date(), listing.available_from)
    return Order(
        broker_id=actor.user_id,
        title=listing.title,
        product="",
        work_place=listing.work_place,
        standing=False,
        recurrence=listing.recurrence,
        starts_on=begin,
        due_on=begin + min(USUAL_TIME, date.max - begin),
        terms=0,
        state=ORDER.start,
        created_at=now,
        parties=[client, enterprise],
        pairings=[bound],
        lines=[],
        milestones=[],
        versions=[],
        acceptances=[],
    )


def _first_line(order: Order, listing: Listing) -> OrderLine:
    """Return what the listing offers or asks for, as the first line of the terms."""
    role = FIRST_LINE[listing.kind]
    client, enterprise = order.parties
    ways = (client, enterprise) if role is LineRole.MATERIAL_IN else (enterprise, client)
    return OrderLine(
        position=0,
        role=role,
        description=listing.title,
        quantity=listing.quantity or 1.0,
        unit=listing.unit,
        mass_kg=listing.mass_kg,
        lump_sum=False,
        vat_percent=0,
        giver=ways[0],
        taker=ways[1],
        listing_id=listing.id,
        waste_code=listing.waste_code,
    )


def revise(session: Session, order: Order, text: str, *, actor: Actor, now: datetime) -> None:
    """Give the terms back to the broker, with what should be different."""
    _step(session, order, OrderAction.REVISE, reason(text), actor=actor, now=now)


def start(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Begin to make it."""
    _step(session, order, OrderAction.START, "", actor=actor, now=now)
    permitted(session, order, now=now)


def deliver(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Report that everything was handed over."""
    _step(session, order, OrderAction.DELIVER, "", actor=actor, now=now)


def complete(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Confirm that all came as agreed; what was there once is given now."""
    _step(session, order, OrderAction.COMPLETE, "", actor=actor, now=now)
    for row in order.bound:
        listing = None if row.listing_id is None else session.get_one(Listing, row.listing_id)
        if listing is not None and listing.state is ListingState.RESERVED:
            listings.move(session, listing, ListingAction.GIVE, actor=SYSTEM, now=now)


def pause(session: Session, order: Order, text: str, *, actor: Actor, now: datetime) -> None:
    """Let the order rest; the hands that it holds are free for others until it goes on."""
    _step(session, order, OrderAction.PAUSE, reason(text), actor=actor, now=now)


def resume(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Go on where the order stood."""
    _step(session, order, OrderAction.RESUME, "", actor=actor, now=now)


def dispute(session: Session, order: Order, text: str, *, actor: Actor, now: datetime) -> None:
    """Say what is not as agreed; the brokers settle it."""
    _step(session, order, OrderAction.DISPUTE, reason(text), actor=actor, now=now)


def settle(session: Session, order: Order, text: str, *, actor: Actor, now: datetime) -> None:
    """Say how a dispute was settled; the order goes on where it stood."""
    _step(session, order, OrderAction.SETTLE, reason(text), actor=actor, now=now)


def cancel(
    session: Session,
    order: Order,
    text: str,
    *,
    not_again: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Call the order off: listings, capacity and proposals are free again.

    With ``not_again``, which brokers may say, the pairs count as refused with the reason as note, and
    rest until one of their sides changes.
    """
    lock(session, order)
    brokers = policy.is_broker(actor, order)
    require(brokers or not not_again)
    comment = reason(text)
    _step(session, order, OrderAction.CANCEL, comment, actor=actor, now=now)
    decider = actor if brokers else SYSTEM
    for row in order.bound:
        parties.free(session, row, comment if not_again else "", actor=decider, now=now)
    session.flush()


def _step(
    session: Session,
    order: Order,
    action: OrderAction,
    comment: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take one step that needs nothing but a permission and the right state."""
    lock(session, order)
    after = order.state
    if policy.sides(actor, order):
        after = ORDER.landing(order.state, order.state_before, action)
    require(policy.can(actor, order, action))
    take(session, order, action, after, comment, actor=actor, now=now)
