"""Gathered mails: at seven, on Mondays for the week, one for everything, none where nothing is new."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.events import ConfirmationAsked, ResetAsked
from marketplace.core import outbox
from marketplace.jobs import digests, worker
from marketplace.notifications import preferences
from marketplace.notifications.actions import mark_all_read, tell
from marketplace.notifications.models import Frequency, Group, Mail, Notification, Topic
from marketplace.notifications.preferences import next_digest
from tests.builders import NOW, a_person
from tests.jobs.mail_stories import mails_to, work

VIENNA = "Europe/Vienna"


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [
        ("daily", "2026-11-23T05:59", "2026-11-23T06:00"),
        ("daily", "2026-11-23T06:00", "2026-11-24T06:00"),
        ("weekly", "2026-11-23T05:59", "2026-11-23T06:00"),
        ("weekly", "2026-11-23T06:00", "2026-11-30T06:00"),
        ("weekly", "2026-11-25T12:00", "2026-11-30T06:00"),
        ("daily", "2026-07-01T12:00", "2026-07-02T05:00"),
        ("daily", "2026-03-28T12:00", "2026-03-29T05:00"),
        ("daily", "2026-10-24T12:00", "2026-10-25T06:00"),
        ("daily", "2026-11-22T23:30", "2026-11-23T06:00"),
    ],
)
def test_gathered_mails_go_at_seven_where_the_service_points_are(frequency, now, due):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = next_digest(Frequency(frequency), now=at, zone=VIENNA)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_defaults_are_there_until_one_chooses(session):
    anna = a_person(session)
    assert preferences.of(session, anna.id) == preferences.DEFAULTS
    assert set(preferences.DEFAULTS) == set(Group)
    assert preferences.DEFAULTS[Group.MESSAGES] is Frequency.AT_ONCE
    assert preferences.DEFAULTS[Group.SEARCHES] is Frequency.DAILY
    for frequency in (Frequency.WEEKLY, Frequency.DAILY):
        preferences.choose(session, anna.id, {Group.ORDERS: frequency})
        assert preferences.of(session, anna.id)[Group.ORDERS] is frequency
    assert preferences.of(session, a_person(session).id) == preferences.DEFAULTS


@pytest.fixture
def anna(session):
    return a_person(session, name="Anna Koller")


def hear(session, user, topic, *, now=NOW, **params):
    known = {"number": "SP-1", "title": "Taschen", "organisation": "Nähwerk", "day": "2026-12-01"}
    count = len(session.scalars(select(Notification.id)).all())
    return tell(session, user, topic, known | params, f"/orders/{count}", f"n{count}", now=now)


def gather(app, session, now):
    session.commit()
    with app.app_context():
        written = digests.send_due(app.extensions["sessions"], now=now)
    session.expire_all()
    return written


def test_one_mail_has_everything_in_sections(app, session, anna):
    chosen = {Group.ORDERS: Frequency.DAILY, Group.LISTINGS: Frequency.WEEKLY}
    preferences.choose(session, anna.id, chosen)
    sunday = NOW - timedelta(days=1)
    hear(session, anna, Topic.ORDER_OFFERED, now=sunday)
    hear(session, anna, Topic.LISTING_EXPIRING, title="Filz", now=sunday)
    hear(session, anna, Topic.ORDER_AGREED, number="SP-2", now=sunday)
    work(app, session, now=sunday)
    assert mails_to(session, anna) == []
    monday = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert gather(app, session, monday - timedelta(minutes=1)) == 0
    assert gather(app, session, monday) == 1
    assert gather(app, session, monday + timedelta(hours=1)) == 0
    (mail,) = mails_to(session, anna)
    lines = mail.text.splitlines()
    heads = [lines[n - 1] for n, line in enumerate(lines) if line and set(line) == {"-"}]
    assert len(heads) == 2
    assert mail.text.index("Filz") < mail.text.index("SP-1") < mail.text.index("SP-2")
    assert "http://localhost/orders/0" in mail.text
    assert '<a href="http://localhost/orders/2">' in mail.html
    assert "3" in mail.subject
    assert mail.headers["List-Unsubscribe"]


def test_daily_ones_do_not_wait_for_the_weekly(app, session, anna):
    chosen = {Group.ORDERS: Frequency.DAILY, Group.LISTINGS: Frequency.WEEKLY}
    preferences.choose(session, anna.id, chosen)
    hear(session, anna, Topic.ORDER_OFFERED)
    hear(session, anna, Topic.LISTING_EXPIRING, title="Filz")
    work(app, session)
    assert gather(app, session, NOW + timedelta(days=1)) == 1
    assert "Filz" not in mails_to(session, anna)[0].text
    assert gather(app, session, NOW + timedelta(days=6)) == 0
    assert gather(app, session, NOW + timedelta(days=7)) == 1
    assert "Filz" in mails_to(session, anna)[1].text


@pytest.mark.parametrize(("language", "words"), [("de", "neu"), ("hu", "új"), ("en", "new")])
def test_it_is_in_the_reader_s_language(app, session, language, words):
    anna = a_person(session, language=language)
    preferences.choose(session, anna.id, {Group.ORDERS: Frequency.DAILY})
    hear(session, anna, Topic.ORDER_OFFERED)
    work(app, session)
    gather(app, session, NOW + timedelta(days=1))
    (mail,) = mails_to(session, anna)
    assert (mail.language, "%(" in mail.text) == (language, False)


def test_what_was_read_meanwhile_is_not_news(app, session, anna):
    preferences.choose(session, anna.id, {Group.ORDERS: Frequency.DAILY})
    hear(session, anna, Topic.ORDER_OFFERED)
    work(app, session)
    mark_all_read(session, user_id=anna.id, now=NOW)
    assert gather(app, session, NOW + timedelta(days=1)) == 0
    assert mails_to(session, anna) == []


def test_who_stops_the_mails_gets_not_even_what_was_gathered(app, session, anna):
    preferences.choose(session, anna.id, {Group.ORDERS: Frequency.DAILY})
    hear(session, anna, Topic.ORDER_OFFERED)
    work(app, session)
    preferences.stop(session, anna.id, [Group.ORDERS])
    assert gather(app, session, NOW + timedelta(days=1)) == 0


def test_in_the_app_only_is_in_the_list_only(app, session, anna):
    preferences.choose(session, anna.id, {Group.ORDERS: Frequency.NEVER})
    told = hear(session, anna, Topic.ORDER_OFFERED)
    work(app, session)
    assert session.get(Notification, told.id).digest_at is None
    assert mails_to(session, anna) == []


def test_mails_about_the_account_are_never_held_back(app, session, anna):
    preferences.choose(session, anna.id, dict.fromkeys(Group, Frequency.NEVER))
    anna.confirmed_at = None
    for fact in (ResetAsked(anna.id), ConfirmationAsked(anna.id)):
        outbox.record(session, fact, now=NOW)
    work(app, session)
    found = mails_to(session, anna)
    assert len(found) == 2
    assert not any(mail.headers for mail in found)


def test_a_fault_with_one_does_not_keep_the_others_back(app, session, anna, monkeypatch):
    bela = a_person(session, language="hu")
    for user in (anna, bela):
        preferences.choose(session, user.id, {Group.ORDERS: Frequency.DAILY})
        hear(session, user, Topic.ORDER_OFFERED)
    work(app, session)
    original, broken = digests.write_to, [anna.id]

    def breaks(session, user_id, *, now):
        if user_id in broken:
            raise RuntimeError("no")
        return original(session, user_id, now=now)

    monkeypatch.setattr(digests, "write_to", breaks)
    assert gather(app, session, NOW + timedelta(days=1)) == 1
    broken.clear()
    assert gather(app, session, NOW + timedelta(days=1)) == 1
    assert len(mails_to(session, anna)) == len(mails_to(session, bela)) == 1


def test_the_worker_sends_them_by_itself(app, session, anna):
    preferences.choose(session, anna.id, {Group.ORDERS: Frequency.DAILY})
    hear(session, anna, Topic.ORDER_OFFERED)
    work(app, session)
    worker.on_schedule(app, clock=lambda: NOW + timedelta(days=1))
    session.expire_all()
    assert len(session.scalars(select(Mail).where(Mail.recipient == anna.email)).all()) == 1


def test_days_are_written_out(app, session, anna):
    preferences.choose(session, anna.id, {Group.LISTINGS: Frequency.DAILY})
    hear(session, anna, Topic.LISTING_EXPIRING, day=date(2026, 12, 1).isoformat())
    work(app, session)
    gather(app, session, NOW + timedelta(days=1))
    assert "1. Dezember 2026" in mails_to(session, anna)[0].text
