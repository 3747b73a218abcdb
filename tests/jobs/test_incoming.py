"""Answers by mail: posted for whom they are, once; nothing is posted as somebody else."""

import socket
import threading
from email.message import EmailMessage
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.accounts.models import Membership
from marketplace.jobs import incoming, worker
from marketplace.notifications.channels import mailboxes
from marketplace.notifications.messages.models import Attachment, Fate, Message, ReceivedMail
from marketplace.notifications.models import Mail, Notification, Topic
from tests.builders import NOW, sign_in
from tests.cases import case_stories
from tests.jobs.mail_stories import DOMAIN, mails_to, token_of, work, write
from tests.orders import order_stories


@pytest.fixture
def maildir(tmp_path):
    return tmp_path / "box"


@pytest.fixture
def settings(settings, maildir):
    settings.MAIL_DOMAIN, settings.MAIL_FROM = DOMAIN, "SoPro <no-reply@sopro.example>"
    settings.INCOMING_URL = f"maildir://{maildir}"
    return settings


@pytest.fixture
def deal(app, session, maildir):
    story = order_stories.a_story(session)
    story.order_ = story.offered()
    write(session, story.emre, "Bleibt es beim 24.?", order_id=story.order_.id)
    work(app, session)
    for mail in session.scalars(select(Mail)):
        session.delete(mail)
    session.commit()
    mailboxes.Maildir(maildir)
    return story


def an_answer(session, user, text="Passt, am Vormittag.", *, files=(), **fields):
    mail = EmailMessage()
    known = {
        "From": f"{user.name} <{user.email.upper()}>",
        "To": f"SoPro <reply+{token_of(session, user)}@sopro.example>",
        "Subject": "Re: x",
        "Message-ID": "<one@mail.example>",
    }
    for name, value in (known | fields).items():
        if value:
            mail[name] = value
    mail.set_content(text)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail


def arrive(maildir, *mails):
    for number, mail in enumerate(mails):
        data = mail if isinstance(mail, bytes) else mail.as_bytes()
        (maildir / "new" / f"{number}.host").write_bytes(data)


def poll(app, session):
    session.commit()
    worker.on_schedule(app, clock=lambda: NOW)
    session.expire_all()


def posted(session):
    return session.scalars(select(Message).order_by(Message.id)).all()[1:]


def fates(session):
    return [row.fate for row in session.scalars(select(ReceivedMail).order_by(ReceivedMail.id))]


def test_an_answer_is_posted_and_told_to_the_others(app, session, deal, maildir):
    arrive(maildir, an_answer(session, deal.andrea_user))
    poll(app, session)
    (message,) = posted(session)
    assert (message.text, message.author_id) == ("Passt, am Vormittag.", deal.andrea_user.id)
    assert message.organisation_id == deal.company.id
    assert list((maildir / "new").iterdir()) == []
    assert [path.name for path in (maildir / "cur").iterdir()] == ["0.host:2,S"]
    work(app, session)
    assert "Passt, am Vormittag." in mails_to(session, deal.emre_user)[0].text
    assert mails_to(session, deal.andrea_user) == []


def test_the_same_mail_again_is_not_posted_again(app, session, deal, maildir):
    twice = an_answer(session, deal.andrea_user)
    arrive(maildir, twice, twice)
    poll(app, session)
    assert len(posted(session)) == 1
    arrive(maildir, twice)
    poll(app, session)
    assert len(posted(session)) == 1


def test_only_what_is_new_is_posted(app, session, deal, maildir):
    text = "Passt.\n\nAm Mo., 23. Nov. 2026 schrieb Emre (SoPro):\n> Bleibt es beim 24.?\n"
    arrive(maildir, an_answer(session, deal.andrea_user, text))
    poll(app, session)
    assert posted(session)[0].text == "Passt."


def test_a_page_is_read_as_text(app, session, deal, maildir):
    mail = an_answer(session, deal.andrea_user)
    mail.set_content(
        "<style>p{}</style><p>Passt,<br>am Vormittag.</p><blockquote>Bleibt es?</blockquote>",
        subtype="html",
    )
    arrive(maildir, mail)
    poll(app, session)
    assert posted(session)[0].text == "Passt,\nam Vormittag."


