"""Several people who say what became of the mass at the same moment, on a real database."""

import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import Organisation
from marketplace.core.actor import SYSTEM
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, NotFound
from marketplace.impact import fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Entry, Fate, Measure, Path
from marketplace.orders import queries
from marketplace.orders.models import OrderLine, OrderParty, Part
from tests.at_once import in_sessions
from tests.builders import NOW
from tests.impact.impact_stories import a_world, material_line, the_next
from tests.orders.order_stories import TODAY


def at_once(real, *works):
    return in_sessions(real, works, (Invalid, NotFound))


def say(order_id, party_id, path, kg, to=None):
    def work(session):
        order = queries.get(session, order_id, actor=SYSTEM)
        draft = FateDraft(
            party_id=party_id, path=path, mass_kg=kg, happened_on=TODAY, to_order_id=to
        )
        return fates.state(session, order, draft, actor=SYSTEM, now=NOW).id

    return work


def test_no_more_is_said_than_came(real):
    with transaction(real) as session:
        world = a_world(session)
        world.bring(100.0)
        key, party = world.order_id, world.party.id
    outcomes = at_once(real, *[say(key, party, Path.RE_USED, 40.0)] * 4)
    assert sum(isinstance(one, int) for one in outcomes) == 2, outcomes
    with real() as session:
        assert session.scalar(select(func.sum(Fate.mass_kg))) == 80.0
        mass = select(func.sum(Entry.result)).where(Entry.measure == Measure.MASS_KG)
        assert session.scalar(mass) == pytest.approx(80.0)


def test_the_same_line_is_struck_once(real):
    with transaction(real) as session:
        world = a_world(session)
        world.bring(100.0)
        key, fate_id = world.order_id, world.say(Path.RE_USED, 40.0).id

    def strike(session):
        fates.strike(
            session, queries.get(session, key, actor=SYSTEM), fate_id, actor=SYSTEM, now=NOW
        )
        return True

    assert at_once(real, *[strike] * 3).count(True) == 1


def test_two_orders_do_not_feed_each_other_even_at_once(real):
    """Nähwerk passes on to Filzwerk while Filzwerk passes on to Nähwerk: one of them is too late."""
    with transaction(real) as session:
        first = a_world(session)
        second = the_next(session, first)
        first.bring(300.0)
        second.bring(200.0)
        order = first.order
        back = material_line(
            first.story, giver_id=second.story.enterprise.id, taker_id=first.story.enterprise.id
        )
        one = (first.order_id, first.party.id, Path.PASSED_ON, 50.0, second.order_id)
        add_a_giver(session, order, back)
        two = (second.order_id, second.party.id, Path.PASSED_ON, 50.0, first.order_id)
    outcomes = at_once(real, say(*one), say(*two), say(*one), say(*two))
    with real() as session:
        ends = set(session.execute(select(Fate.order_id, Fate.to_order_id)).all())
    assert len(ends) == 1, outcomes
    circles = [one for one in outcomes if isinstance(one, Invalid)]
    assert {one.problems[0].code for one in circles} == {"goes_in_circles"}


def add_a_giver(session, order, draft):
    """Let Filzwerk be a client of the first order too, with a line that brings something back."""
    giver = session.get_one(Organisation, draft.giver_id)
    party = OrderParty(
        order_id=order.id, part=Part.CLIENT, organisation_id=giver.id, position=9,
        service_point_id=giver.service_point_id,
    )  # fmt: skip
    session.add(party)
    session.flush()
    session.add(
        OrderLine(
            order_id=order.id, position=9, role=draft.role, description=draft.description,
            quantity=draft.quantity, unit=draft.unit, lump_sum=False, vat_percent=0,
            giver_id=party.id, taker_id=order.enterprises[0].id,
        )
    )  # fmt: skip
    session.flush()
