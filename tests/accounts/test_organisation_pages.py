"""The profile of an organisation, its logo and its places."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.accounts.models import MemberRole, Organisation, Site, Verification
from marketplace.core.outbox import OutboxRow
from tests.builders import a_company, a_person, a_service_point, an_enterprise, sign_in

PROFILE = {
    "organisation_name": "Nähwerk",
    "city": "Wiener Neustadt",
    "country": "AT",
    "written_in": "de",
    "market_tier": "2",
    "languages": ["de", "hu"],
    "phone": "02622 12345",
    "website": "naehwerk.example.org",
    "description": "Wir nähen aus Planen.",
}


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (200, 100), "green").save(out, "PNG")
    return io.BytesIO(out.getvalue())


@pytest.fixture
def naehwerk(session):
    return an_enterprise(session)


@pytest.fixture
def manager(client, session, naehwerk):
    person = a_person(session, naehwerk)
    sign_in(client, person)
    return person


def test_a_manager_changes_the_profile(client, session, naehwerk, manager):
    assert 'name="market_tier"' in client.get("/organisation/").text
    answer = client.post("/organisation/", data=PROFILE | {"logo": (a_picture(), "logo.png")})
    assert answer.location == "/organisation/"
    session.expire_all()
    stored = session.get(Organisation, naehwerk.id)
    assert stored.market_tier == 2
    assert stored.languages == ["de", "hu"]
    assert stored.phone == "+43 2622 12345"
    assert stored.website == "https://naehwerk.example.org"
    assert stored.verification is Verification.VERIFIED
    assert f"/media/{stored.logo_key}-s.webp" in client.get("/organisation/").text
    client.post("/organisation/", data=PROFILE | {"remove_logo": "y"})
    session.expire_all()
    assert session.get(Organisation, naehwerk.id).logo_key is None


def test_a_new_name_has_to_be_verified_again(client, session, naehwerk, manager):
    client.post("/organisation/", data=PROFILE | {"organisation_name": "Nähwerk Neu"})
    session.expire_all()
    assert session.get(Organisation, naehwerk.id).verification is Verification.PENDING
    assert "flash--wait banner" in client.get("/organisation/").text


def test_moving_into_another_region_changes_the_service_point(client, session, naehwerk, manager):
    point = a_service_point(session, regions=["AT-7"])
    client.post("/organisation/", data=PROFILE | {"city": "Innsbruck"})
    session.expire_all()
    assert session.get(Organisation, naehwerk.id).service_point_id == point.id
    kinds = [row.kind for row in session.scalars(select(OutboxRow))]
    assert "OrganisationChanged" in kinds


def test_mistakes_stand_beside_their_fields(client, naehwerk, manager):
    bad = PROFILE | {"vat_id": "ATU123", "phone": "x", "email": "y", "city": "Nirgendwo123"}
    answer = client.post("/organisation/", data=bad)
    assert answer.status_code == 422
    answer = client.post("/organisation/", data=bad | {"city": "Wiener Neustadt"})
    for field in ("vat_id", "phone", "email"):
        assert f'id="{field}-e"' in answer.text, field
    broken = client.post(
        "/organisation/", data=PROFILE | {"logo": (io.BytesIO(b"no picture"), "logo.png")}
    )
    assert broken.status_code == 422


def test_companies_have_no_market_tier(client, session):
    company = a_company(session)
    sign_in(client, a_person(session, company))
    assert 'name="market_tier"' not in client.get("/organisation/").text
    client.post("/organisation/", data=PROFILE | {"organisation_name": company.name})
    session.expire_all()
    assert session.get(Organisation, company.id).market_tier is None


def test_members_read_the_profile_and_cannot_change_it(client, session, naehwerk):
    sign_in(client, a_person(session, naehwerk, role=MemberRole.MEMBER))
    assert "<form" in client.get("/organisation/").text
    assert 'name="organisation_name"' not in client.get("/organisation/").text
    assert client.post("/organisation/", data=PROFILE).status_code == 403
    assert client.post("/organisation/places/", data={"name": "X"}).status_code == 403


def test_places_are_added_and_removed(client, session, naehwerk, manager):
    data = {"name": "Depot Süd", "city": "Neunkirchen", "country": "AT"}
    assert client.post("/organisation/places/", data=data).status_code == 302
    assert "Depot Süd" in client.get("/organisation/places/").text
    assert client.post("/organisation/places/", data=data).status_code == 422, "named twice"
    assert client.post("/organisation/places/", data=data | {"city": ""}).status_code == 422
    site = session.scalars(select(Site).where(Site.name == "Depot Süd")).one()
    client.post(f"/organisation/places/{site.id}/remove")
    assert "Depot Süd" not in client.get("/organisation/places/").text.split("<main")[1].split(
        "</main"
    )[0].replace("flash", "")
