"""What became of the mass: who may say so, how much, and where it goes on."""

from datetime import timedelta

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.impact import booking, fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Path
from marketplace.orders import actions, terms
from marketplace.orders.drafts import PartyDraft
from marketplace.orders.models import Part
from tests.builders import NOW, a_company, a_person, actor_for, an_enterprise
from tests.impact.impact_stories import (
    ENDS,
    M,
    World,
    a_world,
    entries,
    material_line,
    sum_of,
    the_next,
)
from tests.orders.order_stories import TODAY, a_story


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


@pytest.fixture
def two_workshops(session):
    """An order to which Koller brings tarpaulins and wood, to a workshop each."""
    story = a_story(session)
    other = an_enterprise(session, name="Holzwerk", service_point_id=story.company.service_point_id)
    ends = (
        (story.company, Part.CLIENT),
        (story.enterprise, Part.ENTERPRISE),
        (other, Part.ENTERPRISE),
    )
    order = story.order(
        parties=tuple(PartyDraft(organisation_id=o.id, part=part) for o, part in ends),
        lines=(
            material_line(story),
            material_line(story, description="Holz", taker_id=other.id, listing_id=None),
            material_line(story, description="Zuschnitt", giver_id=story.enterprise.id,
                          taker_id=other.id, listing_id=None),
        ),
    )  # fmt: skip
    terms.offer(session, order, actor=story.maria, now=NOW)
    hans = actor_for(session, a_person(session, other))
    for party in (story.andrea, story.emre, hans):
        terms.accept(session, order, terms=1, free_of_charge=True, actor=party, now=NOW)
    actions.start(session, order, actor=story.emre, now=NOW)
    return World(session, story, order.id), hans


def of(world, name, path, kg, actor):
    """Say what became of the kilograms at the workshop of that name."""
    party = next(p for p in world.order.enterprises if p.organisation.name == name)
    draft = FateDraft(party_id=party.id, path=path, mass_kg=kg, happened_on=TODAY)
    return fates.state(world.session, world.order, draft, actor=actor, now=NOW)


def test_a_workshop_speaks_only_of_what_came_to_it_and_a_broker_of_all(session, two_workshops):
    world, hans = two_workshops
    emre, maria = world.story.emre, world.story.maria
    sewn, wood, cut = world.order.lines
    world.bring(100.0, line=sewn)
    with pytest.raises(Invalid) as refused:
        of(world, "Holzwerk", Path.RE_USED, 1.0, hans)
    assert refused.value.problems[0].params == {"left": 0.0}
    world.bring(30.0, line=wood)
    assert codes(lambda: of(world, "Nähwerk", Path.RE_USED, 101.0, emre)) == {
        ("mass_kg", "more_than_came")
    }
    of(world, "Nähwerk", Path.RE_USED, 60.0, emre)
    world.bring(25.0, line=cut)
    balance = fates.balance(session, world.order)
    assert fates.most_open(balance, world.order, actor=emre) == 15.0, "25 kg went on to Holzwerk"
    assert fates.most_open(balance, world.order, actor=hans) == 55.0
    assert fates.most_open(balance, world.order, actor=maria) == 70.0
    of(world, "Nähwerk", Path.RECYCLED, 70.0, maria)
    assert codes(lambda: of(world, "Holzwerk", Path.RE_USED, 1.0, hans)) == {
        ("mass_kg", "more_than_came")
    }, "nothing is left in the whole order"
