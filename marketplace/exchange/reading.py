"""Files as tables of text: CSV of either separator, and the first sheet of an XLSX workbook."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from marketplace.core.errors import Invalid, Problem
from marketplace.exchange.columns import REASON

GUARDED = re.compile(r"'+[=+\-@\t\r]")
MOST_CELL = 1_000_000


@dataclass(frozen=True)
class Row:
    """One row: ``line`` is its line in a CSV file, or its row in a sheet; cells by column."""

    line: int
    cells: dict[str, str]
    too_long: bool = False


@dataclass(frozen=True)
class Table:
    """A file as text. ``decimal`` is the sign that this kind of file usually has, if any."""

    columns: list[str]
    rows: list[Row]
    separator: str = ","
    decimal: str | None = "."
    folder: Path = field(default_factory=Path)

    def check_columns(self, needed: Iterable[str]) -> None:
        """Raise ``Invalid`` where a column stands twice or one that every row needs is missing."""
        twice = sorted({c for c in self.columns if c and self.columns.count(c) > 1})
        problems = [Problem(c, "column_twice", {"text": c}) for c in twice]
        missing = [c for c in needed if c not in self.columns]
        problems += [Problem(c, "column_missing", {"text": c}) for c in missing]
        if problems:
            raise Invalid(problems)

    def unknown(self, known: Iterable[str]) -> list[str]:
        """Return the columns that mean nothing here, in the order of the file."""
        names = {*known, REASON, ""}
        return [column for column in self.columns if column not in names]


def read_table(path: Path) -> Table:
    """Read a CSV or XLSX file. Raises ``Invalid`` on ``file`` where it is neither."""
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _sheet(path)
    return _csv(path)


def _csv(path: Path) -> Table:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid.one("file", "file_not_utf8") from None
    separator = _separator(text)
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return _table(
        _numbered(reader),
        separator=separator,
        decimal="." if separator == "," else None,
        folder=path.resolve().parent,
    )


def _separator(text: str) -> str:
    """Return comma or semicolon, whichever the header row has more of outside quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return ";" if header.count(";") > header.count(",") else ","


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Invalid.one("file", "file_not_csv", line=line) from None


def _sheet(path: Path) -> Table:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            (number, [_text(value) for value in values])
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError):
        raise Invalid.one("file", "file_not_xlsx") from None
    return _table(iter(rows), decimal=".", folder=path.resolve().parent)


def _text(value: object) -> str:
    """Return a spreadsheet's cell as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        plain = format(Decimal(repr(value)), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def _table(lines: Iterator[tuple[int, list[str]]], **options: Any) -> Table:
    """Take the first row that holds anything for the header; leave empty rows out."""
    header: list[str] | None = None
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            while header and not header[-1]:
                header.pop()
            continue
        padded = cells + [""] * (len(header) - len(cells))
        rows.append(
            Row(
                line,
                {name: _bare(cell) for name, cell in zip(header, padded, strict=False) if name},
                too_long=any(cell.strip() for cell in cells[len(header) :]),
            )
        )
    if header is None:
        raise Invalid.one("file", "file_empty")
    return Table(header, rows, **options)


def _bare(cell: str) -> str:
    """Drop the apostrophe that kept a spreadsheet from taking the text for a formula."""
    return cell[1:] if GUARDED.match(cell) else cell
