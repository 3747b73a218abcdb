"""What everybody may read about service points, and whom people from other countries ask."""

import pytest
from sqlalchemy import select

from marketplace.accounts.models import ServicePoint, Verification
from marketplace.cases.models import Case
from tests.builders import (
    a_broker,
    a_company,
    a_place,
    a_service_point,
    an_agency_person,
    an_enterprise,
    sign_in,
)

FORM = {"name": "Servicestelle Ost", "country": "AT", "regions": ["AT-1"], "about_hu": "Magyarul."}
ASKED = {
    "subject": "idea", "words": "Eine Bank aus Paletten", "name": "Iva", "email": "iva@example.org",
    "city": "Bratislava", "latitude": "48.15", "longitude": "17.11", "agreed": "y",
}  # fmt: skip


@pytest.fixture
def agnes(app, session):
    return sign_in(app.test_client(), an_agency_person(session))


def test_the_page_is_in_the_readers_language_or_says_which_it_is_in(client, session, agnes):
    both = FORM | {"about_de": "Auf Deutsch."}
    assert agnes.post("/agency/service-points/new", data=both).status_code == 302
    point = session.scalars(select(ServicePoint)).one()
    address = f"/service-points/{point.id}"
    assert "Auf Deutsch." in client.get(address, headers={"Accept-Language": "de"}).text
    assert "Magyarul." in client.get(address, headers={"Accept-Language": "hu"}).text
    agnes.post(f"/agency/service-points/{point.id}/edit", data=FORM)
    page = client.get(address, headers={"Accept-Language": "de"}).text
    assert 'lang="hu">Magyarul.' in page


def test_it_names_who_takes_part_and_nobody_else(client, session):
    point = a_service_point(session, name="Ost")
    maria = a_broker(session, point, name="Maria Geheim")
    an_enterprise(session, name="Gute Werkstatt", service_point_id=point.id)
    an_enterprise(
        session, name="Wartende", service_point_id=point.id, verification=Verification.PENDING
    )
    a_company(session, name="Betrieb", service_point_id=point.id, contact_name="Frau Privat")
    page = client.get(f"/service-points/{point.id}").text
    assert "Gute Werkstatt" in page
    assert not any(word in page for word in ("Wartende", "Betrieb<", "Privat", maria.name))
    assert client.get("/service-points/99").status_code == 404
    assert "Ost" in client.get("/service-points/").text


def test_the_maps_get_the_outlines_of_all_regions(client, session):
    point = a_service_point(session, name="Ost", regions=["AT-1", "AT-3"])
    a_service_point(session, name="Ohne", regions=[])
    answer = client.get("/service-points/outlines.json")
    (feature,) = answer.json["features"]
    assert answer.mimetype == "application/geo+json"
    assert (feature["id"], feature["properties"]["name"]) == (point.id, "Ost")
    assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}


def test_one_service_point_answers_for_other_countries(client, session, agnes):
    first = a_service_point(session, name="Ost", contact_abroad=True)
    second = a_service_point(session, name="West", regions=["AT-8"])
    session.commit()
    changed = FORM | {"name": "West", "regions": ["AT-8"], "contact_abroad": "y"}
    agnes.post(f"/agency/service-points/{second.id}/edit", data=changed)
    session.expire_all()
    assert (first.contact_abroad, second.contact_abroad) == (False, True)
    assert client.post("/enquiry", data=ASKED | {"country": "SK"}).status_code == 302
    assert session.scalars(select(Case)).one().service_point_id == second.id


def test_a_region_without_a_service_point_at_home_still_chooses(client, session):
    a_service_point(session, name="West", regions=["AT-8"], contact_abroad=True)
    session.commit()
    answer = client.post("/enquiry", data=ASKED | {"country": "AT", "city": "Eisenstadt"})
    assert answer.status_code == 422
    assert 'id="service_point-e"' in answer.text


def test_the_agency_sees_all_side_by_side(session, agnes):
    point = a_service_point(session, name="Ost")
    a_company(session, place=a_place("Graz"), service_point_id=point.id)
    session.commit()
    page = agnes.get("/agency/").text
    assert 'data-lat="' in page
    assert "Ost" in page


def test_texts_have_a_longest_length(agnes):
    answer = agnes.post("/agency/service-points/new", data=FORM | {"about_en": "x" * 2001})
    assert answer.status_code == 422
    assert 'id="about_en-e"' in answer.text
