"""Cents, dust and midnight: what adds up in the books of the parties adds up in the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from marketplace.core.actor import SYSTEM
from marketplace.impact import booking
from marketplace.impact.models import Source
from marketplace.listings.models import Unit
from marketplace.orders import actions
from marketplace.orders.drafts import LineDraft, Pays
from marketplace.orders.models import LineRole
from marketplace.orders.money import amount_of
from tests.impact.impact_stories import M, World, a_world, entries, material_line, sum_of
from tests.orders.order_stories import a_story

VIENNA = ZoneInfo("Europe/Vienna")
NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
"""In Vienna it is half past midnight, and 2027."""


def a_priced_world(session, **changes):
    story = a_story(session)
    line = material_line(story, pays=Pays.GIVER, **changes)
    return World(session, story, story.running(lines=(line,)).id)


def test_many_small_parts_cost_what_the_whole_costs(session):
    """Half of 33 cents is no whole cent: six parts rounded each would cost 1.02 instead of 0.99."""
    world = a_priced_world(session, quantity=3.0, price=Decimal("0.33"))
    whole = float(amount_of(world.material).net)
    for _ in range(6):
        world.bring(0.5)
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == pytest.approx(whole, rel=1e-6)


def test_half_a_cent_goes_up_as_in_the_agreement(session):
    """2.5 times 1.01 is 2.525; in binary it is a little less, and would end as 2.52."""
    world = a_priced_world(session, quantity=2.5, price=Decimal("1.01"))
    actions.deliver(session, world.order, actor=SYSTEM, now=NEW_YEAR)
    actions.complete(session, world.order, actor=SYSTEM, now=NEW_YEAR)
    world.book()
    assert amount_of(world.material).net == Decimal("2.53")
    assert sum_of(session, M.VALUE_EUR, world) == 2.53


def test_a_lump_sum_is_earned_as_the_last_tenth_comes(session):
    """0.1 and 0.7 are a little less than 0.8 in binary, and all that was agreed."""
    changes = {"quantity": 0.8, "unit": Unit.T, "price": Decimal(90), "lump_sum": True}
    world = a_priced_world(session, **changes)
    world.bring(0.1)
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == 0.0
    world.bring(0.7)
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == 90.0


def test_an_order_of_services_only_has_no_mass_and_no_kilometres(session):
    story = a_story(session)
    packing = LineDraft(
        role=LineRole.SERVICE, description="Verpacken", quantity=1.0, unit=Unit.PIECE,
        price=Decimal(500), lump_sum=True, pays=Pays.TAKER, giver_id=story.enterprise.id,
        taker_id=story.company.id,
    )  # fmt: skip
    world = World(session, story, story.running(lines=(packing,)).id)
    world.complete()
    world.book()
    assert {entry.measure for entry in entries(session, world)} == {M.VALUE_EUR}


@pytest.mark.parametrize(("zone", "day"), [(VIENNA, date(2027, 1, 1)), (UTC, date(2026, 12, 31))])
def test_the_year_begins_where_the_service_points_are(session, zone, day):
    world = a_world(session)
    now = NEW_YEAR.astimezone(zone)
    actions.deliver(session, world.order, actor=SYSTEM, now=now)
    actions.complete(session, world.order, actor=SYSTEM, now=now)
    booking.book(session, world.order_id, now=now)
    days = {e.happened_on for e in entries(session, world) if e.source is Source.LINE}
    assert days == {day}
