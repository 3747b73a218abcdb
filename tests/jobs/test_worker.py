"""The worker takes each fact once, tries again after a failure, and loses no mail."""

import signal
import socket
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.cli.worker import command
from marketplace.core import outbox
from marketplace.core.outbox import MOST_ATTEMPTS, OutboxRow
from marketplace.jobs import delivery, worker
from marketplace.jobs.handlers import HANDLERS
from marketplace.listings.events import ListingChanged
from marketplace.notifications.actions import queue, tell
from marketplace.notifications.channels import smtp
from marketplace.notifications.models import Mail, Notification, Topic
from marketplace.proposals.models import Proposal
from tests.builders import NOW, a_capability, a_company, a_listing, a_person, an_enterprise


def clock():
    return NOW


def rows(session):
    session.expire_all()
    return session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()


def a_mail(session, **changes):
    mail = Mail(
        **{
            "recipient": "anna@example.org",
            "language": "de",
            "subject": "Grüße aus dem\nLager",
            "text": "Schöne Grüße",
            "html": "<p>Schöne Grüße</p>",
            "created_at": NOW,
        }
        | changes
    )
    return queue(session, mail, now=NOW)


def test_a_published_listing_gets_its_proposals(app, session):
    listing = a_listing(session, a_company(session))
    a_capability(session, an_enterprise(session))
    outbox.record(session, ListingChanged(listing.id), now=NOW)
    session.commit()
    assert worker.work_off(app, clock=clock) >= 1
    session.expire_all()
    assert session.scalars(select(Proposal).where(Proposal.listing_id == listing.id)).one()
    assert all(row.done_at for row in rows(session))


def test_a_failure_undoes_the_work_and_is_tried_again_later(app, session, monkeypatch):
    user_id = a_person(session).id
    tried = []

    def breaks_once(session, job, *, listing_id):
        tried.append(job.key)
        user = session.get_one(User, user_id)
        tell(session, user, Topic.LISTING_EXPIRED, {"title": "x"}, "/", "once", now=job.now)
        session.flush()
        if len(tried) == 1:
            raise RuntimeError("the disk is full")

    monkeypatch.setitem(HANDLERS, "ListingChanged", breaks_once)
    outbox.record(session, ListingChanged(1), now=NOW)
    session.commit()
    worker.work_off(app, clock=clock)
    (row,) = rows(session)
    assert row.done_at is None
    assert "the disk is full" in row.error
    assert session.scalars(select(Notification)).all() == []

    later = NOW + timedelta(minutes=1)
    worker.work_off(app, clock=lambda: later)
    assert tried[0] == tried[1]
    assert len(session.scalars(select(Notification)).all()) == 1
    assert all(row.done_at for row in rows(session))


def test_what_never_works_rests_with_its_error(app, session):
    session.add(OutboxRow(kind="Nonsense", payload={}, recorded_at=NOW, due_at=NOW))
    session.commit()
    at = NOW
    for _ in range(MOST_ATTEMPTS):
        worker.work_off(app, clock=lambda at=at: at)
        at += timedelta(hours=1)
    (row,) = rows(session)
    assert (row.attempts, row.error) == (MOST_ATTEMPTS, "UnknownFact: Nonsense")
    assert row.done_at is not None


def test_a_row_that_a_dead_worker_held_is_taken_again(app, session):
    listing = a_listing(session, a_company(session))
    outbox.record(session, ListingChanged(listing.id), now=NOW)
    outbox.claim_next(session, now=NOW)
    session.commit()
    assert worker.work_off(app, clock=clock) == 0
    later = NOW + outbox.LEASE + timedelta(seconds=1)
    assert worker.work_off(app, clock=lambda: later) == 1


def test_without_a_mail_server_mails_wait_in_the_mailbox(app, client, session):
    mail = a_mail(session)
    session.commit()
    worker.work_off(app, clock=clock)
    session.expire_all()
    assert session.get(Mail, mail.id).sent_at == NOW
    assert "anna@example.org" in client.get("/dev/mail").text
    page = client.get(f"/dev/mail/{mail.id}").text
    assert "Schöne Grüße" in page
    assert client.get(f"/dev/mail/{mail.id}/html").text == "<p>Schöne Grüße</p>"
    assert client.get("/dev/mail/999999").status_code == 404


class TestInProduction:
    @pytest.fixture
    def settings(self, settings):
        settings.PRODUCTION = True
        return settings

    def test_nobody_reads_the_mailbox(self, client, session):
        mail = a_mail(session)
        session.commit()
        assert client.get("/dev/mail").status_code == 404
        assert client.get(f"/dev/mail/{mail.id}").status_code == 404