def test_a_mail_of_somebody_else_is_kept_aside_and_the_broker_told(
    app, client, session, deal, maildir
):
    mail = an_answer(session, deal.andrea_user, **{"From": "Fremd <fremd@evil.example>"})
    arrive(maildir, mail)
    poll(app, session)
    assert posted(session) == []
    assert fates(session) == [Fate.ASIDE]
    told = session.scalars(select(Notification).where(Notification.topic == Topic.MAIL_SET_ASIDE))
    assert [one.user_id for one in told] == [deal.maria_user.id]
    page = sign_in(client, deal.maria_user).get(f"/orders/{deal.order_.id}").text
    assert "fremd@evil.example" in page
    for user in (deal.andrea_user, deal.emre_user):
        assert (
            "fremd@evil"
            not in sign_in(app.test_client(), user).get(f"/orders/{deal.order_.id}").text
        )
    key = session.scalar(select(ReceivedMail.id))
    assert (
        sign_in(app.test_client(), deal.emre_user).post(f"/messages/aside/{key}/settle").status_code
        == 404
    )
    assert sign_in(client, deal.maria_user).post(f"/messages/aside/{key}/settle").status_code == 302
    session.expire_all()
    assert "fremd@evil.example" not in client.get(f"/orders/{deal.order_.id}").text


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated (absence)"},
        {"Precedence": "bulk"},
        {"Return-Path": "<>"},
        {"X-Autoreply": "yes"},
        {"List-Id": "<list.example>"},
        {"From": "SoPro <no-reply@sopro.example>"},
    ],
)
def test_what_no_person_wrote_is_ignored(app, session, deal, maildir, fields):
    arrive(maildir, an_answer(session, deal.andrea_user, **fields))
    poll(app, session)
    assert posted(session) == []
    assert fates(session) == [Fate.IGNORED]
    assert session.scalars(select(Mail)).all() == []


def test_a_bounce_is_ignored(app, session, deal, maildir):
    to = f"reply+{token_of(session, deal.andrea_user)}@sopro.example"
    raw = (
        f"From: MAILER-DAEMON@x.example\nTo: {to}\nMessage-ID: <b@x>\n"
        'Content-Type: multipart/report; boundary="b"\n\n--b\n\nfailed\n--b--\n'
    )
    arrive(maildir, raw.encode())
    poll(app, session)
    assert fates(session) == [Fate.IGNORED]


def test_what_is_for_the_sender_only_is_not_posted(app, session, deal, maildir):
    token = token_of(session, deal.andrea_user)
    text = f"Siehe reply+{token}@sopro.example und http://localhost/unsubscribe/abc.def gut?"
    arrive(maildir, an_answer(session, deal.andrea_user, text))
    poll(app, session)
    assert posted(session)[0].text == "Siehe  und  gut?"


def test_what_no_database_could_hold_is_left_out(app, session, deal, maildir):
    raw = an_answer(session, deal.andrea_user, "Ja\n").as_bytes().replace(b"Ja", b"J\x00a")
    other = raw.replace(deal.andrea_user.email.upper().encode(), b"x@y.example")
    arrive(maildir, raw, other.replace(b"<one@", b"<two@"))
    poll(app, session)
    assert [message.text for message in posted(session)] == ["Ja"]
    assert fates(session) == [Fate.POSTED, Fate.ASIDE]


def test_an_auto_submitted_no_is_a_person(app, session, deal, maildir):
    arrive(maildir, an_answer(session, deal.andrea_user, **{"Auto-Submitted": "no"}))
    poll(app, session)
    assert len(posted(session)) == 1


@pytest.mark.parametrize("name", ["Cc", "Delivered-To", "X-Original-To"])
def test_the_address_may_stand_elsewhere(app, session, deal, maildir, name):
    to = f"reply+{token_of(session, deal.andrea_user)}@SOPRO.example"
    arrive(maildir, an_answer(session, deal.andrea_user, **{"To": "x@y.example", name: to}))
    poll(app, session)
    assert len(posted(session)) == 1


