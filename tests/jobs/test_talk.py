"""A message reaches the others by mail: from whom as far as they may know, with an address to answer."""

import re

import pytest

from marketplace.accounts.events import PersonErased
from marketplace.core import outbox
from marketplace.notifications import preferences
from marketplace.notifications.messages import attachments
from marketplace.notifications.messages.models import Message
from marketplace.notifications.models import Frequency, Group
from tests.builders import NOW, a_person
from tests.cases import case_stories
from tests.jobs.mail_stories import DOMAIN, mails_to, on_the_wire, token_of, work, write
from tests.orders import order_stories


@pytest.fixture
def settings(settings):
    settings.MAIL_DOMAIN, settings.MAIL_FROM = DOMAIN, "SoPro <no-reply@sopro.example>"
    return settings


@pytest.fixture
def deal(app, session):
    story = order_stories.a_story(session)
    story.order_ = story.offered()
    work(app, session)
    for user in (story.andrea_user, story.emre_user, story.maria_user):
        for mail in mails_to(session, user):
            session.delete(mail)
    return story


@pytest.fixture
def mediation(session):
    return case_stories.a_story(session)


def test_the_others_get_it_and_the_writer_does_not(app, session, deal):
    write(session, deal.emre, "Die Nadeln halten.\n\nBis morgen", order_id=deal.order_.id)
    work(app, session)
    work(app, session)
    assert mails_to(session, deal.emre_user) == []
    for user in (deal.andrea_user, deal.maria_user):
        (mail,) = mails_to(session, user)
        wire = on_the_wire(mail)
        assert str(wire["From"]) == '"Emre Yıldız, Nähwerk (SoPro)" <no-reply@sopro.example>'
        assert wire["Reply-To"] == f"reply+{token_of(session, user)}@sopro.example"
        assert wire["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<http://localhost/unsubscribe/\S+>", wire["List-Unsubscribe"])
        assert "\n> Die Nadeln halten.\n> \n> Bis morgen\n" in mail.text
        assert mail.text.startswith("##- ")
        assert user.name in mail.text.splitlines()[2]
        others = {deal.emre_user.email, deal.andrea_user.email, deal.maria_user.email}
        for address in others - {user.email}:
            assert address not in wire.as_string() + mail.text + mail.html


def test_without_a_domain_nothing_can_be_answered(app, session, deal):
    app.config["MAIL_DOMAIN"] = ""
    write(session, deal.emre, order_id=deal.order_.id)
    work(app, session)
    (mail,) = mails_to(session, deal.andrea_user)
    assert "Reply-To" not in mail.headers
    assert "##-" not in mail.text


def test_the_mails_of_a_thread_hang_together(app, session, deal):
    about = {"order_id": deal.order_.id}
    write(session, deal.emre, "eins", **about)
    work(app, session)
    write(session, deal.andrea, "zwei", mail_id="<andreas-own@mail.example>", **about)
    work(app, session)
    write(session, deal.emre, "drei", **about)
    work(app, session)
    first, third = (on_the_wire(mail) for mail in mails_to(session, deal.andrea_user))
    assert first["In-Reply-To"] is None
    assert third["In-Reply-To"] == "<andreas-own@mail.example>"
    assert third["References"].split() == [first["Message-ID"], "<andreas-own@mail.example>"]
    assert first["Subject"] == third["Subject"]
    (second,) = [on_the_wire(mail) for mail in mails_to(session, deal.emre_user)]
    assert second["In-Reply-To"] != "<andreas-own@mail.example>"
    ids = [on_the_wire(m)["Message-ID"] for m in mails_to(session, deal.maria_user)]
    assert len({*ids, first["Message-ID"], third["Message-ID"]}) == 5


def test_files_stay_on_the_page(app, session, deal):
    kept = attachments.keep(session, app.extensions["storage"], "Muster.pdf", b"%PDF-1.4",
                            actor=deal.emre, now=NOW)  # fmt: skip
    write(session, deal.emre, "Anbei", attachment_ids=[kept.id], order_id=deal.order_.id)
    work(app, session)
    (mail,) = mails_to(session, deal.andrea_user)
    assert not any(True for _ in on_the_wire(mail).iter_attachments())


def test_who_wants_no_mail_has_it_in_the_list(app, session, deal):
    preferences.choose(session, deal.andrea_user.id, {Group.MESSAGES: Frequency.NEVER})
    write(session, deal.emre, order_id=deal.order_.id)
    work(app, session)
    assert mails_to(session, deal.andrea_user) == []
    assert len(mails_to(session, deal.maria_user)) == 1


def test_who_left_in_between_gets_nothing(app, session, deal):
    write(session, deal.emre, order_id=deal.order_.id)
    deal.andrea_user.active = False
    work(app, session)
    assert mails_to(session, deal.andrea_user) == []


def test_only_the_broker_in_charge_is_written_to(app, session, deal):
    other = a_person(session, name="Zweite", service_point_id=deal.maria_user.service_point_id)
    write(session, deal.emre, order_id=deal.order_.id)
    work(app, session)
    assert mails_to(session, other) == []
    assert len(mails_to(session, deal.maria_user)) == 1


@pytest.mark.parametrize(
    ("language", "regards"),
    [("de", "Mit freundlichen Grüßen"), ("hu", "Üdvözlettel"), ("en", "Kind regards")],
)
def test_each_reads_it_in_their_language(app, session, deal, language, regards):
    deal.andrea_user.language = language
    write(session, deal.emre, "Die Nadeln halten.", order_id=deal.order_.id)
    work(app, session)
    (mail,) = mails_to(session, deal.andrea_user)
    assert mail.language == language
    assert regards in mail.text
    assert f'<blockquote lang="{deal.emre_user.language}">' in mail.html


SECRETS = (
    "Nähwerk",
    "Emre",
    "Yıldız",
    "Nadelgasse",
    "still@naehwerk",
    "1234567",
    "Wiener Neustadt",
)


def test_a_mail_tells_no_more_than_the_page(app, session, mediation):
    text = "Hier Emre Yıldız vom Nähwerk in Wiener Neustadt, Nadelgasse 3, +43 699 1234567"
    write(session, mediation.emre, text, case_id=mediation.case_id)
    work(app, session)
    wires = [on_the_wire(mail).as_string() + mail.text + mail.html
             for mail in mails_to(session, mediation.andrea_user)
             if mail.headers.get("Reply-To")]  # fmt: skip
    assert len(wires) == 1
    assert [secret for secret in SECRETS if secret in wires[0]] == []
    (brokers_,) = [m for m in mails_to(session, mediation.maria_user) if m.headers.get("Reply-To")]
    assert "Nadelgasse" in brokers_.text
    mediation.show(mediation.enterprise, "identity")
    write(session, mediation.emre, "Nochmals: Nähwerk", case_id=mediation.case_id)
    work(app, session)
    last = mails_to(session, mediation.andrea_user)[-1]
    assert last.sender_name == "Emre Yıldız, Nähwerk"
    assert "Nähwerk" in last.text


def test_an_erased_person_is_named_nowhere(app, session, deal):
    message = write(session, deal.emre, order_id=deal.order_.id)
    session.flush()
    outbox.record(session, PersonErased(deal.emre_user.id), now=NOW)
    key = message.id
    work(app, session)
    assert session.get(Message, key).name == ""