class Server:
    """A mail server that can say no."""

    def __init__(self):
        self.got, self.answer = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.got.append(envelope)
        return self.answer


@pytest.fixture
def post_office():
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def settings(settings, request):
    if "post_office" in request.fixturenames:
        port = request.getfixturevalue("post_office").port
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
    return settings


def test_a_mail_goes_out_in_text_and_html(post_office, app, session):
    mail = a_mail(session)
    session.commit()
    worker.work_off(app, clock=clock)
    (envelope,) = post_office.got
    raw = envelope.content.decode("ascii")
    assert envelope.rcpt_tos == ["anna@example.org"]
    for header in ("Auto-Submitted: auto-generated", "Message-ID: <", "multipart/alternative"):
        assert header in raw
    session.expire_all()
    assert session.get(Mail, mail.id).sent_at == NOW
    worker.work_off(app, clock=lambda: NOW + timedelta(days=1))
    assert len(post_office.got) == 1


def test_a_mail_server_that_is_away_loses_nothing(app, session):
    app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    mails = [a_mail(session, recipient=f"{n}@example.org") for n in range(3)]
    session.commit()
    at = NOW
    for _ in range(20):
        worker.work_off(app, clock=lambda at=at: at)
        at += timedelta(hours=1)
    session.expire_all()
    assert all(session.get(Mail, mail.id).sent_at is None for mail in mails)
    app.config["SMTP_URL"] = ""
    worker.work_off(app, clock=lambda: at)
    session.expire_all()
    assert all(session.get(Mail, mail.id).sent_at == at for mail in mails)


def test_a_server_that_is_busy_is_asked_again_one_that_refuses_is_not(post_office, app, session):
    mail = a_mail(session)
    session.commit()
    post_office.answer = "451 later"
    worker.work_off(app, clock=clock)
    post_office.answer = "250 OK"
    worker.work_off(app, clock=lambda: NOW + timedelta(hours=2))
    session.expire_all()
    assert session.get(Mail, mail.id).sent_at is not None

    refused = a_mail(session)
    session.commit()
    post_office.answer = "554 no such thing"
    worker.work_off(app, clock=lambda: NOW + timedelta(hours=3))
    post_office.answer = "250 OK"
    worker.work_off(app, clock=lambda: NOW + timedelta(days=3))
    session.expire_all()
    assert session.get(Mail, refused.id).sent_at is None


def test_a_mail_that_is_gone_does_not_stop_the_worker(app, session):
    delivery.deliver(app.extensions["sessions"], 1, mail_id=999, now=NOW)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", smtp.Server("mail.example.org", 25)),
        (
            "smtp://u%40x:p%2Fw@mail.example.org:2525?starttls=1",
            smtp.Server("mail.example.org", 2525, "u@x", "p/w", starttls=True),
        ),
        ("smtp://mail.example.org?starttls=1", smtp.Server("mail.example.org", 587, starttls=True)),
        ("smtps://mail.example.org", smtp.Server("mail.example.org", 465, tls=True)),
    ],
)
def test_the_mail_server_is_named_by_a_url(url, server):
    assert smtp.Server.of(url) == server


@pytest.mark.parametrize("url", ["http://x", "smtp://", "mail.example.org"])
def test_a_url_that_names_no_mail_server_is_refused(url):
    with pytest.raises(ValueError, match="SMTP_URL"):
        smtp.Server.of(url)


def test_it_stops_when_told_and_finishes_the_row_in_hand(app, session, monkeypatch):
    stop = threading.Event()
    seen = []

    def one(app, *, clock):
        seen.append("row")
        stop.set()
        return True

    monkeypatch.setattr(worker, "work_one", one)
    monkeypatch.setattr(worker, "on_schedule", lambda app, *, clock: seen.append("schedule"))
    worker.run(app, stop)
    assert seen == ["schedule", "row"]


def test_the_command_works_until_nothing_is_left(app, session):
    listing = a_listing(session, a_company(session))
    outbox.record(session, ListingChanged(listing.id), now=NOW - timedelta(days=1))
    session.commit()
    result = app.test_cli_runner().invoke(command, ["--once"])
    assert result.exit_code == 0, result.output
    assert all(row.done_at for row in rows(session))


def test_the_command_stops_at_sigterm(app, monkeypatch):
    handlers = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)

    def run(app, stop):
        handlers[signal.SIGTERM]()
        assert stop.is_set()

    monkeypatch.setattr(worker, "run", run)
    assert app.test_cli_runner().invoke(command, []).exit_code == 0
