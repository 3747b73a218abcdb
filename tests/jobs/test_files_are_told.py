"""Brokers hear of files that parties attach, once for what comes together, as they wish to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.cases import files
from marketplace.core.storage import ObjectStorage
from marketplace.jobs import worker
from marketplace.notifications import preferences
from marketplace.notifications.models import Frequency, Group, Notification, Topic
from marketplace.orders import evidence, queries
from marketplace.orders.carrying import EvidenceKind
from marketplace.photos.attachments import check
from tests.builders import NOW, a_broker
from tests.cases import case_stories
from tests.jobs.mail_stories import mails_to
from tests.orders import order_stories

PDF = b"%PDF-1.7"
TOLD = (Topic.CASE_FILES_ATTACHED, Topic.ORDER_FILES_ATTACHED)


@pytest.fixture
def storage(media):
    return ObjectStorage(f"file://{media}")


@pytest.fixture
def at(app, session):
    """Let the worker work so many minutes later."""

    def work(minutes):
        session.commit()
        worker.work_off(app, clock=lambda: NOW + timedelta(minutes=minutes))
        session.expire_all()

    return work


def told(session, user):
    rows = select(Notification).where(Notification.user_id == user.id, Notification.topic.in_(TOLD))
    return [
        (n.path, n.params["organisation"], n.params["count"])
        for n in session.scalars(rows.order_by(Notification.id))
    ]


def attach(session, storage, story, actor, minutes=0):
    now = NOW + timedelta(minutes=minutes)
    return files.attach(session, storage, story.case, check("a.pdf", PDF), actor=actor, now=now)


def test_files_of_a_case_are_told_together(session, storage, at):
    story = case_stories.a_story(session)
    for minute in (0, 3, 9):
        attach(session, storage, story, story.andrea, minute)
    at(9)
    assert told(session, story.maria_user) == [], "perhaps more is coming"
    at(10)
    at(10)
    path = f"/desk/cases/{story.case_id}"
    assert told(session, story.maria_user) == [(path, "Spedition Koller", 3)]
    (mail,) = [m for m in mails_to(session, story.maria_user) if "3 " in m.subject]
    assert story.case.number in mail.subject
    attach(session, storage, story, story.emre, 12)
    attach(session, storage, story, story.andrea, 12)
    at(20)
    assert told(session, story.maria_user)[1:] == [
        (path, "Nähwerk", 1),
        (path, "Spedition Koller", 1),
    ]
    for user in (story.andrea_user, story.emre_user, story.katalin_user):
        assert told(session, user) == []


def test_a_file_that_is_gone_again_is_not_told(session, storage, at):
    story = case_stories.a_story(session)
    row = attach(session, storage, story, story.andrea)
    files.remove(session, story.case, row, actor=story.maria, now=NOW)
    at(10)
    assert told(session, story.maria_user) == []


def test_where_nobody_is_in_charge_all_brokers_hear_and_as_they_wish(session, storage, at):
    story = case_stories.a_story(session)
    jonas = a_broker(session, story.point, name="Jonas")
    preferences.choose(session, jonas.id, {Group.CASES: Frequency.NEVER})
    story.case.broker_id = None
    at(0)
    attach(session, storage, story, story.andrea)
    at(10)
    assert len(told(session, jonas)) == len(told(session, story.maria_user)) == 1
    assert mails_to(session, jonas) == []


def test_files_of_an_order_too_unless_a_broker_attached_them(session, storage, at):
    story = order_stories.a_story(session)
    order_id = story.offered().id

    def show(actor):
        order = queries.get(session, order_id, actor=actor)
        evidence.attach(session, storage, order, order.lines[0].id, EvidenceKind.PERMIT, "B.pdf", PDF,
                        actor=actor, now=NOW)  # fmt: skip

    show(story.maria)
    at(10)
    assert told(session, story.maria_user) == []
    show(story.emre)
    show(story.emre)
    at(10)
    assert told(session, story.maria_user) == [(f"/orders/{order_id}", "Nähwerk", 2)]
