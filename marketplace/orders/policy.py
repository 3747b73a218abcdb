"""Who may know of an order, and who may do what to it and when."""

from enum import StrEnum, auto

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.core.actor import Actor, Role
from marketplace.orders.lifecycle import ORDER, OrderAction, OrderState
from marketplace.orders.models import Acceptance, Order, Party


class Side(StrEnum):
    """In which part somebody meets an order."""

    BROKER = auto()
    CLIENT = auto()
    ENTERPRISE = auto()


_S, _A = OrderState, OrderAction
BOTH = frozenset({Side.CLIENT, Side.ENTERPRISE})

WHO: dict[OrderAction, frozenset[Side]] = {
    _A.OFFER: frozenset({Side.BROKER}),
    _A.REVISE: BOTH | {Side.BROKER},
    _A.AGREE: BOTH,
    _A.START: frozenset({Side.ENTERPRISE, Side.BROKER}),
    _A.DELIVER: frozenset({Side.ENTERPRISE, Side.BROKER}),
    _A.COMPLETE: frozenset({Side.CLIENT, Side.BROKER}),
    _A.CANCEL: BOTH | {Side.BROKER},
}

PARTIES_MAY_CANCEL = frozenset({_S.DRAFT, _S.OFFERED})

NEXT: dict[OrderState, tuple[OrderAction, tuple[Side, ...]]] = {
    _S.DRAFT: (_A.OFFER, (Side.BROKER,)),
    _S.OFFERED: (_A.AGREE, (Side.CLIENT, Side.ENTERPRISE)),
    _S.AGREED: (_A.START, (Side.ENTERPRISE,)),
    _S.IN_PRODUCTION: (_A.DELIVER, (Side.ENTERPRISE,)),
    _S.DELIVERED: (_A.COMPLETE, (Side.CLIENT,)),
}


def party_of(actor: Actor, order: Order) -> Party | None:
    """Return the side for which the actor can accept."""
    if actor.belongs_to(order.client_id):
        return Party.CLIENT
    return Party.ENTERPRISE if actor.belongs_to(order.enterprise_id) else None


def is_broker(actor: Actor, order: Order) -> bool:
    """Tell whether the actor mediates for the service point of either side."""
    return actor.brokers_for(order.service_point_id) or actor.brokers_for(
        order.partner_service_point_id
    )


def sides(actor: Actor, order: Order) -> frozenset[Side]:
    """Return every part in which the actor meets the order."""
    party = party_of(actor, order)
    found = {Side(party.value)} if party is not None else set()
    return frozenset(found | ({Side.BROKER} if is_broker(actor, order) else set()))


def can(actor: Actor, order: Order, action: OrderAction) -> bool:
    """Tell whether the actor may do this; whether it is possible now is the lifecycle's to say."""
    mine = sides(actor, order)
    if action is _A.CANCEL and Side.BROKER not in mine:
        return bool(mine) and order.state in PARTIES_MAY_CANCEL
    return not WHO[action].isdisjoint(mine)


def can_edit(actor: Actor, order: Order) -> bool:
    """Brokers write the terms; while they are offered or agreed nobody changes them."""
    return is_broker(actor, order) and order.state is _S.DRAFT


def actions_for(actor: Actor, order: Order) -> list[OrderAction]:
    """Return the buttons to show. ``order`` needs its ``acceptances`` loaded."""
    possible = ORDER.open_to(order.state)
    found = [a for a in OrderAction if a in possible and can(actor, order, a)]
    if _A.AGREE in found and party_of(actor, order) in standing(order):
        found.remove(_A.AGREE)
    return found


def standing(order: Order) -> dict[Party, Acceptance]:
    """Return who has accepted the terms as they stand. Needs ``acceptances`` loaded."""
    if order.state is _S.DRAFT:
        return {}
    return {a.party: a for a in order.acceptances if a.terms == order.terms}


def waits_for(order: Order) -> tuple[OrderAction, tuple[Side, ...]] | None:
    """Return the next step and whose it is; None where nothing is left to do."""
    if order.state not in NEXT:
        return None
    action, whose = NEXT[order.state]
    given = {Side(party.value) for party in standing(order)} if action is _A.AGREE else set()
    return action, tuple(side for side in whose if side not in given)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides orders which this actor must not know of.

    The parties know of an order from its first offer on.
    """
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    party: ColumnElement[bool] = false()
    if actor.organisation_id is not None:
        mine = actor.organisation_id
        party = and_(Order.terms > 0, or_(Order.client_id == mine, Order.enterprise_id == mine))
    brokered: ColumnElement[bool] = false()
    if actor.has(Role.BROKER) and actor.service_point_id is not None:
        here = actor.service_point_id
        brokered = or_(Order.service_point_id == here, Order.partner_service_point_id == here)
    return or_(party, brokered)
