"""A mail server that is away: nothing is lost, nothing arrives twice, and one sees what waits."""

import re
import socket
from collections import Counter
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from marketplace.core import outbox
from marketplace.core.outbox import OutboxRow
from marketplace.jobs import worker
from marketplace.notifications.actions import tell
from marketplace.notifications.channels import smtp
from marketplace.notifications.models import Mail, Topic
from tests.builders import NOW, a_person, an_agency_person, sign_in

PARAMS = {"number": "SP-1", "title": "Taschen", "organisation": "Nähwerk"}


class PostOffice:
    """A mail server that can be closed and opened again."""

    def __init__(self, port):
        self.port, self.got, self.answers, self.controller = port, [], [], None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.got.append(message_from_bytes(envelope.content))
        return self.answers.pop(0) if self.answers else "250 OK"

    def open(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self):
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def post_office():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    office = PostOffice(port)
    yield office
    office.close()


@pytest.fixture
def settings(settings, post_office):
    settings.SMTP_URL = f"smtp://127.0.0.1:{post_office.port}"
    return settings


def hear(session, users):
    for number, user in enumerate(users):
        tell(session, user, Topic.ORDER_OFFERED, PARAMS, "/orders/1", f"n{number}", now=NOW)
    session.commit()


def at(app, session, moment):
    worker.work_off(app, clock=lambda: moment)
    session.expire_all()


def test_a_thousand_notifications_arrive_once_each(app, session, post_office):
    # PostgreSQL cannot forget what was worked off before the test's own transaction ends, and goes past
    # all of it each time: a thousand would take a minute here.
    many = 200 if session.get_bind().dialect.name == "postgresql" else 1000
    agnes, people = an_agency_person(session), [a_person(session) for _ in range(many)]
    addresses = {person.email for person in people}
    hear(session, people)
    moment = NOW
    for _ in range(4):
        at(app, session, moment)
        moment += timedelta(minutes=20)
    assert post_office.got == []
    assert len(session.scalars(select(Mail).where(Mail.sent_at.is_(None))).all()) == many
    agency = sign_in(app.test_client(), agnes)
    page = agency.get("/agency/outbox").text
    assert re.search(rf">{many:,}<".replace(",", "[.,]"), page)
    assert "Connection refused" in page
    post_office.open()
    at(app, session, moment + timedelta(hours=1))
    at(app, session, moment + timedelta(hours=3))
    assert Counter(mail["To"] for mail in post_office.got) == Counter(addresses)
    assert len({mail["Message-ID"] for mail in post_office.got}) == many
    assert outbox.counts(session).waiting == 0
    assert "Connection refused" not in agency.get("/agency/outbox").text


def test_while_it_is_away_only_one_knocks(app, session, post_office, monkeypatch):
    knocked = []
    original = smtp.send
    monkeypatch.setattr(smtp, "send", lambda *a, **k: (knocked.append(1), original(*a, **k)))
    hear(session, [a_person(session) for _ in range(20)])
    at(app, session, NOW)
    assert len(knocked) <= 2
    waiting = session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None))).all()
    assert len(waiting) == 20
    assert all(row.due_at > NOW and row.error for row in waiting)


def test_the_message_id_stays_the_same_at_each_try(app, session, post_office):
    post_office.open()
    post_office.answers = ["451 later", "451 later"]
    hear(session, [a_person(session)])
    for hours in range(3):
        at(app, session, NOW + timedelta(hours=hours))
    assert len(post_office.got) == 3
    assert len({mail["Message-ID"] for mail in post_office.got}) == 1


def test_one_that_is_put_off_does_not_hold_up_the_others(app, session, post_office):
    post_office.open()
    post_office.answers = ["451 later"]
    hear(session, [a_person(session) for _ in range(3)])
    at(app, session, NOW)
    assert len(session.scalars(select(Mail).where(Mail.sent_at.is_not(None))).all()) == 2


def test_a_mail_that_no_server_could_take_is_given_up(app, session, post_office):
    post_office.open()
    hear(session, [a_person(session, email="nach\n@example.org"), a_person(session)])
    at(app, session, NOW)
    assert len(post_office.got) == 1
    assert outbox.counts(session).given_up == 1


class TestThePage:
    @pytest.fixture
    def agency(self, client, session):
        return sign_in(client, an_agency_person(session))

    def test_it_shows_who_waits_since_when_and_why(self, app, session, agency):
        anna = a_person(session)
        hear(session, [anna])
        with agency.session_transaction() as cookie:
            cookie["lang"] = "en"
        assert "Write a mail about news" in agency.get("/agency/outbox").text
        at(app, session, NOW)
        page = agency.get("/agency/outbox").text
        assert anna.email in page
        assert "Connection refused" in page

    def test_one_or_all_are_tried_at_once(self, app, session, agency, post_office):
        hear(session, [a_person(session), a_person(session)])
        at(app, session, NOW)
        post_office.open()
        at(app, session, NOW + timedelta(seconds=1))
        assert post_office.got == []
        row = session.scalar(select(OutboxRow.id).where(OutboxRow.done_at.is_(None)))
        assert agency.post(f"/agency/outbox/{row}/try").status_code == 302
        session.expire_all()
        assert outbox.counts(session).waiting == 2
        assert agency.post("/agency/outbox/try").status_code == 302
        worker.work_off(app)
        assert len(post_office.got) == 2
        assert agency.post(f"/agency/outbox/{row}/try").status_code == 302
        worker.work_off(app)
        assert len(post_office.got) == 2

    def test_what_was_given_up_can_begin_anew(self, app, session, agency, post_office):
        post_office.open()
        post_office.answers = ["554 no"]
        hear(session, [a_person(session)])
        at(app, session, NOW)
        assert outbox.counts(session).given_up == 1
        assert "554" in agency.get("/agency/outbox?show=given_up").text
        row = session.scalar(select(OutboxRow.id).where(outbox.GIVEN_UP))
        agency.post(f"/agency/outbox/{row}/try")
        worker.work_off(app)
        assert len(post_office.got) == 2

    def test_what_somebody_works_on_stays_with_them(self, app, session, agency):
        hear(session, [a_person(session)])
        row = outbox.claim_next(session, now=NOW)
        session.commit()
        assert outbox.try_now(session, now=NOW) == 0
        assert outbox.try_now(session, row_id=row.id, now=NOW) == 0


def test_a_name_is_no_domain():
    assert smtp.domain_of("SoPro <no-reply@sopro.example>") == "sopro.example"
    assert smtp.domain_of("SoPro <>") == "localhost"
