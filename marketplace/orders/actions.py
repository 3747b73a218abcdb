"""What brokers and parties do with orders."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core import audit
from marketplace.core.actor import SYSTEM, Actor, require
from marketplace.core.errors import Invalid, Outrun, WrongState
from marketplace.core.text import clean
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Listing, Recurrence
from marketplace.orders import policy
from marketplace.orders.commitments import Pairing, read_pair, recount
from marketplace.orders.drafts import OrderDraft
from marketplace.orders.lifecycle import ORDER, OrderAction, OrderState
from marketplace.orders.models import Acceptance, Order, Payer
from marketplace.orders.numbers import add_numbered
from marketplace.orders.steps import TERMS, lock, name_of, take, tell, write_down
from marketplace.proposals import actions as proposals
from marketplace.proposals.lifecycle import ProposalAction
from marketplace.proposals.models import Proposal

MOST_COMMENT = 2000
USUAL_TIME = timedelta(weeks=6)


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
        if listing.recurrence is Recurrence.ONCE:
            listings.move(session, listing, ListingAction.RESERVE, actor=SYSTEM, now=now)
    except StaleDataError:
        raise Outrun("somebody else was faster") from None
    add_numbered(session, order, now.year)
    write_down(session, order, "", actor=actor, now=now)
    after: dict[str, object] = {"number": order.number, "proposal": proposal.id}
    audit.note(session, "create", order, actor=actor, now=now, after=after)
    recount(session, order.enterprise_id, order.capability_id, now=now)
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
    client = session.get_one(Organisation, listing.organisation_id)
    enterprise = session.get_one(Organisation, capability.organisation_id)
    here = listing.state is ListingState.PUBLISHED and capability.state is CapabilityState.ACTIVE
    if listing.expires_on is not None and listing.expires_on < now.date():
        raise WrongState("the listing has expired")
    if not (here and client.takes_part and enterprise.takes_part):
        raise WrongState("one side is no longer open to everybody")
    today = now.date()
    pairing = _permitted(session, listing.id, capability.id, today=today)
    begin = max(today, listing.available_from)
    return Order(
        proposal_id=proposal.id,
        listing_id=listing.id,
        capability_id=capability.id,
        client_id=client.id,
        enterprise_id=enterprise.id,
        service_point_id=client.service_point_id,
        partner_service_point_id=enterprise.service_point_id,
        broker_id=actor.user_id,
        title=listing.title,
        product="",
        quantity=listing.quantity or 1.0,
        unit=listing.unit,
        mass_kg=listing.mass_kg,
        recurrence=listing.recurrence,
        payer=Payer.NOBODY,
        price=None,
        starts_on=begin,
        due_on=begin + min(USUAL_TIME, date.max - begin),
        distance_km=proposal.distance_km,
        **pairing.committed,
        terms=0,
        state=ORDER.start,
        created_at=now,
        acceptances=[],
    )


def _permitted(session: Session, listing_id: int, capability_id: int, *, today: date) -> Pairing:
    """Return what the matcher knows of the pair, if the enterprise may take the material today.

    Asked again at every step before the material changes hands: a listing may have become hazardous,
    or a permit may have ended, since the proposal.
    """
    pairing = read_pair(session, listing_id, capability_id, today=today)
    if pairing.hazardous and not pairing.accepts_hazardous:
        raise Invalid.one("capability", "hazard_not_permitted")
    return pairing


def edit(
    session: Session,
    order: Order,
    draft: OrderDraft,
    *,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the terms while the order is a draft.

    ``seen`` is the row's version that the broker had before them: raises ``Outrun`` where somebody
    else has written since.
    """
    require(policy.is_broker(actor, order))
    lock(session, order)
    if order.state is not OrderState.DRAFT:
        raise WrongState("the terms have been offered")
    if seen is not None and seen != order.version:
        raise Outrun("somebody else has written the terms since")
    before = {name: getattr(order, name) for name in TERMS}
    for name in TERMS:
        setattr(order, name, getattr(draft, name))
    session.flush()
    changed = [name for name in TERMS if getattr(order, name) != before[name]]
    audit.note(
        session,
        "edit",
        order,
        actor=actor,
        now=now,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(getattr(order, name)) for name in changed},
    )


