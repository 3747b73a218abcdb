"""What brokers and parties do with orders: move, stop, call off."""

from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.core.actor import SYSTEM, Actor, require
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Listing
from marketplace.orders import parties, policy
from marketplace.orders.lifecycle import ORDER, OrderAction
from marketplace.orders.models import Order
from marketplace.orders.steps import lock, permitted, reason, take


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
