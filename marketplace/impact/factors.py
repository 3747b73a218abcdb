"""Factors: what a kilogram avoids by its path, and what carrying it emits; each with its versions.

Avoided: "Material use" of the UK Government GHG Conversion Factors for Company Reporting 2025
(DESNZ/DEFRA), as `taxonomy.materials` carries it, in kg CO2e per kg:

- re-used: primary production less re-use; what the source prints no re-use figure for counts as
  re-used without any emission of its own;
- made into products: the same where re-use is printed; else the lower of two views counts, primary
  production less closed-loop recycling, and primary production alone is the upper one;
- recycled: primary production less closed-loop recycling, where that is printed;
- disposed of: nothing is avoided.

A material or a path without a printed figure has no factor: its mass counts, its CO2e is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.core import audit
from marketplace.core.actor import SYSTEM, Actor, Role, require
from marketplace.core.errors import Invalid, NotFound, Outrun, Problem
from marketplace.impact.models import FactorVersion, ImpactFactor, Path
from marketplace.taxonomy.factors import Factor, factors
from marketplace.taxonomy.materials import materials

YEAR = 2025
VALID_FROM = date(2025, 1, 1)
PER_KG = "kg CO2e/kg"
PER_TONNE_KM = "kg CO2e/t km"
TRANSPORT = "transport:van"
FREIGHT = (
    "UK Government GHG Conversion Factors for Company Reporting, DESNZ/DEFRA, 2025: "
    "Freighting goods, Vans, Average (up to 3.5 tonnes), fuel unknown; "
    "low: battery electric, high: petrol"
)
VAN = (0.63823, 0.21992, 0.85537)
"""Value, low and high in kg CO2e per tonne-km, as `FREIGHT` prints them."""
MOST_SOURCE = 300
MOST_VALUE = 1e6


class Figure(NamedTuple):
    """A factor's value with its range."""

    value: float
    low: float
    high: float


class Published(NamedTuple):
    """A factor as it is published: its key, unit and figure, and the source by name."""

    key: str
    unit: str
    figure: Figure
    source: str


def avoided(factor: Factor, path: Path) -> Figure | None:
    """Return what a kilogram avoids in kg CO2e per kg; None where the source prints too little."""
    primary, reused, recycled = factor.primary, factor.reused, factor.closed_loop
    if path is Path.RE_USED or (path is Path.MADE_INTO_PRODUCTS and reused is not None):
        value = primary - (reused or 0.0)
        return Figure(value, value, value)
    if recycled is None or path not in (Path.RECYCLED, Path.MADE_INTO_PRODUCTS):
        return None
    low = primary - recycled
    return Figure(low, low, primary if path is Path.MADE_INTO_PRODUCTS else low)


def published() -> Iterator[Published]:
    """Give every factor that the sources print."""
    for factor in factors().values():
        for path in Path:
            figure = avoided(factor, path)
            if figure is not None:
                yield Published(_key(factor, path), PER_KG, figure, factor.source)
    yield Published(TRANSPORT, PER_TONNE_KM, Figure(*VAN), FREIGHT)


def _key(factor: Factor, path: Path) -> str:
    return f"{path.value}:{factor.group}: {factor.material}"


def key_for(material: str | None, path: Path) -> str | None:
    """Return the key of what a material avoids on a path; None where no row fits the material."""
    node = materials().find(material) if material else None
    factor = _by_source().get(node.factor_source or "") if node is not None else None
    return None if factor is None else _key(factor, path)


@cache
def _by_source() -> dict[str, Factor]:
    return {factor.source: factor for factor in factors().values()}


def sync(session: Session, *, now: datetime) -> int:
    """Add every published factor that is not there yet as its version 1; return how many."""
    known = set(session.scalars(select(ImpactFactor.key)))
    new = [each for each in published() if each.key not in known]
    for each in new:
        factor = ImpactFactor(key=each.key, unit=each.unit)
        factor.versions = [
            FactorVersion(
                version=1,
                **each.figure._asdict(),
                source=each.source,
                year=YEAR,
                valid_from=VALID_FROM,
                created_at=now,
            )
        ]
        session.add(factor)
    session.flush()
    for factor in session.scalars(
        select(ImpactFactor).where(ImpactFactor.key.in_([each.key for each in new]))
    ):
        audit.note(session, "publish", factor, actor=SYSTEM, now=now, after={"version": 1})
    return len(new)


