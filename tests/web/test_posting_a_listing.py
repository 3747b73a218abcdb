import io
from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.photos.models import Photo
from tests.builders import (
    a_broker,
    a_capability,
    a_company,
    a_person,
    a_service_point,
    an_enterprise,
    sign_in,
)
from tests.photos.test_taking_photos_in import a_picture

GOOD = {
    "kind": "residual",
    "title": "Lkw-Planen, bedruckt",
    "description": "Aus dem jährlichen Wechsel.",
    "written_in": "de",
    "material_text": "LKW-Plane",
    "quantity": "1.180,5",
    "unit": "kg",
    "recurrence": "monthly",
    "available_from": "2027-01-01",
    "available_until": "2027-06-30",
    "condition": "used_clean",
    "price_direction": "free",
    "work_place": "workshop",
    "postal_code": "7000",
    "city": "Eisenstadt",
    "country": "AT",
    "address": "Industriestraße 12",
    "do": "publish",
}


@pytest.fixture
def koller(session, client):
    point = a_service_point(session)
    company = a_company(session, service_point_id=point.id)
    person = a_person(session, company)
    broker = a_broker(session, point)
    session.commit()
    sign_in(client, person)
    return company, person, broker


def only(session):
    return session.scalars(select(Listing)).one()


def test_posted_and_published(session, client, koller):
    answer = client.post("/listings/new", data=GOOD)
    assert answer.status_code == 302, answer.text
    listing = only(session)
    assert listing.state is ListingState.PUBLISHED
    assert listing.material_code.startswith("tarpaulin")
    assert listing.quantity == 1180.5
    assert listing.available_until == date(2027, 6, 30)
    page = client.get(answer.location)
    assert "Lkw-Planen, bedruckt" in page.text


def test_with_a_photo_and_no_script(session, client, koller):
    data = GOOD | {"files": (io.BytesIO(a_picture()), "plane.jpg")}
    answer = client.post("/listings/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302
    page = client.get(answer.location).text
    photo = session.scalars(select(Photo)).one()
    assert photo.key in page
    assert client.get(f"/media/{photo.key}-t.webp").mimetype == "image/webp"
    assert client.get(f"/media/{photo.key}-x.webp").status_code == 404
    assert client.get("/media/..%2F..%2Fconfig-t.webp").status_code == 404


def test_with_a_script_the_photo_comes_first(session, client, koller):
    sent = client.post("/photos", data={"file": (io.BytesIO(a_picture()), "plane.jpg")})
    assert sent.status_code == 201
    number = sent.json["id"]
    client.post("/listings/new", data=GOOD | {"photos": number, f"alt-{number}": "Blaue Plane"})
    assert session.get(Photo, number).alt == "Blaue Plane"


def test_nothing_typed_or_uploaded_is_lost(session, client, koller):
    data = GOOD | {
        "quantity": "viel",
        "material_text": "Lkw-Plnae",
        "files": (io.BytesIO(a_picture()), "plane.jpg"),
    }
    answer = client.post("/listings/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    photo = session.scalars(select(Photo)).one()
    for kept in ('value="viel"', 'value="Lkw-Plnae"', "Aus dem jährlichen Wechsel.", photo.key):
        assert kept in answer.text, kept
    assert session.scalar(select(func.count()).select_from(Listing)) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 500}, "title"),
        ({"quantity": "-5"}, "quantity"),
        ({"quantity": "1e999"}, "quantity"),
        ({"quantity": "9" * 40}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"unit": "furlong"}, "unit"),
        ({"mass_kg": "NaN"}, "mass_kg"),
        ({"available_from": "31.02.2027"}, "available_from"),
        ({"available_from": ""}, "available_from"),
        ({"available_until": "2026-12-01"}, "available_until"),
        ({"condition": "perfect"}, "condition"),
        ({"condition": ""}, "condition"),
        ({"waste_code": "99 99 99"}, "waste_code"),
        ({"material_text": "Unobtainium"}, "material_text"),
        ({"material_text": ""}, "material_text"),
        ({"city": "Nirgendwo", "postal_code": ""}, "city"),
        ({"city": "", "postal_code": ""}, "city"),
        ({"recurrence": "hourly"}, "recurrence"),
    ],
)
def test_bad_input_gets_a_sentence_beside_the_field(session, client, koller, changes, field):
    answer = client.post("/listings/new", data=GOOD | changes)
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text, answer.text[:3000]
    assert 'role="alert"' in answer.text
    assert session.scalar(select(func.count()).select_from(Listing)) == 0


