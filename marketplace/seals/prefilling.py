"""What the orders know already: the materials that came in, the work that was done, by whom."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.places import Placed
from marketplace.listings.models import Kind, Listing, Unit
from marketplace.orders.carrying import TargetGroup, WorkEntry
from marketplace.orders.models import LineRole, Order, OrderLine, OrderPairing, OrderParty
from marketplace.seals.models import ProductionStep, Route, SealApplication, SealInput


@dataclass(frozen=True)
class _Source:
    """A material of an order, by its line or, where no line names it, by its pairing (line 0)."""

    line: int
    name: str
    mass_kg: float | None
    listing: Listing | None
    giver: Placed
    giver_id: int


def prefill(session: Session, application: SealApplication, order: Order) -> None:
    """Add the rows of one order, each with its source. Masses and hours are those of one unit."""
    lines = session.scalars(
        select(OrderLine)
        .where(OrderLine.order_id == order.id)
        .options(
            joinedload(OrderLine.listing),
            joinedload(OrderLine.giver).joinedload(OrderParty.organisation),
        )
        .order_by(OrderLine.position)
    ).all()
    made = sum(
        line.quantity
        for line in lines
        if line.role is LineRole.PRODUCT_OUT and line.unit is Unit.PIECE
    )
    units = made or 1.0
    for source in _sources(session, order, list(lines)):
        if source.mass_kg:
            application.inputs.append(_input(order, source, units))
    for line in lines:
        if line.role is LineRole.SERVICE:
            application.steps.append(_step(order, line))
    application.steps.extend(_worked(session, order, units))


def _sources(session: Session, order: Order, lines: list[OrderLine]) -> list[_Source]:
    found = [
        _Source(
            line.position + 1,
            line.description,
            line.mass_kg,
            line.listing,
            line.listing or line.giver.organisation,
            line.giver.organisation_id,
        )
        for line in lines
        if line.role is LineRole.MATERIAL_IN
    ]
    named = {source.listing.id for source in found if source.listing is not None}
    pairings = session.scalars(
        select(OrderPairing)
        .where(OrderPairing.order_id == order.id, OrderPairing.released.is_(False))
        .options(joinedload(OrderPairing.listing))
        .order_by(OrderPairing.position)
    ).all()
    for pairing in pairings:
        listing = pairing.listing
        if listing is not None and listing.id not in named and listing.kind is Kind.RESIDUAL:
            owner = listing.organisation_id
            found.append(_Source(0, listing.title, pairing.mass_kg, listing, listing, owner))
    return found


def _input(order: Order, source: _Source, units: float) -> SealInput:
    leftover = source.listing is not None and source.listing.kind is Kind.RESIDUAL
    return SealInput(
        name=source.name[:200],
        material_code=source.listing.material_code if source.listing else None,
        mass_kg=(source.mass_kg or 0.0) / units,
        origin=source.giver.city,
        latitude=source.giver.latitude,
        longitude=source.giver.longitude,
        organisation_id=source.giver_id,
        route=Route.LEFTOVER if leftover else Route.ACCEPTABLE,
        order_number=order.number,
        order_line=source.line,
    )


def _step(order: Order, line: OrderLine) -> ProductionStep:
    maker = line.giver.organisation
    return ProductionStep(
        name=line.description[:200],
        organisation_id=maker.id,
        hours=None,
        disadvantaged=maker.is_enterprise,
        order_number=order.number,
        order_line=line.position + 1,
    )


def _worked(session: Session, order: Order, units: float) -> list[ProductionStep]:
    """Return the work log as steps: by role and workshop, key staff apart."""
    entries = session.scalars(
        select(WorkEntry)
        .where(WorkEntry.order_id == order.id)
        .options(joinedload(WorkEntry.party))
        .order_by(WorkEntry.id)
    )
    hours: dict[tuple[str, int, bool], float] = {}
    for entry in entries:
        helped = entry.target_group is not TargetGroup.KEY_STAFF
        key = (entry.role or order.title, entry.party.organisation_id, helped)
        hours[key] = hours.get(key, 0.0) + entry.hours_worked
    return [
        ProductionStep(
            name=role[:200],
            organisation_id=maker,
            hours=total / units,
            disadvantaged=helped,
            order_number=order.number,
        )
        for (role, maker, helped), total in hours.items()
        if total
    ]
