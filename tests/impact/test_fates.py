"""What became of the mass: who may say so, how much, and where it goes on."""

from datetime import timedelta

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.impact import booking, fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Path
from marketplace.orders import actions
from tests.builders import NOW, a_company, a_person, actor_for
from tests.impact.impact_stories import ENDS, M, a_world, entries, sum_of, the_next
from tests.orders.order_stories import TODAY


def codes(call):
    with pytest.raises(Invalid) as refused:
        call()
    return {(p.field, p.code) for p in refused.value.problems}


@pytest.fixture
def world(session):
    return a_world(session)


def test_no_more_than_came(session, world):
    assert codes(lambda: world.say(Path.RE_USED, 1.0)) == {("mass_kg", "more_than_came")}
    world.bring(100.0)
    world.say(Path.RE_USED, 60.0)
    assert codes(lambda: world.say(Path.RECYCLED, 41.0)) == {("mass_kg", "more_than_came")}
    world.say(Path.RECYCLED, 40.0)
    found = fates.balance(session, world.order)
    assert (found.came, found.in_work, found.entered) == (100.0, 0.0, 100.0)


def test_what_cannot_be(session, world):
    world.bring(100.0)
    assert codes(lambda: world.say(Path.RE_USED, 0.0)) == {("mass_kg", "not_positive")}
    assert codes(lambda: world.say(Path.RE_USED, float("nan"))) == {("mass_kg", "not_positive")}
    assert codes(lambda: world.say(Path.PASSED_ON, 1.0)) == {("to_order_id", "passed_on_where")}
    tomorrow = TODAY + timedelta(days=1)
    assert codes(lambda: world.say(Path.RE_USED, 1.0, on=tomorrow)) == {
        ("happened_on", "in_the_future")
    }
    client = world.order.clients[0]
    draft = FateDraft(party_id=client.id, path=Path.RE_USED, mass_kg=1.0, happened_on=TODAY)
    assert codes(
        lambda: fates.state(session, world.order, draft, actor=world.story.maria, now=NOW)
    ) == {("party_id", "party_unknown")}


def test_the_workshop_and_its_broker_say_so_and_nobody_else(session, world):
    world.bring(100.0)
    world.say(Path.RE_USED, 10.0, actor=world.story.emre)
    world.say(Path.RE_USED, 10.0, actor=world.story.maria)
    stranger = actor_for(session, a_person(session, a_company(session)))
    for actor in (world.story.andrea, stranger):
        assert not fates.may_state(actor, world.order)
        with pytest.raises(NotAllowed):
            world.say(Path.RE_USED, 10.0, actor=actor)


def test_nothing_is_said_of_an_order_that_was_called_off(session, world):
    world.bring(100.0)
    row = world.say(Path.RE_USED, 10.0)
    actions.cancel(session, world.order, "Aus", actor=world.story.maria, now=NOW)
    with pytest.raises(WrongState):
        world.say(Path.RE_USED, 10.0)
    with pytest.raises(WrongState):
        fates.strike(session, world.order, row.id, actor=world.story.maria, now=NOW)


def test_what_was_wrong_is_taken_back(session, world):
    world.bring(100.0)
    row = world.say(Path.RE_USED, 10.0)
    with pytest.raises(NotAllowed):
        fates.strike(session, world.order, row.id, actor=world.story.andrea, now=NOW)
    fates.strike(session, world.order, row.id, actor=world.story.emre, now=NOW)
    assert sum_of(session, M.MASS_KG, world) == 0.0
    with pytest.raises(NotFound):
        fates.strike(session, world.order, 987654, actor=world.story.emre, now=NOW)


def test_what_is_passed_on_is_the_first_giver_s_all_the_way(session, world):
    nxt = the_next(session, world)
    world.bring(100.0)
    nxt.bring(30.0)
    world.say(Path.PASSED_ON, 30.0, to=nxt)
    nxt.say(Path.MADE_INTO_PRODUCTS, 20.0)
    assert sum_of(session, M.MASS_GIVEN_KG, world, nxt) == pytest.approx(100.0)
    assert sum_of(session, M.MASS_GIVEN_KG, nxt) == 0.0
    (made,) = [e for e in entries(session, nxt) if e.measure is M.MASS_KG]
    assert made.giver_id == world.story.company.id
    assert made.taker_id == nxt.story.enterprise.id
    fates.strike(
        session, world.order, fates.balance(session, world.order).stated[0].id,
        actor=world.story.emre, now=NOW,
    )  # fmt: skip
    assert sum_of(session, M.MASS_KG, nxt) == 0.0, "nobody knows any more from where it came"


def test_said_first_and_brought_later_is_the_same(session, world):
    nxt = the_next(session, world)
    world.bring(100.0)
    world.say(Path.PASSED_ON, 30.0, to=nxt)
    nxt.bring(30.0)
    nxt.say(Path.RE_USED, 30.0)
    booking.book_all(session, now=NOW)
    assert sum_of(session, M.MASS_GIVEN_KG, world, nxt) == pytest.approx(100.0)
    assert sum_of(session, M.MASS_KG, world, nxt) == pytest.approx(30.0)
    assert {e.path for e in entries(session, nxt) if e.measure is M.MASS_KG} <= set(ENDS)


def test_kilograms_go_only_where_the_workshop_brings_them(session, world):
    nxt, stranger = the_next(session, world), a_world(session)
    world.bring(2000.0)
    assert codes(lambda: world.say(Path.PASSED_ON, 1.0, to=stranger)) == {
        ("to_order_id", "not_a_choice")
    }
    assert codes(lambda: world.say(Path.PASSED_ON, 1001.0, to=nxt)) == {
        ("mass_kg", "more_than_arrives")
    }
    world.say(Path.PASSED_ON, 1000.0, to=nxt)
    assert codes(lambda: world.say(Path.PASSED_ON, 1.0, to=nxt)) == {
        ("mass_kg", "more_than_arrives")
    }
    assert [o.id for o in fates.targets(session, world.order, world.party)] == [nxt.order.id]
