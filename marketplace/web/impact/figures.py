"""The figures of a dashboard in the reader's words: sums, plots and the table behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_month_names, get_quarter_names
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from marketplace.impact import queries
from marketplace.impact.factors import TRANSPORT
from marketplace.impact.models import ENDS, Measure, Path
from marketplace.impact.queries import NEAR_KM, Cell, Sums
from marketplace.taxonomy.materials import materials
from marketplace.web.impact.plots import Part, Plot, Point, parts, plot
from marketplace.web.language import fixed, language, number
from marketplace.wording import label

KM_STEPS = (0, 10, 20, 30, 40, 50)
MOST_MATERIALS = 6
TONNE = 1000.0


def mass(kg: float) -> tuple[str, str]:
    """Return a mass as number and unit: tonnes from one tonne on."""
    if abs(kg) >= TONNE:
        return fixed(kg / TONNE, 1), "t"
    return number(kg, 0 if abs(kg) >= 10 else 1), "kg"


def weighed(kg: float) -> str:
    """Return a mass with its unit."""
    return " ".join(mass(kg))


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent, without the sign."""
    return "" if share is None else number(100 * share)


def factor_name(key: str) -> str:
    """Return what a factor is of: the row of its source and the path, or the vehicle."""
    if key == TRANSPORT:
        return _("Transport, van up to 3.5 t")
    path, row = key.split(":", 1)
    return f"{row}: {label(Path(path))}"


def months(cells: Iterable[Cell], measure: Measure, year: int | None) -> Plot:
    """Return a measure month by month of a year, or year by year."""
    mine = [c for c in cells if c.measure is measure]
    if year is not None:
        narrow = get_month_names("narrow", locale=get_locale())
        wide = get_month_names("wide", context="stand-alone", locale=get_locale())
        sums = {n: sum(c.result for c in mine if c.month == n) for n in range(1, 13)}
        return plot([Point(narrow[n], v, number(v), wide[n]) for n, v in sums.items()])
    found = {c.year: 0.0 for c in sorted(mine)}
    for cell in mine:
        found[cell.year] += cell.result
    return plot([Point(str(n), v, number(v), str(n)) for n, v in found.items()])


def ways(kms: Iterable[float]) -> Plot:
    """Return how many orders lie how far apart, in steps of ten kilometres."""
    every = list(kms)
    points = []
    for low in KM_STEPS:
        last = low == KM_STEPS[-1]
        count = sum(low <= km and (last or km < low + 10) for km in every)
        text = ngettext("one order", "%(num)s orders", count)
        name = _("over %(n)s", n=low) if last else f"{low}–{low + 10}"
        points.append(Point(name, count, text, f"{name} km"))
    return plot(points)


def paths(sums: Sums, in_work: float) -> list[Part]:
    """Return what became of the mass, path by path, and what is in work."""
    found = [(label(path), sums.of(Measure.MASS_KG, path)) for path in ENDS]
    found.append((_("in work"), in_work))
    return parts([Point(name, kg, weighed(kg), name) for name, kg in found])


@dataclass(frozen=True)
class Share:
    """A bar of a list: a code to filter by, its name, its value and that in words."""

    code: str
    name: str
    value: float
    text: str


def families(kept_by_material: dict[str | None, float]) -> list[Share]:
    """Return the kept mass by family of materials, the most first, the small ones together."""
    kept: dict[str, float] = {}
    for code, mass_kg in kept_by_material.items():
        family = (code or "").split(".")[0]
        kept[family] = kept.get(family, 0.0) + mass_kg
    rows = sorted(((kg, code) for code, kg in kept.items() if kg > 0), reverse=True)
    first, rest = rows[:MOST_MATERIALS], sum(kg for kg, _code in rows[MOST_MATERIALS:])
    found = [Share(code, family_name(code), kg, weighed(kg)) for kg, code in first]
    return found + ([Share("", _("Others"), rest, weighed(rest))] if rest else [])


def family_name(code: str | None) -> str:
    """Return what a material's family is called."""
    return materials().name(code, language()) if code else _("without a material")


@dataclass(frozen=True)
class Row:
    """One line of the table of periods."""

    name: str
    sums: Sums


def table(cells: Iterable[Cell], year: int | None) -> list[Row]:
    """Return the sums quarter by quarter of a year, or year by year."""
    found: dict[int, list[Cell]] = {}
    for cell in sorted(cells, key=lambda c: (c.year, c.month)):
        found.setdefault((cell.month + 2) // 3 if year else cell.year, []).append(cell)
    quarters = get_quarter_names("wide", locale=get_locale())
    return [Row(quarters[n] if year else str(n), Sums(mine)) for n, mine in found.items()]


def period(year: int | None, quarter: int | None) -> tuple[date | None, date | None]:
    """Return the first and the last day of a year or a quarter."""
    if year is None:
        return None, None
    if quarter is None:
        return date(year, 1, 1), date(year, 12, 31)
    month, days = 3 * quarter, {1: 31, 2: 30, 3: 30, 4: 31}
    return date(year, month - 2, 1), date(year, month, days[quarter])


def dashboard(
    session: Any, wanted: queries.Filter, year: int | None, *, actor: Any
) -> dict[str, Any]:
    """Return everything that the four sheets show."""
    found = queries.cells(session, wanted, monthly=year is not None, actor=actor)
    sums = Sums(found)
    since_ever = wanted.first is None
    waiting = sums.in_work if since_ever else queries.in_work(session, wanted, actor=actor)
    fair, answers = queries.fairness(session, wanted, actor=actor)
    people = [(label(g), hours) for g, hours in queries.by_group(session, wanted, actor=actor)]
    return {
        "sums": sums,
        "taking": queries.taking_part(session, wanted, actor=actor),
        "fair": fair / answers if answers else None,
        "answers": answers,
        "value_plot": months(found, Measure.VALUE_EUR, year),
        "hours_plot": months(found, Measure.HOURS, year),
        "paths": paths(sums, waiting),
        "in_work": waiting,
        "families": families(queries.kept_by_material(session, wanted, actor=actor)),
        "ways": ways(queries.ways(session, wanted, actor=actor)),
        "near": sums.within(NEAR_KM),
        "groups": people,
        "rows": table(found, year),
    }
