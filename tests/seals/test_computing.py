"""Thresholds at their very edge: exactly 30, 50 and 150 pass, exactly half of the mass does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from marketplace.geo.coordinates import Coordinate
from marketplace.seals.assessment import Finding
from marketplace.seals.computing import InputRow, MakerRow, StepRow, compute
from marketplace.seals.models import Route

HOME = Coordinate(47.8, 16.2)
HOLDS, FAILS, SPARED = Finding.HOLDS, Finding.DOES_NOT, Finding.NOT_APPLICABLE


def at(km, direction=90):
    lon, lat, _ = Geod(ellps="WGS84").fwd(HOME.longitude, HOME.latitude, direction, km * 1000)
    return Coordinate(lat, lon)


def an_input(mass=1.0, km=10.0, route=Route.LEFTOVER):
    return InputRow(mass, at(km), route)


def a_step(helped=True, hours=1.0, social=True):
    return StepRow(hours, helped, social)


def found(code, inputs=(), steps=(), makers=(), near=(HOME,), **more):
    return compute(inputs, steps, makers, near, **more).values[code].finding


@pytest.mark.parametrize(
    ("employees", "helped", "expected"),
    [(10, 3, HOLDS), (1000, 299, FAILS), (3, 1, HOLDS), (7, 2, FAILS), (10, None, None),
     (None, None, None)],
)  # fmt: skip
def test_a_third_and_exactly_thirty_per_cent_of_the_workforce(employees, helped, expected):
    assert found("S1a", makers=[MakerRow(employees, helped)]) is expected


def test_every_maker_has_to_reach_it():
    good, bad, unknown = MakerRow(10, 9), MakerRow(10, 2), MakerRow(10, None)
    assert found("S1a", makers=[good, bad]) is FAILS
    assert found("S1a", makers=[good, unknown]) is None
    assert found("S1a") is None


@pytest.mark.parametrize(("helped", "others", "expected"), [(1, 1, HOLDS), (4, 5, FAILS)])
def test_half_of_the_steps(helped, others, expected):
    steps = [a_step()] * helped + [a_step(False)] * others
    assert found("S1b", steps=steps) is expected
    assert found("S1b") is None


def test_one_material_that_is_not_acceptable_knocks_out():
    good = an_input(route=Route.CERTIFIED)
    assert found("E1", [good, an_input(route=Route.ACCEPTABLE)]) is HOLDS
    assert found("E1", [good, an_input(0.001, route=Route.NOT_ACCEPTABLE)]) is FAILS


@pytest.mark.parametrize("route", Route)
def test_what_stands_out(route):
    stands_out = route in {Route.LEFTOVER, Route.RENEWABLE, Route.CERTIFIED}
    assert (found("E2", [an_input(route=route)]) is HOLDS) == stands_out


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [(0.3, 0.3, FAILS), (0.3000001, 0.3, HOLDS), (0.1, 0.2, FAILS), (2.0, 0.0001, HOLDS)],
)
def test_more_than_half_of_the_mass_from_the_region(near, far, expected):
    assert found("R1", [an_input(near, 149), an_input(far, 151)]) is expected


def test_tenths_add_up_as_people_add_them():
    """In binary, 0.1 + 0.2 is more than 0.3; half of the mass would count as more than half."""
    rows = [an_input(0.1), an_input(0.2), an_input(0.3, 200)]
    assert found("R1", rows) is FAILS


@pytest.mark.parametrize("pieces", [3, 7, 11, 900])
def test_what_an_order_divides_by_its_pieces_leaves_no_dust(pieces):
    """10 kg and two times 5 kg for three pieces: a third of each is half and half, not a bit more."""
    rows = [an_input(10 / pieces), *[an_input(5 / pieces, 200)] * 2]
    assert found("R1", rows) is FAILS
    assert compute(rows, [], [], [HOME]).values["R1"].figure == 50.0
    more = [an_input(10.01 / pieces), *[an_input(5 / pieces, 200)] * 2]
    assert found("R1", more) is HOLDS


@pytest.mark.parametrize("mass", [1e-9, 100_000.0])
def test_the_smallest_and_the_largest_mass(mass):
    assert found("R1", [an_input(mass)]) is HOLDS
    assert found("R1", [an_input(mass), an_input(mass, 200)]) is FAILS
    figures = compute([an_input(100_000.0)] * 100, [a_step(hours=100_000.0)] * 100, [], [HOME])
    assert (figures.reused, figures.social_work) == (100.0, 100.0)


@pytest.mark.parametrize(("km", "expected"), [(150.0, HOLDS), (150.00001, FAILS), (0.0, HOLDS)])
def test_exactly_150_kilometres_are_near(km, expected):
    assert found("R2", [an_input(km=km)]) is expected


def test_the_nearer_of_client_and_maker_counts():
    client = at(400)
    assert found("R2", [an_input(km=300)], near=[HOME]) is FAILS
    assert found("R2", [an_input(km=300)], near=[HOME, client]) is HOLDS
    assert compute([an_input(km=300)], [], [], []).values["R2"].finding is FAILS


def test_a_service_without_materials_is_spared_a_product_is_not():
    for code in ("E1", "E2", "R1", "R2"):
        assert found(code, service=True) is SPARED
        assert found(code) is None
        assert found(code, [an_input()], service=True) is HOLDS


def test_shares_of_work_and_of_what_is_used_again():
    steps = [a_step(hours=3.0), a_step(hours=1.0, social=False), a_step(hours=None)]
    rows = [an_input(3.0), an_input(1.0, route=Route.RENEWABLE)]
    figures = compute(rows, steps, [], [HOME])
    assert (figures.social_work, figures.reused) == (75.0, 75.0)
    nothing = compute([], [], [], [])
    assert (nothing.social_work, nothing.reused, nothing.km) == (None, None, ())


def test_another_version_has_other_thresholds():
    assert found("S1a", makers=[MakerRow(10, 3)], thresholds={"S1a": 30.5}) is FAILS


masses = st.integers(1, 10**6).map(lambda grams: grams / 1000)


@given(st.lists(st.tuples(masses, st.booleans()), min_size=1, max_size=12))
def test_the_regional_share_is_that_of_whole_grams(rows):
    inputs = [an_input(mass, 10 if near else 300) for mass, near in rows]
    grams = [(round(mass * 1000), near) for mass, near in rows]
    more = 2 * sum(g for g, near in grams if near) > sum(g for g, _ in grams)
    assert (found("R1", inputs) is HOLDS) == more
