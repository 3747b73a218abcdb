"""The best chain against every chain there is."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.matching.chains import Sequence, best_chain, chain_score

HALF = 30.0
NO = np.nan


def a_sequence(techniques, offers, *, first_km, km, reaches=None):
    """Offers are {(start, end): worths by row}."""
    size = len(first_km)
    worth = np.full((techniques, techniques + 1, size), NO)
    for (start, end), values in offers.items():
        worth[start, end] = values
    reached = np.ones((size, size), dtype=bool) if reaches is None else np.array(reaches)
    return Sequence(worth, np.array(first_km, float), np.array(km, float), reached)


def best_by_trying(sequence):
    """The highest score of all chains of two or three, 0 where there is none."""
    techniques, size = sequence.techniques, len(sequence.first_km)
    cuts = [(n, techniques) for n in range(1, techniques)]
    cuts += [(a, b, techniques) for a in range(1, techniques) for b in range(a + 1, techniques)]
    found = 0.0
    for ends in cuts:
        for rows in permutations(range(size), len(ends)):
            parts = list(zip((0, *ends), ends, rows, strict=False))
            worth = [sequence.worth[a, b, row] for a, b, row in parts]
            hops = list(pairwise(rows))
            if np.isnan(worth).any() or not all(sequence.reaches[hop] for hop in hops):
                continue
            km = sequence.first_km[rows[0]] + sum(sequence.km[hop] for hop in hops)
            found = max(found, chain_score(worth, km, HALF))
    return found


def test_sort_then_sew():
    offers = {(0, 1): [0.8, NO, 0.9], (1, 2): [NO, 0.6, NO]}
    km = [[0, 10, 0], [10, 0, 50], [0, 50, 0]]
    chain = best_chain(a_sequence(2, offers, first_km=[20, 0, 1], km=km), HALF)
    assert chain.members == ((0, 0, 1), (1, 1, 2))
    assert chain.legs_km == (20.0, 10.0)
    assert chain.km == 30.0
    assert chain.score == pytest.approx(0.7 * 0.5)


def test_the_next_one_must_come_to_the_hand_over():
    offers = {(0, 1): [0.8, NO], (1, 2): [NO, 0.6]}
    km = [[0, 10], [10, 0]]
    reaches = [[True, False], [True, True]]
    assert best_chain(a_sequence(2, offers, first_km=[5, 5], km=km, reaches=reaches), HALF) is None
    reaches[0][1] = True
    assert best_chain(a_sequence(2, offers, first_km=[5, 5], km=km, reaches=reaches), HALF)


def test_the_order_named_is_kept_and_nobody_does_two_parts():
    offers = {(0, 1): [NO, 0.9], (1, 2): [0.9, NO]}
    km = np.zeros((2, 2))
    members = best_chain(a_sequence(2, offers, first_km=[0, 0], km=km), HALF).members
    assert [row for row, _, _ in members] == [1, 0]
    alone = {(0, 1): [0.9], (1, 2): [0.9]}
    assert best_chain(a_sequence(2, alone, first_km=[0], km=[[0]]), HALF) is None


def test_three_where_two_do_not_suffice_and_equal_scores_go_to_fewer():
    three = {(0, 1): [0.9, NO, NO], (1, 2): [NO, 0.9, NO], (2, 3): [NO, NO, 0.9]}
    km = np.zeros((3, 3))
    assert len(best_chain(a_sequence(3, three, first_km=[0] * 3, km=km), HALF).members) == 3
    both = three | {(0, 2): [0.9, NO, NO]}
    chain = best_chain(a_sequence(3, both, first_km=[0] * 3, km=km), HALF)
    assert chain.members == ((0, 0, 2), (2, 2, 3))


def test_nobody_at_all():
    assert best_chain(a_sequence(2, {}, first_km=[], km=np.zeros((0, 0))), HALF) is None


@st.composite
def sequences(draw):
    techniques, size = draw(st.integers(2, 4)), draw(st.integers(1, 5))
    worth = st.one_of(st.just(NO), st.integers(0, 10).map(lambda n: n / 10))
    offers = {
        (start, end): [draw(worth) for _ in range(size)]
        for start in range(techniques)
        for end in range(start + 1, techniques + 1)
        if end - start < techniques
    }
    ways = st.integers(0, 90)
    km = [[draw(ways) for _ in range(size)] for _ in range(size)]
    reaches = [[draw(st.booleans()) or draw(st.booleans()) for _ in km] for _ in km]
    first_km = [draw(ways) for _ in km]
    return a_sequence(techniques, offers, first_km=first_km, km=km, reaches=reaches)


@settings(max_examples=200, deadline=None)
@given(sequences())
def test_no_chain_is_better(sequence):
    chain = best_chain(sequence, HALF)
    expected = best_by_trying(sequence)
    assert (chain.score if chain else 0.0) == pytest.approx(expected, abs=1e-9)
    if chain:
        assert [start for _, start, _ in chain.members[1:]] == [e for _, _, e in chain.members[:-1]]
