"""The report as a workbook: one sheet for each question, numbers as numbers."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from marketplace.accounts.models import Organisation
from marketplace.exchange.writing import guarded
from marketplace.impact.models import Measure
from marketplace.impact.report import Outflow, Report
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.waste import waste_codes
from marketplace.web.impact.figures import factor_name
from marketplace.wording import label

Row = Sequence[object]
WIDEST = 60


def workbook(organisation: Organisation, report: Report, tongue: str) -> bytes:
    """Return the report of an organisation's year as XLSX; masses in kg, names in ``tongue``."""
    book = Workbook()
    book.remove(book.active)
    _sheet(book, _("Summary"), *_summary(organisation, report))
    _sheet(
        book,
        _("E5-5 outflows"),
        _outflow_heads(),
        [_outflow(row, tongue) for row in report.outflows],
    )
    inflows = [
        (_material(row.material, tongue), row.re_used, row.made, row.re_used + row.made)
        for row in report.inflows
    ]
    heads = [_("Material"), _("re-used"), _("made into products"), _("Sum")]
    _sheet(book, _("E5-4 inflows"), heads, inflows)
    _sheet(book, _("Factors"), *_factors(report))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Any, title: str, heads: Row, rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(title)
    every = [heads, *rows]
    for row in every:
        sheet.append([_cell(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for n in range(len(heads)):
        longest = max(len(str(row[n])) for row in every if len(row) > n)
        sheet.column_dimensions[get_column_letter(n + 1)].width = min(longest + 2, WIDEST)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return round(value, 8)
    if isinstance(value, int) or value is None:
        return value
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", str(value)))


def _summary(organisation: Organisation, report: Report) -> tuple[Row, list[Row]]:
    rows: list[Row] = [(label(m), report.sums.of(m), UNITS[m]) for m in Measure]
    rows.append((_("CO₂e avoided, net"), report.sums.net, "kg"))
    for text, hazardous in ((_("hazardous"), True), (_("non-hazardous"), False)):
        for name, words in (
            ("diverted", _("Diverted from disposal")),
            ("disposed", _("Directed to disposal")),
        ):
            rows.append((f"{words}, {text}", report.out(name, hazardous=hazardous), "kg"))
    return (organisation.name, report.year, ""), rows


UNITS = {
    Measure.VALUE_EUR: "EUR",
    Measure.DISTANCE_KG_KM: "kg km",
    Measure.HOURS: "h",
    Measure.PEOPLE: "",
    Measure.QUALIFICATIONS: "",
    Measure.MASS_GIVEN_KG: "kg",
    Measure.MASS_LOST_KG: "kg",
    Measure.MASS_KG: "kg",
    Measure.CO2E_AVOIDED_KG: "kg CO2e",
    Measure.CO2E_TRANSPORT_KG: "kg CO2e",
}


def _outflow_heads() -> list[str]:
    return [
        _("Material"), _("List of Waste"), _("hazardous"), _("Mass given"),
        _("Preparation for re-use"), _("Recycling"), _("Other recovery"),
        _("Diverted from disposal"), _("Directed to disposal"), _("lost on the way"),
    ]  # fmt: skip


def _outflow(row: Outflow, tongue: str) -> Row:
    code = waste_codes().get(row.waste_code).pretty if row.waste_code else ""
    return (
        _material(row.material, tongue), code, _("yes") if row.hazardous else _("no"), row.given,
        row.prepared_for_reuse, row.recycled, row.other_recovery, row.diverted, row.disposed,
        row.lost,
    )  # fmt: skip


def _material(code: str | None, tongue: str) -> str:
    return materials().name(code, tongue) if code else ""


def _factors(report: Report) -> tuple[Row, list[Row]]:
    heads = [
        _("Factor"), _("Unit"), _("Version"), _("Value"), _("At least"), _("At most"),
        _("Year of the source"), _("Source"),
    ]  # fmt: skip
    return heads, [
        (factor_name(v.factor.key), v.factor.unit, v.version, v.value, v.low, v.high, v.year, v.source)
        for v in report.factors
    ]  # fmt: skip
