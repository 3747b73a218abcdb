"""How heavy is it probably? From quantity, unit and material."""

import math

import pytest

from marketplace.taxonomy.materials import PALLET_M3, PALLET_MAX_KG, estimate_mass_kg, materials


@pytest.mark.parametrize(
    ("code", "quantity", "unit", "mass"),
    [
        (None, 12.5, "kg", 12.5),
        (None, 1.5, "t", 1500.0),
        ("tarpaulin.truck", 100, "m2", 80.0),
        ("tarpaulin.banner", 10, "piece", 25.0),
        ("textile.jute.sack", 200, "piece", 140.0),
        ("plastic.bin", 3, "piece", 33.0),
        ("textile.webbing.seat_belt", 50, "m", 3.0),
        ("food.coffee_grounds", 100, "l", 45.0),
        ("wood.shaving", 2, "m3", 300.0),
        ("wood.shaving", 2, "pallet", 2 * 150 * PALLET_M3),
        ("wood.board.compact", 1, "pallet", PALLET_MAX_KG),
    ],
)
def test_the_mass_follows_from_the_figure_of_the_unit(
    code: str | None, quantity: float, unit: str, mass: float
) -> None:
    assert estimate_mass_kg(code, quantity, unit) == pytest.approx(mass)


def test_a_figure_is_taken_from_the_nearest_material_above() -> None:
    assert materials().get("wood.pallet.euro").areal_density_kg_m2 is None
    assert estimate_mass_kg("tarpaulin.tent", 2, "m2") == pytest.approx(1.1)
    assert estimate_mass_kg("textile.technical.airbag", 1, "m2") == pytest.approx(0.24)
    assert estimate_mass_kg("furniture.shop", 2, "piece") == pytest.approx(40)
    assert estimate_mass_kg("wood.board.osb", 1, "m2") == pytest.approx(10)
    assert estimate_mass_kg("electronics.it.computer.server", 1, "l") == pytest.approx(0.35)
    assert estimate_mass_kg("packaging.composite.snack", 100, "piece") == pytest.approx(0.4)
    assert estimate_mass_kg("textile.home.pillow", 1, "m3") == pytest.approx(60)
    assert estimate_mass_kg("leather.fur", 3, "m2") == pytest.approx(3.0)


def test_what_the_table_cannot_tell_stays_unknown() -> None:
    assert estimate_mass_kg("wood", 3, "piece") is None
    assert estimate_mass_kg("food", 3, "m2") is None
    assert estimate_mass_kg(None, 3, "piece") is None


def test_nothing_weighs_nothing_and_nonsense_is_refused() -> None:
    assert estimate_mass_kg("wood", 0, "m3") == 0
    for quantity in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="not a quantity"):
            estimate_mass_kg("wood", quantity, "m3")
    with pytest.raises(ValueError, match="not a unit"):
        estimate_mass_kg("wood", 1, "bushel")
