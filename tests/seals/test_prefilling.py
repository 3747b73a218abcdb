"""What an order knows already stands in the application, with its source, and only as long as true."""

from datetime import timedelta

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound
from marketplace.listings.models import Unit
from marketplace.orders import work_log
from marketplace.orders.carrying import TargetGroup
from marketplace.orders.models import LineRole
from marketplace.orders.work_log import WorkDraft
from marketplace.seals import applying, queries
from marketplace.seals.drafts import InputDraft, MakerDraft, StepDraft
from marketplace.seals.models import Route
from tests.builders import NOW, a_person, actor_for, an_enterprise
from tests.orders.order_stories import a_line
from tests.orders.order_stories import a_story as an_order_story
from tests.seals.seal_stories import TODAY, VIENNA, an_input, head


@pytest.fixture
def story(session):
    return an_order_story(session)


def an_order(story):
    """180 kg of tarpaulin become 400 bags; 600 hours of transit workers and 200 of key staff."""
    client, maker = story.company.id, story.enterprise.id
    lines = (
        a_line(
            client, maker, role=LineRole.MATERIAL_IN, description="Planen", quantity=180.0,
            unit=Unit.KG, mass_kg=180.0, giver_id=client, taker_id=maker,
            listing_id=story.listing.id,
        ),
        a_line(client, maker, role=LineRole.SERVICE, description="Waschen", quantity=1.0),
        a_line(client, maker),
    )  # fmt: skip
    order = story.running(lines=lines)
    for group, hours in ((TargetGroup.TRANSIT, 600.0), (TargetGroup.KEY_STAFF, 200.0)):
        entry = WorkDraft(
            party_id=order.enterprises[0].id, first_day=TODAY - timedelta(6), last_day=TODAY,
            role="Nähen", target_group=group, hours_worked=hours, people=4,
        )  # fmt: skip
        work_log.record(story.session, order, entry, actor=story.emre, now=NOW)
    return order


def applied(story, order, **changes):
    made = applying.begin(
        story.session, head(order_ids=[order.id], **changes), today=TODAY, actor=story.emre, now=NOW
    )
    return queries.get(story.session, made.id, actor=story.emre)


def test_materials_steps_and_makers_come_from_the_order(session, story):
    order = an_order(story)
    made = applied(story, order)
    (row,) = made.inputs
    assert (row.name, row.mass_kg, row.route) == ("Planen", 0.45, Route.LEFTOVER)
    assert (row.order_number, row.order_line) == (order.number, 1)
    assert (row.latitude, row.organisation_id) == (story.listing.latitude, story.company.id)
    steps = {(s.name, s.hours, s.disadvantaged, s.order_line) for s in made.steps}
    assert steps == {
        ("Waschen", None, True, 2), ("Nähen", 1.5, True, None), ("Nähen", 0.5, False, None),
    }  # fmt: skip
    assert [maker.organisation_id for maker in made.makers] == [story.enterprise.id]
    figures = queries.figures(made)
    assert (figures.reused, figures.social_work) == (100.0, 100.0)
    assert figures.values["S1b"].figure == pytest.approx(200 / 3)
    assert max(figures.km) < 1, "the material lies where the client is"


def test_without_a_line_the_leftover_of_the_pairing_counts(session, story):
    order = story.agreed()
    (row,) = applied(story, order).inputs
    assert (row.order_line, row.mass_kg) == (0, pytest.approx(180 / 400))


