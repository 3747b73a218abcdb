"""The materials, and how heavy a quantity of one probably is.

Factors: UK Government GHG Conversion Factors for Company Reporting 2025 (DESNZ/DEFRA), sheet
"Material use", rows "Primary material production", per tonne / 1000. They stand for what
making the material anew would emit. A material without a fitting row has none rather than a
wrong one: fabric as such is not clothing, whose figure includes making it up.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from marketplace.taxonomy.tables import Row, number, rows, words
from marketplace.taxonomy.tree import Material, Tree

MassUnit = Literal["kg", "t", "l", "m3", "m2", "m", "piece", "pallet"]

PALLET_M3 = 0.8 * 1.2 * 1.2
"""A EUR pallet (0.8 m x 1.2 m, EN 13698-1) loaded 1.2 m high: 1.152 m3, an assumption."""
PALLET_MAX_KG = 1500.0
"""The rated load of a EUR pallet: a denser material is stacked lower."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A published factor in kg CO2e per kg; None where the source prints no figure."""

    group: str
    material: str
    primary: float
    reused: float | None
    closed_loop: float | None
    source: str


@cache
def factors() -> dict[tuple[str, str], Factor]:
    """The factors in use, by their group and material in the source."""
    return {
        (row["factor_group"], row["factor_material"]): Factor(
            group=row["factor_group"],
            material=row["factor_material"],
            primary=float(row["kg_co2e_per_kg"]),
            reused=number(row["reused_kg_co2e_per_kg"]),
            closed_loop=number(row["closed_loop_kg_co2e_per_kg"]),
            source=f"{row['source']}: {row['factor_group']}, {row['factor_material']}",
        )
        for row in rows("material_factors")
    }


@cache
def materials() -> Tree[Material]:
    """The tree of materials, read once."""
    by_code = {row["code"]: row for row in rows("materials")}
    return Tree(_material(row, by_code) for row in by_code.values())


def estimate_mass_kg(code: str | None, quantity: float, unit: str) -> float | None:
    """Estimate the mass of a quantity in kg; None where the table cannot tell.

    kg: quantity; t: 1000 x quantity; m3: bulk density x quantity; l: bulk density x quantity /
    1000; m2: areal density x quantity; m: linear density x quantity; piece: piece mass x
    quantity; pallet: min(bulk density x PALLET_M3, PALLET_MAX_KG) x quantity. Each figure is
    the material's own or its nearest ancestor's; without a material only kg and t are known.
    UnknownCode for an unknown material, ValueError for another unit or a negative quantity.
    """
    if not quantity >= 0 or math.isinf(quantity):
        raise ValueError(f"not a quantity: {quantity!r}")
    if unit in _KG_PER_UNIT:
        return _KG_PER_UNIT[unit] * quantity
    if unit not in _FIGURES:
        raise ValueError(f"not a unit: {unit!r}")
    if code is None:
        return None
    column, share = _FIGURES[unit]
    for material in materials().ancestors(code):
        figure: float | None = getattr(material, column)
        if figure is not None:
            each = figure * share
            return quantity * (min(each, PALLET_MAX_KG) if unit == "pallet" else each)
    return None


_KG_PER_UNIT: dict[str, float] = {"kg": 1.0, "t": 1000.0}
_FIGURES: dict[str, tuple[str, float]] = {
    "m3": ("bulk_density_kg_m3", 1.0),
    "l": ("bulk_density_kg_m3", 0.001),
    "m2": ("areal_density_kg_m2", 1.0),
    "m": ("linear_density_kg_m", 1.0),
    "piece": ("piece_mass_kg", 1.0),
    "pallet": ("bulk_density_kg_m3", PALLET_M3),
}


def _material(row: Row, by_code: dict[str, Row]) -> Material:
    factor = _factor(row, by_code)
    return Material(
        **words(row),
        bulk_density_kg_m3=number(row["bulk_density_kg_m3"]),
        areal_density_kg_m2=number(row["areal_density_kg_m2"]),
        linear_density_kg_m=number(row["linear_density_kg_m"]),
        piece_mass_kg=number(row["piece_mass_kg"]),
        usual_waste_code=_inherited(row, by_code, "waste_code"),
        factor_kg_co2e_per_kg=None if factor is None else factor.primary,
        factor_source=None if factor is None else factor.source,
        photo=_inherited(row, by_code, "photo"),
    )


def _factor(row: Row, by_code: dict[str, Row]) -> Factor | None:
    for each in _upwards(row, by_code):
        if each["factor_material"]:
            return factors()[each["factor_group"], each["factor_material"]]
    return None


def _inherited(row: Row, by_code: dict[str, Row], column: str) -> str | None:
    return next((each[column] for each in _upwards(row, by_code) if each[column]), None)


def _upwards(row: Row, by_code: dict[str, Row]) -> Iterator[Row]:
    code = row["code"]
    while code in by_code:
        yield by_code[code]
        code = code.rpartition(".")[0]


MATERIALS: Tree[Material] = materials()
