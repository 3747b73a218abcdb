"""Feedback of every party, and the story that is public once all have consented to its words."""

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, WrongState
from marketplace.orders import actions, feedback, stories
from marketplace.orders.feedback import FeedbackDraft
from marketplace.orders.stories import StoryDraft, stamp
from marketplace.photos.models import Photo
from tests.builders import NOW, a_company, a_person, actor_for
from tests.orders.order_stories import a_story

WORDS = StoryDraft(title="Aus Planen wurden Taschen", text="400 Stück.", language="de")


@pytest.fixture
def story(session):
    return a_story(session)


def completed(session, story):
    order = story.running()
    actions.deliver(session, order, actor=story.emre, now=NOW)
    actions.complete(session, order, actor=story.andrea, now=NOW)
    return order


def test_each_party_answers_once_and_may_change_it(session, story):
    order = completed(session, story)
    answer = FeedbackDraft(fair_price=5, quality=4, again=5, comment="Gern wieder.")
    feedback.give(session, order, answer, actor=story.andrea, now=NOW)
    feedback.give(
        session, order, FeedbackDraft(fair_price=3, quality=4, again=5), actor=story.andrea, now=NOW
    )
    found = feedback.of_order(session, order)
    assert {key: row.fair_price for key, row in found.items()} == {order.clients[0].id: 3}
    with pytest.raises(NotAllowed):
        feedback.give(session, order, answer, actor=story.maria, now=NOW)
    with pytest.raises(Invalid) as refused:
        FeedbackDraft(fair_price=None, quality=6, again=0)
    assert {p.field for p in refused.value.problems} == set(feedback.QUESTIONS)


def test_nothing_is_said_before_the_end(session, story):
    order = story.running()
    answer = FeedbackDraft(fair_price=5, quality=4, again=5)
    with pytest.raises(WrongState):
        feedback.give(session, order, answer, actor=story.andrea, now=NOW)
    with pytest.raises(WrongState):
        stories.write(session, order, WORDS, actor=story.maria, now=NOW)


def test_a_story_is_public_only_while_all_consent_to_these_words(session, story):
    order = completed(session, story)
    told = stories.write(session, order, WORDS, actor=story.maria, now=NOW)
    assert told.slug == "aus-planen-wurden-taschen"
    stories.consent(session, order, seen=stamp(told), actor=story.andrea, now=NOW)
    assert stories.published(session) == ([], 0)
    with pytest.raises(NotFound):
        stories.by_slug(session, told.slug)
    stories.consent(session, order, seen=stamp(told), actor=story.emre, now=NOW)
    assert stories.by_slug(session, told.slug) is told
    assert stories.published(session) == ([told], 1)
    later = NOW.replace(hour=NOW.hour + 1)
    other = StoryDraft(title="Anders", text="Anders.", language="de")
    stories.write(session, order, other, seen=stamp(told), actor=story.emre, now=later)
    assert stories.published(session) == ([], 0), "other words need other consents"
    with pytest.raises(Outrun):
        stories.consent(session, order, seen=NOW.isoformat(), actor=story.andrea, now=later)
    with pytest.raises(Outrun):
        stories.write(session, order, WORDS, seen="", actor=story.andrea, now=later)
    stories.consent(session, order, seen=stamp(told), actor=story.andrea, now=later)
    assert told.published_at == later
    stories.withdraw(session, order, actor=story.emre, now=later)
    assert stories.published(session) == ([], 0)


def test_photos_are_the_parties_own_and_addresses_differ(session, story):
    order = completed(session, story)
    stranger = a_company(session)
    mine, theirs = (
        Photo(key=key, organisation_id=owner.id, width=9, height=9, source_hash=key, created_at=NOW)
        for key, owner in (("a", story.enterprise), ("b", stranger))
    )
    session.add_all([mine, theirs])
    session.flush()
    draft = StoryDraft(title="ß", text="x", language="de", photo_ids=[theirs.id, mine.id])
    told = stories.write(session, order, draft, actor=story.emre, now=NOW)
    assert [p.photo_id for p in told.pictures] == [mine.id]
    again = a_story(session)
    second = completed(session, again)
    assert stories.write(session, second, draft, actor=again.emre, now=NOW).slug == "ss-2"
    nobody = actor_for(session, a_person(session, stranger))
    with pytest.raises(NotAllowed):
        stories.write(session, order, WORDS, actor=nobody, now=NOW)
