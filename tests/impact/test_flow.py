"""Kilograms on their way: each enters once, whatever is passed on, corrected or recorded first."""

from collections import defaultdict
from dataclasses import replace
from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.impact.flow import Handed, Lot, Stated, flow, total

KOLLER = Lot(1, 10, "tarpaulin", None)
TISCHLER = Lot(2, 20, "wood.oak", "030105")


def came(number, order, lot, kg, **more):
    return Handed(id=number, order_id=order, lot=lot, came=kg, **more)


def said(number, order, who, kg, to=None):
    return Stated(id=number, order_id=order, organisation_id=who, mass=kg, to_order_id=to)


def test_what_is_not_said_is_in_work():
    found = flow([came(1, 1, KOLLER, 100.0, lost=5.0)], [said(1, 1, 7, 60.0)])
    assert found.given == {1: 105.0}
    assert found.fates[1] == {KOLLER: 60.0}
    assert found.in_work[1] == {KOLLER: pytest.approx(40.0)}
    assert found.lost[1] == {KOLLER: 5.0}


def test_what_is_passed_on_is_not_given_again():
    nahwerk = Lot(7, 10, "tarpaulin", None)
    found = flow(
        [came(1, 1, KOLLER, 100.0), came(2, 2, nahwerk, 30.0, moves=True)],
        [said(1, 1, 7, 30.0, to=2), said(2, 2, 8, 30.0)],
    )
    assert found.given == {1: 100.0, 2: 0.0}
    assert found.fates[2] == {KOLLER: pytest.approx(30.0)}, "it is Koller's still"
    assert total(found.in_work[1]) == pytest.approx(70.0)


def test_what_a_workshop_hands_on_without_a_word_counts_nowhere_twice():
    nahwerk = Lot(7, 10, "tarpaulin", None)
    found = flow(
        [came(1, 1, KOLLER, 100.0), came(2, 2, nahwerk, 100.0, moves=True)], [said(1, 2, 8, 100.0)]
    )
    assert sum(found.given.values()) == 100.0
    assert total(found.fates[1]) == 0.0
    assert total(found.in_work[1]) == 100.0


def test_what_has_not_arrived_stays_where_it_was():
    nahwerk = Lot(7, 10, "tarpaulin", None)
    sent = [said(1, 1, 7, 50.0, to=2)]
    assert total(flow([came(1, 1, KOLLER, 100.0)], sent).in_work[1]) == pytest.approx(100.0)
    part = flow([came(1, 1, KOLLER, 100.0), came(2, 2, nahwerk, 20.0, moves=True)], sent)
    assert total(part.fates[1]) == pytest.approx(20.0)
    assert total(part.in_work[1]) == pytest.approx(80.0)


@pytest.mark.parametrize("parts", [(0.1, 0.2, 0.3), (0.3, 0.2, 0.1)])
def test_rounding_leaves_no_dust_of_what_is_all_passed_on(parts):
    giver = Lot(2, 20, "tarpaulin", None)
    sent = [said(n, 1, 2, kg, to=2) for n, kg in enumerate(parts)]
    found = flow([came(1, 1, KOLLER, 99.0), came(2, 2, giver, 0.6)], [*sent, said(9, 2, 7, 1.0)])
    assert found.given[2] == 0.0
    assert found.fates[9] == {KOLLER: pytest.approx(0.6)}
    assert found.in_work[2] == {KOLLER: 0.0}


def test_a_correction_downwards_scales_what_was_said():
    found = flow([came(1, 1, KOLLER, 50.0)], [said(1, 1, 7, 60.0), said(2, 1, 7, 40.0)])
    assert [total(found.fates[n]) for n in (1, 2)] == [pytest.approx(30.0), pytest.approx(20.0)]
    assert total(found.in_work[1]) == pytest.approx(0.0)


def test_several_givers_are_told_apart():
    found = flow([came(1, 1, KOLLER, 75.0), came(2, 1, TISCHLER, 25.0)], [said(1, 1, 7, 40.0)])
    assert found.fates[1] == {KOLLER: pytest.approx(30.0), TISCHLER: pytest.approx(10.0)}


def test_a_circle_is_refused():
    with pytest.raises(CycleError):
        flow([came(1, 1, KOLLER, 9.0)], [said(1, 1, 7, 1.0, to=2), said(2, 2, 7, 1.0, to=1)])


masses = st.floats(0.01, 5000.0)
COMPANIES, WORKSHOPS, ORDERS = (1, 2, 3), (7, 8, 9), 6


@st.composite
def worlds(draw):
    """Random orders: companies and workshops give, workshops of two service points pass on."""
    handed, stated = [], []
    for number in range(draw(st.integers(1, 12))):
        who = draw(st.sampled_from(COMPANIES + WORKSHOPS))
        lot = Lot(who, 10 * (1 + who % 2), draw(st.sampled_from(["tarpaulin", "wood", None])), None)
        handed.append(
            Handed(
                id=number,
                order_id=draw(st.integers(1, ORDERS)),
                lot=lot,
                came=draw(masses),
                lost=draw(st.sampled_from([0.0, 0.0, 3.5])),
                moves=who in WORKSHOPS,
            )
        )
    for number in range(draw(st.integers(0, 12))):
        order = draw(st.integers(1, ORDERS))
        later = [None, *range(order + 1, ORDERS + 1)]
        who = draw(st.sampled_from(WORKSHOPS + COMPANIES))
        stated.append(said(number, order, who, draw(masses), to=draw(st.sampled_from(later))))
    return handed, stated


def by(mixes, what):
    found = defaultdict(float)
    for mix in mixes:
        for lot, kg in mix.items():
            found[what(lot)] += kg
    return found


@given(worlds(), st.randoms(use_true_random=False))
def test_the_kilograms_given_are_the_kilograms_that_are_somewhere(world, chance):
    handed, stated = world
    found = flow(handed, stated)
    ended = [found.fates[s.id] for s in stated if s.to_order_id is None]
    somewhere = [*ended, *found.lost.values(), *found.in_work.values()]
    gave = [{h.lot: found.given[h.id]} for h in handed]
    for what in (lambda lot: None, lambda lot: lot.material, lambda lot: lot.service_point_id):
        there, given_ = by(somewhere, what), by(gave, what)
        assert set(there) <= set(given_)
        for name, kg in given_.items():
            assert there[name] == pytest.approx(kg, rel=1e-9, abs=1e-6)
    for mix in somewhere:
        assert all(kg >= -1e-9 for kg in mix.values())
    clients = [h for h in handed if not h.moves]
    assert sum(found.given.values()) <= sum(h.came + h.lost for h in clients) + 1e-6
    shuffled = sorted(handed, key=lambda h: chance.random())
    again = flow(shuffled, sorted(stated, key=lambda s: chance.random()))
    assert by(again.fates.values(), hash) == pytest.approx(by(found.fates.values(), hash))
    assert again.given == pytest.approx(found.given)


@given(worlds())
def test_saying_it_twice_gives_nobody_more(world):
    handed, stated = world
    once = sum(flow(handed, stated).given.values())
    twice = [*stated, *(replace(s, id=s.id + 100) for s in stated)]
    more = flow(handed, twice)
    ended = sum(total(more.fates[s.id]) for s in twice if s.to_order_id is None)
    assert sum(more.given.values()) <= sum(h.came + h.lost for h in handed if not h.moves) + 1e-6
    assert ended <= sum(more.given.values()) + 1e-6
    assert once >= 0
