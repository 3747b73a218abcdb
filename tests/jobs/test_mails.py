"""Every mail renders in every language, greets by name and has one absolute link."""

import re

import pytest

from marketplace.accounts.models import Invitation, MemberRole, ServicePoint, User
from marketplace.jobs import mails
from marketplace.notifications.models import Notification, Topic
from marketplace.topics import notification_sentence
from tests.builders import NOW, a_company

PARAMS = {
    "organisation": "Spedition Koller & Söhne",
    "reason": "Die UID fehlt.",
    "title": "Planen <bunt>",
    "count": 3,
    "day": "2027-03-31",
    "number": "SP-2027-001",
    "point": "Servicestelle Graz",
    "name": "Filz bei Wien",
    "sender": "Emre Yıldız",
    "about": "SP-2027-001, Taschen",
}
POINT = ServicePoint(name="Servicestelle Burgenland", email="bgld@example.org", phone="")


def a_user(language):
    return User(
        id=7,
        name="Anna <b>",
        email="anna@example.org",
        language=language,
        password_hash="x",
        epoch=0,
    )


def check(mail, language):
    assert mail.language == language
    assert mail.subject
    assert "\n" not in mail.subject
    assert "%(" not in mail.subject + mail.text + mail.html
    assert "None" not in mail.text + mail.html
    (address, *_) = re.findall(r"http://localhost/\S*", mail.text)
    assert f'href="{address}"' in mail.html
    assert "Anna &lt;b&gt;" in mail.html
    assert "style=" not in mail.html
    assert f'lang="{language}"' in mail.html
    lines = mail.text.splitlines()
    assert "Anna <b>" in lines[0], "text is not escaped, and it greets by name"
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize("language", ["de", "hu", "en"])
@pytest.mark.parametrize("topic", list(Topic))
def test_every_notification_is_a_mail(app, topic, language):
    told = Notification(topic=topic, params=PARAMS, path="/orders/7")
    with app.app_context():
        mail = mails.to_user(a_user(language), lambda: mails.notification(told, POINT), now=NOW)
    check(mail, language)
    assert "bgld@example.org" in mail.text
    assert "http://localhost/orders/7" in mail.text


@pytest.mark.parametrize("language", ["de", "hu", "en"])
@pytest.mark.parametrize("kind", ["confirmation", "registered_again", "reset"])
def test_every_mail_about_accounts(app, kind, language):
    user = a_user(language)
    letter = {
        "confirmation": lambda: mails.confirmation(user),
        "registered_again": mails.registered_again,
        "reset": lambda: mails.reset(user),
    }[kind]
    with app.app_context():
        check(mails.to_user(user, letter, now=NOW), language)


@pytest.mark.parametrize("language", ["de", "hu", "en"])
def test_the_invitation(app, session, language):
    organisation = a_company(session)
    organisation.service_point = POINT
    invited = Invitation(id=3, email="x@example.org", invited_at=NOW, role=MemberRole.MEMBER)
    with app.app_context():
        mail = mails.write(
            lambda: mails.invitation(invited, organisation, "Béla"),
            recipient="x@example.org",
            name="Anna <b>",
            language=language,
            now=NOW,
        )
        nameless = mails.write(
            mails.registered_again, recipient="x@y.z", name="", language=language, now=NOW
        )
    check(mail, language)
    assert "Béla" in mail.subject
    assert nameless.text


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_has_its_sentence(app, topic):
    with app.test_request_context():
        assert "%(" not in notification_sentence(topic, PARAMS)