class Book:
    """All factors with their versions, read once."""

    def __init__(self, session: Session) -> None:
        rows = session.scalars(
            select(FactorVersion)
            .options(joinedload(FactorVersion.factor))
            .order_by(FactorVersion.version)
        ).all()
        self._versions: dict[str, list[FactorVersion]] = {}
        for row in rows:
            self._versions.setdefault(row.factor.key, []).append(row)
        self._by_id = {row.id: row for row in rows}

    def __contains__(self, key: str) -> bool:
        return key in self._versions

    def in_force(self, key: str | None, on: date) -> FactorVersion | None:
        """Return the newest version valid on a day; before the first one's days, the first."""
        rows = self._versions.get(key or "", [])
        return next((row for row in reversed(rows) if row.valid_from <= on), next(iter(rows), None))

    def version(self, version_id: int) -> FactorVersion:
        """Return a version by its key."""
        return self._by_id[version_id]


def read(session: Session, *, now: datetime) -> Book:
    """Return all factors; those of the sources are put down first where there are none."""
    if session.scalar(select(func.count()).select_from(ImpactFactor)) == 0:
        sync(session, now=now)
    return Book(session)


@dataclass(frozen=True, kw_only=True)
class VersionDraft:
    """A factor's new version; ``value``, ``low`` and ``high`` in the factor's unit."""

    value: float
    low: float
    high: float
    source: str
    year: int
    valid_from: date

    def __post_init__(self) -> None:
        problems = [
            Problem(name, "too_big")
            for name in ("value", "low", "high")
            if abs(getattr(self, name)) > MOST_VALUE
        ]
        if not self.low <= self.value:
            problems.append(Problem("low", "range_misses_value"))
        if not self.value <= self.high:
            problems.append(Problem("high", "range_misses_value"))
        if not self.source:
            problems.append(Problem("source", "required"))
        if len(self.source) > MOST_SOURCE:
            problems.append(Problem("source", "too_long", {"most": MOST_SOURCE}))
        if not 1990 <= self.year <= 2100:
            problems.append(Problem("year", "not_a_year"))
        if problems:
            raise Invalid(problems)


def history(
    session: Session, path: Path | None = None, *, page: int = 1, size: int = 20
) -> tuple[list[ImpactFactor], int]:
    """Return one page of the factors with their versions, of all paths or of one, and how many."""
    mine = true() if path is None else ImpactFactor.key.startswith(f"{path.value}:")
    total = session.scalar(select(func.count()).select_from(ImpactFactor).where(mine)) or 0
    rows = session.scalars(
        select(ImpactFactor)
        .where(mine)
        .options(selectinload(ImpactFactor.versions))
        .order_by(ImpactFactor.key)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def get(session: Session, factor_id: int) -> ImpactFactor:
    """Return a factor with its versions."""
    found = session.scalars(
        select(ImpactFactor)
        .where(ImpactFactor.id == factor_id)
        .options(selectinload(ImpactFactor.versions))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def add_version(
    session: Session,
    factor_id: int,
    draft: VersionDraft,
    *,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> FactorVersion:
    """Add a version for what is booked from now on; what was booked keeps the one it had.

    Raises ``Outrun`` where somebody added another one since ``seen``.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    session.execute(select(ImpactFactor.id).where(ImpactFactor.id == factor_id).with_for_update())
    factor = get(session, factor_id)
    last = factor.versions[-1]
    if seen is not None and seen != last.version:
        raise Outrun("there is a newer version")
    row = FactorVersion(
        factor_id=factor.id, version=last.version + 1, created_at=now, **vars(draft)
    )
    session.add(row)
    session.flush()
    audit.note(
        session,
        "add_version",
        factor,
        actor=actor,
        now=now,
        before={"version": last.version, "value": last.value},
        after={"version": row.version, "value": row.value},
    )
    return row