def test_strange_writing_is_kept_and_harmless(session, client, koller):
    title = "🧵 Filz \u202egnirts <script>alert(1)</script>"
    answer = client.post("/listings/new", data=GOOD | {"title": title})
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "🧵 Filz gnirts" in page
    assert "<script>alert" not in page


def test_a_text_named_jpg_is_refused(client, koller):
    fake = {"file": (io.BytesIO(b"hello"), "photo.jpg")}
    answer = client.post("/photos", data=fake)
    assert answer.status_code == 422
    assert answer.json["error"]


def test_fifty_photos(session, client, koller):
    files = [(io.BytesIO(a_picture((40, 40), "PNG", (n, n, n))), f"{n}.png") for n in range(50)]
    answer = client.post("/listings/new", data=GOOD | {"files": files})
    assert answer.status_code == 422
    assert 'id="photos-e"' in answer.text
    assert session.scalar(select(func.count()).select_from(Photo)) == 12


def test_editing_the_town_moves_the_point(session, client, koller):
    client.post("/listings/new", data=GOOD)
    listing = only(session)
    before = f"7000|Eisenstadt|AT|{listing.latitude}|{listing.longitude}"
    same = {
        "latitude": listing.latitude,
        "longitude": listing.longitude,
        "located": before,
        "photos": "",
    }
    client.post(f"/listings/{listing.id}/edit", data=GOOD | same)
    session.expire_all()
    assert (listing.latitude, listing.longitude) == (same["latitude"], same["longitude"])
    client.post(
        f"/listings/{listing.id}/edit", data=GOOD | same | {"city": "Graz", "postal_code": "8010"}
    )
    session.expire_all()
    assert listing.latitude == pytest.approx(47.07, abs=0.1)


def test_the_exact_place_and_the_address_stay_private(session, app, client, koller):
    client.post("/listings/new", data=GOOD)
    listing = only(session)
    for path in (f"/materials/{listing.id}", "/materials/", "/"):
        page = app.test_client().get(path).text
        assert "Industriestraße" not in page
        assert str(listing.latitude) not in page
        assert str(listing.longitude) not in page
        assert "Spedition Koller" not in page
    _company, _person, broker = koller
    page = sign_in(app.test_client(), broker).get(f"/materials/{listing.id}").text
    assert "Industriestraße 12" in page


def test_others_cannot_edit_move_or_copy(session, app, client, koller):
    client.post("/listings/new", data=GOOD)
    listing = only(session)
    rival = a_person(session, a_company(session))
    session.commit()
    other = sign_in(app.test_client(), rival)
    assert other.get(f"/listings/{listing.id}/edit").status_code == 302
    other.post(f"/listings/{listing.id}/edit", data=GOOD | {"title": "Gekapert"})
    assert other.post(f"/listings/{listing.id}/pause").status_code == 403
    other.post(f"/listings/{listing.id}/copy")
    session.expire_all()
    assert only(session).title == "Lkw-Planen, bedruckt"
    assert listing.state is ListingState.PUBLISHED


def test_the_form_counts_who_could_use_it(session, client, koller):
    a_capability(session, an_enterprise(session))
    session.commit()
    answer = client.get("/listings/nearby", query_string=GOOD | {"quantity": "10", "unit": "piece"})
    assert answer.json["count"] == 1
    assert answer.json["mass_text"]
    nothing = client.get("/listings/nearby", query_string=GOOD | {"material_text": ""})
    assert nothing.json["count"] is None


def test_pause_resume_copy_delete(session, client, koller):
    client.post("/listings/new", data=GOOD)
    listing = only(session)
    client.post(f"/listings/{listing.id}/pause")
    session.expire_all()
    assert listing.state is ListingState.PAUSED
    client.post(f"/listings/{listing.id}/resume")
    copied = client.post(f"/listings/{listing.id}/copy")
    assert copied.location.endswith("/edit")
    again = session.scalars(select(Listing).where(Listing.state == ListingState.DRAFT)).one()
    client.post(f"/listings/{again.id}/delete")
    assert only(session).id == listing.id


def test_browsing_says_what_it_does_not_understand(client):
    page = client.get("/materials/?place=Xyzzyqwert&km=60&mass=abc&kind=nonsense&page=999999999")
    assert page.status_code == 200
    assert 'id="place-e"' in page.text
