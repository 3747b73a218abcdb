"""Reading orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing, ListingPhoto
from marketplace.orders import policy
from marketplace.orders.lifecycle import RUNNING, STOPPED, OrderAction, OrderState
from marketplace.orders.models import Order, OrderPairing, OrderParty

AGREED = (*RUNNING, *STOPPED, OrderState.COMPLETED)


@dataclass(frozen=True)
class Figures:
    """Orders that all parties accepted: how many, their mean way in km, their mass in kg."""

    agreed: int
    mean_km: float | None
    mass_kg: float


def figures(session: Session) -> Figures:
    """Return the figures of all orders that were agreed, whatever became of them since."""
    agreed = Order.state.in_(AGREED)
    count = session.scalar(select(func.count()).select_from(Order).where(agreed)) or 0
    row = session.execute(
        select(func.avg(OrderPairing.distance_km), func.sum(OrderPairing.mass_kg))
        .join(Order, Order.id == OrderPairing.order_id)
        .where(agreed, OrderPairing.released.is_(False))
    ).one()
    return Figures(count, row[0], row[1] or 0.0)


@dataclass(frozen=True)
class NextStep:
    """What an order waits for: the action, the parties whose it is (none: the brokers'), and whether
    the actor is among them."""

    action: OrderAction
    parties: tuple[OrderParty, ...]
    mine: bool


def next_step(order: Order, *, actor: Actor) -> NextStep | None:
    """Return what has to happen next; None where the order has ended."""
    waits = policy.waits_for(order)
    if waits is None:
        return None
    if not waits.parties:
        return NextStep(waits.action, (), policy.is_broker(actor, order))
    mine = any(actor.belongs_to(party.organisation_id) for party in waits.parties)
    return NextStep(waits.action, waits.parties, mine)


def with_parties() -> Sequence[ORMOption]:
    """Return the loads that a line of a list needs."""
    return (
        selectinload(Order.parties).joinedload(OrderParty.organisation),
        selectinload(Order.acceptances),
        selectinload(Order.lines),
    )


def with_everything() -> Sequence[ORMOption]:
    """Return the loads that the page of an order needs."""
    photos = (
        selectinload(Order.pairings)
        .joinedload(OrderPairing.listing)
        .selectinload(Listing.pictures)
        .joinedload(ListingPhoto.photo)
    )
    return (
        *with_parties(),
        selectinload(Order.parties).joinedload(OrderParty.service_point),
        joinedload(Order.broker),
        photos,
        selectinload(Order.pairings)
        .joinedload(OrderPairing.capability)
        .joinedload(Capability.organisation),
        selectinload(Order.versions),
        selectinload(Order.milestones),
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
    """Return the order that came of a proposal and was not called off."""
    return of_proposals(session, [proposal_id], actor=actor).get(proposal_id)


def of_proposals(session: Session, keys: Iterable[int], *, actor: Actor) -> dict[int, Order]:
    """Return by proposal the order that came of it and was not called off."""
    rows = session.execute(
        select(OrderPairing.proposal_id, Order)
        .join(Order, Order.id == OrderPairing.order_id)
        .where(
            OrderPairing.proposal_id.in_(set(keys)),
            OrderPairing.released.is_(False),
            policy.visible_to(actor),
        )
    )
    return {key: order for key, order in rows if key is not None}


@dataclass(frozen=True)
class Possible:
    """An organisation that may join an order, with what it could bring or do."""

    organisation: Organisation
    listings: list[Listing]
    capabilities: list[Capability]


def possible_parties(session: Session, words: str, *, size: int = 8) -> list[Possible]:
    """Return organisations with all these words in their name or town, and what they have on offer."""
    found = select(Organisation).where(
        Organisation.active, Organisation.verification == Verification.VERIFIED
    )
    for word in words.split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        found = found.where(named | Organisation.city.icontains(word, autoescape=True))
    rows = session.scalars(found.order_by(Organisation.name, Organisation.id).limit(size)).all()
    keys = [row.id for row in rows]
    listings = session.scalars(
        select(Listing)
        .where(Listing.organisation_id.in_(keys), Listing.state == ListingState.PUBLISHED)
        .order_by(Listing.id.desc())
        .limit(5 * size)
    ).all()
    able = session.scalars(
        select(Capability)
        .where(Capability.organisation_id.in_(keys), Capability.state == CapabilityState.ACTIVE)
        .order_by(Capability.id)
        .limit(5 * size)
    ).all()
    return [
        Possible(
            row,
            [each for each in listings if each.organisation_id == row.id],
            [each for each in able if each.organisation_id == row.id],
        )
        for row in rows
    ]


def names(session: Session, keys: Iterable[int]) -> dict[int, str]:
    """Return the names of organisations by their keys."""
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_(set(keys)))
    return {row[0]: row[1] for row in session.execute(found)}


def offered_listing(session: Session, listing_id: int, organisation_id: int) -> Listing | None:
    """Return what this organisation has on offer under this key."""
    return session.scalars(
        select(Listing).where(
            Listing.id == listing_id,
            Listing.organisation_id == organisation_id,
            Listing.state == ListingState.PUBLISHED,
        )
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
        found.append(Order.parties.any(OrderParty.organisation_id == wanted.organisation_id))
    for word in wanted.words.split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        found.append(
            or_(
                Order.number.icontains(word, autoescape=True),
                Order.title.icontains(word, autoescape=True),
                Order.parties.any(OrderParty.organisation.has(named)),
            )
        )
    return found


def by_service_point(session: Session, states: Iterable[OrderState]) -> dict[int, int]:
    """Return in how many orders of these states each service point has a part, by its key."""
    rows = session.execute(
        select(OrderParty.service_point_id, func.count(OrderParty.order_id.distinct()))
        .join(Order, Order.id == OrderParty.order_id)
        .where(Order.state.in_(list(states)), OrderParty.service_point_id.is_not(None))
        .group_by(OrderParty.service_point_id)
    )
    return {key: number for key, number in rows if key is not None}
