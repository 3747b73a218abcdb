"""The edges: exactly at the border, the last day, the smallest batch, ties."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching_worlds import AS_OF, TODAY, UNITS, capability, columns, listing, world
from reference_matcher import distance
from shapely.geometry import MultiPolygon, box

from marketplace.matching.columns import Sets
from marketplace.matching.eligibility import is_hazardous
from marketplace.matching.ontology import Ontology, Tree
from marketplace.matching.ranking import capability_best, rank, rank_all, touched_listings
from marketplace.matching.weights import Weights

WEIGHTS = Weights()
PROXIMITY, FIT, CAPACITY, TIMING, VALUE, FAIRNESS = range(6)


def matched(one, *others, refused=None):
    return rank(0, *columns(world([one], list(others))), WEIGHTS, AS_OF, refused=refused)


def component(which, one, other):
    found = matched(one, other)
    assert len(found) == 1
    return found.components[0, which]


def day(offset):
    return TODAY + timedelta(days=offset)


def test_exactly_on_the_radius_is_within():
    one, other = listing(lat=48.1, lon=16.2), capability()
    far = distance(one, other)
    assert len(matched(one, other | {"radius": far})) == 1
    assert len(matched(one, other | {"radius": np.nextafter(far, 0)})) == 0


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [(47.5, 16.0, True), (47.5, 16.5, True), (48.0, 17.0, True), (47.5, 17.0001, False)],
)
def test_the_border_of_an_area_belongs_to_it(lat, lon, inside):
    for area in (box(16, 47, 17, 48), MultiPolygon([box(16, 47, 17, 48), box(3, 3, 4, 4)])):
        found = matched(listing(lat=lat, lon=lon), capability(area=area, radius=1.0))
        assert len(found) == inside


def test_distance_counts_from_the_base_where_an_area_decides():
    one = listing(lat=48.2, lon=16.37)
    other = capability(area=box(16, 48, 17, 49), radius=None)
    assert matched(one, other).distance_km[0] == pytest.approx(distance(one, other))


def test_neither_radius_nor_area_reaches_nobody():
    assert len(matched(listing(), capability(radius=None))) == 0


def test_the_last_shared_day_is_enough():
    closing = capability(until=TODAY)
    assert len(matched(listing(), closing)) == 1
    assert len(matched(listing(), capability(until=day(-1)))) == 0
    assert len(matched(listing(until=day(5)), capability(**{"from": day(5)}))) == 1
    assert len(matched(listing(until=day(4)), capability(**{"from": day(5)}))) == 0


def test_timing_counts_inside_the_horizon():
    assert component(TIMING, listing(), capability()) == 1.0
    assert component(TIMING, listing(), capability(until=day(44))) == 45 / 180
    assert component(TIMING, listing(until=day(9)), capability(**{"from": day(9)})) == 1 / 10
    assert component(TIMING, listing(), capability(**{"from": day(180)})) == 0.0


def test_a_window_after_the_horizon_brings_its_own():
    late = listing(**{"from": day(180)})
    assert component(TIMING, late, capability()) == 1.0
    assert component(TIMING, late, capability(until=day(180))) == 1 / 180
    last_inside = listing(**{"from": day(179)})
    assert component(TIMING, last_inside, capability()) == 1.0
    assert component(TIMING, last_inside, capability(**{"from": day(180)})) == 0.0


def test_the_smallest_batch_itself_is_enough():
    assert len(matched(listing(kg=50.0), capability(least_kg=50.0))) == 1
    assert len(matched(listing(kg=49.999), capability(least_kg=50.0))) == 0
    assert len(matched(listing(kg=None), capability(least_kg=50.0))) == 1


def limits(**known):
    return dict.fromkeys(UNITS) | known


def test_nothing_free_is_still_eligible():
    for full in (limits(kg=0.0), limits(kg=80.0)):
        busy = capability(per_month=full, committed=dict.fromkeys(UNITS, 90.0))
        assert component(CAPACITY, listing(), busy) == 0.0


def test_a_monthly_amount_of_nothing_needs_no_capacity():
    assert component(CAPACITY, listing(kg=0.0), capability(per_month=limits(kg=0.0))) == 1.0


@pytest.mark.parametrize(
    ("recurrence", "until", "monthly"),
    [
        ("weekly", None, 100 * 52 / 12),
        ("monthly", None, 100),
        ("quarterly", None, 100 / 3),
        ("yearly", None, 100 / 12),
        ("once", None, 100),
        ("once", 5, 100),
        ("once", 121, 100 / (122 / 30.4375)),
    ],
)
def test_how_much_comes_per_month(recurrence, until, monthly):
    one = listing(recurrence=recurrence, until=None if until is None else day(until))
    share = component(CAPACITY, one, capability(per_month=limits(kg=5.0)))
    assert share == pytest.approx(5 / monthly, abs=1e-12)


def test_the_scarcest_unit_decides():
    one = listing(kg=100.0, pieces=100.0, hours=None)
    free = limits(kg=50.0, pieces=20.0, hours=0.0)
    assert component(CAPACITY, one, capability(per_month=free)) == pytest.approx(0.2)


def test_hazard_comes_from_the_flag_or_the_code():
    flags, codes = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert is_hazardous(flags, codes).tolist() == [True, True, True, False]
    assert len(matched(listing(hazardous=True), capability())) == 0
    assert len(matched(listing(hazardous=True), capability(takes_hazardous=True))) == 1


def test_a_refused_pair_stays_refused():
    pair = (listing(), capability())
    assert len(matched(*pair, refused=np.array([0]))) == 0
    place = columns(world([listing(), listing(ref="L-2")], [capability()]))
    barred = np.array([[0, 0]])
    assert rank_all(*place, WEIGHTS, AS_OF, refused=barred).listing.tolist() == [1]
    assert touched_listings(0, *place, AS_OF, refused=np.array([0])).tolist() == [1]


def test_one_does_not_meet_oneself():
    assert len(matched(listing(owner=2), capability(owner=2))) == 0


@pytest.mark.parametrize("side", ["live", "owner_ok"])
def test_both_sides_are_live_and_verified(side):
    assert len(matched(listing(**{side: False}), capability())) == 0
    assert len(matched(listing(), capability(**{side: False}))) == 0


def test_work_at_the_clients_site_needs_people_who_travel():
    assert len(matched(listing(client_site=True), capability(on_site=False))) == 0
    assert len(matched(listing(client_site=True), capability(on_site=True))) == 1


def test_the_deepest_accepted_node_counts():
    assert component(FIT, listing(material=6), capability(materials=[1])) == pytest.approx(0.64)
    assert component(FIT, listing(material=6), capability(materials=[1, 3])) == pytest.approx(0.8)
    assert component(FIT, listing(material=6), capability(materials=[1, 6])) == 1.0
    assert len(matched(listing(material=1), capability(materials=[3]))) == 0


def test_the_farthest_named_technique_counts():
    one = listing(kind="service", material=7, techniques=[0, 5])
    assert component(FIT, one, capability(techniques=[0, 1])) == pytest.approx(0.64)
    assert len(matched(one, capability(techniques=[0]))) == 0


def test_only_a_residual_may_name_no_technique_and_must_name_a_material():
    assert len(matched(listing(techniques=[]), capability())) == 1
    assert len(matched(listing(material=None), capability())) == 0
    for kind in ("production_step", "service", "csr_product"):
        one = listing(kind=kind, material=None)
        assert len(matched(one, capability())) == 0
        assert len(matched(one | {"techniques": [2]}, capability())) == 1


def test_value_is_that_of_what_is_named_else_of_what_is_offered():
    assert component(VALUE, listing(techniques=[3]), capability(techniques=[0])) == 0.8
    assert component(VALUE, listing(), capability(techniques=[1, 2])) == 0.95
    assert component(VALUE, listing(), capability(techniques=[])) == 0.5


def test_fairness_and_proximity():
    assert component(FAIRNESS, listing(), capability(open_orders=3)) == 0.25
    assert component(PROXIMITY, listing(), capability()) == 1.0


def test_ties_go_to_the_nearer_then_by_reference():
    near, far = capability(ref="C-9"), capability(ref="C-1", lat=47.7)
    only_fair = Weights(proximity=0.0)
    found = rank(0, *columns(world([listing()], [far, near])), only_fair, AS_OF)
    assert found.rows.tolist() == [1, 0]
    twins = [capability(ref=ref) for ref in ("C-2", "C-10", "C-1")]
    assert matched(listing(), *twins).rows.tolist() == [2, 1, 0]
    metre = [capability(ref="C-2"), capability(ref="C-1", lat=47.685 + 1e-9)]
    assert rank(0, *columns(world([listing()], metre)), only_fair, AS_OF).rows.tolist() == [1, 0]
    listings = [listing(ref=ref) for ref in ("L-2", "L-10")]
    best = capability_best(0, *columns(world(listings, [capability()])), WEIGHTS, AS_OF)
    assert best.rows.tolist() == [1, 0]


def test_nobody_to_match_gives_nothing():
    nobody = columns(world([listing(material=7)], [capability()]))
    assert len(rank_all(*nobody, WEIGHTS, AS_OF)) == 0
    assert rank_all(*nobody, WEIGHTS, AS_OF).components.shape == (0, 6)
    tables = columns(world([listing()], [capability()]))
    empty = (tables[0], tables[1].take(np.array([], dtype=int)), tables[2])
    assert len(rank_all(*empty, WEIGHTS, AS_OF)) == 0


@given(st.lists(st.floats(0, 5), min_size=6, max_size=6), st.lists(st.floats(0, 1), min_size=6))
def test_a_score_lies_among_its_components(weights, parts):
    if sum(weights) < 1e-6:
        return
    row = np.array([parts[:6]])
    score = Weights(*weights).score(row)[0]
    assert min(parts[:6]) - 1e-12 <= score <= max(parts[:6]) + 1e-12


@pytest.mark.parametrize("wrong", [{"fit": -0.1}, {"half_distance_km": 0}, {"value": float("nan")}])
def test_weights_must_make_sense(wrong):
    with pytest.raises(ValueError, match=r"weights|distance"):
        Weights(**wrong)


def test_columns_must_belong_together():
    tables = columns(world([listing()], [capability()]))
    with pytest.raises(ValueError, match="length"):
        type(tables[0])(**(tables[0].columns() | {"kind": np.array([0, 1])}))
    with pytest.raises(ValueError, match="circle"):
        Tree(np.array([1, 0]))
    with pytest.raises(ValueError, match="tree"):
        Tree(np.array([5]))
    with pytest.raises(ValueError, match="retention"):
        Ontology(Tree(np.array([-1])), Tree(np.array([-1])), np.array([]))


def test_sets_are_taken_row_by_row():
    sets = Sets.of([[1, 2], [], [3]])
    taken = sets.take(np.array([2, 0, 1]))
    assert [taken[row].tolist() for row in range(3)] == [[3], [1, 2], []]
