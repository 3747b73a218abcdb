"""Reading the tables beside this package: UTF-8 CSV with a header row."""

import csv
from importlib.resources import files
from typing import TypedDict

Row = dict[str, str]


class Words(TypedDict):
    """The columns that every node has."""

    code: str
    name_de: str
    name_hu: str
    name_en: str
    synonyms_de: tuple[str, ...]
    synonyms_hu: tuple[str, ...]
    synonyms_en: tuple[str, ...]


def rows(name: str) -> list[Row]:
    """The rows of `data/NAME.csv`, as text by column."""
    table = files("marketplace.taxonomy").joinpath("data", f"{name}.csv")
    with table.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def words(row: Row) -> Words:
    """The code, the names and the synonyms (`;` between them in the table)."""
    return Words(
        code=row["code"],
        name_de=row["name_de"],
        name_hu=row["name_hu"],
        name_en=row["name_en"],
        synonyms_de=_several(row["synonyms_de"]),
        synonyms_hu=_several(row["synonyms_hu"]),
        synonyms_en=_several(row["synonyms_en"]),
    )


def number(cell: str) -> float | None:
    """A figure, or None for an empty cell."""
    return float(cell) if cell else None


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())
