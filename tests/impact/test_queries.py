"""What the ledger says, and to whom."""

from datetime import date, timedelta

import pytest

from marketplace.core.actor import ANYBODY, SYSTEM
from marketplace.impact import lines, organisations, public, queries, report
from marketplace.impact.models import Path
from marketplace.impact.public import Group, guarded
from marketplace.impact.queries import Filter, Sums
from marketplace.orders import feedback
from marketplace.orders.feedback import FeedbackDraft
from tests.builders import NOW, a_broker, a_company, a_person, actor_for, an_agency_person
from tests.impact.impact_stories import M, a_world, the_next
from tests.orders.order_stories import TODAY

WOOD = {
    "listing": {"material_code": "wood", "title": "Bretter"},
    "capability": {"materials": ["wood"], "techniques": []},
}


@pytest.fixture
def world(session):
    world = a_world(session, **WOOD)
    world.bring(600.0, on=TODAY - timedelta(days=400))
    world.bring(400.0)
    world.bring(100.0, line=world.order.lines[1])
    world.say(Path.RE_USED, 300.0)
    world.say(Path.RECYCLED, 100.0)
    world.say(Path.DISPOSED_OF, 50.0)
    world.work(hours=80.0)
    world.book()
    return world


def sums(session, actor, **wanted):
    return Sums(queries.cells(session, Filter(**wanted), actor=actor))


def test_the_figures_add_up(session, world):
    found = sums(session, SYSTEM)
    assert found.value == pytest.approx(3850)
    assert found.kept == pytest.approx(400.0)
    assert found.of(M.MASS_GIVEN_KG) == pytest.approx(1000.0)
    avoided, transport = found.of(M.CO2E_AVOIDED_KG), found.of(M.CO2E_TRANSPORT_KG)
    assert found.net == pytest.approx(avoided - transport)
    assert found.known == pytest.approx(350 / 450), "recycled wood has no factor"
    assert found.within(50) == found.within(150) == 1.0
    assert 15 < found.km < 60
    assert queries.in_work(session, Filter(), actor=SYSTEM) == pytest.approx(550.0)
    assert found.in_work == pytest.approx(550.0)
    monthly = Sums(queries.cells(session, Filter(), monthly=True, actor=SYSTEM))
    assert {cell.month for cell in found.cells} == {0}
    assert {cell.month for cell in monthly.cells} > {TODAY.month}
    for measure in M:
        assert monthly.of(measure) == pytest.approx(found.of(measure))


def test_a_year_holds_what_happened_in_it(session, world):
    last = (TODAY - timedelta(days=400)).year
    before = {"first": date(last, 1, 1), "last": date(last, 12, 31)}
    assert sums(session, SYSTEM, **before).of(M.MASS_GIVEN_KG) == pytest.approx(600.0)
    assert sums(session, SYSTEM, **before).kept == 0.0
    assert queries.in_work(session, Filter(**before), actor=SYSTEM) == pytest.approx(600.0)
    assert queries.years(session, actor=SYSTEM) == [TODAY.year, last]


def test_a_material_is_asked_for_with_all_below_it(session, world):
    assert sums(session, SYSTEM, material="wood").of(M.MASS_GIVEN_KG) == pytest.approx(1000.0)
    for other in ("woo", "textile", "%"):
        assert sums(session, SYSTEM, material=other).cells == []
    kept = queries.kept_by_material(session, Filter(), actor=SYSTEM)
    assert kept == {"wood": pytest.approx(400.0)}


def test_each_reads_their_own(session, world):
    other = a_world(session, **WOOD)
    other.bring(70.0)
    other.book()
    story = world.story
    agency = actor_for(session, an_agency_person(session))
    assert sums(session, agency).of(M.MASS_GIVEN_KG) == pytest.approx(1070.0)
    for mine in (story.andrea, story.emre, story.maria):
        assert sums(session, mine).of(M.MASS_GIVEN_KG) == pytest.approx(1000.0)
    stranger = actor_for(session, a_person(session, a_company(session)))
    elsewhere = actor_for(session, a_broker(session))
    for nobody in (stranger, elsewhere, ANYBODY):
        assert sums(session, nobody).cells == []
        assert lines.lines(session, Filter(), None, None, actor=nobody) == ([], 0)
    asked = Filter(organisation_id=story.company.id)
    assert queries.cells(session, asked, actor=stranger) == [], "asking does not show more"


