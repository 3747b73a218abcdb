"""The agency opens service points, gives them regions and brokers."""

import pytest

from marketplace.accounts import service_points
from marketplace.accounts.drafts import ServicePointDraft
from marketplace.accounts.models import Organisation
from marketplace.core.actor import SYSTEM, Actor
from marketplace.core.errors import Invalid, NotAllowed
from tests.builders import NOW, a_company, a_person, a_place


def draft(**changes):
    return ServicePointDraft(
        **{"name": "Servicestelle Burgenland", "country": "AT", "regions": ["AT-1"]} | changes
    )


def test_organisations_change_hands_with_their_region(session):
    company = a_company(session)
    assert company.region == "AT-1"
    point = service_points.create_service_point(session, draft(), actor=SYSTEM, now=NOW)
    assert session.get(Organisation, company.id).service_point_id == point.id
    vienna = a_company(session, name="Wiener", place=a_place("Wien"))
    service_points.edit_service_point(
        session, point, draft(regions=["AT-9"]), actor=SYSTEM, now=NOW
    )
    assert company.service_point_id is None
    assert vienna.service_point_id == point.id


def test_what_is_wrong_is_said(session):
    for changes, code in (
        ({"name": " "}, "required"),
        ({"regions": ["XX-1"]}, "not_a_choice"),
        ({"email": "x"}, "email_not_valid"),
    ):
        with pytest.raises(Invalid) as refusal:
            draft(**changes)
        assert refusal.value.problems[0].code == code
    service_points.create_service_point(session, draft(), actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        service_points.create_service_point(session, draft(), actor=SYSTEM, now=NOW)


def test_only_the_agency_may(session):
    with pytest.raises(NotAllowed):
        service_points.create_service_point(session, draft(), actor=Actor(user_id=1), now=NOW)


def test_brokers_are_appointed_by_address_and_dismissed(session):
    point = service_points.create_service_point(session, draft(), actor=SYSTEM, now=NOW)
    maria = a_person(session, email="maria@example.org")
    service_points.appoint_broker(session, point, "MARIA@example.org", actor=SYSTEM, now=NOW)
    assert maria.service_point_id == point.id
    service_points.dismiss_broker(session, point, maria.id, actor=SYSTEM, now=NOW)
    assert maria.service_point_id is None
    with pytest.raises(Invalid):
        service_points.appoint_broker(session, point, "no@example.org", actor=SYSTEM, now=NOW)


def test_somebody_works_for_the_agency(session):
    agnes = a_person(session, email="agnes@example.org")
    service_points.make_agency_user(session, "agnes@example.org", actor=SYSTEM, now=NOW)
    assert agnes.agency
