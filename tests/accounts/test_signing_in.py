"""Signing in and out, new passwords, sign-out everywhere, too many attempts, and where it leads."""

import re

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Membership, User
from marketplace.jobs.worker import work_off
from marketplace.notifications.models import Mail
from tests.builders import PASSWORD, a_company, a_person, an_enterprise, sign_in

NEW = "ein neuer langer Satz"


@pytest.fixture
def anna(session):
    return a_person(session, a_company(session), email="anna@example.org", name="Anna Koller")


def enter(client, email="anna@example.org", password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def reset_link(app, client, session):
    client.post("/password/forgot", data={"email": "anna@example.org"})
    work_off(app)
    session.expire_all()
    mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    return re.search(r"http://localhost(/\S+)", mail.text).group(1)


def test_the_password_decides(client, anna):
    assert enter(client, password="wrong").status_code == 422
    assert enter(client, email="ANNA@example.org ").location == "/"
    assert "Anna Koller" in client.get("/profile").text
    assert client.post("/sign-out").location == "/"
    assert client.get("/profile").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/profile", "/profile"),
        ("https://evil.example", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_it_leads_only_to_pages_of_this_site(client, anna, wanted, leads):
    assert enter(client, next=wanted).location == leads
    assert client.post("/language", data={"lang": "hu", "next": wanted}).location == leads


def test_a_page_behind_the_sign_in_is_reached_after_it(client, anna):
    asked = client.get("/organisation/members/?page=2")
    page = client.get(asked.location).text
    assert 'value="/organisation/members/?page=2"' in page


def test_a_forgotten_password_is_set_once_and_ends_every_session(app, client, session, anna):
    other = app.test_client()
    enter(other)
    assert other.get("/profile").status_code == 200
    link = reset_link(app, client, session)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "short"}).status_code == 422
    assert client.post(link, data={"password": NEW}).location == "/sign-in"
    assert client.post(link, data={"password": NEW + "2"}).status_code == 410
    assert other.get("/profile").status_code == 302
    assert enter(client).status_code == 422
    assert enter(client, password=NEW).location == "/"


def test_a_reset_proves_the_address_too(app, client, session, anna):
    anna.confirmed_at = None
    session.flush()
    link = reset_link(app, client, session)
    client.post(link, data={"password": NEW})
    assert enter(client, password=NEW).location == "/"


def test_changing_the_password_keeps_this_device_and_signs_out_the_others(app, client, anna):
    other = app.test_client()
    enter(client)
    enter(other)
    wrong = client.post("/profile/password", data={"current": "no", "new_password": NEW})
    assert wrong.status_code == 422
    assert 'id="current-e"' in wrong.text
    weak = client.post("/profile/password", data={"current": PASSWORD, "new_password": "kurz"})
    assert 'id="new_password-e"' in weak.text
    done = client.post("/profile/password", data={"current": PASSWORD, "new_password": NEW})
    assert done.location == "/profile"
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_signing_out_everywhere_ends_remembered_sessions_too(app, client, anna):
    other = app.test_client()
    enter(other, remember="y")
    enter(client)
    assert client.post("/profile/sign-out-everywhere").location == "/sign-in"
    with other.session_transaction() as cookie:
        cookie.clear()
    assert other.get("/profile").status_code == 302
    assert client.get("/profile").status_code == 302


def test_a_remembered_device_outlives_its_session(app, anna):
    client = app.test_client()
    enter(client, remember="y")
    with client.session_transaction() as cookie:
        cookie.clear()
    assert client.get("/profile").status_code == 200


class TestTooManyAttempts:
    @pytest.fixture
    def settings(self, settings):
        settings.SIGN_IN_LIMIT = "3 per minute"
        return settings

    def test_from_one_connection(self, client, anna):
        for n in range(3):
            assert enter(client, email=f"{n}@example.org").status_code == 422
        assert enter(client).status_code == 429

    def test_for_one_address_from_many_connections(self, app, anna):
        for n in range(3):
            there = {"REMOTE_ADDR": f"10.0.0.{n}"}
            data = {"email": "anna@example.org", "password": "guess"}
            assert app.test_client().post("/sign-in", data=data, environ_base=there)
        answer = app.test_client().post(
            "/sign-in",
            data={"email": "anna@example.org", "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "10.0.0.9"},
        )
        assert answer.status_code == 429


def test_the_language_is_remembered_on_the_device_and_for_the_mails(client, session, anna):
    enter(client)
    client.post("/language", data={"lang": "hu", "next": "/profile"})
    assert '<html lang="hu">' in client.get("/profile").text
    session.expire_all()
    assert session.get(User, anna.id).language == "hu"
    client.post("/language", data={"lang": "xx"})
    assert '<html lang="hu">' in client.get("/profile").text


def test_switching_to_another_of_ones_organisations(client, session, anna):
    company = anna.last_organisation_id
    nahwerk = an_enterprise(session)
    stranger = a_company(session, name="Fremde GmbH")
    both = a_person(session, nahwerk, email="both@example.org")
    session.add(Membership(user_id=both.id, organisation_id=company, role="member"))
    session.commit()
    sign_in(client, both)
    assert "Nähwerk" in client.get("/organisation/").text
    client.post("/switch", data={"organisation_id": company})
    assert "Spedition Koller" in client.get("/organisation/").text
    session.expire_all()
    assert session.get(User, both.id).last_organisation_id == company
    client.post("/switch", data={"organisation_id": stranger.id})
    assert "Spedition Koller" in client.get("/organisation/").text
    client.post("/switch", data={"organisation_id": "²"})


def test_the_profile_changes_name_and_language(client, session, anna):
    enter(client)
    answer = client.post("/profile", data={"name": "Anna K.", "language": "en"})
    assert answer.location == "/profile"
    page = client.get("/profile").text
    assert "Anna K." in page
    assert '<html lang="en">' in page
    assert client.post("/profile", data={"name": "", "language": "en"}).status_code == 422