def test_what_is_changed_is_no_longer_the_order_s(session, story):
    made = applied(story, an_order(story))
    (row,), step = made.inputs, made.steps[1]
    same = InputDraft(
        name="Lkw-Planen", mass_kg=row.mass_kg, origin=row.origin,
        point=_point(row), route=row.route,
    )  # fmt: skip
    applying.put_input(session, made, row.id, same, actor=story.emre, now=NOW)
    assert row.order_number is not None, "another name is still the same figure"
    more = an_input(mass_kg=0.5, point=_point(row))
    applying.put_input(session, made, row.id, more, actor=story.emre, now=NOW)
    assert (row.order_number, row.organisation_id) == (None, story.company.id)
    elsewhere = an_input(mass_kg=0.5)
    applying.put_input(session, made, row.id, elsewhere, actor=story.emre, now=NOW)
    assert row.organisation_id is None, "what comes from elsewhere comes from somebody else"
    said = StepDraft(name="Nähen", organisation_id=story.enterprise.id, hours=9.0)
    applying.put_step(session, made, step.id, said, actor=story.emre, now=NOW)
    assert step.order_number is None


def _point(row):
    return type(VIENNA)(row.latitude, row.longitude)


def test_an_order_left_out_takes_its_rows_along(session, story):
    made = applied(story, an_order(story))
    applying.put_input(session, made, None, an_input(), actor=story.emre, now=NOW)
    applying.edit(session, made, head(order_ids=[]), actor=story.emre, now=NOW)
    assert [row.order_number for row in made.inputs] == [None]
    assert made.steps == []


def test_makers_come_and_go_with_their_orders(session, story):
    order = an_order(story)
    made = applying.begin(
        session, head(order_ids=[order.id]), today=TODAY, actor=story.andrea, now=NOW
    )
    makers = [maker.organisation.id for maker in made.makers]
    assert makers == [story.company.id, story.enterprise.id], "the client applies, Nähwerk makes"
    session.flush()
    applying.edit(session, made, head(), actor=story.andrea, now=NOW)
    assert [maker.organisation_id for maker in made.makers] == [story.company.id]


def test_orders_of_others_are_not_taken(session, story):
    order = an_order(story)
    stranger = actor_for(session, a_person(session, an_enterprise(session)))
    made = applying.begin(session, head(order_ids=[order.id]), today=TODAY, actor=stranger, now=NOW)
    assert (made.orders, made.inputs) == ([], [])


def test_rows_of_another_application_are_not_there(session, story):
    one, other = (
        applied(story, an_order(story)),
        applying.begin(session, head(), today=TODAY, actor=story.emre, now=NOW),
    )
    with pytest.raises(NotFound):
        applying.remove_input(session, other, one.inputs[0].id, actor=story.emre, now=NOW)
    with pytest.raises(NotAllowed):
        applying.remove_step(session, one, one.steps[0].id, actor=story.andrea, now=NOW)
    applying.remove_step(session, one, one.steps[0].id, actor=story.emre, now=NOW)
    assert len(one.steps) == 2


@pytest.mark.parametrize(
    ("draft", "values", "wrong"),
    [
        (InputDraft, {"mass_kg": 0.0}, "mass_kg"),
        (InputDraft, {"mass_kg": float("nan")}, "mass_kg"),
        (InputDraft, {"mass_kg": None}, "mass_kg"),
        (InputDraft, {"name": ""}, "name"),
        (InputDraft, {"route": None}, "route"),
        (StepDraft, {"hours": -1.0}, "hours"),
        (StepDraft, {"name": "x" * 201}, "name"),
        (MakerDraft, {"employees": 0, "disadvantaged": 0}, "employees"),
        (MakerDraft, {"employees": 3, "disadvantaged": 4}, "disadvantaged"),
        (MakerDraft, {"employees": None, "disadvantaged": 1}, "employees"),
    ],
)
def test_what_cannot_be_is_refused(draft, values, wrong):
    base = {
        InputDraft: {
            "name": "Plane", "mass_kg": 1.0, "origin": "Wien", "point": VIENNA,
            "route": Route.LEFTOVER,
        },
        StepDraft: {"name": "Nähen"},
        MakerDraft: {},
    }[draft]  # fmt: skip
    with pytest.raises(Invalid) as refused:
        draft(**base | values)
    assert wrong in {p.field for p in refused.value.problems}
