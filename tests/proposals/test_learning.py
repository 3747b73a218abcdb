"""What refusals teach, as columns: bounded, monotone, and the same as counting one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.proposals.learning import (
    ACCEPTED,
    BOUND,
    MOST,
    REASONS,
    Evidence,
    Traits,
    balance,
    corrections,
    family_name,
    family_number,
    lessons,
    together,
)
from marketplace.proposals.models import RefusalReason

DISTANCE, QUALITY, CAPACITY, PRICE = range(4)
pair = st.tuples(
    st.sampled_from([0.0, 5.0, 12.5, 40.0, 40.000001, 90.0]),
    st.sampled_from([0.4096, 0.512, 0.64, 0.8, 1.0]),
    st.sampled_from([0.0, 0.2, 0.5, 1.0]),
    st.integers(-1, 3),
)


def traits(rows):
    km, fit, capacity, family = zip(*rows, strict=True) if rows else ([], [], [], [])
    floats = [np.array(column, dtype=np.float64) for column in (km, fit, capacity)]
    return Traits(*floats, np.array(family, dtype=np.int64))


def evidence(*decided):
    """Decided pairs as (km, fit, capacity, family, outcome)."""
    rows = [row[:4] for row in decided]
    return Evidence(traits(rows), np.array([row[4] for row in decided], dtype=np.int64))


def naive(decided, row):
    """Count one by one, as the rule is written."""
    km, fit, capacity, family = row
    found = []
    for reason in range(4):
        against = in_favour = 0
        for d_km, d_fit, d_capacity, d_family, outcome in decided:
            at_least_as_good = {
                DISTANCE: d_km <= km,
                QUALITY: d_family == family and d_fit >= fit,
                CAPACITY: d_capacity >= capacity,
                PRICE: d_family == family,
            }[reason]
            at_least_as_bad = {
                DISTANCE: d_km >= km,
                QUALITY: d_family == family and d_fit <= fit,
                CAPACITY: d_capacity <= capacity,
                PRICE: d_family == family,
            }[reason]
            against += outcome == reason and at_least_as_good
            in_favour += outcome == ACCEPTED and at_least_as_bad
        found.append((against, in_favour))
    return found


@given(
    st.lists(st.tuples(pair, st.integers(ACCEPTED, 3)), max_size=40),
    st.lists(pair, min_size=1, max_size=20),
)
def test_it_counts_as_one_would_by_hand(told, rows):
    decided = [(*row, outcome) for row, outcome in told]
    known = evidence(*decided)
    found, points = balance(known, traits(rows)), corrections(known, traits(rows))
    for n, row in enumerate(rows):
        counted = naive(decided, row)
        assert list(zip(found.against[n], found.in_favour[n], strict=True)) == counted
        expected = [-round(5 * a / (a + f + 4), 1) for a, f in counted]
        assert points[n] == pytest.approx(expected, abs=0.1)
        assert together(points)[n] == pytest.approx(max(sum(points[n]), -10))


@given(st.lists(st.tuples(pair, st.integers(ACCEPTED, 3)), max_size=60), pair)
def test_it_is_bounded_and_grows_with_what_it_is_about(told, row):
    known = evidence(*((*one, outcome) for one, outcome in told))
    km, fit, capacity, family = row
    worse = (km + 10, fit * 0.8, capacity / 2, family)
    points = corrections(known, traits([row, worse]))
    assert (points > -MOST).all()
    assert (points <= 0).all()
    assert (points[1] <= points[0]).all()
    assert (together(points) >= -BOUND).all()


def test_even_a_thousand_refusals_for_everything_stay_within_the_bound():
    row = (30.0, 0.8, 0.5, 1)
    known = evidence(*((*row, reason) for reason in range(4) for _ in range(1000)))
    points = corrections(known, traits([row]))
    assert points.tolist() == [[-5.0, -5.0, -5.0, -5.0]]
    assert together(points).tolist() == [-10.0]


def test_one_refusal_alone_does_little_and_acceptances_speak_against_it():
    row = (30.0, 0.8, 0.5, 1)
    refusal, yes = (*row, DISTANCE), (*row, ACCEPTED)
    assert corrections(evidence(refusal), traits([row]))[0].tolist() == [-1.0, 0.0, 0.0, 0.0]
    assert corrections(evidence(refusal, *[yes] * 5), traits([row]))[0, DISTANCE] == -0.5
    assert corrections(evidence(*[refusal] * 4), traits([row]))[0, DISTANCE] == -2.5


def test_without_decisions_nothing_moves():
    points = corrections(evidence(), traits([(30.0, 0.8, 0.5, 1)]))
    assert points.tolist() == [[0.0] * 4]
    assert not np.signbit(points).any(), "nobody is shown a minus before a zero"
    assert lessons(evidence()) == []
    assert corrections(evidence(), traits([])).shape == (0, 4)


def test_quality_and_price_stay_within_the_family():
    known = evidence((30.0, 0.8, 0.5, 1, QUALITY), (30.0, 0.8, 0.5, 1, PRICE))
    same, other = corrections(known, traits([(10.0, 0.64, 1.0, 1), (10.0, 0.64, 1.0, 2)]))
    assert same.tolist() == [0.0, -1.0, 0.0, -1.0]
    assert other.tolist() == [0.0] * 4


def test_a_lesson_says_where_it_begins_and_what_it_comes_to():
    known = evidence(
        (12.0, 1.0, 1.0, 1, DISTANCE),
        (40.0, 1.0, 1.0, 1, DISTANCE),
        (54.0, 1.0, 1.0, 2, ACCEPTED),
        (20.0, 0.8, 1.0, 1, QUALITY),
    )
    distance, quality = lessons(known)
    assert (distance.reason, distance.refused, distance.accepted) == (REASONS[DISTANCE], 2, 1)
    assert (distance.first, distance.first_points) == (12.0, -0.8)
    assert (distance.last, distance.last_points) == (54.0, -1.4)
    assert (quality.reason, quality.family) == (RefusalReason.QUALITY, 1)
    assert (quality.refused, quality.accepted) == (1, 0), "the acceptance was in another family"
    assert (quality.first, quality.last, quality.last_points) == (0.8, 0.8, -1.0)


def test_a_family_is_the_material_s_or_else_the_first_technique_s():
    felt = family_number("textile.felt.wool", ["sewing"])
    assert felt == family_number("textile", None)
    assert felt != family_number("wood.board", [])
    sewing = family_number(None, ["sewing.alteration", "packing"])
    assert sewing == family_number(None, ["sewing"])
    assert sewing != felt
    assert family_name(sewing, "en") != family_name(felt, "en") != ""
    assert family_number(None, []) == family_number("no such thing", None) == -1
    assert family_name(-1, "en") == ""
