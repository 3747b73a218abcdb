"""The materials, and how heavy a quantity of one probably is."""

import math
from typing import Literal

from marketplace.taxonomy.edition import in_force
from marketplace.taxonomy.tree import Material, Tree

MassUnit = Literal["kg", "t", "l", "m3", "m2", "m", "piece", "pallet"]

PALLET_M3 = 0.8 * 1.2 * 1.2
"""A EUR pallet (0.8 m x 1.2 m, EN 13698-1) loaded 1.2 m high: 1.152 m3, an assumption."""
PALLET_MAX_KG = 1500.0
"""The rated load of a EUR pallet: a denser material is stacked lower."""


def materials() -> Tree[Material]:
    """The tree of materials in force."""
    return in_force().materials


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
