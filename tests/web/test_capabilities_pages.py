import json

import pytest
from sqlalchemy import select

from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.outbox import OutboxRow
from tests.builders import (
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_place,
    an_enterprise,
    sign_in,
)

GOOD = {
    "title": "Taschen in Kleinserie",
    "written_in": "de",
    "materials": ["tarpaulin", "textile.felt"],
    "techniques_text": "Nähen; varrás",
    "conditions": ["used_clean"],
    "equipment": "Ösenpresse; Industrienähmaschine",
    "capacity_kg_per_month": "250",
    "reach": "radius",
    "service_radius_km": "60",
    "city": "Wiener Neustadt",
    "country": "AT",
    "do": "publish",
}
SQUARE = [[16.0, 47.5], [17.0, 47.5], [17.0, 48.2], [16.0, 48.2], [16.0, 47.5]]
BOW = [[16.0, 47.5], [17.0, 48.2], [17.0, 47.5], [16.0, 48.2], [16.0, 47.5]]
PLANET = [[-170, -80], [170, -80], [170, 80], [-170, 80], [-170, -80]]


def area(ring):
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


@pytest.fixture
def workshop(session, client):
    enterprise = an_enterprise(session)
    person = a_person(session, enterprise)
    session.commit()
    sign_in(client, person)
    return enterprise


def only(session):
    session.expire_all()
    return session.scalars(select(Capability)).one()


def test_shown_with_a_radius(session, client, workshop):
    answer = client.post("/capabilities/new", data=GOOD)
    assert answer.status_code == 302, answer.text
    capability = only(session)
    assert capability.state is CapabilityState.ACTIVE
    assert capability.techniques == ["sewing"]
    assert capability.equipment == ["Ösenpresse", "Industrienähmaschine"]
    assert capability.service_radius_km == 60
    assert session.scalars(select(OutboxRow.kind)).all() == ["CapabilityChanged"]


def test_shown_with_a_drawn_area(session, client, workshop):
    data = GOOD | {"reach": "area", "service_area": area(SQUARE)}
    assert client.post("/capabilities/new", data=data).status_code == 302
    capability = only(session)
    assert capability.service_radius_km is None
    assert json.loads(capability.service_area)["type"] == "Polygon"


@pytest.mark.parametrize(
    "drawn",
    [area(BOW), area(PLANET), "", "{}", "not json", area([[16, 47], [16, 47], [16, 47], [16, 47]])],
    ids=["crosses itself", "planet", "nothing", "empty object", "no json", "a point"],
)
def test_areas_that_are_refused(session, client, workshop, drawn):
    answer = client.post("/capabilities/new", data=GOOD | {"reach": "area", "service_area": drawn})
    assert answer.status_code == 422
    assert 'href="#' in answer.text
    assert 'role="alert"' in answer.text
    assert session.scalars(select(Capability)).first() is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"service_radius_km": ""}, "service_radius_km"),
        ({"service_radius_km": "99999"}, "service_radius_km"),
        ({"service_radius_km": "-3"}, "service_radius_km"),
        ({"capacity_kg_per_month": "-1"}, "capacity_kg_per_month"),
        ({"lead_time_days": "2,5"}, "lead_time_days"),
        ({"techniques_text": "Zaubern"}, "techniques_text"),
        ({"materials": ["unobtainium"]}, "materials"),
        ({"materials": [], "techniques_text": ""}, "materials"),
        ({"available_from": "2027-05-01", "available_until": "2027-01-01"}, "available_until"),
    ],
)
def test_bad_input_gets_a_sentence_beside_the_field(session, client, workshop, changes, field):
    answer = client.post("/capabilities/new", data=GOOD | changes)
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert session.scalars(select(Capability)).first() is None


def test_pause_show_and_look_for_work(session, client, workshop):
    client.post("/capabilities/new", data=GOOD)
    number = only(session).id
    client.post(f"/capabilities/{number}/pause")
    assert only(session).state is CapabilityState.PAUSED
    client.post(f"/capabilities/{number}/activate")
    client.post(f"/capabilities/{number}/seeking-work", data={"seeking": "yes"})
    assert only(session).seeking_work
    assert "WorkSought" in session.scalars(select(OutboxRow.kind)).all()
    assert "Wiener Neustadt" in client.get("/enterprises/?seeking=yes").text
    client.post(f"/capabilities/{number}/seeking-work", data={"seeking": "no"})
    assert "/enterprises/1" not in client.get("/enterprises/?seeking=yes").text


def test_others_change_nothing(session, app, client, workshop):
    client.post("/capabilities/new", data=GOOD)
    number = only(session).id
    rival = a_person(session, an_enterprise(session))
    session.commit()
    other = sign_in(app.test_client(), rival)
    assert other.get(f"/capabilities/{number}/edit").status_code == 302
    other.post(f"/capabilities/{number}/edit", data=GOOD | {"title": "Gekapert"})
    assert other.post(f"/capabilities/{number}/pause").status_code == 403
    assert (
        other.post(f"/capabilities/{number}/seeking-work", data={"seeking": "yes"}).status_code
        == 403
    )
    assert only(session).title == "Taschen in Kleinserie"


def test_for_you_says_why_and_keeps_the_place(session, client, workshop):
    a_capability(session, workshop)
    listing = a_listing(session, a_company(session), address="Geheimgasse 7")
    session.commit()
    page = client.get("/capabilities/for-you").text
    assert listing.title in page
    assert "Geheimgasse" not in page
    assert str(listing.latitude) not in page
    detail = client.get(f"/materials/{listing.id}").text
    assert 'id="h-fit"' in detail


def test_a_listing_out_of_reach_says_which_rule(session, client, workshop):
    a_capability(session, workshop, service_radius_km=5.0)
    listing = a_listing(session, a_company(session), place=a_place("Graz"))
    session.commit()
    page = client.get(f"/materials/{listing.id}", headers={"Accept-Language": "en"}).text
    assert 'id="h-fit"' in page


def test_interest(session, client, workshop):
    listing = a_listing(session, a_company(session))
    session.commit()
    answer = client.post(f"/materials/{listing.id}/interest", data={"note": "Taschen"})
    assert answer.status_code == 302
    assert 'id="note"' not in client.get(f"/materials/{listing.id}").text
    long = client.post(
        f"/materials/{listing.id}/interest", data={"note": "x" * 2000}, follow_redirects=True
    )
    assert 'role="alert"' in long.text


def test_the_directory_keeps_contacts_private(session, app, client, workshop):
    workshop.email, workshop.phone = "geheim@naehwerk.example", "+43 1 234567"
    a_capability(session, workshop)
    session.commit()
    stranger = app.test_client()
    for path in ("/enterprises/", f"/enterprises/{workshop.id}"):
        page = stranger.get(path).text
        assert "Nähwerk" in page
        assert "geheim@" not in page
        assert "234567" not in page
    assert "geheim@" in client.get(f"/enterprises/{workshop.id}").text


@pytest.mark.parametrize("words", ["Nähen", "varrás", "sewing", "Ponyva", "nähwerk", "Neustadt"])
def test_the_directory_finds_skills_in_any_language(session, client, words):
    a_capability(session, an_enterprise(session))
    session.commit()
    assert "<article" in client.get("/enterprises/", query_string={"q": words}).text
    assert "<article" not in client.get("/enterprises/?q=Glasblasen").text


def test_unverified_enterprises_are_unknown_to_others(session, client):
    enterprise = an_enterprise(session, verification="pending")
    session.commit()
    assert client.get(f"/enterprises/{enterprise.id}").status_code == 404
