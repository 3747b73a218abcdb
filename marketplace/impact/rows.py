"""An order's facts as figures: pure; `booking` stores them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import isclose

from marketplace.geo.distance import geodesic_km
from marketplace.impact import facts as reading
from marketplace.impact.factors import TRANSPORT, key_for
from marketplace.impact.facts import Facts
from marketplace.impact.flow import Flow, Lot
from marketplace.impact.models import Measure, Path, Source
from marketplace.listings.models import WorkPlace
from marketplace.orders import work_log
from marketplace.orders.carrying import Delivery, TargetGroup, WorkEntry
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order, OrderLine, OrderParty
from marketplace.orders.money import amount_of

_M = Measure


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure before it is stored; ``factor`` is the key of what ``amount`` is multiplied by."""

    source: Source
    source_id: int
    measure: Measure
    amount: float
    unit: str
    happened_on: date
    result: float | None = None
    path: Path | None = None
    target_group: TargetGroup | None = None
    material_code: str | None = None
    waste_code: str | None = None
    km: float | None = None
    factor: str | None = None
    giver_id: int | None = None
    taker_id: int | None = None
    service_point_id: int | None = None
    year: int | None = None

    @property
    def lacks_factor(self) -> bool:
        """Whether no published row stands for the material, so that what it avoids is unknown."""
        return self.measure is _M.CO2E_AVOIDED_KG and self.factor is None and self.result is None

    @property
    def key(self) -> str:
        """What the figure is of, in its order: stays the same however often it is booked."""
        parts = (
            self.source, self.source_id, self.measure, self.path, self.giver_id,
            self.service_point_id, self.waste_code, self.year, self.material_code,
        )  # fmt: skip
        return ":".join("" if part is None else str(part) for part in parts)


def rows_of(facts: Facts, flow: Flow) -> list[Row]:
    """Return every figure of an order; ``flow`` has followed its kilograms."""
    found = [*_values(facts), *_work(facts)]
    for delivery in facts.deliveries:
        found += _delivered(delivery, facts.order, flow)
    for fate in facts.fates:
        for lot, kg in flow.fates.get(fate.id, {}).items():
            if fate.path is not Path.PASSED_ON and kg > 0:
                found += _fate(fate.id, fate.path, lot, kg, fate.happened_on, fate.party)
    return found + list(_lost(facts, flow))


def _of_lot(lot: Lot) -> dict[str, object]:
    return {
        "giver_id": lot.giver_id,
        "service_point_id": lot.service_point_id,
        "material_code": lot.material,
        "waste_code": lot.waste_code,
    }


def _fate(
    fate_id: int, path: Path, lot: Lot, kg: float, day: date, party: OrderParty
) -> Iterator[Row]:
    """Give the mass on its path, and what that avoids by the factor of its material, if it has one."""
    mass = Row(
        source=Source.FATE,
        source_id=fate_id,
        measure=_M.MASS_KG,
        path=path,
        amount=kg,
        unit="kg",
        happened_on=day,
        taker_id=party.organisation_id,
        **_of_lot(lot),  # type: ignore[arg-type]
    )
    yield mass
    if path is Path.DISPOSED_OF:
        yield replace(mass, measure=_M.CO2E_AVOIDED_KG, result=0.0)
    else:
        yield replace(mass, measure=_M.CO2E_AVOIDED_KG, factor=key_for(lot.material, path))


def _lost(facts: Facts, flow: Flow) -> Iterator[Row]:
    """Give what was lost on the way, of the day on which the last part of it came."""
    if not facts.deliveries:
        return
    last = max(d.done_on for d in facts.deliveries if d.done_on is not None)
    for lot, kg in flow.lost.get(facts.order.id, {}).items():
        if kg > 0:
            yield Row(
                source=Source.DELIVERY,
                source_id=facts.order.id,
                measure=_M.MASS_LOST_KG,
                amount=kg,
                unit="kg",
                happened_on=last,
                **_of_lot(lot),  # type: ignore[arg-type]
            )


def distance_km(order: Order, giver: OrderParty, taker: OrderParty) -> float:
    """Return the geodesic between two parties' places in km; what is done on the spot goes nowhere."""
    if order.work_place is WorkPlace.CLIENT_SITE:
        return 0.0
    return between_km(giver, taker)


def between_km(giver: OrderParty, taker: OrderParty) -> float:
    """Return the geodesic between two parties' places in km."""
    a, b = giver.organisation, taker.organisation
    return float(geodesic_km(a.latitude, a.longitude, b.latitude, b.longitude))


