"""Milestones, deliveries, hand-overs, call-offs and hours of an order that runs."""

from datetime import timedelta

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, WrongState
from marketplace.listings.models import Recurrence
from marketplace.orders import actions, call_offs, deliveries, milestones, work_log
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.carrying import CallOffAction, CallOffState, TargetGroup
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.drafts import MilestoneDraft
from marketplace.orders.work_log import WorkDraft
from marketplace.photos.models import Photo
from tests.builders import NOW, a_company, a_person, actor_for
from tests.orders.order_stories import TODAY, a_story


def codes(call):
    with pytest.raises(Invalid) as refused:
        call()
    return {(p.field, p.code) for p in refused.value.problems}


@pytest.fixture
def story(session):
    return a_story(session)


def announced(session, story, order, expected=150.0, **more):
    draft = DeliveryDraft(line_id=order.lines[0].id, planned_on=TODAY, expected=expected, **more)
    return deliveries.plan(session, order, draft, actor=story.emre, now=NOW)


def record(session, order, delivery, actor, arrived, seen=None, **more):
    said = HandOver(done_on=TODAY, arrived=arrived, **more)
    deliveries.hand_over(session, order, delivery.id, said, seen=seen, actor=actor, now=NOW)


def test_a_milestone_is_reached_and_after_all_not(session, story):
    plan = (MilestoneDraft(title="Nullserie", planned_on=TODAY + timedelta(days=5)),)
    order = story.running(milestones=plan)
    (each,) = order.milestones
    milestones.reach(session, order, each.id, TODAY, "20 Taschen", actor=story.emre, now=NOW)
    assert (each.reached_on, each.note) == (TODAY, "20 Taschen")
    milestones.reach(session, order, each.id, None, "", actor=story.andrea, now=NOW)
    assert each.reached_on is None
    late = TODAY + timedelta(days=1)
    assert codes(
        lambda: milestones.reach(session, order, each.id, late, "", actor=story.emre, now=NOW)
    ) == {("reached_on", "in_the_future")}
    with pytest.raises(NotFound):
        milestones.reach(session, order, 987654, TODAY, "", actor=story.emre, now=NOW)


def test_both_sides_confirm_the_same_amounts(session, story):
    order = story.running()
    delivery = announced(session, story, order)
    assert delivery.number == "Ü-2026-0001"
    assert len(delivery.token) >= 30
    record(session, order, delivery, story.emre, 150.0)
    assert (delivery.giver_by, delivery.taker_by) == (story.emre.user_id, None)
    record(session, order, delivery, story.andrea, 148.0, lost=2.0)
    assert (delivery.giver_by, delivery.taker_by) == (None, story.andrea.user_id), "asked again"
    record(session, order, delivery, story.emre, 148.0, lost=2.0)
    assert delivery.giver_by, delivery.taker_by
    record(session, order, delivery, story.maria, 148.0, lost=2.0)
    assert delivery.giver_by, "the broker records what both said"


def test_partial_too_much_and_lost_are_counted(session, story):
    order = story.running()
    for expected, arrived, lost in ((150.0, 148.0, 2.0), (250.0, 260.0, 0.0), (10.0, None, 0.0)):
        delivery = announced(session, story, order, expected)
        if arrived is not None:
            record(session, order, delivery, story.andrea, arrived, lost=lost)
    rows = deliveries.of_order(session, order)
    assert deliveries.progress(order.lines[0], rows) == deliveries.Progress(408.0, 2.0, 10.0)


def test_two_who_record_at_once_lose_nothing(session, story):
    order = story.running()
    delivery = announced(session, story, order)
    seen = delivery.version
    record(session, order, delivery, story.emre, 150.0, seen=seen)
    with pytest.raises(Outrun):
        record(session, order, delivery, story.andrea, 140.0, seen=seen)
    assert delivery.arrived == 150.0


def test_what_has_happened_is_not_taken_back(session, story):
    order = story.running()
    kept, gone = announced(session, story, order), announced(session, story, order)
    record(session, order, kept, story.emre, 1.0)
    deliveries.drop(session, order, gone.id, actor=story.andrea, now=NOW)
    with pytest.raises(Outrun):
        deliveries.drop(session, order, kept.id, actor=story.andrea, now=NOW)
    assert deliveries.of_order(session, order) == [kept]


def test_photos_are_those_of_the_one_who_records(session, story):
    order = story.running()
    delivery = announced(session, story, order)
    mine, theirs = (
        Photo(key=key, organisation_id=owner.id, width=9, height=9, source_hash=key, created_at=NOW)
        for key, owner in (("a", story.enterprise), ("b", story.company))
    )
    session.add_all([mine, theirs])
    session.flush()
    said = HandOver(done_on=TODAY, arrived=1.0)
    deliveries.hand_over(session, order, delivery.id, said, photo_ids=[mine.id, theirs.id],
                         actor=story.emre, now=NOW)  # fmt: skip
    assert [p.photo_id for p in delivery.pictures] == [mine.id]


def test_hand_overs_say_what_is_wrong(session, story):
    assert codes(lambda: HandOver(done_on=TODAY, arrived=-1.0, lost=-1.0, mass_kg=0.0)) == {
        ("arrived", "negative"), ("lost", "negative"), ("mass_kg", "not_positive"),
    }  # fmt: skip
    assert codes(lambda: DeliveryDraft(line_id=1, planned_on=TODAY, expected=float("nan"))) == {
        ("expected", "not_positive")
    }
    order = story.running()
    delivery = announced(session, story, order)
    said = HandOver(done_on=TODAY + timedelta(days=1), arrived=1.0)
    assert codes(
        lambda: deliveries.hand_over(session, order, delivery.id, said, actor=story.emre, now=NOW)
    ) == {("done_on", "in_the_future")}


