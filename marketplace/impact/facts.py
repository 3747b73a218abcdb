"""What orders know that counts: deliveries, fates, hours, prices; read together, in few queries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.impact.flow import Handed, Lot, Stated
from marketplace.impact.models import Fate
from marketplace.listings.models import Unit
from marketplace.orders.carrying import Delivery, WorkEntry
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import LineRole, Order, OrderLine, OrderParty, OrderStep, Part
from marketplace.taxonomy.materials import estimate_mass_kg


@dataclass
class Facts:
    """Everything of one order that figures are made of."""

    order: Order
    deliveries: list[Delivery] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    work: list[WorkEntry] = field(default_factory=list)
    completed_on: date | None = None


def material_of(line: OrderLine) -> str | None:
    """Return the code of what a line's listing offers."""
    return None if line.listing is None else line.listing.material_code


def mass_of(line: OrderLine, quantity: float) -> float | None:
    """Return the mass in kg of a quantity of a line: as agreed, or as its material usually weighs."""
    if line.mass_kg is not None:
        return line.mass_kg * quantity / line.quantity
    return estimate_mass_kg(material_of(line), quantity, Unit(line.unit).value)


def came_kg(delivery: Delivery) -> float | None:
    """Return the mass of what was handed over, in kg: weighed, or else estimated from the line."""
    if delivery.mass_kg is not None:
        return delivery.mass_kg
    return mass_of(delivery.line, delivery.arrived or 0.0)


def lost_kg(delivery: Delivery) -> float:
    """Return the mass in kg of what was lost on the way, as heavy as what came."""
    if not delivery.lost:
        return 0.0
    if delivery.mass_kg is not None and delivery.arrived:
        return delivery.mass_kg * delivery.lost / delivery.arrived
    return mass_of(delivery.line, delivery.lost) or 0.0


def lot_of(line: OrderLine) -> Lot:
    """Return what a client's material is booked under."""
    giver = line.giver
    return Lot(giver.organisation_id, giver.service_point_id, material_of(line), line.waste_code)


def enters(line: OrderLine) -> bool:
    """Tell whether kilograms of this line may enter the ledger: a client's material does."""
    return line.role is LineRole.MATERIAL_IN and line.giver.part is Part.CLIENT


def handed(rows: Collection[Delivery]) -> list[Handed]:
    """Return what clients handed over, as the flow reads it."""
    found = []
    for row in rows:
        mass = came_kg(row) if enters(row.line) else None
        if mass is not None and mass + lost_kg(row) > 0:
            found.append(
                Handed(
                    id=row.id,
                    order_id=row.order_id,
                    lot=lot_of(row.line),
                    came=mass,
                    lost=lost_kg(row),
                    moves=row.line.giver.organisation.is_enterprise,
                )
            )
    return found


def stated(rows: Collection[Fate]) -> list[Stated]:
    """Return what enterprises said, as the flow reads it."""
    return [
        Stated(
            id=row.id,
            order_id=row.order_id,
            organisation_id=row.party.organisation_id,
            mass=row.mass_kg,
            to_order_id=row.to_order_id,
        )
        for row in rows
    ]


def joined(session: Session, order_id: int) -> set[int]:
    """Return the orders among which kilograms were passed on, this one included."""
    found, new = {order_id}, {order_id}
    while new:
        edges = session.execute(
            select(Fate.order_id, Fate.to_order_id).where(
                Fate.to_order_id.is_not(None),
                or_(Fate.order_id.in_(new), Fate.to_order_id.in_(new)),
            )
        )
        new = {key for edge in edges for key in edge} - found
        found |= new
    return found


def done_deliveries(session: Session, keys: Collection[int]) -> list[Delivery]:
    """Return the deliveries of orders that were handed over."""
    giver = joinedload(Delivery.line).joinedload(OrderLine.giver)
    taker = joinedload(Delivery.line).joinedload(OrderLine.taker)
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.order_id.in_(keys), Delivery.done_on.is_not(None))
            .options(
                giver.joinedload(OrderParty.organisation),
                taker.joinedload(OrderParty.organisation),
                joinedload(Delivery.line).joinedload(OrderLine.listing),
            )
            .order_by(Delivery.id)
        )
    )


def fates_of(session: Session, keys: Collection[int]) -> list[Fate]:
    """Return what was said of the mass of orders."""
    return list(
        session.scalars(
            select(Fate)
            .where(Fate.order_id.in_(keys))
            .options(
                joinedload(Fate.party).joinedload(OrderParty.organisation),
                joinedload(Fate.to_order),
            )
            .order_by(Fate.happened_on, Fate.id)
        )
    )


def read(session: Session, keys: Collection[int], *, zone: tzinfo = UTC) -> dict[int, Facts]:
    """Return the facts of orders, by the order's key; an order's last day is that in ``zone``."""
    orders = session.scalars(
        select(Order)
        .where(Order.id.in_(keys))
        .options(
            selectinload(Order.lines).joinedload(OrderLine.listing),
            selectinload(Order.parties).joinedload(OrderParty.organisation),
        )
    )
    found = {order.id: Facts(order) for order in orders}
    ended = select(OrderStep.order_id, func.max(OrderStep.at)).where(
        OrderStep.order_id.in_(keys), OrderStep.state == OrderState.COMPLETED
    )
    for order_id, at in session.execute(ended.group_by(OrderStep.order_id)):
        found[order_id].completed_on = at.astimezone(zone).date()
    for delivery in done_deliveries(session, keys):
        found[delivery.order_id].deliveries.append(delivery)
    for fate in fates_of(session, keys):
        found[fate.order_id].fates.append(fate)
    for entry in session.scalars(
        select(WorkEntry)
        .where(WorkEntry.order_id.in_(keys))
        .options(joinedload(WorkEntry.party))
        .order_by(WorkEntry.id)
    ):
        found[entry.order_id].work.append(entry)
    return found
