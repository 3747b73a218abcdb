"""The ledger: what an order's facts become, once each, however often it is booked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from marketplace.core.actor import SYSTEM
from marketplace.impact import booking, factors, lines
from marketplace.impact.booking import Booked
from marketplace.impact.factors import VersionDraft, key_for
from marketplace.impact.models import Entry, ImpactFactor, Path, Source
from marketplace.impact.queries import Filter
from marketplace.listings.models import WorkPlace
from marketplace.orders import actions, work_log
from marketplace.taxonomy.tables import Branch
from tests.builders import NOW
from tests.impact.impact_stories import M, a_world, entries, sum_of
from tests.orders.order_stories import TODAY
from tests.vocabulary.edition_stories import change, force

CLOTHES = {"material_code": "textile.clothing", "title": "Berufskleidung"}


@pytest.fixture
def world(session):
    return a_world(session, listing={"material_code": "wood", "title": "Bretter"},
                   capability={"materials": ["wood"], "techniques": []})  # fmt: skip


def test_booking_again_changes_nothing(session, world):
    world.bring(800.0, lost=10.0)
    world.say(Path.RE_USED, 300.0)
    world.work()
    first = world.book()
    assert first.added > 0
    assert world.book() == Booked()


def test_mass_enters_once_and_goes_its_paths(session, world):
    world.bring(800.0, lost=10.0)
    world.say(Path.RE_USED, 300.0)
    world.say(Path.DISPOSED_OF, 50.0)
    world.book()
    assert sum_of(session, M.MASS_GIVEN_KG, world) == pytest.approx(810.0)
    assert sum_of(session, M.MASS_LOST_KG, world) == pytest.approx(10.0)
    assert sum_of(session, M.MASS_KG, world, path=Path.RE_USED) == pytest.approx(300.0)
    (given,) = [e for e in entries(session, world) if e.measure is M.MASS_GIVEN_KG]
    assert given.giver_id == world.story.company.id
    assert given.taker_id == world.story.enterprise.id
    assert given.service_point_id == world.story.company.service_point_id
    assert (given.source, given.material_code) == (Source.DELIVERY, "wood")


def test_avoided_is_mass_times_the_published_factor(session, world):
    world.bring(1000.0)
    world.say(Path.RE_USED, 100.0)
    world.say(Path.DISPOSED_OF, 100.0)
    rows = [e for e in entries(session, world) if e.measure is M.CO2E_AVOIDED_KG]
    by_path = {row.path: row for row in rows}
    assert by_path[Path.RE_USED].result == pytest.approx(100 * (0.26950416 - 0.03854288))
    assert by_path[Path.DISPOSED_OF].result == 0.0
    version = session.get(factors.FactorVersion, by_path[Path.RE_USED].factor_version_id)
    assert (version.version, version.year) == (1, 2025)
    assert "Construction, Wood" in version.source


def test_without_a_factor_the_mass_counts_and_co2e_is_unknown(session, world):
    world.bring(1000.0)
    world.say(Path.RECYCLED, 100.0)
    assert key_for("wood", Path.RECYCLED) not in set(session.scalars(select(ImpactFactor.key)))
    assert sum_of(session, M.MASS_KG, world) == pytest.approx(100.0)
    assert not [e for e in entries(session, world) if e.measure is M.CO2E_AVOIDED_KG]


def test_transport_is_mass_times_way_times_factor(session, world):
    world.bring(500.0)
    world.book()
    (row,) = [e for e in entries(session, world) if e.measure is M.CO2E_TRANSPORT_KG]
    assert 15 < row.km < 60
    assert row.amount == pytest.approx(0.5 * row.km)
    assert row.result == pytest.approx(0.5 * row.km * 0.63823)
    assert row.low < row.result < row.high
    assert sum_of(session, M.DISTANCE_KG_KM, world) == pytest.approx(500 * row.km)


def test_what_is_done_on_the_spot_goes_nowhere(session):
    world = a_world(session, work_place=WorkPlace.CLIENT_SITE)
    world.bring(500.0)
    world.book()
    assert sum_of(session, M.CO2E_TRANSPORT_KG, world) == 0.0


def test_value_is_what_was_delivered_at_its_price(session, world):
    bags = world.order.lines[1]
    world.bring(100.0, line=bags)
    world.bring(50.0, line=bags)
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == pytest.approx(150 * 38.5)
    rows = [e for e in entries(session, world) if e.measure is M.VALUE_EUR]
    assert {(e.giver_id, e.taker_id) for e in rows} == {
        (world.story.company.id, world.story.enterprise.id)
    }
    assert all(e.km is not None and e.km < 50 for e in rows)
    world.complete()
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == pytest.approx(150 * 38.5 + 500), "lump sum"


def test_a_lump_sum_counts_as_soon_as_all_has_come(session, world):
    packing = world.order.lines[2]
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == 0.0
    world.bring(1.0, line=packing)
    world.book()
    assert sum_of(session, M.VALUE_EUR, world) == 500.0


def test_a_correction_changes_its_line_and_leaves_the_others(session, world):
    row = world.bring(100.0)
    world.bring(40.0)
    world.book()
    before = {e.id: e.result for e in entries(session, world) if e.source_id != row.id}
    world.correct(row, 90.0)
    booked = world.book()
    assert (booked.added, booked.removed) == (0, 0)
    assert booked.changed == 3, "mass, way and transport"
    after = {e.id: e.result for e in entries(session, world) if e.source_id != row.id}
    assert before == after


def test_people_are_the_most_at_once_and_hours_add_up(session, world):
    world.work(people=5)
    world.work(people=7, weeks=1, qualified=2)
    struck = world.work(hours=33.0, people=20, weeks=2)
    work_log.strike(session, world.order, struck.id, actor=SYSTEM, now=NOW)
    world.book()
    assert sum_of(session, M.HOURS, world) == 200.0
    assert sum_of(session, M.PEOPLE, world) == 7.0
    assert sum_of(session, M.QUALIFICATIONS, world) == 2.0


def test_what_came_before_a_cancellation_stays(session, world):
    world.bring(100.0)
    world.bring(10.0, line=world.order.lines[1])
    actions.cancel(session, world.order, "Brand im Lager", actor=SYSTEM, now=NOW)
    booking.book_all(session, now=NOW)
    assert sum_of(session, M.MASS_GIVEN_KG, world) == pytest.approx(100.0)
    assert sum_of(session, M.VALUE_EUR, world) == pytest.approx(385.0), "no lump sum"


def test_what_was_reported_keeps_its_factor(session, world):
    world.bring(1000.0)
    world.say(Path.RE_USED, 100.0)
    key = key_for("wood", Path.RE_USED)
    factor = session.scalars(select(ImpactFactor).where(ImpactFactor.key == key)).one()
    draft = VersionDraft(
        value=1.0, low=0.5, high=1.5, source="Umweltbundesamt", year=2026, valid_from=TODAY
    )
    factors.add_version(session, factor.id, draft, actor=SYSTEM, now=NOW)
    assert world.book() == Booked(), "what was reported does not change"
    world.say(Path.RE_USED, 10.0)
    rows = [e for e in entries(session, world) if e.measure is M.CO2E_AVOIDED_KG]
    assert [round(e.result, 4) for e in rows] == [round(100 * 0.23096128, 4), 10.0]
    anew = {
        row.measure: row
        for row in lines.with_todays_factors(session, Filter(), actor=SYSTEM, today=TODAY)
    }
    assert anew[M.CO2E_AVOIDED_KG].booked == pytest.approx(33.096128)
    assert anew[M.CO2E_AVOIDED_KG].today == pytest.approx(110.0)
    before = TODAY - timedelta(days=1)
    old = lines.with_todays_factors(session, Filter(), actor=SYSTEM, today=before)
    assert {r.measure: r.today for r in old}[M.CO2E_AVOIDED_KG] == pytest.approx(25.4057408)


def test_a_version_counts_from_its_day_on(session, world):
    table = factors.read(session, now=NOW)
    key = key_for("wood", Path.RE_USED)
    assert table.in_force(key, date(2020, 1, 1)).version == 1
    assert table.in_force("nothing:like: this", TODAY) is None


def test_no_line_is_booked_twice(session, world):
    world.bring(100.0)
    world.book()
    keys = session.execute(select(Entry.order_id, Entry.key)).all()
    assert len(keys) == len(set(keys))


def test_another_row_for_a_material_counts_for_what_is_booked_from_then_on(session, world):
    """What is booked keeps its factor, also where none would stand for its material any more."""
    world.bring(1000.0)
    world.say(Path.RE_USED, 100.0)
    world.book()
    avoided = sum_of(session, M.CO2E_AVOIDED_KG, world)
    change(session, Branch.MATERIALS, "wood", factor="Construction: Bricks")
    force(session)
    assert key_for("wood", Path.RE_USED) == "re_used:Construction: Bricks"
    assert world.book() == Booked()
    world.say(Path.RE_USED, 10.0)
    world.book()
    bricks = avoided + 10 * 0.24179306
    assert sum_of(session, M.CO2E_AVOIDED_KG, world) == pytest.approx(bricks)
    change(session, Branch.MATERIALS, "wood", factor="")
    force(session)
    assert key_for("wood", Path.RE_USED) is None
    assert world.book() == Booked()
    world.say(Path.RE_USED, 10.0)
    world.book()
    assert sum_of(session, M.CO2E_AVOIDED_KG, world) == pytest.approx(bricks)
