"""Who may know of an order, and who may do what to it and when."""

from dataclasses import dataclass
from enum import StrEnum, auto

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.core.actor import Actor, Role
from marketplace.core.errors import NotAllowed
from marketplace.orders.lifecycle import ORDER, RUNNING, OrderAction, OrderState
from marketplace.orders.models import Acceptance, Order, OrderParty, OrderTerms


class Side(StrEnum):
    """In which part somebody meets an order."""

    BROKER = auto()
    CLIENT = auto()
    ENTERPRISE = auto()


_S, _A = OrderState, OrderAction
PARTIES = frozenset({Side.CLIENT, Side.ENTERPRISE})
EVERYBODY = PARTIES | {Side.BROKER}

WHO: dict[OrderAction, frozenset[Side]] = {
    _A.OFFER: frozenset({Side.BROKER}),
    _A.REVISE: EVERYBODY,
    _A.AGREE: PARTIES,
    _A.START: frozenset({Side.ENTERPRISE, Side.BROKER}),
    _A.DELIVER: frozenset({Side.ENTERPRISE, Side.BROKER}),
    _A.COMPLETE: frozenset({Side.CLIENT, Side.BROKER}),
    _A.PAUSE: EVERYBODY,
    _A.RESUME: EVERYBODY,
    _A.DISPUTE: EVERYBODY,
    _A.SETTLE: frozenset({Side.BROKER}),
    _A.CANCEL: EVERYBODY,
}

PARTIES_MAY_CANCEL = frozenset({_S.DRAFT, _S.OFFERED})
BEING_CARRIED_OUT = frozenset({*RUNNING, _S.DISPUTED})
"""In these states deliveries, hours and milestones are put down."""

NEXT: dict[OrderState, tuple[OrderAction, Side | None]] = {
    _S.DRAFT: (_A.OFFER, Side.BROKER),
    _S.OFFERED: (_A.AGREE, None),
    _S.AGREED: (_A.START, Side.ENTERPRISE),
    _S.IN_PRODUCTION: (_A.DELIVER, Side.ENTERPRISE),
    _S.DELIVERED: (_A.COMPLETE, Side.CLIENT),
    _S.PAUSED: (_A.RESUME, Side.BROKER),
    _S.DISPUTED: (_A.SETTLE, Side.BROKER),
}
"""Per state the next step and whose it is; None stands for every party that has not said yes."""


def party_of(actor: Actor, order: Order) -> OrderParty | None:
    """Return the party for which the actor speaks. ``order`` needs its ``parties`` loaded."""
    mine = (party for party in order.parties if actor.belongs_to(party.organisation_id))
    return next(mine, None)


def speaks_for(actor: Actor, order: Order) -> OrderParty:
    """Return the party for which the actor speaks; raise ``NotAllowed`` where there is none."""
    party = party_of(actor, order)
    if party is None:
        raise NotAllowed
    return party


def is_broker(actor: Actor, order: Order) -> bool:
    """Tell whether the actor mediates for the service point of any party."""
    return any(actor.brokers_for(party.service_point_id) for party in order.parties)


def sides(actor: Actor, order: Order) -> frozenset[Side]:
    """Return every part in which the actor meets the order."""
    party = party_of(actor, order)
    found = {Side(party.part.value)} if party is not None else set()
    return frozenset(found | ({Side.BROKER} if is_broker(actor, order) else set()))


def can(actor: Actor, order: Order, action: OrderAction) -> bool:
    """Tell whether the actor may do this; whether it is possible now is the lifecycle's to say."""
    mine = sides(actor, order)
    if action is _A.CANCEL and Side.BROKER not in mine:
        return bool(mine) and order.state in PARTIES_MAY_CANCEL
    return not WHO[action].isdisjoint(mine)


def can_edit(actor: Actor, order: Order) -> bool:
    """Brokers write the terms; while they are offered nobody changes them."""
    return is_broker(actor, order) and order.state is _S.DRAFT


def can_amend(actor: Actor, order: Order) -> bool:
    """Brokers offer other terms while an order runs; it goes on under the old ones until then."""
    return is_broker(actor, order) and order.state in BEING_CARRIED_OUT


def can_carry_out(actor: Actor, order: Order) -> bool:
    """Parties and brokers put down what happens while an order runs."""
    return bool(sides(actor, order)) and order.state in BEING_CARRIED_OUT


def actions_for(actor: Actor, order: Order) -> list[OrderAction]:
    """Return the buttons to show. ``order`` needs ``parties`` and ``acceptances`` loaded."""
    possible = ORDER.open_to(order.state)
    found = [a for a in OrderAction if a in possible and can(actor, order, a)]
    mine = party_of(actor, order)
    if _A.AGREE in found and mine is not None and mine.id in standing(order):
        found.remove(_A.AGREE)
    return found


def standing(order: Order) -> dict[int, Acceptance]:
    """Return who has accepted the terms as they stand, by party. Needs ``acceptances`` loaded."""
    return {} if order.state is _S.DRAFT else said_yes(order, order.terms)


def said_yes(order: Order, version: int) -> dict[int, Acceptance]:
    """Return who has accepted this version of the terms, by party. Needs ``acceptances`` loaded."""
    return {a.party_id: a for a in order.acceptances if a.terms == version}


def agreed_by_all(order: Order, version: int) -> bool:
    """Tell whether every party has accepted this version."""
    return {party.id for party in order.parties} == set(said_yes(order, version))


def amendment(order: Order) -> OrderTerms | None:
    """Return the other terms that wait for the parties while the order runs on. Needs ``versions``."""
    waiting = [t for t in order.versions if t.version > order.terms and not t.withdrawn]
    return waiting[-1] if waiting and order.state in BEING_CARRIED_OUT else None


@dataclass(frozen=True)
class Waits:
    """What an order waits for: the action, and the parties whose it is; none: the brokers'."""

    action: OrderAction
    parties: tuple[OrderParty, ...] = ()


def waits_for(order: Order) -> Waits | None:
    """Return the next step and whose it is; None where nothing is left to do."""
    if order.state not in NEXT:
        return None
    action, side = NEXT[order.state]
    if side is None:
        given = standing(order)
        return Waits(action, tuple(p for p in order.parties if p.id not in given))
    return Waits(action, tuple(p for p in order.parties if p.part.value == side.value))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides orders which this actor must not know of.

    The parties know of an order from its first offer on.
    """
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    party: ColumnElement[bool] = false()
    if actor.organisation_id is not None:
        mine = OrderParty.organisation_id == actor.organisation_id
        party = and_(Order.terms > 0, Order.parties.any(mine))
    brokered: ColumnElement[bool] = false()
    if actor.has(Role.BROKER) and actor.service_point_id is not None:
        here = OrderParty.service_point_id == actor.service_point_id
        brokered = Order.parties.any(here)
    return or_(party, brokered)