@pytest.mark.parametrize(
    "to",
    ["reply+" + "0" * 32 + "@sopro.example", "office@sopro.example", "reply+TOKEN@else.example"],
)
def test_a_mail_to_nobody_posts_nothing_and_answers_nobody(app, session, deal, maildir, to):
    to = to.replace("TOKEN", token_of(session, deal.andrea_user))
    arrive(maildir, an_answer(session, deal.andrea_user, **{"To": to}))
    poll(app, session)
    assert fates(session) == [Fate.UNKNOWN]
    assert (posted(session), session.scalars(select(Mail)).all()) == ([], [])


def test_files_come_along_and_refused_ones_are_named(app, session, deal, maildir):
    picture = BytesIO()
    Image.new("RGB", (64, 48), "green").save(picture, "PNG")
    files = [
        ("Muster.png", picture.getvalue()),
        ("Plan.pdf", b"%PDF-1.4 ok"),
        ("böse.exe", b"MZ"),
        ("Skript.pdf", b"%PDF-1.4 /JavaScript"),
    ]
    arrive(maildir, an_answer(session, deal.andrea_user, files=files))
    poll(app, session)
    kept = session.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert [(a.name, a.media_type) for a in kept] == [
        ("Muster.webp", "image/webp"),
        ("Plan.pdf", "application/pdf"),
    ]
    assert {a.message_id for a in kept} == {posted(session)[0].id}
    (answer,) = mails_to(session, deal.andrea_user)
    assert "böse.exe" in answer.text
    assert "Skript.pdf" in answer.text
    assert "Muster" not in answer.text
    assert answer.headers["Auto-Submitted"] == "auto-replied"
    assert answer.headers["In-Reply-To"] == "<one@mail.example>"


def test_a_small_picture_in_the_text_is_a_signature(app, session, deal, maildir):
    mail = an_answer(session, deal.andrea_user)
    mail.add_attachment(b"GIF", maintype="image", subtype="gif", filename="logo.gif",
                        disposition="inline", cid="<logo>")  # fmt: skip
    arrive(maildir, mail)
    poll(app, session)
    assert len(posted(session)) == 1
    assert mails_to(session, deal.andrea_user) == []


@pytest.mark.parametrize("text", ["> Bleibt es?", "x" * 10_001])
def test_what_cannot_be_posted_is_answered(app, session, deal, maildir, text):
    arrive(maildir, an_answer(session, deal.andrea_user, text))
    poll(app, session)
    assert posted(session) == []
    assert fates(session) == [Fate.REFUSED]
    assert len(mails_to(session, deal.andrea_user)) == 1


def test_who_takes_part_no_longer_is_told_so(app, session, deal, maildir):
    mail = an_answer(session, deal.andrea_user)
    session.query(Membership).filter_by(user_id=deal.andrea_user.id).delete()
    arrive(maildir, mail)
    poll(app, session)
    assert fates(session) == [Fate.REFUSED]
    assert len(mails_to(session, deal.andrea_user)) == 1
    assert posted(session) == []


def test_too_large_a_mail_is_left_out(app, session, deal, maildir, monkeypatch):
    monkeypatch.setattr(mailboxes, "MOST_BYTES", 100)
    arrive(maildir, an_answer(session, deal.andrea_user))
    poll(app, session)
    assert posted(session) == []
    assert list((maildir / "new").iterdir()) == []


def test_a_mail_leaves_the_box_only_when_it_is_committed(app, session, deal, maildir, monkeypatch):
    arrive(maildir, an_answer(session, deal.andrea_user))
    session.commit()
    original = incoming.take

    def breaks(*args, **kwargs):
        original(*args, **kwargs)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(incoming, "take", breaks)
    poll(app, session)
    assert len(list((maildir / "new").iterdir())) == 1
    assert posted(session) == []
    monkeypatch.setattr(incoming, "take", original)
    poll(app, session)
    assert len(posted(session)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"From: =?utf-8?b?@@@?=\nTo: <<>>;\nContent-Type: text/plain; charset=nonsense\n\n\xff",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--",
        b"Message-ID: " + b"x" * 5000 + b"\n\ntext",
        b"To: " + b"reply+" * 9000 + b"\nContent-Transfer-Encoding: base64\n\n!!!",
    ],
)
def test_broken_mails_change_nothing(app, session, deal, maildir, raw):
    arrive(maildir, raw)
    poll(app, session)
    assert list((maildir / "new").iterdir()) == []
    assert posted(session) == []


