import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation, ServicePoint, User
from tests.builders import a_company, a_person, a_place, an_agency_person, sign_in


@pytest.fixture
def agency(session, client):
    person = an_agency_person(session)
    session.commit()
    return sign_in(client, person)


def test_a_new_service_point_takes_its_region_over(session, agency):
    styrian = a_company(session, place=a_place("Graz"))
    viennese = a_company(session, place=a_place("Wien"))
    session.commit()
    answer = agency.post(
        "/agency/service-points/new",
        data={"name": "Steiermark", "country": "AT", "regions": ["AT-6"]},
    )
    assert answer.status_code == 302, answer.text
    point = session.scalars(select(ServicePoint)).one()
    session.expire_all()
    assert session.get(Organisation, styrian.id).service_point_id == point.id
    assert session.get(Organisation, viennese.id).service_point_id is None
    assert "Steiermark" in agency.get("/agency/").text


def test_nameless_is_refused_and_kept(session, agency):
    answer = agency.post(
        "/agency/service-points/new", data={"name": "", "country": "AT", "regions": ["AT-6"]}
    )
    assert answer.status_code == 422
    assert 'id="name-e"' in answer.text
    assert session.scalars(select(ServicePoint)).first() is None


def test_appointing_and_dismissing_a_broker(session, agency):
    point = ServicePoint(name="Wien", country="AT", regions=["AT-9"])
    person = a_person(session)
    session.add(point)
    session.commit()
    agency.post(f"/agency/service-points/{point.id}/brokers", data={"email": person.email})
    session.expire_all()
    assert session.get(User, person.id).service_point_id == point.id
    unknown = agency.post(
        f"/agency/service-points/{point.id}/brokers",
        data={"email": "x@y.at"},
        follow_redirects=True,
    )
    assert 'role="alert"' in unknown.text
    agency.post(f"/agency/service-points/{point.id}/brokers/{person.id}/dismiss")
    session.expire_all()
    assert session.get(User, person.id).service_point_id is None
