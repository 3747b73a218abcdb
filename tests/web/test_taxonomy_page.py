"""The agency sees the trees and their use, and gives them words by which people find them."""

import csv
import io

import pytest
from sqlalchemy import event, select

from marketplace.listings.models import Listing
from marketplace.taxonomy.materials import materials
from marketplace.vocabulary import words
from marketplace.vocabulary.models import Branch, TaxonomyWord
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_person,
    actor_for,
    an_agency_person,
    an_enterprise,
    sign_in,
)
from tests.exchange.exchange_stories import LISTING, a_file, bring_in, settle
from tests.vocabulary.test_words import FELT, a_word

NODE = f"/agency/taxonomy/materials/{FELT}"


@pytest.fixture
def agency(session):
    person = an_agency_person(session)
    session.commit()
    return person


@pytest.fixture
def client(app, agency):
    client = sign_in(app.test_client(), agency)
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return client


def text(response, status=200):
    assert response.status_code == status
    return response.get_data(as_text=True)


def add(session, agency, **changes):
    row = words.add(session, a_word(**changes), actor=actor_for(session, agency), now=NOW)
    session.commit()
    return row


def codes_on(page):
    return [code for code in (m.code for m in materials()) if f">{code}</span></td>" in page]


def test_the_trees_with_their_use_and_filters(client, session):
    a_listing(session, a_company(session), material_code=FELT, techniques=[])
    a_capability(session, an_enterprise(session), materials=["wood"], techniques=[])
    session.commit()
    assert len(codes_on(text(client.get("/agency/taxonomy")))) == 50
    page = text(client.get("/agency/taxonomy?q=Gyapjúfilc"))
    assert "Wool felt" in page
    unused = text(client.get("/agency/taxonomy?q=textile.felt&show=unused"))
    assert FELT not in codes_on(unused)
    assert f"{FELT}.wool" in codes_on(unused)
    without = set(codes_on(text(client.get("/agency/taxonomy?show=without_factor&page=2"))))
    assert without <= {m.code for m in materials() if m.factor_kg_co2e_per_kg is None}
    assert without
    techniques = text(client.get("/agency/taxonomy?tree=techniques&show=without_factor"))
    assert "Value kept" in techniques
    assert "Nothing matches" in text(client.get("/agency/taxonomy?q=zzzz"))
    for odd in ("tree=x&show=y&page=0", "page=999999", "q=%00"):
        text(client.get(f"/agency/taxonomy?{odd}"))


def test_the_list_asks_little_however_long_it_is(client, engine):
    asked = []

    def count(*given):
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", count)
    client.get("/agency/taxonomy")
    event.remove(engine, "before_cursor_execute", count)
    assert sum("GROUP BY" in each for each in asked) == 3
    assert sum(each.startswith("SELECT") for each in asked) < 10


def test_a_word_is_shown_before_it_is_added_then_found_then_withdrawn(client, session):
    data = {"word": "Brimbel", "language": "de", "reason": "Aus einem Import."}
    assert "means nothing today" in text(client.post(NODE, data=data))
    assert session.scalars(select(TaxonomyWord)).all() == []
    other = text(client.post(NODE, data=data | {"word": "Holz"}))
    assert "“Holz” means something else today" in other
    refused = text(client.post(NODE, data=data | {"word": "Holz", "seen": "Holz"}), 422)
    assert "“Holz” already means: Holz." in refused
    assert "Aus einem Import." in refused
    changed = text(client.post(NODE, data=data | {"seen": "Brimb"}))
    assert 'name="seen" type="hidden" value="Brimbel"' in changed
    assert client.post(NODE, data=data | {"seen": "Brimbel"}).location == NODE
    found = client.get("/suggestions/materials?q=Brimb").get_json()["items"]
    assert [(i["value"], i["hint"]) for i in found if i["value"] == FELT] == [(FELT, "Brimbel")]
    page = text(client.get(NODE))
    assert "Aus einem Import." in page
    row = session.scalars(select(TaxonomyWord)).one()
    away = f"/agency/taxonomy/words/{row.id}/withdraw"
    assert "Please give a reason." in text(client.post(away, follow_redirects=True))
    assert client.post(away, data={"reason": "Irrtum."}).location == NODE
    assert client.post(away, data={"reason": "Irrtum."}).status_code == 409
    page = text(client.get(NODE))
    assert "withdrawn: Irrtum." in page
    assert client.get("/suggestions/materials?q=Brimbel").get_json()["items"] == []


def test_what_is_missing_stands_beside_its_field(client):
    page = text(client.post(NODE, data={"word": "Brimbel", "language": "de", "reason": ""}), 422)
    assert "Please fill this in" in page
    assert 'value="Brimbel"' in page
    for path in (
        "/agency/taxonomy/materials/nothing",
        "/agency/taxonomy/plants/wood",
        "/agency/taxonomy/plants.csv",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post("/agency/taxonomy/words/99/withdraw").status_code == 404


def test_forms_and_imports_understand_it(app, session, agency, tmp_path):
    add(session, agency)
    add(session, agency, branch=Branch.TECHNIQUES, code="sewing", word="Zwirbeln")
    settle(session, tmp_path)
    row = LISTING | {"material": "Brimbel", "techniques": "zwirbeln"}
    assert bring_in(session, "listings", a_file(tmp_path, [row])).created == 1
    made = session.scalars(select(Listing)).one()
    assert (made.material_code, made.techniques) == (FELT, ["sewing"])
    person = a_person(session, a_company(session, name="Filzwerk"))
    session.commit()
    company = sign_in(app.test_client(), person)
    data = {
        "kind": "residual", "title": "Reste", "material_text": "Brimbel", "quantity": "10",
        "unit": "kg", "recurrence": "once", "condition": "offcut", "price_direction": "open",
        "available_from": "2026-11-24", "city": "Wien", "country": "AT", "written_in": "de",
        "techniques_text": "Zwirbeln", "work_place": "workshop",
    }  # fmt: skip
    answer = company.post("/listings/new", data=data)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    made = session.scalars(select(Listing).where(Listing.title == "Reste")).one()
    assert (made.material_code, made.techniques) == (FELT, ["sewing"])


def test_the_tree_as_a_file(client):
    answer = client.get("/agency/taxonomy/materials.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == len(list(materials()))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="materials.csv"'
