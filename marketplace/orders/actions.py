"""What brokers and parties do with orders."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit, outbox
from marketplace.core.actor import SYSTEM, Actor, require
from marketplace.core.errors import Invalid, Outrun, WrongState
from marketplace.core.text import clean
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Listing
from marketplace.orders import policy
from marketplace.orders.commitments import recount
from marketplace.orders.drafts import OrderDraft
from marketplace.orders.events import OrderMoved
from marketplace.orders.lifecycle import ORDER, OrderAction, OrderState
from marketplace.orders.models import Acceptance, Order, OrderStep, Payer
from marketplace.proposals import actions as proposals
from marketplace.proposals.models import Proposal

TERMS = ("title", "product", "quantity", "unit", "payer", "price", "starts_on", "due_on")
MOST_COMMENT = 2000
TOPICS = {
    OrderAction.OFFER: "order_offered",
    OrderAction.REVISE: "order_returned",
    OrderAction.AGREE: "order_agreed",
    OrderAction.START: "order_moved",
    OrderAction.DELIVER: "order_moved",
    OrderAction.COMPLETE: "order_moved",
    OrderAction.CANCEL: "order_cancelled",
}


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
    _lock(session, order)
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
    _lock(session, order)
    after = ORDER.after(order.state, OrderAction.OFFER)
    _fit_to_offer(order, now.date())
    order.terms += 1
    _move(session, order, OrderAction.OFFER, after, "", actor=actor, now=now)


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
    _lock(session, order)
    session.refresh(order, ["acceptances"])
    if terms != order.terms:
        raise Outrun("the terms have changed")
    if party in policy.standing(order):
        return
    after = ORDER.after(order.state, OrderAction.AGREE)
    free = order.payer is Payer.NOBODY
    if free and not free_of_charge:
        raise Invalid.one("free_of_charge", "free_of_charge_required")
    order.acceptances.append(
        Acceptance(
            party=party,
            terms=terms,
            user_id=actor.user_id,
            name=_name(session, actor),
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
        _move(session, order, OrderAction.AGREE, after, "", actor=actor, now=now)
    else:
        _tell(session, order, "order_accepted", actor=actor, now=now)


def revise(session: Session, order: Order, reason: str, *, actor: Actor, now: datetime) -> None:
    """Give the terms back to the broker, with what should be different."""
    comment = _reason(reason)
    _step(session, order, OrderAction.REVISE, comment, actor=actor, now=now)


def start(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Begin to make it."""
    _step(session, order, OrderAction.START, "", actor=actor, now=now)


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
    order.cancelled_reason = comment
    with session.no_autoflush:
        _step(session, order, OrderAction.CANCEL, comment, actor=actor, now=now)
    proposal = session.get_one(Proposal, order.proposal_id)
    proposals.withdraw(session, proposal, comment, actor=SYSTEM, now=now)
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
    _lock(session, order)
    after = ORDER.after(order.state, action) if policy.sides(actor, order) else order.state
    require(policy.can(actor, order, action))
    _move(session, order, action, after, comment, actor=actor, now=now)


def _move(
    session: Session,
    order: Order,
    action: OrderAction,
    after: OrderState,
    comment: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    before, order.state = order.state, after
    session.add(
        OrderStep(
            order_id=order.id,
            state=after,
            at=now,
            user_id=actor.user_id,
            name=_name(session, actor),
            comment=comment,
        )
    )
    session.flush()
    audit.note(
        session,
        action.value,
        order,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": after.value, "terms": order.terms},
    )
    _tell(session, order, TOPICS[action], actor=actor, now=now)
    recount(session, order.enterprise_id, order.capability_id, now=now)


def _lock(session: Session, order: Order) -> None:
    """Have the row for ourselves, as it is now and not as it was when it was read."""
    session.refresh(order, [*TERMS, "state", "terms", "version"], with_for_update={"key_share": True})


def _tell(session: Session, order: Order, topic: str, *, actor: Actor, now: datetime) -> None:
    """Record the fact; what was never offered concerns nobody but the brokers."""
    if order.terms > 0:
        outbox.record(session, OrderMoved(order.id, topic, actor.user_id), now=now)


def _listing(session: Session, order: Order) -> Listing:
    return session.get_one(Listing, order.listing_id)


def _reason(text: str) -> str:
    comment = clean(text)
    if not comment:
        raise Invalid.one("reason", "reason_required")
    if len(comment) > MOST_COMMENT:
        raise Invalid.one("reason", "too_long", most=MOST_COMMENT)
    return comment


def _name(session: Session, actor: Actor) -> str:
    user = session.get(User, actor.user_id) if actor.user_id is not None else None
    return user.name if user is not None else ""


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value) if value else None


__all__ = ["Decimal"]
