"""The search by bounds gives what looking at every pair gives: crowds, ties, far and hostile places."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matching_worlds import AS_OF, capability, columns, listing, random_world, refused_rows, world
from pyproj import Geod

from marketplace.geo.distance import ecef, geodesic_km
from marketplace.matching import pairs, ranking
from marketplace.matching.geodesic import length_km, uncertainty_km
from marketplace.matching.market import make_market
from marketplace.matching.postings import post
from marketplace.matching.ranking import rank_all, rank_market
from marketplace.matching.weights import Weights


def listed(found, top):
    """The rows of each listing in order, cut after ``top``."""
    rows = {}
    for i, j in zip(found.listing.tolist(), found.capability.tolist(), strict=True):
        rows.setdefault(i, []).append(j)
    return {i: order[:top] for i, order in rows.items()}


def agrees(place, weights=None, top=10):
    weights = weights or Weights()
    tables, refused = columns(place), refused_rows(place)
    whole = rank_all(*tables, weights, AS_OF, top=None, refused=refused)
    first = rank_all(*tables, weights, AS_OF, top=top, refused=refused)
    assert listed(first, top) == listed(whole, top)
    known = {
        (i, j): n
        for n, (i, j) in enumerate(
            zip(whole.listing.tolist(), whole.capability.tolist(), strict=True)
        )
    }
    for n, pair in enumerate(zip(first.listing.tolist(), first.capability.tolist(), strict=True)):
        m = known[pair]
        assert first.rank[n] == whole.rank[m]
        assert first.score[n] == whole.score[m]
        assert first.distance_km[n] == whole.distance_km[m]
        assert (first.components[n] == whole.components[m]).all()
    return first


@pytest.mark.parametrize("seed", range(3, 9))
@pytest.mark.parametrize("top", [1, 3, 10])
def test_a_crowd(seed, top):
    assert len(agrees(random_world(seed, 150, 400), top=top)) > 50


@pytest.mark.parametrize(
    "weights",
    [
        Weights(proximity=0.0),
        Weights(1, 0, 0, 0, 0, 0),
        Weights(0, 0, 0, 0, 0, 1),
        Weights(half_distance_km=700.0),
        Weights(half_distance_km=0.5),
    ],
)
def test_any_weights(weights):
    agrees(random_world(2, 120, 300), weights)


def test_more_equals_than_places():
    twins = [capability(ref=f"C-{n:03}", owner=2 + n % 5) for n in range(120)]
    found = agrees(world([listing(), listing(ref="L-2", owner=3)], twins[::-1]))
    assert found.capability[:10].tolist() == list(range(119, 109, -1))
    assert len(set(found.capability[10:].tolist())) == 10


def test_equal_scores_at_different_distances():
    ring = [
        capability(ref=f"C-{n:02}", lat=47.685 + (n - 20) * 1e-8, materials=[0, 2], techniques=[0])
        for n in range(40)
    ]
    agrees(world([listing()], ring), Weights(proximity=0.0))
    agrees(world([listing()], ring))


places = st.tuples(
    st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0, 89.9999, 47.685])),
    st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 0.0, 179.9999, 16.5905])),
)


@settings(max_examples=40, deadline=None)
@example([(90.0, 0.0)], [((90.0, 3.4e-147), 0.0)])  # apart by less than a square can say
@given(
    st.lists(places, min_size=1, max_size=6),
    st.lists(
        st.tuples(places, st.sampled_from([0.0, 5.0, 250.0, 5000.0, 30000.0])),
        min_size=1,
        max_size=30,
    ),
)
def test_anywhere_on_earth(here, there):
    listings = [listing(ref=f"L-{n}", lat=lat, lon=lon) for n, (lat, lon) in enumerate(here)]
    able = [
        capability(ref=f"C-{n}", lat=lat, lon=lon, radius=radius)
        for n, ((lat, lon), radius) in enumerate(there)
    ]
    agrees(world(listings, able), top=4)


def test_a_technique_offered_twice_over_counts_once():
    both = capability(ref="C-1", techniques=[4, 1, 5])
    one = listing(kind="service", material=None, techniques=[5])
    found = agrees(world([one], [both, capability(ref="C-2", techniques=[1])]))
    assert found.capability.tolist() == [0, 1]
    assert found.components[:, 1].tolist() == pytest.approx([1.0, 0.64])


def test_more_families_of_techniques_than_bits():
    many = {"techniques": [-1] * 70 + [69], "retention": [0.5] * 71}
    able = [capability(ref=f"C-{n:02}", techniques=[n]) for n in range(71)]
    asked = [listing(ref=f"L-{n:02}", kind="service", techniques=[n]) for n in (0, 5, 64, 69, 70)]
    both = listing(ref="L-99", kind="production_step", techniques=[5, 69])
    skilled = capability(ref="C-99", techniques=[5, 69])
    found = agrees(world([*asked, both], [*able, skilled]) | many)
    pairs = list(zip(found.listing.tolist(), found.capability.tolist(), strict=True))
    expected = [
        (0, 0),
        (1, 5),
        (1, 71),
        (2, 64),
        (3, 69),
        (3, 71),
        (4, 70),
        (4, 69),
        (4, 71),
        (5, 71),
    ]
    assert sorted(pairs) == sorted(expected)


@pytest.mark.parametrize("kg", [1e-320, 1e-31, 1e-29, 1e-3, 1e30, 1e300])
def test_any_amount_against_any_capacity(kg):
    free = [0.0, 1e-320, 1e-31, 1e-3, 999.9, 1e29, 1e31, 1e300, None]
    able = [
        capability(ref=f"C-{n}", per_month={"kg": each, "pieces": None, "hours": None})
        for n, each in enumerate(free * 3)
    ]
    agrees(world([listing(kg=kg)], able), top=3)


def test_full_workshops_near_by_and_free_ones_farther_off():
    full, free = ({"kg": kg, "pieces": None, "hours": None} for kg in (0.0, 500.0))
    near = [capability(ref=f"A-{n:02}", lat=47.7, per_month=full) for n in range(40)]
    far = [
        capability(ref=f"B-{n:02}", lat=47.8, per_month=free, open_orders=n % 3) for n in range(40)
    ]
    found = agrees(world([listing()], near + far))
    assert (found.capability >= 40).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_neither_threads_nor_blocks_change_anything(threads, monkeypatch):
    place = random_world(11, 200, 200)
    tables, refused = columns(place), refused_rows(place)
    whole = rank_all(*tables, Weights(), AS_OF, refused=refused)
    monkeypatch.setattr(ranking, "AT_ONCE", 7)
    parts = rank_all(*tables, Weights(), AS_OF, refused=refused, threads=threads)
    for name in ("listing", "capability", "rank", "score", "distance_km"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_progress_is_told_to_the_end():
    place = random_world(12, 60, 40)
    market = make_market(*columns(place), AS_OF)
    told = []
    rank_market(market, post(market), Weights(), progress=told.append)
    assert told[-1] == sum(one["live"] and one["owner_ok"] for one in place["listings"])


def test_a_length_is_that_of_the_geodesic():
    rng = np.random.default_rng(5)
    for km in (0.0, 1e-6, 1.0, 50.0, 150.0, 300.0, 1000.0, 4900.0):
        lat, lon = rng.uniform(-90, 90, 500), rng.uniform(-180, 180, 500)
        az = rng.uniform(0, 360, 500)
        lon2, lat2, _ = Geod(ellps="WGS84").fwd(lon, lat, az, np.full(500, km * 1000))
        exact = geodesic_km(lat, lon, lat2, lon2)
        ends = zip(*ecef(lat, lon), *ecef(lat2, lon2), strict=True)
        quick = np.array([length_km(*end) for end in ends])
        assert np.abs(quick - exact).max() <= uncertainty_km(max(km, 1e-9)) + 2e-11


def test_pairs_beyond_the_quick_formula_are_measured_by_karney():
    market = make_market(
        *columns(world([listing()], [capability(lat=10.0, lon=100.0, radius=20000.0)])), AS_OF
    )
    found = pairs.eligible(market, np.array([0]), np.array([0]))
    assert found.km[0] == geodesic_km(10.0, 100.0, 47.685, 16.5905)
