"""Tables as CSV, JSON, XLSX and GeoJSON."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from marketplace.core.errors import Invalid
from marketplace.exchange.columns import Format

DANGEROUS = re.compile(r"'*[=+\-@\t\r]")

Record = dict[str, Any]
Point = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    """Columns and records of plain values.

    ``lines`` gives, per record, its points as (longitude, latitude): one for what lies somewhere, two
    for what links two places. None for what lies nowhere.
    """

    columns: Sequence[str]
    records: list[Record]
    lines: list[list[Point]] | None = None


def write(sheet: Sheet, form: Format) -> bytes:
    """Return the file. Raises ``Invalid`` on ``format`` for GeoJSON of what lies nowhere."""
    if form is Format.CSV:
        return csv_bytes(sheet.columns, sheet.records)
    if form is Format.JSON:
        records = ({c: _json(r.get(c)) for c in sheet.columns} for r in sheet.records)
        return (_lines(records) + "\n").encode()
    if form is Format.XLSX:
        return _xlsx(sheet)
    return _geojson(sheet)


def text(value: object) -> str:
    """Return a value as it stands in a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        plain = format(Decimal(repr(value)), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ";".join(text(part) for part in value)
    return str(value)


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if DANGEROUS.match(cell) else cell


def _cell(value: object) -> str:
    if isinstance(value, (bool, int, float, Decimal)):
        return text(value)
    return guarded(text(value))


def csv_bytes(columns: Sequence[str], records: Iterable[Record], separator: str = ",") -> bytes:
    """Return CSV as RFC 4180 has it, in UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(columns)
    for record in records:
        writer.writerow([_cell(record.get(column)) for column in columns])
    return out.getvalue().encode()


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, StrEnum)):
        return text(value)
    return value


def _lines(values: Iterable[object]) -> str:
    """Return a JSON array with one value to a line."""
    return "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in values) + "\n]"


def _xlsx(sheet: Sheet) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("export")
    page.freeze_panes = "A2"
    page.append(list(sheet.columns))
    for record in sheet.records:
        page.append([_xlsx_cell(record.get(column)) for column in sheet.columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx_cell(value: object) -> object:
    if value is None or (isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)):
        return value
    if isinstance(value, date):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", _cell(value)) or None


def _geojson(sheet: Sheet) -> bytes:
    """Return a FeatureCollection (RFC 7946): a Point each, or a LineString between two places."""
    if sheet.lines is None:
        raise Invalid.one("format", "not_on_a_map")
    shown = [c for c in sheet.columns if c not in {"lat", "lon"}]
    features = [
        {
            "type": "Feature",
            "geometry": _geometry(line),
            "properties": {c: _json(record.get(c)) for c in shown},
        }
        for record, line in zip(sheet.records, sheet.lines, strict=True)
    ]
    return ('{"type": "FeatureCollection", "features": ' + _lines(features) + "}\n").encode()


def _geometry(line: list[Point]) -> dict[str, object]:
    if len(line) == 1:
        return {"type": "Point", "coordinates": list(line[0])}
    return {"type": "LineString", "coordinates": [list(point) for point in line]}