def test_in_a_case_an_answer_names_nobody(app, session, maildir):
    mediation = case_stories.a_story(session)
    write(session, mediation.andrea, "Wie geht es?", case_id=mediation.case_id)
    work(app, session)
    mailboxes.Maildir(maildir)
    mail = an_answer(
        session, mediation.emre_user, "Gut, sagt Nähwerk.\n-- \nEmre Yıldız\nNadelgasse 3"
    )
    arrive(maildir, mail)
    poll(app, session)
    work(app, session)
    assert posted(session)[0].text == "Gut, sagt Nähwerk."
    last = mails_to(session, mediation.andrea_user)[-1]
    assert "Gut, sagt •••." in last.text
    assert "Nähwerk" not in last.text + last.subject + last.sender_name


class TestImap:
    """Against a server that knows just enough."""

    @pytest.fixture
    def server(self):
        listening = socket.create_server(("127.0.0.1", 0))
        server = FakeImap(listening)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)

    def test_unseen_mails_are_taken_and_marked(self, app, session, deal, server):
        server.mails = {b"7": an_answer(session, deal.andrea_user).as_bytes(), b"9": b"x" * 200}
        app.config["INCOMING_URL"] = f"imap://u%40x:p%20w@127.0.0.1:{server.port}/INBOX"
        poll(app, session)
        assert len(posted(session)) == 1
        assert server.seen == {b"7", b"9"}
        assert server.login == b'"u@x" "p w"' or b"u@x" in server.login
        poll(app, session)
        assert len(posted(session)) == 1

    def test_too_large_ones_are_not_even_fetched(self, app, session, deal, server, monkeypatch):
        monkeypatch.setattr(mailboxes, "MOST_BYTES", 100)
        server.mails = {b"7": an_answer(session, deal.andrea_user).as_bytes()}
        app.config["INCOMING_URL"] = f"imap://u:p@127.0.0.1:{server.port}"
        poll(app, session)
        assert (server.fetched, server.seen) == (0, {b"7"})

    @pytest.mark.parametrize("url", ["imap://127.0.0.1:9/INBOX", "pop3://x", "imap:"])
    def test_a_box_that_is_away_stops_nothing(self, app, session, deal, url):
        app.config["INCOMING_URL"] = url
        poll(app, session)


class FakeImap:
    """LOGIN, SELECT, and UID SEARCH, FETCH and STORE for a handful of mails."""

    def __init__(self, listening):
        self.listening, self.port = listening, listening.getsockname()[1]
        self.mails, self.seen, self.fetched, self.login = {}, set(), 0, b""

    def serve(self):
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self.talk(stream)

    def talk(self, stream):
        stream.write(b"* OK ready\r\n")
        stream.flush()
        for line in stream:
            tag, words = line.split()[0], line.split()[1:]
            for answer in self.answers([w.upper() for w in words], line):
                stream.write(answer)
            stream.write(tag + b" OK done\r\n")
            stream.flush()
            if words[0].upper() == b"LOGOUT":
                return

    def answers(self, words, line):
        if words[0] == b"CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif words[0] == b"LOGIN":
            self.login = line.partition(b"LOGIN ")[2].strip()
        elif words[0] == b"LOGOUT":
            yield b"* BYE\r\n"
        elif words[0] == b"SELECT":
            yield b"* 2 EXISTS\r\n"
        elif words[:2] == [b"UID", b"SEARCH"]:
            yield b"* SEARCH " + b" ".join(sorted(set(self.mails) - self.seen)) + b"\r\n"
        elif words[:2] == [b"UID", b"STORE"]:
            self.seen.add(words[2])
        elif words[:2] == [b"UID", b"FETCH"]:
            data = self.mails[words[2]]
            if b"SIZE" in line:
                yield b"* 1 FETCH (UID %s RFC822.SIZE %d)\r\n" % (words[2], len(data))
            else:
                self.fetched += 1
                yield b"* 1 FETCH (UID %s BODY[] {%d}\r\n" % (words[2], len(data)) + data + b")\r\n"
