"""What open orders take of an enterprise: always counted anew from the orders themselves."""

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
from marketplace.listings.models import Listing
from marketplace.matching.tables import monthly_amounts
from marketplace.orders.lifecycle import OPEN
from marketplace.orders.models import Order
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


def recount(session: Session, enterprise_id: int, capability_id: int, *, now: datetime) -> None:
    """Write the enterprise's open orders and what they take of the capability; tell the matcher.

    The rows are locked before they are counted, so that two orders that move at once cannot both
    count without the other.
    """
    session.flush()
    before = session.execute(
        select(Organisation.open_orders)
        .where(Organisation.id == enterprise_id)
        .with_for_update(key_share=True)
    ).scalar_one()
    columns: list[Any] = [getattr(Capability, name) for name in COMMITTED]
    taken = session.execute(
        select(*columns).where(Capability.id == capability_id).with_for_update(key_share=True)
    ).one()
    opened = (
        session.scalar(
            select(func.count()).where(Order.enterprise_id == enterprise_id, Order.state.in_(OPEN))
        )
        or 0
    )
    sums: list[Any] = [func.coalesce(func.sum(getattr(Order, name)), 0.0) for name in COMMITTED]
    truth = session.execute(
        select(*sums).where(Order.capability_id == capability_id, Order.state.in_(OPEN))
    ).one()
    changed: set[int] = set()
    if opened != before:
        session.execute(
            update(Organisation).where(Organisation.id == enterprise_id).values(open_orders=opened)
        )
        changed |= _active(session, enterprise_id)
    if tuple(truth) != tuple(taken):
        session.execute(
            update(Capability)
            .where(Capability.id == capability_id)
            .values(dict(zip(COMMITTED, map(float, truth), strict=True)))
        )
        changed.add(capability_id)
    for key in sorted(changed):
        outbox.record(session, CapabilityChanged(key), now=now)


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
