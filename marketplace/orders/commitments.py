"""What open orders take of an enterprise: always counted anew from the orders themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.capabilities.events import CapabilityChanged
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core import outbox
from marketplace.core.errors import Invalid
from marketplace.listings.models import Listing
from marketplace.matching.tables import monthly_amounts
from marketplace.orders.lifecycle import COMMITTING, OPEN
from marketplace.orders.models import Order, OrderPairing, OrderParty, Part
from marketplace.proposals.candidates import (
    day64,
    read_capabilities,
    read_listings,
)

COMMITTED = ("committed_kg_per_month", "committed_pieces_per_month", "committed_hours_per_month")


@dataclass(frozen=True)
class Pairing:
    """What the matcher knows of a pair: monthly amounts to commit, and the hazard on both sides."""

    committed: dict[str, float]
    hazardous: bool
    accepts_hazardous: bool

    def check_hazard(self) -> None:
        """Raise ``Invalid`` where the material is hazardous and the taker may not take it."""
        if self.hazardous and not self.accepts_hazardous:
            raise Invalid.one("capability", "hazard_not_permitted")


def read_pair(session: Session, listing_id: int, capability_id: int, *, today: date) -> Pairing:
    """Return what an order of this pair takes per month, at most what the capability has at all.

    What is not known commits nothing.
    """
    offered = read_listings(session, Listing.id == listing_id)
    able = read_capabilities(session, Capability.id == capability_id)
    monthly = monthly_amounts(offered.columns, int(day64(today).astype(np.int64)))[0]
    table = able.columns
    whole = np.array([table.capacity_kg[0], table.capacity_pieces[0], table.capacity_hours[0]])
    amounts = np.nan_to_num(np.fmin(monthly, whole)) * ~np.isnan(monthly)
    return Pairing(
        dict(zip(COMMITTED, map(float, amounts), strict=True)),
        bool(offered.columns.hazardous[0]),
        bool(able.columns.accepts_hazardous[0]),
    )


def recount(
    session: Session,
    enterprises: Iterable[int],
    capabilities: Iterable[int],
    *,
    now: datetime,
) -> None:
    """Write the enterprises' open orders and what they take of the capabilities; tell the matcher.

    The rows are locked in the order of their keys before they are counted, so that two orders that
    move at once neither count without the other nor wait for each other.
    """
    session.flush()
    changed: set[int] = set()
    for key in sorted(set(enterprises)):
        changed |= _recount_enterprise(session, key)
    for key in sorted(set(capabilities)):
        changed |= _recount_capability(session, key)
    for key in sorted(changed):
        outbox.record(session, CapabilityChanged(key), now=now)


def recount_for(session: Session, order: Order, *, now: datetime) -> None:
    """Count anew whatever takes part in this order. Needs ``parties`` and ``pairings`` loaded."""
    enterprises = [party.organisation_id for party in order.enterprises]
    recount(session, enterprises, [p.capability_id for p in order.pairings], now=now)


def _recount_enterprise(session: Session, key: int) -> set[int]:
    before = session.execute(
        select(Organisation.open_orders)
        .where(Organisation.id == key)
        .with_for_update(key_share=True)
    ).scalar_one()
    opened = session.scalar(
        select(func.count(Order.id))
        .join(OrderParty, OrderParty.order_id == Order.id)
        .where(
            OrderParty.organisation_id == key,
            OrderParty.part == Part.ENTERPRISE,
            Order.state.in_(OPEN),
        )
    )
    if opened == before:
        return set()
    session.execute(update(Organisation).where(Organisation.id == key).values(open_orders=opened))
    return _active(session, key)


def _recount_capability(session: Session, key: int) -> set[int]:
    columns: list[Any] = [getattr(Capability, name) for name in COMMITTED]
    taken = session.execute(
        select(*columns).where(Capability.id == key).with_for_update(key_share=True)
    ).one()
    sums: list[Any] = [
        func.coalesce(func.sum(getattr(OrderPairing, name)), 0.0) for name in COMMITTED
    ]
    truth = session.execute(
        select(*sums)
        .join(Order, Order.id == OrderPairing.order_id)
        .where(
            OrderPairing.capability_id == key,
            OrderPairing.released.is_(False),
            Order.state.in_(COMMITTING),
        )
    ).one()
    if tuple(truth) == tuple(taken):
        return set()
    session.execute(
        update(Capability)
        .where(Capability.id == key)
        .values(dict(zip(COMMITTED, map(float, truth), strict=True)))
    )
    return {key}


def _active(session: Session, enterprise_id: int) -> set[int]:
    """Fairness counts the enterprise's orders, so all that it can do ranks anew."""
    return set(
        session.scalars(
            select(Capability.id).where(
                Capability.organisation_id == enterprise_id,
                Capability.state == CapabilityState.ACTIVE,
            )
        )
    )
