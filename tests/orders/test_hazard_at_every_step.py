"""Hazardous material goes only to those permitted, also where that changes after the proposal."""

from datetime import date

import pytest

from marketplace.core.errors import Invalid
from marketplace.listings.actions import post_again
from marketplace.listings.models import Recurrence
from marketplace.orders import actions, terms
from marketplace.orders.drawing_up import draft_from
from tests.builders import NOW, a_listing, company_actor
from tests.orders.order_stories import TODAY, a_story


@pytest.fixture
def story(session):
    return a_story(session, listing={"recurrence": Recurrence.MONTHLY})


def hazard(session, story):
    """The giver edits the listing, which a recurring one lets them do at any time."""
    story.listing.hazardous = True
    session.flush()


def refused(call):
    with pytest.raises(Invalid) as refusal:
        call()
    assert [p.code for p in refusal.value.problems] == ["hazard_not_permitted"]


def test_what_became_hazardous_is_not_offered(session, story):
    order = story.order()
    hazard(session, story)
    refused(lambda: terms.offer(session, order, actor=story.maria, now=NOW))


def test_what_became_hazardous_is_not_accepted(session, story):
    order = story.offered()
    hazard(session, story)
    for party in (story.andrea, story.emre):
        refused(lambda p=party: terms.accept(session, order, terms=1, actor=p, now=NOW))


def test_what_became_hazardous_is_not_begun(session, story):
    order = story.agreed()
    hazard(session, story)
    refused(lambda: actions.start(session, order, actor=story.emre, now=NOW))
    story.capability.accepts_hazardous = True
    session.flush()


def test_a_permit_that_ended_ends_the_order_too(session):
    story = a_story(session, listing={"hazardous": True}, capability={"accepts_hazardous": True})
    order = story.offered()
    story.capability.accepts_hazardous = False
    session.flush()
    refused(lambda: terms.accept(session, order, terms=1, actor=story.emre, now=NOW))


def test_the_end_of_time_is_a_day_too(session, story):
    story.listing.available_from = date.max
    session.flush()
    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert (order.starts_on, order.due_on) == (date.max, date.max)


def test_posting_again_what_was_on_offer_for_ever(session, story):
    old = a_listing(session, story.company, available_from=date(1, 1, 1), available_until=date.max)
    session.refresh(old, ["pictures"])
    again = post_again(session, old, actor=company_actor(story.company), now=NOW, today=TODAY)
    assert (again.available_from, again.available_until) == (TODAY, date.max)
