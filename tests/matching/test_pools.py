"""Who is fetched together, and who is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.matching.pools import FULL, Scattered, find_pools, goal_of

ALWAYS = (0, 100)


def scattered(places, *, goal, most=np.inf, days=None):
    """Places are (x, y, kg) on a plane of kilometres around the base."""
    points = np.array([(0.0, 0.0), *((x, y) for x, y, _ in places)])
    windows = np.array(days or [ALWAYS] * len(places), dtype=np.int64).reshape(-1, 2)
    return Scattered(
        km=np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)),
        mass_kg=np.array([kg for _, _, kg in places], dtype=np.float64),
        first=windows[:, 0],
        last=windows[:, 1],
        goal_kg=goal,
        most_kg=most,
    )


def rows_of(pools):
    return [sorted(pool.rows) for pool in pools]


def test_the_nearest_begins_and_the_smallest_detour_joins():
    pools = find_pools(scattered([(10, 0, 40), (-30, 0, 40), (20, 1, 40)], goal=80))
    assert rows_of(pools) == [[0, 2]]
    assert pools[0].mass_kg == 80
    assert pools[0].km == pytest.approx(40.1, abs=0.1)


def test_what_is_enough_alone_stays_out():
    assert find_pools(scattered([(1, 0, 100), (2, 0, 40), (3, 0, 40)], goal=100)) == []
    assert rows_of(find_pools(scattered([(1, 0, 99), (2, 0, 1)], goal=100))) == [[0, 1]]


def test_all_need_a_day_in_common():
    days = [(0, 10), (11, 20), (5, 15)]
    places = [(1, 0, 50), (2, 0, 50), (9, 0, 50)]
    pools = find_pools(scattered(places, goal=100, days=days))
    assert rows_of(pools) == [[0, 2]]
    assert (pools[0].first, pools[0].last) == (5, 10)
    days[2] = (10, 15)
    one_day = find_pools(scattered(places, goal=100, days=days))
    assert (one_day[0].first, one_day[0].last) == (10, 10)
    gone = [(0, 10), (11, 20), (12, 5)]
    assert find_pools(scattered(places, goal=100, days=gone)) == []


def test_a_pool_is_never_too_much():
    places = [(1, 0, 60), (2, 0, 60), (3, 0, 35)]
    assert rows_of(find_pools(scattered(places, goal=90, most=100))) == [[0, 2]]
    assert find_pools(scattered(places[:2], goal=90, most=100)) == []


def test_needless_stops_are_dropped():
    pools = find_pools(scattered([(1, 0, 20), (1, 1, 10), (1, 2, 80)], goal=100))
    assert rows_of(pools) == [[0, 2]]


def test_a_beginning_that_leads_nowhere_does_not_end_the_search():
    days = [(90, 100), (0, 10), (0, 10)]
    places = [(1, 0, 50), (5, 0, 50), (6, 0, 50)]
    assert rows_of(find_pools(scattered(places, goal=100, days=days))) == [[1, 2]]


def test_the_goal_is_the_smallest_batch_or_what_fills():
    assert goal_of(120.0, 500.0) == 120.0
    assert goal_of(float("nan"), 500.0) == FULL * 500.0
    assert np.isnan(goal_of(float("nan"), float("nan")))
    assert find_pools(scattered([(1, 0, 5), (2, 0, 5)], goal=float("nan"))) == []


places = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(-40, 40), st.integers(1, 60)), max_size=14
)


@settings(max_examples=150, deadline=None)
@given(places, st.integers(10, 150), st.integers(0, 100), st.data())
def test_every_pool_keeps_every_rule(places, goal, more, data):
    day = st.tuples(st.integers(0, 20), st.integers(0, 20))
    days = [data.draw(day) for _ in places]
    given_ = scattered(places, goal=goal, most=goal + more, days=days)
    pools = find_pools(given_)
    taken = [row for pool in pools for row in pool.rows]
    assert len(taken) == len(set(taken))
    for pool in pools:
        assert len(pool.rows) >= 2
        assert goal <= pool.mass_kg <= goal + more
        assert max(given_.mass_kg[pool.rows]) < goal
        assert pool.first == max(given_.first[pool.rows]) <= pool.last
        assert pool.last == min(given_.last[pool.rows])
        assert all(pool.mass_kg - given_.mass_kg[row] < goal for row in pool.rows)
    assert find_pools(given_) == pools
