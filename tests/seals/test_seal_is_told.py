"""Applicant, makers and those who assess hear of every step; the agency where it has to act."""

from sqlalchemy import select

from marketplace.jobs.handlers import HANDLERS
from marketplace.jobs.job import Job
from marketplace.jobs.telling_seals import seal_moved
from marketplace.notifications.models import Notification, Topic
from marketplace.topics import notification_sentence
from tests.builders import NOW
from tests.seals.seal_stories import TODAY, a_story


def told(session, made, key, by):
    seal_moved(session, Job(key=key, now=NOW, today=TODAY), application_id=made.id, user_id=by.id)
    found = select(Notification.user_id).where(Notification.dedupe.contains(f":{key}:"))
    return set(session.scalars(found))


def test_everybody_who_takes_part_but_not_who_did_it(app, session):
    story = a_story(session)
    made = story.submitted()
    agency = {story.agnes_user.id, story.users["dan"].id, story.users["eva"].id}
    with app.test_request_context():
        assert told(session, made, 7001, story.emre_user) == agency
        story.appoint(made)
        parts = {user.id for user in story.users.values()}
        expected = (parts | agency | {story.emre_user.id}) - {story.agnes_user.id}
        assert told(session, made, 7002, story.agnes_user) == expected
        assert told(session, made, 7002, story.agnes_user) == expected, "once only"
        sentence = notification_sentence(
            Topic.SEAL_MOVED, {"number": made.number, "title": made.name}
        )
        assert "G-2026-0001" in sentence
    assert HANDLERS["SealMoved"] is seal_moved