def _delivered(delivery: Delivery, order: Order, flow: Flow) -> Iterator[Row]:
    """Give what entered with a delivery, how far it went, and what carrying it emitted."""
    line, day = delivery.line, delivery.done_on
    assert day is not None
    given, mass = flow.given.get(delivery.id, 0.0), reading.came_kg(delivery) or 0.0
    went = mass + reading.lost_kg(delivery)
    base = Row(
        source=Source.DELIVERY,
        source_id=delivery.id,
        measure=_M.DISTANCE_KG_KM,
        amount=went,
        unit="kg",
        happened_on=day,
        taker_id=line.taker.organisation_id,
        km=distance_km(order, line.giver, line.taker),
        **_of_lot(reading.lot_of(line)),  # type: ignore[arg-type]
    )
    if given > 0:
        yield replace(base, measure=_M.MASS_GIVEN_KG, amount=given)
    if went > 0:
        tonne_km = went * (base.km or 0.0) / 1000
        yield replace(base, result=went * (base.km or 0.0))
        yield replace(
            base, measure=_M.CO2E_TRANSPORT_KG, amount=tonne_km, unit="t km", factor=TRANSPORT
        )


def _values(facts: Facts) -> Iterator[Row]:
    """Give what is paid: by quantity as it comes, lump sums and what does not travel at the end.

    Parts are not rounded to cents, so that they add up to the whole.
    """
    for line in facts.order.lines:
        if line.payer_id is None or line.price is None:
            continue
        came = [d for d in facts.deliveries if d.line_id == line.id]
        if line.lump_sum or not came:
            day = _earned_on(facts, line, came)
            if day is not None:
                euro = amount_of(line).net
                yield _paid(line, Source.LINE, line.id, euro, day)
            continue
        for delivery in came:
            if delivery.arrived and delivery.done_on is not None:
                euro = line.price * Decimal(repr(delivery.arrived))
                yield _paid(line, Source.DELIVERY, delivery.id, euro, delivery.done_on)


def _earned_on(facts: Facts, line: OrderLine, came: list[Delivery]) -> date | None:
    """Return when a line was earned at once: as all of it had come, or as the order was completed."""
    arrived = sum(d.arrived or 0.0 for d in came)
    if arrived >= line.quantity or isclose(arrived, line.quantity):
        return max(d.done_on for d in came if d.done_on is not None)
    completed = facts.order.state is OrderState.COMPLETED
    return facts.completed_on if completed else None


def _paid(line: OrderLine, source: Source, key: int, euro: Decimal, day: date) -> Row:
    payer, payee = line.giver, line.taker
    if line.payer_id == line.taker_id:
        payer, payee = payee, payer
    return Row(
        source=source,
        source_id=key,
        measure=_M.VALUE_EUR,
        amount=float(euro),
        unit="EUR",
        happened_on=day,
        giver_id=payer.organisation_id,
        taker_id=payee.organisation_id,
        service_point_id=payer.service_point_id,
        material_code=reading.material_of(line),
        km=between_km(payer, payee),
    )


def _work(facts: Facts) -> Iterator[Row]:
    """Give hours, qualifications, and the most people who worked at once in each year."""
    for entry in facts.work:
        for measure, amount, unit in (
            (_M.HOURS, entry.hours_worked, "h"),
            (_M.QUALIFICATIONS, float(entry.qualified), ""),
        ):
            if amount > 0:
                yield _done(entry, Source.WORK, entry.id, measure, amount, unit)
    for party_id, year in sorted({(e.party_id, e.first_day.year) for e in facts.work}):
        mine = [e for e in facts.work if (e.party_id, e.first_day.year) == (party_id, year)]
        people = work_log.totals(mine).people
        if people:
            row = _done(mine[-1], Source.PARTY, party_id, _M.PEOPLE, float(people), "")
            first = min(e.first_day for e in mine)
            yield replace(row, target_group=None, year=year, happened_on=first)


def _done(
    entry: WorkEntry, source: Source, key: int, measure: Measure, amount: float, unit: str
) -> Row:
    return Row(
        source=source,
        source_id=key,
        measure=measure,
        amount=amount,
        unit=unit,
        happened_on=entry.first_day,
        target_group=entry.target_group,
        taker_id=entry.party.organisation_id,
        service_point_id=entry.party.service_point_id,
    )
