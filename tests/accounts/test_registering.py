"""Anna registers her company, confirms her address and signs in; nobody learns who has an account."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from marketplace.accounts.models import MemberRole, Membership, Organisation, User, Verification
from marketplace.accounts.tokens import Purpose, issue
from marketplace.jobs.worker import work_off
from marketplace.notifications.models import Mail
from tests.builders import PASSWORD, a_broker, a_person, a_service_point

ANNA = {
    "kind": "company",
    "organisation_name": "Spedition Koller",
    "city": "Eisenstadt",
    "country": "AT",
    "name": "Anna Koller",
    "email": "Anna@Koller.example.org",
    "password": "ein langer Satz",
    "language": "de",
}


def mails_to(session, address):
    session.expire_all()
    return session.scalars(select(Mail).where(Mail.recipient == address).order_by(Mail.id)).all()


def link_in(mail):
    return re.search(r"http://localhost(/\S+)", mail.text).group(1)


def test_anna_registers_confirms_and_signs_in(app, client, session):
    point = a_service_point(session)
    broker = a_broker(session, point)
    answer = client.post("/register", data=ANNA)
    assert answer.location == "/registered"
    assert client.get("/registered").status_code == 200
    user = session.scalars(select(User).where(User.email == "anna@koller.example.org")).one()
    organisation = session.get(Organisation, user.last_organisation_id)
    assert organisation.verification is Verification.PENDING
    assert organisation.service_point_id == point.id
    role = session.scalars(select(Membership).where(Membership.user_id == user.id)).one().role
    assert role is MemberRole.MANAGER

    work_off(app)
    (mail,) = mails_to(session, user.email)
    assert "Anna Koller" in mail.text
    assert mails_to(session, broker.email), "the brokers hear of an organisation to verify"

    signing = {"email": "anna@koller.example.org", "password": ANNA["password"]}
    early = client.post("/sign-in", data=signing)
    assert early.status_code == 422
    work_off(app)
    assert len(mails_to(session, user.email)) == 2, "the link is sent once more"

    assert client.get(link_in(mail)).location == "/sign-in"
    assert client.get(link_in(mail)).location == "/sign-in", "twice is once"
    assert client.post("/sign-in", data=signing).location == "/"
    assert client.get("/profile").status_code == 200


def test_what_is_missing_is_said_beside_each_field(client):
    answer = client.post(
        "/register", data={"kind": "company", "country": "AT", "email": "x", "language": "de"}
    )
    assert answer.status_code == 422
    for field in ("organisation_name", "city", "name", "email", "password"):
        assert f'id="{field}-e"' in answer.text, field


def test_the_kind_is_preset_by_the_link_of_the_sign_in_page(client):
    page = client.get("/register?kind=social_enterprise").text
    assert re.search(r'type="radio"[^>]*value="social_enterprise" checked', page)
    assert client.get("/register?kind=emperor").status_code == 200


def test_a_known_address_gets_the_same_answer_as_an_unknown_one(app, client, session):
    owner = a_person(session, email="anna@koller.example.org")
    known = client.post("/register", data=ANNA)
    unknown = client.post("/register", data=ANNA | {"email": "new@example.org"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    work_off(app)
    (mail,) = mails_to(session, owner.email)
    assert link_in(mail) == "/sign-in"
    found = session.scalars(select(Organisation).where(Organisation.name == "Spedition Koller"))
    assert len(found.all()) == 1


@pytest.mark.parametrize("path", ["/password/forgot", "/sign-in"])
def test_forgotten_passwords_and_sign_ins_do_not_tell_who_has_an_account(client, session, path):
    a_person(session, email="known@example.org")
    answers = [
        client.post(path, data={"email": email, "password": "not the password"})
        for email in ("known@example.org", "nobody@example.org")
    ]
    own = r'(known|nobody)@example\.org|name="csrf.token" [^>]*>'
    texts = [re.sub(own, "", a.text) for a in answers]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].location == answers[1].location
    assert texts[0] == texts[1]


def test_a_confirmation_is_too_old_after_a_week(app, client, session):
    a_person(session, email="someone@example.org")
    client.post("/register", data=ANNA)
    long_ago = datetime.now(UTC) - timedelta(days=8)
    with time_machine.travel(long_ago, tick=False):
        user = session.scalars(select(User).where(User.email == "anna@koller.example.org")).one()
        token = issue(Purpose.CONFIRM, user, secret="test")
    assert client.get(f"/confirm/{token}").status_code == 410
    assert client.get("/confirm/forged").status_code == 410


def test_a_confirmation_link_is_not_a_reset_link(client, session):
    user = a_person(session)
    token = issue(Purpose.CONFIRM, user, secret="test")
    assert client.get(f"/password/reset/{token}").status_code == 410


def test_whoever_is_signed_in_needs_no_sign_in_page(client, session):
    user = a_person(session, email="in@example.org")
    client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert client.get("/sign-in").location == "/"
    assert client.get("/register").location == "/"
