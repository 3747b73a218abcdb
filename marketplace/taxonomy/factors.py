"""The published factors that stand for materials.

UK Government GHG Conversion Factors for Company Reporting 2025 (DESNZ/DEFRA), sheet "Material use",
rows "Primary material production", per tonne / 1000. They stand for what making the material anew
would emit. A material without a fitting row has none rather than a wrong one: fabric as such is not
clothing, whose figure includes making it up.
"""

from dataclasses import dataclass
from functools import cache

from marketplace.taxonomy.tables import number, rows


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
