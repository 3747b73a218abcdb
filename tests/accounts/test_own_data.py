"""People take their data along and are erased; orders stay without their names."""

import pytest

from marketplace.accounts import people
from marketplace.accounts.models import MemberRole, Organisation, User
from marketplace.core.errors import Invalid
from marketplace.jobs.worker import work_off
from marketplace.notifications.actions import tell
from marketplace.notifications.models import Mail, Notification, Topic
from tests.builders import NOW, PASSWORD, a_company, a_listing, a_person, actor_for, sign_in


@pytest.fixture
def anna(session):
    return a_person(session, a_company(session), email="anna@example.org", name="Anna Koller")


def test_the_file_holds_what_we_hold(app, client, session, anna):
    organisation = session.get(Organisation, anna.last_organisation_id)
    a_listing(session, organisation, created_by=anna.id, title="Wollfilz, grau")
    tell(session, anna, Topic.LISTING_EXPIRED, {"title": "Wollfilz"}, "/listings/", "x", now=NOW)
    session.commit()
    work_off(app)
    sign_in(client, anna)
    answer = client.get("/profile/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    data = answer.json
    assert data["person"]["email"] == "anna@example.org"
    assert data["memberships"] == [{"organisation": "Spedition Koller", "role": "manager"}]
    assert data["listings"][0]["title"] == "Wollfilz, grau"
    assert data["notifications"][0]["topic"] == "listing_expired"
    assert len(data["mails"]) == 1
    assert "password" not in answer.text.lower().replace("new password", "")


def test_erasing_needs_the_password_and_leaves_nothing_of_the_person(app, client, session, anna):
    organisation = session.get(Organisation, anna.last_organisation_id)
    tell(session, anna, Topic.LISTING_EXPIRED, {"title": "Filz"}, "/listings/", "x", now=NOW)
    session.commit()
    work_off(app)
    sign_in(client, anna)
    assert client.post("/profile/erase", data={"password": "wrong"}).status_code == 422
    assert client.post("/profile/erase", data={"password": PASSWORD}).location == "/"
    work_off(app)
    session.expire_all()
    gone = session.get(User, anna.id)
    assert (gone.name, gone.active) == ("erased", False)
    assert "anna" not in gone.email
    assert session.query(Notification).count() == 0
    assert session.query(Mail).filter_by(recipient="anna@example.org").count() == 0
    assert not session.get(Organisation, organisation.id).active, "nobody is left"
    assert client.get("/profile").status_code == 302
    again = client.post("/sign-in", data={"email": "anna@example.org", "password": PASSWORD})
    assert again.status_code == 422


def test_the_only_manager_of_others_hands_over_first(session, anna):
    organisation = session.get(Organisation, anna.last_organisation_id)
    bela = a_person(session, organisation, role=MemberRole.MEMBER)
    with pytest.raises(Invalid) as refusal:
        people.erase(session, anna, actor=actor_for(session, anna), now=NOW)
    assert refusal.value.problems[0].code == "hand_over_first"
    people.erase(session, bela, actor=actor_for(session, bela), now=NOW)
    assert organisation.active


def test_the_address_is_free_again(client, session, anna):
    people.erase(session, anna, actor=actor_for(session, anna), now=NOW)
    session.commit()
    a_person(session, email="anna@example.org")