def test_a_giver_reads_what_became_of_it_and_not_with_whom(session, world):
    nxt = the_next(session, world)
    nxt.bring(200.0)
    world.say(Path.PASSED_ON, 200.0, to=nxt)
    nxt.say(Path.RE_USED, 200.0)
    rows, total = lines.lines(session, Filter(), M.MASS_KG, Path.RE_USED, actor=world.story.andrea)
    assert total == len(rows) == 2
    known = lines.known_orders(session, rows, actor=world.story.andrea)
    assert known == {world.order_id}, "the later order is not theirs to know"


def test_who_gets_it_later_does_not_read_of_whom_it_was_first(session, world):
    """Koller gave, Nähwerk passed on; Filzwerk knows Nähwerk and never heard of Koller."""
    nxt = the_next(session, world)
    nxt.bring(200.0)
    world.say(Path.PASSED_ON, 200.0, to=nxt)
    nxt.say(Path.RE_USED, 200.0)
    session.expire_all()
    rows, _ = lines.lines(session, Filter(), M.MASS_KG, None, actor=nxt.story.emre)
    assert [(row.giver_id, row.giver) for row in rows] == [(world.story.company.id, None)]
    session.expunge_all()
    for who in (world.story.andrea, world.story.maria):
        rows, _ = lines.lines(session, Filter(), M.MASS_KG, None, actor=who)
        assert {row.giver.name for row in rows} == {"Spedition Koller"}
        session.expunge_all()


def test_fairness_is_asked_of_those_who_answered(session, world):
    assert queries.fairness(session, Filter(), actor=SYSTEM) == (0, 0)
    world.complete()
    for actor, fair in ((world.story.andrea, 5), (world.story.emre, 3)):
        said = FeedbackDraft(fair_price=fair, quality=4, again=4)
        feedback.give(session, world.order, said, actor=actor, now=NOW)
    assert queries.fairness(session, Filter(), actor=SYSTEM) == (1, 2)


def test_places_are_the_public_ones(session, world):
    found = {p.name: p for p in organisations.places(session, Filter(), actor=SYSTEM)}
    koller = found[world.story.company.name]
    assert (koller.latitude, koller.longitude) == (
        world.story.company.public_latitude,
        world.story.company.public_longitude,
    )
    assert not koller.enterprise
    assert found[world.story.enterprise.name].enterprise


def test_a_report_has_the_lines_of_e5(session, world):
    found = report.for_year(session, world.story.company.id, TODAY.year, actor=world.story.andrea)
    (row,) = found.outflows
    assert (row.material, row.waste_code, row.hazardous) == ("wood", None, False)
    assert (row.prepared_for_reuse, row.recycled, row.disposed) == (
        pytest.approx(300.0),
        pytest.approx(100.0),
        pytest.approx(50.0),
    )
    assert found.out("diverted") == pytest.approx(400.0)
    assert found.out("diverted", hazardous=True) == 0.0
    assert found.inflows == []
    assert {v.factor.key for v in found.factors} == {
        "transport:van",
        "re_used:Construction: Wood",
    }
    maker = report.for_year(session, world.story.enterprise.id, TODAY.year, actor=world.story.emre)
    assert [(i.material, i.re_used) for i in maker.inflows] == [("wood", pytest.approx(300.0))]
    assert maker.outflows == []


def test_hazardous_is_what_the_list_of_waste_stars(session):
    row = report.Outflow("wood", "160213", paths={Path.DISPOSED_OF: 1.0})
    assert row.hazardous
    assert not report.Outflow("wood", "030105").hazardous


def test_the_public_sees_nothing_of_two(session, world):
    assert public.sums(session).cells == []
    assert public.kept_by_family(session) == []
    for _n in range(2):
        more = a_world(session, **WOOD)
        more.bring(100.0)
        more.say(Path.RE_USED, 100.0)
    assert public.sums(session).of(M.MASS_KG) == pytest.approx(650.0)
    assert public.sums(session).of(M.HOURS) == 0.0, "one workshop's hours are its own"
    (wood,) = public.kept_by_family(session)
    assert (wood.name, wood.amount) == ("wood", pytest.approx(600.0))


def test_small_groups_hide_together_so_that_nothing_can_be_subtracted():
    big, small = Group("wood", 90.0, {1, 2, 3, 4}), Group("textile", 5.0, {5})
    other = Group("metal", 30.0, {6, 7, 8})
    shown = guarded([big, small, other])
    assert [(g.name, g.amount) for g in shown] == [("wood", 90.0), (None, 35.0)]
    assert guarded([small]) == []
    assert [g.name for g in guarded([big, other])] == ["wood", "metal"]
