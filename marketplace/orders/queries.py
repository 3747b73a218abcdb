"""Reading orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.listings.models import Listing, ListingPhoto
from marketplace.orders import policy
from marketplace.orders.lifecycle import OrderAction, OrderState
from marketplace.orders.models import Order
from marketplace.orders.policy import Side

AGREED = (
    OrderState.AGREED,
    OrderState.IN_PRODUCTION,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)


@dataclass(frozen=True)
class Figures:
    """Orders that both sides accepted: how many, their mean way in km, their mass in kg."""

    agreed: int
    mean_km: float | None
    mass_kg: float


def figures(session: Session) -> Figures:
    """Return the figures of all orders that were agreed, whatever became of them since."""
    row = session.execute(
        select(func.count(), func.avg(Order.distance_km), func.sum(Order.mass_kg)).where(
            Order.state.in_(AGREED)
        )
    ).one()
    return Figures(row[0], row[1], row[2] or 0.0)


@dataclass(frozen=True)
class NextStep:
    """What an order waits for: the action, whose it is, and whether the actor is among them."""

    action: OrderAction
    whose: tuple[Side, ...]
    mine: bool


def next_step(order: Order, *, actor: Actor) -> NextStep | None:
    """Return what has to happen next; None where the order has ended. Needs ``acceptances``."""
    waits = policy.waits_for(order)
    if waits is None:
        return None
    action, whose = waits
    return NextStep(action, whose, not policy.sides(actor, order).isdisjoint(whose))


def with_parties() -> Sequence[ORMOption]:
    """Return the loads that a line of a list needs."""
    return (
        joinedload(Order.client),
        joinedload(Order.enterprise),
        selectinload(Order.acceptances),
    )


def with_everything() -> Sequence[ORMOption]:
    """Return the loads that the page of an order needs."""
    return (
        *with_parties(),
        joinedload(Order.service_point),
        joinedload(Order.broker),
        joinedload(Order.capability),
        joinedload(Order.listing).selectinload(Listing.pictures).joinedload(ListingPhoto.photo),
        selectinload(Order.steps),
    )


def get(session: Session, order_id: int, *, actor: Actor) -> Order:
    """Return the order if this actor may know of it, with all that its page shows."""
    found = session.scalars(
        select(Order)
        .where(Order.id == order_id, policy.visible_to(actor))
        .options(*with_everything())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def of_proposal(session: Session, proposal_id: int, *, actor: Actor) -> Order | None:
    """Return the order that came of a proposal."""
    return session.scalars(
        select(Order).where(Order.proposal_id == proposal_id, policy.visible_to(actor))
    ).one_or_none()


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What somebody looks for among orders; every part may be empty."""

    state: OrderState | None = None
    words: str = ""
    organisation_id: int | None = None


def board(
    session: Session, wanted: Filter, *, actor: Actor, page: int = 1, size: int = 20
) -> tuple[list[Order], int]:
    """Return one page of the orders that the actor may know of, newest first, and how many."""
    conditions = [policy.visible_to(actor), *_conditions(wanted)]
    total = session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
    rows = session.scalars(
        select(Order)
        .where(*conditions)
        .options(*with_parties())
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def counts_by_state(session: Session, *, actor: Actor) -> dict[OrderState, int]:
    """Return how many orders the actor may know of, by state."""
    rows = session.execute(
        select(Order.state, func.count()).where(policy.visible_to(actor)).group_by(Order.state)
    )
    return {row[0]: row[1] for row in rows}


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(Order.state == wanted.state)
    if wanted.organisation_id is not None:
        mine = wanted.organisation_id
        found.append(or_(Order.client_id == mine, Order.enterprise_id == mine))
    for word in wanted.words.split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        found.append(
            or_(
                Order.number.icontains(word, autoescape=True),
                Order.title.icontains(word, autoescape=True),
                Order.client.has(named),
                Order.enterprise.has(named),
            )
        )
    return found