def offer(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Ask both sides for their yes to the terms as they stand; every offer is a new version."""
    require(policy.can(actor, order, OrderAction.OFFER))
    lock(session, order)
    after = ORDER.after(order.state, OrderAction.OFFER)
    _fit_to_offer(order, now.date())
    _permitted(session, order.listing_id, order.capability_id, today=now.date())
    order.terms += 1
    take(session, order, OrderAction.OFFER, after, "", actor=actor, now=now)


def _fit_to_offer(order: Order, today: date) -> None:
    """A draft says nothing of the product until a broker has written the terms once."""
    if not order.product:
        raise Invalid.one("product", "required")
    if order.due_on < today:
        raise Invalid.one("due_on", "window_past")


def accept(
    session: Session,
    order: Order,
    *,
    terms: int,
    free_of_charge: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Say yes for the actor's side to the version ``terms``; with both yeses the order is agreed.

    Saying it twice is saying it once. Raises ``Outrun`` where the terms are others by now, and
    ``Invalid`` where nobody pays and that was not said.
    """
    party = policy.party_of(actor, order)
    require(party is not None)
    lock(session, order)
    session.refresh(order, ["acceptances"])
    if terms != order.terms:
        raise Outrun("the terms have changed")
    if party in policy.standing(order):
        return
    after = ORDER.after(order.state, OrderAction.AGREE)
    free = order.payer is Payer.NOBODY
    if free and not free_of_charge:
        raise Invalid.one("free_of_charge", "free_of_charge_required")
    _permitted(session, order.listing_id, order.capability_id, today=now.date())
    order.acceptances.append(
        Acceptance(
            party=party,
            terms=terms,
            user_id=actor.user_id,
            name=name_of(session, actor),
            free_of_charge=free,
            at=now,
        )
    )
    session.flush()
    audit.note(
        session,
        "accept",
        order,
        actor=actor,
        now=now,
        after={"party": str(party), "terms": terms, "free_of_charge": free},
    )
    if len(policy.standing(order)) == 2:
        take(session, order, OrderAction.AGREE, after, "", actor=actor, now=now)
    else:
        tell(session, order, "order_accepted", actor=actor, now=now)


def revise(session: Session, order: Order, reason: str, *, actor: Actor, now: datetime) -> None:
    """Give the terms back to the broker, with what should be different."""
    comment = _reason(reason)
    _step(session, order, OrderAction.REVISE, comment, actor=actor, now=now)


def start(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Begin to make it."""
    _step(session, order, OrderAction.START, "", actor=actor, now=now)
    _permitted(session, order.listing_id, order.capability_id, today=now.date())


def deliver(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Report that everything was handed over."""
    _step(session, order, OrderAction.DELIVER, "", actor=actor, now=now)


def complete(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Confirm that all came as agreed; what was there once is given now."""
    _step(session, order, OrderAction.COMPLETE, "", actor=actor, now=now)
    listing = _listing(session, order)
    if listing.state is ListingState.RESERVED:
        listings.move(session, listing, ListingAction.GIVE, actor=SYSTEM, now=now)


def cancel(session: Session, order: Order, reason: str, *, actor: Actor, now: datetime) -> None:
    """Call the order off: the listing is free again, the pair rests until one side changes.

    The proposal counts as refused from now on, with the reason as its note: it had its attempt, and
    comes back like any refused pair.
    """
    comment = _reason(reason)
    _step(session, order, OrderAction.CANCEL, comment, actor=actor, now=now)
    proposal = session.get_one(Proposal, order.proposal_id)
    decider = actor if policy.is_broker(actor, order) else SYSTEM
    proposals.withdraw(session, proposal, comment, actor=decider, now=now)
    listing = _listing(session, order)
    if listing.state is ListingState.RESERVED:
        listings.move(session, listing, ListingAction.RELEASE, actor=SYSTEM, now=now)


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
    after = ORDER.after(order.state, action) if policy.sides(actor, order) else order.state
    require(policy.can(actor, order, action))
    take(session, order, action, after, comment, actor=actor, now=now)


def _listing(session: Session, order: Order) -> Listing:
    return session.get_one(Listing, order.listing_id)


def _reason(text: str) -> str:
    comment = clean(text)
    if not comment:
        raise Invalid.one("reason", "reason_required")
    if len(comment) > MOST_COMMENT:
        raise Invalid.one("reason", "too_long", most=MOST_COMMENT)
    return comment


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value) if value else None
