"""Reading the tables beside this package: UTF-8 CSV with a header row."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from importlib.resources import files
from typing import Any

Row = dict[str, str]


class Branch(StrEnum):
    """Which of the two trees."""

    MATERIALS = auto()
    TECHNIQUES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is said of one node itself, nothing inherited; None where nothing is said.

    Densities are in kg per m3, m2 and m, the mass of a piece in kg. Materials alone have densities,
    masses, a waste code, a factor (a published row, by group and material) and a photo; techniques
    alone a ``value_retention``.
    """

    code: str
    name_de: str
    name_hu: str
    name_en: str
    synonyms_de: tuple[str, ...] = ()
    synonyms_hu: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    bulk_density_kg_m3: float | None = None
    areal_density_kg_m2: float | None = None
    linear_density_kg_m: float | None = None
    piece_mass_kg: float | None = None
    waste_code: str | None = None
    factor_group: str | None = None
    factor_material: str | None = None
    photo: str | None = None
    value_retention: float | None = None
    retired: bool = False
    successor: str | None = None


WORDS = ("code", "name_de", "name_hu", "name_en")
SYNONYMS = ("synonyms_de", "synonyms_hu", "synonyms_en")
FIGURES = (
    "bulk_density_kg_m3",
    "areal_density_kg_m2",
    "linear_density_kg_m",
    "piece_mass_kg",
    "value_retention",
)
NAMED = ("waste_code", "factor_group", "factor_material", "photo")


def rows(name: str) -> list[Row]:
    """The rows of `data/NAME.csv`, as text by column."""
    table = files("marketplace.taxonomy").joinpath("data", f"{name}.csv")
    with table.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def released(branch: Branch) -> Mapping[str, Entry]:
    """The entries of a tree as the release has them, by code."""
    return {row["code"]: _entry(row) for row in rows(branch.value)}


def number(cell: str) -> float | None:
    """A figure, or None for an empty cell."""
    return float(cell) if cell else None


def _entry(row: Row) -> Entry:
    values: dict[str, Any] = {name: row[name] for name in WORDS}
    values |= {name: _several(row[name]) for name in SYNONYMS}
    values |= {name: number(row.get(name, "")) for name in FIGURES}
    values |= {name: row.get(name) or None for name in NAMED}
    return Entry(**values)


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())
