"""The best plan against every plan there is, and against two simpler ways."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.matching import plan
from marketplace.matching.plan import Problem, best, first_come, greedy, worth

NONE = float("nan")


def a_problem(edges, amounts, free, *, divisible=False, weight=None, turn=None):
    """Edges are (listing, capability, score); amounts and free are kg, or (kg, pieces, hours)."""
    listing, capability, score = (np.array(column) for column in zip(*edges, strict=True))
    wide = [row if isinstance(row, tuple) else (row, NONE, NONE) for row in amounts]
    room = [row if isinstance(row, tuple) else (row, NONE, NONE) for row in free]
    size = len(wide)
    return Problem(
        listing=listing.astype(np.intp),
        capability=capability.astype(np.intp),
        score=score.astype(np.float64),
        amounts=np.array(wide, dtype=np.float64),
        weight=np.array(weight or [row[0] for row in wide], dtype=np.float64),
        divisible=np.full(size, divisible) if isinstance(divisible, bool) else np.array(divisible),
        turn=np.array(turn or range(size), dtype=np.int64),
        free=np.array(room, dtype=np.float64),
    )


def keeps_the_limits(problem, share, slack=1e-3):
    given_out = np.bincount(problem.listing, share, len(problem.weight))
    assert (share >= 0).all()
    assert (given_out <= 1 + 1e-9).all()
    whole = ~problem.divisible[problem.listing]
    assert np.isin(share[whole], (0.0, 1.0)).all()
    for unit in range(3):
        taken = share * problem.needs[problem.listing, unit]
        load = np.bincount(problem.capability, taken, len(problem.free))
        assert (load <= problem.room[:, unit] + slack).all()


def best_by_trying(problem):
    """The worth of the best plan in which every listing stays whole."""
    by_listing = [np.flatnonzero(problem.listing == row) for row in range(len(problem.weight))]
    found = 0.0
    for choice in product(*[(-1, *edges) for edges in by_listing]):
        taken = [edge for edge in choice if edge >= 0]
        load = np.zeros_like(problem.room)
        for edge in taken:
            load[problem.capability[edge]] += problem.needs[problem.listing[edge]]
        if (load <= problem.room + 1e-9).all():
            found = max(found, float(problem.worth[taken].sum()))
    return found


def test_two_are_placed_where_the_best_score_first_places_one():
    edges = [(0, 0, 0.9), (0, 1, 0.8), (1, 0, 0.85)]
    problem = a_problem(edges, [100, 100], [100, 100])
    assert greedy(problem).tolist() == [1, 0, 0]
    found = best(problem)
    assert found.share.tolist() == [0, 1, 1]
    assert found.worth == pytest.approx(165)
    assert found.bound == pytest.approx(165, rel=1e-6)


def test_first_come_takes_its_best_whatever_follows():
    edges = [(0, 0, 0.5), (1, 0, 0.9)]
    problem = a_problem(edges, [100, 100], [100], turn=[0, 1])
    assert first_come(problem).tolist() == [1, 0]
    assert first_come(a_problem(edges, [100, 100], [100], turn=[1, 0])).tolist() == [0, 1]


def test_a_whole_listing_is_not_split_and_a_divisible_one_is():
    edges = [(0, 0, 0.9), (0, 1, 0.6)]
    assert best(a_problem(edges, [100], [60, 60])).share.tolist() == [0, 0]
    found = best(a_problem(edges, [100], [60, 60], divisible=True))
    assert found.share == pytest.approx([0.6, 0.4])
    assert found.worth == pytest.approx(found.bound, rel=1e-6)


def test_every_unit_that_both_know_limits():
    edges = [(0, 0, 0.9), (1, 0, 0.8)]
    free = [(NONE, 50, 10)]
    fits = a_problem(edges, [(100, 30, 5), (100, 20, 5)], free)
    assert best(fits).share.tolist() == [1, 1]
    by_pieces = a_problem(edges, [(100, 30, 5), (100, 21, 5)], free)
    assert best(by_pieces).share.tolist() == [1, 0]
    by_hours = a_problem(edges, [(100, 30, 5), (100, 20, 6)], free)
    assert best(by_hours).share.tolist() == [1, 0]
    unknown = a_problem(edges, [(100, 30, NONE), (100, 20, 10)], free)
    assert best(unknown).share.tolist() == [1, 1]


def test_heavier_listings_count_more():
    edges = [(0, 0, 0.6), (1, 0, 0.9)]
    amounts = [(1000, NONE, 10), (10, NONE, 10)]
    assert best(a_problem(edges, amounts, [(NONE, NONE, 10)])).share.tolist() == [1, 0]


def test_nothing_to_plan_and_nothing_free():
    nothing = a_problem([(0, 0, 0.5)], [100], [0])
    assert best(nothing).share.tolist() == [0]
    empty = Problem(*(np.zeros(0, dtype=np.intp),) * 2, np.zeros(0), *nothing_listed())
    assert best(empty).worth == 0


def nothing_listed():
    return (
        np.zeros((0, 3)),
        np.zeros(0),
        np.zeros(0, dtype=np.bool_),
        np.zeros(0, dtype=np.int64),
        np.zeros((0, 3)),
    )


sizes = st.integers(1, 12)
rooms = st.one_of(st.just(NONE), st.integers(0, 20))
scores = st.integers(0, 20).map(lambda n: n / 20)


@st.composite
def problems(draw, *, units=3, divisible=None):
    listings, capabilities = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    unknown = st.one_of(st.just(NONE), sizes)
    more = units > 1
    amounts = [
        (draw(sizes), draw(unknown) if more else NONE, draw(unknown) if more else NONE)
        for _ in range(listings)
    ]
    free = [
        (draw(rooms), draw(rooms) if more else NONE, draw(rooms) if more else NONE)
        for _ in range(capabilities)
    ]
    pairs = [(i, j) for i in range(listings) for j in range(capabilities) if draw(st.booleans())]
    edges = [(i, j, draw(scores)) for i, j in pairs or [(0, 0)]]
    turn = draw(st.permutations(range(listings)))
    split = draw(st.booleans()) if divisible is None else divisible
    return a_problem(edges, amounts, free, divisible=split, turn=list(turn))


@settings(max_examples=150, deadline=None)
@given(problems(divisible=False))
def test_no_plan_of_wholes_is_better(problem):
    found = best(problem)
    keeps_the_limits(problem, found.share)
    assert found.worth == pytest.approx(best_by_trying(problem), abs=1e-3)
    assert found.worth <= found.bound + 1e-9
    for share in (greedy(problem), first_come(problem)):
        keeps_the_limits(problem, share)
        assert worth(problem, share) <= found.worth + 1e-9


@settings(max_examples=100, deadline=None)
@given(problems(units=1, divisible=True))
def test_the_flow_is_the_best_plan_where_all_can_be_split(problem):
    found = best(problem)
    keeps_the_limits(problem, found.share)
    assert found.worth == pytest.approx(found.bound, abs=1e-2)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_bound_holds_without_the_exact_search(problem):
    exact = best(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "EXACT_EDGES", 0)
        quick = best(problem)
    keeps_the_limits(problem, quick.share)
    assert quick.worth <= exact.worth + 1e-6
    assert exact.worth <= quick.bound + 1e-3
    assert best(problem).share.tolist() == exact.share.tolist()
