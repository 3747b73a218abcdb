"""Reading the ledger: sums by period, path, material, place and service point, and the lines behind.

Who may see which lines is a filter of every query here (``visible_to``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, exists, extract, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, OrganisationKind, ServicePoint
from marketplace.core.actor import Actor, Role
from marketplace.impact.models import KEPT, Entry, Measure, Path
from marketplace.orders.carrying import Feedback, TargetGroup

_M = Measure
NEAR_KM, REGIONAL_KM = 50, 150
FAIR = 4


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which lines are asked for; every part may be empty. Days are included."""

    first: date | None = None
    last: date | None = None
    material: str = ""
    organisation_id: int | None = None
    service_point_id: int | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides lines which this actor must not know of."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    if actor.has(Role.BROKER) and actor.service_point_id is not None:
        return Entry.service_point_id == actor.service_point_id
    if actor.organisation_id is not None:
        return _of(actor.organisation_id)
    return false()


def _of(organisation_id: int) -> ColumnElement[bool]:
    return or_(Entry.giver_id == organisation_id, Entry.taker_id == organisation_id)


def matching(wanted: Filter, *, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions for what is asked for and may be seen."""
    found = [visible_to(actor)]
    if wanted.first is not None:
        found.append(Entry.happened_on >= wanted.first)
    if wanted.last is not None:
        found.append(Entry.happened_on <= wanted.last)
    if wanted.material:
        below = Entry.material_code.startswith(f"{wanted.material}.", autoescape=True)
        found.append(or_(Entry.material_code == wanted.material, below))
    if wanted.organisation_id is not None:
        found.append(_of(wanted.organisation_id))
    if wanted.service_point_id is not None:
        found.append(Entry.service_point_id == wanted.service_point_id)
    return found


class Cell(NamedTuple):
    """The sum of one month, measure, path and reach; ``reach`` is 50, 150 or 0 for beyond, in km.

    ``month`` is 0 for a whole year.
    """

    year: int
    month: int
    measure: Measure
    path: Path | None
    reach: int
    result: float
    amount: float
    low: float
    high: float


@dataclass
class Sums:
    """Cells added up as the figures that people read."""

    cells: list[Cell] = field(default_factory=list)

    def of(self, measure: Measure, *paths: Path) -> float:
        """Return the sum of a measure, of all its paths or of these."""
        return sum(c.result for c in self.cells if c.measure is measure and _on(c.path, paths))

    def span(self, measure: Measure) -> tuple[float, float]:
        """Return the lower and the upper end of a sum's range."""
        mine = [c for c in self.cells if c.measure is measure]
        return sum(c.low for c in mine), sum(c.high for c in mine)

    @property
    def value(self) -> float:
        return self.of(_M.VALUE_EUR)

    @property
    def kept(self) -> float:
        """Mass in kg that was not thrown away."""
        return self.of(_M.MASS_KG, *KEPT)

    @property
    def in_work(self) -> float:
        """Mass in kg that had come and of which nothing more was said; of all days up to the last."""
        said = self.of(_M.MASS_LOST_KG) + self.of(_M.MASS_KG)
        return max(0.0, self.of(_M.MASS_GIVEN_KG) - said)

    @property
    def net(self) -> float:
        """CO2e avoided less emitted by transport, in kg."""
        return self.of(_M.CO2E_AVOIDED_KG) - self.of(_M.CO2E_TRANSPORT_KG)

    @property
    def known(self) -> float | None:
        """Of which share of the mass a factor is known; None where no mass has ended."""
        mass = self.of(_M.MASS_KG)
        have = sum(c.amount for c in self.cells if c.measure is _M.CO2E_AVOIDED_KG)
        return min(1.0, have / mass) if mass else None

    @property
    def km(self) -> float | None:
        """The mean way of a kilogram in km; None where nothing was carried."""
        carried = sum(c.amount for c in self.cells if c.measure is _M.DISTANCE_KG_KM)
        return self.of(_M.DISTANCE_KG_KM) / carried if carried else None

    def within(self, km: int) -> float | None:
        """Return which share of the value stays within 50 or 150 km of the payer."""
        reach = [r for r in (NEAR_KM, REGIONAL_KM) if r <= km]
        near = sum(c.result for c in self.cells if c.measure is _M.VALUE_EUR and c.reach in reach)
        return near / self.value if self.value else None


def _on(path: Path | None, paths: Sequence[Path]) -> bool:
    return not paths or path in paths


def cells(session: Session, wanted: Filter, *, monthly: bool = False, actor: Actor) -> list[Cell]:
    """Return all sums by year (or month), measure, path and reach."""
    reach = case((Entry.km <= NEAR_KM, NEAR_KM), (Entry.km <= REGIONAL_KM, REGIONAL_KM), else_=0)
    month: ColumnElement[int] = literal(0)
    if monthly:
        month = extract("month", Entry.happened_on)
    year = extract("year", Entry.happened_on)
    group = (year, *([month] if monthly else []), Entry.measure, Entry.path, reach)
    rows = session.execute(
        select(
            year,
            month,
            Entry.measure,
            Entry.path,
            reach,
            func.sum(Entry.result),
            func.sum(Entry.amount),
            func.sum(Entry.low),
            func.sum(Entry.high),
        )
        .where(*matching(wanted, actor=actor))
        .group_by(*group)
    )
    return [Cell(int(row[0]), int(row[1]), *row[2:]) for row in rows]


def in_work(session: Session, wanted: Filter, *, actor: Actor) -> float:
    """Return the mass in kg that had come by the last day and of which nothing more was said."""
    until = Filter(**{**vars(wanted), "first": None})
    sign = case((Entry.measure == _M.MASS_GIVEN_KG, 1.0), else_=-1.0)
    mass = (_M.MASS_GIVEN_KG, _M.MASS_LOST_KG, _M.MASS_KG)
    found = session.scalar(
        select(func.sum(sign * Entry.result)).where(
            Entry.measure.in_(mass), *matching(until, actor=actor)
        )
    )
    return max(0.0, found or 0.0)


def years(session: Session, *, actor: Actor) -> list[int]:
    """Return the years from the first line to the last one, the last one first."""
    first, last = (
        session.scalar(select(end(Entry.happened_on)).where(visible_to(actor)))
        for end in (func.min, func.max)
    )
    if first is None or last is None:
        return []
    return list(range(last.year, first.year - 1, -1))


class Taking(NamedTuple):
    """How many orders, givers and social enterprises stand behind the figures."""

    orders: int
    givers: int
    enterprises: int


def taking_part(session: Session, wanted: Filter, *, actor: Actor) -> Taking:
    """Return how many stand behind the figures."""
    conditions = matching(wanted, actor=actor)
    orders = session.scalar(select(func.count(Entry.order_id.distinct())).where(*conditions)) or 0
    there = [
        exists().where(end == Organisation.id, *conditions)
        for end in (Entry.giver_id, Entry.taker_id)
    ]
    enterprise = Organisation.kind == OrganisationKind.SOCIAL_ENTERPRISE
    rows = session.execute(select(enterprise, func.count()).where(or_(*there)).group_by(enterprise))
    counts = {bool(row[0]): row[1] for row in rows}
    return Taking(orders, counts.get(False, 0), counts.get(True, 0))


def fairness(session: Session, wanted: Filter, *, actor: Actor) -> tuple[int, int]:
    """Return how many called the price fair (4 or 5 of 5), and how many answered."""
    orders = select(Entry.order_id).where(*matching(wanted, actor=actor))
    row = session.execute(
        select(
            func.coalesce(func.sum(case((Feedback.fair_price >= FAIR, 1), else_=0)), 0),
            func.count(Feedback.fair_price),
        ).where(Feedback.order_id.in_(orders))
    ).one()
    return int(row[0]), int(row[1])


def kept_by_material(session: Session, wanted: Filter, *, actor: Actor) -> dict[str | None, float]:
    """Return the mass in kg that was not thrown away of each material, by its code."""
    kept = (Entry.measure == _M.MASS_KG, Entry.path.in_(KEPT))
    rows = session.execute(
        select(Entry.material_code, func.sum(Entry.result))
        .where(*kept, *matching(wanted, actor=actor))
        .group_by(Entry.material_code)
    )
    return {row[0]: row[1] for row in rows}


def by_group(session: Session, wanted: Filter, *, actor: Actor) -> list[tuple[TargetGroup, float]]:
    """Return the hours by target group, most first."""
    hours = func.sum(Entry.result)
    rows = session.execute(
        select(Entry.target_group, hours)
        .where(Entry.measure == _M.HOURS, *matching(wanted, actor=actor))
        .group_by(Entry.target_group)
        .order_by(hours.desc())
    )
    return [(group, worked) for group, worked in rows if group is not None]


def ways(session: Session, wanted: Filter, *, actor: Actor) -> list[float]:
    """Return the mean way of each order's kilograms, in km."""
    rows = session.execute(
        select(func.sum(Entry.result) / func.sum(Entry.amount))
        .where(Entry.measure == _M.DISTANCE_KG_KM, *matching(wanted, actor=actor))
        .group_by(Entry.order_id)
    )
    return [row[0] for row in rows]


def by_service_point(
    session: Session, wanted: Filter, *, actor: Actor
) -> list[tuple[ServicePoint | None, Sums]]:
    """Return each service point's sums, by name; what belongs to none comes last."""
    rows = session.execute(
        select(
            Entry.service_point_id,
            Entry.measure,
            Entry.path,
            func.sum(Entry.result),
            func.sum(Entry.amount),
            func.sum(Entry.low),
            func.sum(Entry.high),
        )
        .where(*matching(wanted, actor=actor))
        .group_by(Entry.service_point_id, Entry.measure, Entry.path)
    )
    found: dict[int | None, Sums] = {}
    for key, measure, path, *numbers in rows:
        found.setdefault(key, Sums()).cells.append(Cell(0, 0, measure, path, 0, *numbers))
    points = session.scalars(
        select(ServicePoint).where(ServicePoint.id.in_(found)).order_by(ServicePoint.name)
    )
    named: list[tuple[ServicePoint | None, Sums]] = [(p, found[p.id]) for p in points]
    return named + ([(None, found[None])] if None in found else [])
