"""What a sustainability statement under ESRS E5 asks for, per organisation and year.

E5-5, resource outflows: waste by material and List-of-Waste code, hazardous or not, diverted from
disposal by preparation for re-use, recycling or another recovery, or directed to disposal. E5-4,
resource inflows: secondary materials that went into products or were re-used. (Commission Delegated
Regulation (EU) 2023/2772, Annex I.) Masses are in kg.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from marketplace.core.actor import Actor
from marketplace.impact.models import Entry, FactorVersion, Measure, Path
from marketplace.impact.queries import Filter, Sums, cells, matching
from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.waste import waste_codes

_M = Measure


@dataclass
class Outflow:
    """What one material under one waste code became."""

    material: str | None
    waste_code: str | None
    given: float = 0.0
    lost: float = 0.0
    paths: dict[Path, float] = field(default_factory=dict)

    def on(self, *paths: Path) -> float:
        return sum(self.paths.get(path, 0.0) for path in paths)

    @property
    def hazardous(self) -> bool:
        """Tell whether the List of Waste says so; what has no code is no waste by law."""
        try:
            return self.waste_code is not None and waste_codes().get(self.waste_code).hazardous
        except UnknownCode:
            return False

    @property
    def prepared_for_reuse(self) -> float:
        return self.on(Path.RE_USED)

    @property
    def recycled(self) -> float:
        return self.on(Path.RECYCLED)

    @property
    def other_recovery(self) -> float:
        return self.on(Path.MADE_INTO_PRODUCTS)

    @property
    def diverted(self) -> float:
        return self.prepared_for_reuse + self.recycled + self.other_recovery

    @property
    def disposed(self) -> float:
        return self.on(Path.DISPOSED_OF)


class Inflow(NamedTuple):
    """Mass of a secondary material that an enterprise re-used or made into products."""

    material: str | None
    re_used: float
    made: float


@dataclass(frozen=True)
class Report:
    """One organisation's year: its outflows, inflows and sums, and the factors that were used."""

    year: int
    outflows: list[Outflow]
    inflows: list[Inflow]
    sums: Sums
    factors: list[FactorVersion]

    def out(self, name: str, *, hazardous: bool | None = None) -> float:
        """Return the sum of one column of the outflows, of all, or of hazardous or other waste."""
        rows = [o for o in self.outflows if hazardous in (None, o.hazardous)]
        return float(sum(getattr(row, name) for row in rows))


def for_year(session: Session, organisation_id: int, year: int, *, actor: Actor) -> Report:
    """Return the report of an organisation's year, as far as the actor may see its lines."""
    wanted = Filter(
        first=date(year, 1, 1), last=date(year, 12, 31), organisation_id=organisation_id
    )
    seen = matching(wanted, actor=actor)
    used = select(Entry.factor_version_id).where(*seen, Entry.factor_version_id.is_not(None))
    factors = session.scalars(
        select(FactorVersion)
        .where(FactorVersion.id.in_(used))
        .options(joinedload(FactorVersion.factor))
    )
    return Report(
        year,
        _outflows(session, [*seen, Entry.giver_id == organisation_id]),
        _inflows(session, [*seen, Entry.taker_id == organisation_id]),
        Sums(cells(session, wanted, actor=actor)),
        sorted(factors, key=lambda v: (v.factor.key, v.version)),
    )


def _outflows(session: Session, conditions: list) -> list[Outflow]:  # type: ignore[type-arg]
    group = (Entry.material_code, Entry.waste_code, Entry.measure, Entry.path)
    mass = Entry.measure.in_([_M.MASS_GIVEN_KG, _M.MASS_LOST_KG, _M.MASS_KG])
    found: dict[tuple[str | None, str | None], Outflow] = {}
    for material, code, measure, path, kg in session.execute(
        select(*group, func.sum(Entry.result)).where(mass, *conditions).group_by(*group)
    ):
        row = found.setdefault((material, code), Outflow(material, code))
        if measure is _M.MASS_GIVEN_KG:
            row.given = kg
        elif measure is _M.MASS_LOST_KG:
            row.lost = kg
        elif path is not None:
            row.paths[path] = kg
    return sorted(found.values(), key=lambda o: (o.material or "~", o.waste_code or ""))


def _inflows(session: Session, conditions: list) -> list[Inflow]:  # type: ignore[type-arg]
    paths = (Path.RE_USED, Path.MADE_INTO_PRODUCTS)
    found: dict[str | None, dict[Path | None, float]] = {}
    for material, path, kg in session.execute(
        select(Entry.material_code, Entry.path, func.sum(Entry.result))
        .where(Entry.measure == _M.MASS_KG, Entry.path.in_(paths), *conditions)
        .group_by(Entry.material_code, Entry.path)
    ):
        found.setdefault(material, {})[path] = kg
    return [
        Inflow(code, *(by_path.get(path, 0.0) for path in paths))
        for code, by_path in sorted(found.items(), key=lambda item: item[0] or "~")
    ]
