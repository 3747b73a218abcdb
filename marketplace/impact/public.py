"""What everybody may read: only sums over at least three organisations, and no way to subtract.

What stands for fewer is put together under ``None`` until that is three as well, since a group that
is merely left out could be had from the total.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core.actor import SYSTEM
from marketplace.impact.models import KEPT, Entry, Measure
from marketplace.impact.queries import Cell, Filter, Sums, cells

FEWEST = 3


@dataclass
class Group:
    """A part of a sum, and the organisations that it is of."""

    name: str | None
    amount: float = 0.0
    whose: set[int] = field(default_factory=set)

    def take(self, other: "Group") -> None:
        """Count another group's amount and organisations as well."""
        self.amount += other.amount
        self.whose |= other.whose


def guarded(groups: Iterable[Group]) -> list[Group]:
    """Return groups of at least three, the largest first; small ones together, as ``None``, last."""
    rows = sorted(groups, key=lambda g: (len(g.whose), g.amount))
    rest = Group(None)
    while rows and (len(rows[0].whose) < FEWEST or 0 < len(rest.whose) < FEWEST):
        rest.take(rows.pop(0))
    shown = sorted((g for g in rows if g.name is not None), key=lambda g: -g.amount)
    return shown + ([rest] if len(rest.whose) >= FEWEST else [])


def sums(session: Session) -> Sums:
    """Return the sums of measures behind which at least three organisations stand."""
    enough = [measure for measure in Measure if _enough(session, measure)]
    found: list[Cell] = cells(session, Filter(), actor=SYSTEM)
    return Sums([cell for cell in found if cell.measure in enough])


def _enough(session: Session, measure: Measure) -> bool:
    """Tell whether at least three stand behind a measure, without looking at more than that."""
    who = func.coalesce(Entry.giver_id, Entry.taker_id)
    few = select(who).where(Entry.measure == measure).distinct().limit(FEWEST)
    return len(session.scalars(few).all()) >= FEWEST


def kept_by_family(session: Session) -> list[Group]:
    """Return the mass in kg that was not thrown away, by family of materials."""
    rows = session.execute(
        select(Entry.material_code, Entry.giver_id, func.sum(Entry.result))
        .where(Entry.measure == Measure.MASS_KG, Entry.path.in_(KEPT))
        .group_by(Entry.material_code, Entry.giver_id)
    )
    return _grouped((code.split(".")[0] if code else None, who, kg) for code, who, kg in rows)


def value_by_year(session: Session) -> list[Group]:
    """Return the value of the orders in euro, by year."""
    year = extract("year", Entry.happened_on)
    rows = session.execute(
        select(year, Entry.giver_id, func.sum(Entry.result))
        .where(Entry.measure == Measure.VALUE_EUR)
        .group_by(year, Entry.giver_id)
    )
    return _grouped((str(int(when)), who, euro) for when, who, euro in rows)


def given_by_region(session: Session) -> list[Group]:
    """Return the mass in kg that was given, by province."""
    rows = session.execute(
        select(Organisation.region, Entry.giver_id, func.sum(Entry.result))
        .join(Organisation, Organisation.id == Entry.giver_id)
        .where(Entry.measure == Measure.MASS_GIVEN_KG)
        .group_by(Organisation.region, Entry.giver_id)
    )
    return _grouped((region, who, kg) for region, who, kg in rows)


def middle_of(session: Session, group: Group) -> tuple[float, float]:
    """Return the middle of a group's public points, as latitude and longitude in degrees."""
    row = session.execute(
        select(
            func.avg(Organisation.public_latitude), func.avg(Organisation.public_longitude)
        ).where(Organisation.id.in_(group.whose))
    ).one()
    return round(row[0], 2), round(row[1], 2)


def _grouped(rows: Iterable[tuple[str | None, int | None, float]]) -> list[Group]:
    found: dict[str | None, Group] = {}
    for name, who, amount in rows:
        whose = set() if who is None else {who}
        found.setdefault(name, Group(name)).take(Group(name, amount, whose))
    return guarded(found.values())
