"""What is overdue: orders past their day, and milestones that nobody has reached."""

from datetime import timedelta

import pytest

from marketplace.orders import actions, milestones
from marketplace.orders.drafts import MilestoneDraft
from marketplace.orders.overdue import Overdue, overdue
from tests.builders import NOW, a_broker, actor_for
from tests.orders.order_stories import TODAY, a_story

CUT = MilestoneDraft(title="Zuschnitt fertig", planned_on=TODAY + timedelta(days=10))
SEWN = MilestoneDraft(title="Genäht", planned_on=TODAY + timedelta(days=30))


@pytest.fixture
def story(session):
    return a_story(session)


def late(session, story, days, most=5):
    return overdue(session, actor=story.maria, today=TODAY + timedelta(days=days), most=most)


def test_a_milestone_whose_day_has_passed_counts(session, story):
    order = story.running(milestones=(CUT, SEWN))
    assert late(session, story, 10) == ([], 0), "its day is not over"
    assert late(session, story, 11) == ([Overdue(order, CUT.planned_on, "Zuschnitt fertig")], 1)
    first = order.milestones[0].id
    milestones.reach(session, order, first, TODAY, "", actor=story.emre, now=NOW)
    assert late(session, story, 11) == ([], 0)
    assert late(session, story, 31)[0] == [Overdue(order, SEWN.planned_on, "Genäht")]
    actions.pause(session, order, "Ferien", actor=story.maria, now=NOW)
    assert late(session, story, 31) == ([], 0), "what rests is late for nothing"


def test_the_first_of_all_days_is_said(session, story):
    order = story.running(milestones=(SEWN,), due_on=TODAY + timedelta(days=20))
    assert late(session, story, 21) == ([Overdue(order, order.due_on)], 1)
    assert late(session, story, 40) == ([Overdue(order, order.due_on)], 1)
    actions.deliver(session, order, actor=story.emre, now=NOW)
    assert late(session, story, 21) == ([], 0)
    assert late(session, story, 40)[0] == [Overdue(order, SEWN.planned_on, "Genäht")]
    actions.complete(session, order, actor=story.andrea, now=NOW)
    assert late(session, story, 40) == ([], 0)


def test_the_longest_overdue_comes_first_and_only_to_its_brokers(session, story):
    second = a_story(session).running(milestones=(CUT,))
    order = story.running(milestones=(SEWN,))
    assert [o.order.id for o in late(session, story, 35)[0]] == [order.id]
    agnes = actor_for(session, a_broker(session, agency=True))
    found = overdue(session, actor=agnes, today=TODAY + timedelta(days=35), most=1)
    assert (found[0][0].order.id, found[1]) == (second.id, 2)


def test_a_draft_is_not_late(session, story):
    story.order(milestones=(CUT,))
    assert late(session, story, 40) == ([], 0)