def test_hazard_stops_a_hand_over(session, story):
    order = story.running()
    delivery = announced(session, story, order)
    story.listing.hazardous = True
    session.flush()
    assert codes(lambda: record(session, order, delivery, story.emre, 1.0)) == {
        ("capability", "hazard_not_permitted")
    }


def test_strangers_and_orders_that_do_not_run_are_refused(session, story):
    order = story.agreed()
    stranger = actor_for(session, a_person(session, a_company(session)))
    draft = DeliveryDraft(line_id=order.lines[0].id, planned_on=TODAY, expected=1.0)
    with pytest.raises(NotAllowed):
        deliveries.plan(session, order, draft, actor=stranger, now=NOW)
    other = DeliveryDraft(line_id=987654, planned_on=TODAY, expected=1.0)
    assert codes(lambda: deliveries.plan(session, order, other, actor=story.emre, now=NOW)) == {
        ("line", "line_unknown")
    }
    actions.pause(session, order, "Urlaub.", actor=story.emre, now=NOW)
    with pytest.raises(WrongState):
        deliveries.plan(session, order, draft, actor=story.emre, now=NOW)


def standing(story):
    return story.running(standing=True, recurrence=Recurrence.MONTHLY)


def call(session, order, actor, quantity=100.0, days=7):
    draft = CallOffDraft(
        line_id=order.lines[0].id, quantity=quantity, due_on=TODAY + timedelta(days)
    )
    return call_offs.ask(session, order, draft, actor=actor, now=NOW)


def test_a_standing_order_is_called_off_within_its_frame(session, story):
    order = standing(story)
    first = call(session, order, story.andrea, 300.0)
    assert codes(lambda: call(session, order, story.andrea, 101.0)) == {
        ("quantity", "more_than_frame")
    }
    call_offs.move(session, order, first.id, CallOffAction.CONFIRM, actor=story.emre, now=NOW)
    delivery = announced(session, story, order, 200.0, call_off_id=first.id)
    record(session, order, delivery, story.andrea, 200.0)
    assert first.state is CallOffState.CONFIRMED, "some is still to come"
    delivery = announced(session, story, order, 100.0, call_off_id=first.id)
    record(session, order, delivery, story.andrea, 100.0)
    assert first.state is CallOffState.DELIVERED
    second = call(session, order, story.maria, 100.0)
    call_offs.move(session, order, second.id, CallOffAction.CANCEL, actor=story.andrea, now=NOW)
    assert call_offs.asked_for(session, order.lines[0]) == 300.0
    assert [c.number for c in call_offs.of_order(session, order)] == [1, 2]
    with pytest.raises(WrongState):
        call_offs.move(session, order, second.id, CallOffAction.CONFIRM, actor=story.emre, now=NOW)


def test_who_calls_off_what_until_when(session, story):
    order = standing(story)
    with pytest.raises(NotAllowed):
        call(session, order, story.emre)
    assert codes(lambda: call(session, order, story.andrea, days=61)) == {
        ("due_on", "outside_frame")
    }
    asked = call(session, order, story.andrea)
    with pytest.raises(NotAllowed):
        call_offs.move(session, order, asked.id, CallOffAction.CONFIRM, actor=story.andrea, now=NOW)
    other = a_story(session)
    with pytest.raises(WrongState):
        call(session, other.running(), other.andrea)


def hours(order, **changes):
    return WorkDraft(
        **{
            "party_id": order.enterprises[0].id,
            "first_day": TODAY - timedelta(days=7),
            "last_day": TODAY,
            "target_group": TargetGroup.TRANSIT,
            "hours_worked": 48.0,
            "people": 5,
        }
        | changes
    )


def test_hours_are_put_down_and_taken_out(session, story):
    order = story.running()
    work_log.record(session, order, hours(order, in_training=3), actor=story.emre, now=NOW)
    more = hours(order, target_group=TargetGroup.KEY_STAFF, people=1, hours_worked=4.0,
                 hours_planned=60.0, qualified=1, qualification="Textilnäherin")  # fmt: skip
    entry = work_log.record(session, order, more, actor=story.maria, now=NOW)
    rows = work_log.of_order(session, order)
    assert work_log.totals(rows) == work_log.Hours(60.0, 52.0, 6, 3, 1)
    with pytest.raises(NotAllowed):
        work_log.record(session, order, hours(order), actor=story.andrea, now=NOW)
    with pytest.raises(NotAllowed):
        work_log.strike(session, order, entry.id, actor=story.andrea, now=NOW)
    work_log.strike(session, order, entry.id, actor=story.emre, now=NOW)
    assert len(work_log.of_order(session, order)) == 1
    client = hours(order, party_id=order.clients[0].id)
    assert codes(lambda: work_log.record(session, order, client, actor=story.maria, now=NOW)) == {
        ("party", "party_unknown")
    }


def test_hours_say_what_is_wrong(session, story):
    order = story.running()
    assert codes(
        lambda: hours(order, last_day=TODAY - timedelta(days=9), hours_worked=-1.0, people=2,
                      in_training=3, qualified=1)
    ) == {
        ("last_day", "dates_reversed"), ("hours_worked", "negative"),
        ("in_training", "more_than_people"), ("qualification", "required"),
    }  # fmt: skip
    assert codes(lambda: hours(order, first_day=TODAY - timedelta(days=400))) == {
        ("last_day", "period_too_long")
    }
