"""The way in for everybody: an idea is enough."""

import pytest
from sqlalchemy import select

from marketplace.cases.models import Case, NeedsSheet
from marketplace.jobs import worker
from marketplace.notifications.models import Mail, Notification, Topic
from tests.builders import NOW, PASSWORD, a_broker, a_company, a_person, a_service_point, sign_in


@pytest.fixture
def point(session):
    found = a_service_point(session, name="Servicestelle Ost", phone="+43 2682 123")
    session.commit()
    return found


def asked(**changes):
    return {"subject": "csr_goal", "words": "Bänke für den Schulhof", "sdgs": ["4", "12"],
            "name": "Eva Gruber",
            "email": "eva@pitten.example", "organisation": "Marktgemeinde Pitten", "city": "Eisenstadt",
            "country": "AT", "agreed": "y", "budget": "6500"} | changes  # fmt: skip


def ask(client, **changes):
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return client.post("/enquiry", data=asked(**changes))


def test_an_enquiry_becomes_a_case_and_everybody_hears(app, client, session, point, time_machine):
    time_machine.move_to(NOW, tick=False)
    maria = a_broker(session, point)
    session.commit()
    answer = ask(client)
    assert answer.location == "/enquiry/received"
    case = session.scalars(select(Case)).one()
    assert case.number in client.get("/enquiry/received").text
    assert (case.service_point_id, case.contact_city, case.kind) == (
        point.id,
        "Eisenstadt",
        "csr_product",
    )
    sheet = session.scalars(select(NeedsSheet)).one()
    assert (sheet.sdgs, str(sheet.budget)) == ([4, 12], "6500.00")
    worker.work_off(app, clock=lambda: NOW)
    receipt = session.scalars(select(Mail).where(Mail.recipient == "eva@pitten.example")).one()
    assert case.number in receipt.subject
    assert receipt.language == "en"
    assert "+43 2682 123" in receipt.text
    assert "Schulhof" not in receipt.text + receipt.html, (
        "nobody sends their words to others through us"
    )
    told = session.scalars(select(Notification).where(Notification.user_id == maria.id)).one()
    assert (told.topic, told.path) == (Topic.CASE_OPENED, f"/desk/cases/{case.id}")


def test_the_town_tells_the_service_point_or_one_chooses(client, session, point):
    hungary = a_service_point(session, name="Nyugat", country="HU", regions=["HU-GS"])
    session.commit()
    assert ask(client, city="Sopron", country="HU").status_code == 302
    assert session.scalars(select(Case)).one().service_point_id == hungary.id
    page = ask(client, city="Innsbruck")
    assert page.status_code == 422
    assert "choose the service point" in page.text
    assert "Bänke für den Schulhof" in page.text, "nothing typed is lost"
    assert ask(client, city="Innsbruck", service_point=str(point.id)).status_code == 302
    for wrong in ("0", "99999999", "x"):
        assert ask(client, city="Innsbruck", service_point=wrong).status_code == 422, wrong


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"words": ""}, "Please fill this in."),
        ({"email": "eva"}, "e-mail address"),
        ({"agreed": ""}, "Please agree"),
        ({"city": ""}, "Please say where it is."),
        ({"city": "Nirgendwo"}, "We cannot find"),
        ({"budget": "viel"}, "Please write a number"),
        ({"deadline": "bald"}, "Please write a date"),
        ({"subject": "x"}, "Please choose one"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(client, point, changes, sentence):
    page = ask(client, **changes)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Eva Gruber" in page.text


def test_machines_are_thanked_and_forgotten(client, session, point):
    assert ask(client, website="https://spam.example").location == "/enquiry/received"
    assert session.scalars(select(Case)).all() == []


def test_there_is_an_end_to_asking(settings, sessions, point):
    from marketplace.app import create_app  # noqa: PLC0415

    settings.SIGN_IN_LIMIT = "3 per minute"
    client = create_app(settings, sessions).test_client()
    assert [ask(client).status_code for _ in range(4)] == [302, 302, 302, 429]


def test_whoever_is_signed_in_takes_part_and_finds_it_again(app, session, point):
    company = a_company(session, service_point_id=point.id, phone="+43 1 23")
    client = sign_in(app.test_client(), a_person(session, company, name="Andrea Koller"))
    session.commit()
    page = client.get("/enquiry?subject=residual").text
    for known in ("Andrea Koller", "Spedition Koller", "+43 1 23", "Eisenstadt"):
        assert f'value="{known}"' in page, known
    ask(client)
    page = client.get("/cases/").text
    assert "Bänke für den Schulhof" in page
    case = session.scalars(select(Case)).one()
    assert client.get(f"/cases/{case.id}").status_code == 200


def test_whoever_asked_takes_their_words_along_and_is_forgotten(app, session, point):
    company = a_company(session, service_point_id=point.id)
    client = sign_in(app.test_client(), a_person(session, company, email="eva@pitten.example"))
    session.commit()
    ask(client)
    assert (
        client.get("/profile/data.json").json["enquiries"][0]["words"] == "Bänke für den Schulhof"
    )
    assert client.post("/profile/erase", data={"password": PASSWORD}).status_code == 302
    session.expire_all()
    case = session.scalars(select(Case)).one()
    assert (case.contact_name, case.contact_email, case.contact_phone) == ("", "", "")
    assert case.description == "Bänke für den Schulhof"


def test_the_way_is_shown_on_the_landing_page_and_at_the_foot(client, point):
    assert client.get("/").text.count('href="/enquiry') >= 2
    assert 'href="/enquiry"' in client.get("/help").text
