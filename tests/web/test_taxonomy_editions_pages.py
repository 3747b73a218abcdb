"""The agency drafts, looks at, puts into force and goes back to editions; everybody else follows."""

import csv
import io

import pytest
from sqlalchemy import select

from marketplace.capabilities.models import Capability
from marketplace.listings.actions import post_again
from marketplace.listings.models import Listing
from marketplace.taxonomy.edition import Edition, in_force, install
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary.models import TaxonomyEdition, TaxonomyNode
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
from tests.vocabulary.edition_stories import FELT, add, change, force, retire

WOOL = f"{FELT}.wool"
TREE = "/agency/taxonomy"
NODE = {
    "name_de": "Brimbelstoff", "name_hu": "Brimbelszövet", "name_en": "Brimble cloth",
    "synonyms_de": "Brimbel\r\n\r\nBrombel", "bulk_density_kg_m3": "90.5", "waste_code": "04 02 22",
    "factor": "Other: Clothing", "reason": "Danach wird gefragt.",
}  # fmt: skip
OFFER = {
    "kind": "residual", "title": "Reste", "quantity": "10", "unit": "kg", "recurrence": "once",
    "condition": "offcut", "price_direction": "open", "available_from": "2026-11-24",
    "city": "Wien", "country": "AT", "written_in": "de", "work_place": "workshop",
}  # fmt: skip
SKILL = {
    "title": "Filzen", "written_in": "de", "reach": "radius", "service_radius_km": "40",
    "city": "Wien", "country": "AT",
}  # fmt: skip


@pytest.fixture
def client(app, session):
    person = an_agency_person(session)
    session.commit()
    client = sign_in(app.test_client(), person)
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return client


def text(response, status=200):
    assert response.status_code == status
    return response.get_data(as_text=True)


def draft_page(client):
    return text(client.get(f"{TREE}/draft"))


def seen_on(page):
    return page.split('name="seen"')[1].split('value="')[1].split('"')[0]


def put(client, do="force", **changes):
    data = {"seen": seen_on(draft_page(client)), "comment": "Weil es fehlt.", "do": do} | changes
    return client.post(f"{TREE}/draft", data=data)


def test_a_node_is_added_looked_at_and_put_into_force(client, session):
    assert "New node below Felt" in text(client.get(f"{TREE}/new/materials?below={FELT}"))
    answer = client.post(f"{TREE}/new/materials?below=textile", data=NODE)
    assert answer.location == f"{TREE}/draft"
    page = draft_page(client)
    assert "Draft of edition 1" in page
    for said in ("Brimble cloth", "textile.brimble_cloth", "Brimbel, Brombel", "90.5",
                 "Danach wird gefragt.", "all proposals stay as they are"):  # fmt: skip
        assert said in page, said
    assert "There is a draft of edition 1" in text(client.get(TREE))
    assert "New node below Brimble cloth" in text(
        client.get(f"{TREE}/new/materials?below=textile.brimble_cloth")
    )
    assert client.get("/suggestions/materials?q=Brimbel").get_json()["items"] == []
    refused = text(put(client, comment=""), 422)
    assert 'id="comment-e"' in refused
    assert put(client).location == f"{TREE}/editions"
    items = client.get("/suggestions/materials?q=Brimbel").get_json()["items"]
    assert items[0]["value"] == "textile.brimble_cloth"
    editions = text(client.get(f"{TREE}/editions?before=0&after=1"))
    assert "Weil es fehlt." in editions
    assert "Agnes Agentur" in editions
    assert "Brimble cloth" in editions
    answer = client.get(f"{TREE}/materials.csv")
    rows = {r["code"]: r for r in csv.DictReader(io.StringIO(answer.get_data(as_text=True)))}
    assert rows["textile.brimble_cloth"]["bulk_density_kg_m3"] == "90.5"
    assert "There is no draft" in draft_page(client)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name_hu": ""}, "name_hu"),
        ({"name_en": "Felt"}, "name_en"),
        ({"bulk_density_kg_m3": "viel"}, "bulk_density_kg_m3"),
        ({"piece_mass_kg": "-1"}, "piece_mass_kg"),
        ({"waste_code": "99 99 99"}, "waste_code"),
        ({"factor": "Moon: Cheese"}, "factor"),
        ({"synonyms_de": "Eichenholz"}, "synonyms_de"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    client, session, wrong, field
):
    page = text(client.post(f"{TREE}/new/materials?below=textile", data=NODE | wrong), 422)
    assert f'id="{field}-e"' in page
    assert 'value="Brimbelstoff"' in page
    assert session.scalars(select(TaxonomyNode)).all() == []


def test_hostile_names_are_only_shown(client):
    name = "<script>alert(1)</script> %(x)s {{ 7*7 }}"
    data = NODE | {"name_de": name, "name_hu": name, "synonyms_de": name, "name_en": "x' OR 1=1 --"}
    assert client.post(f"{TREE}/new/materials?below=textile", data=data).status_code == 302
    with client.session_transaction() as cookie:
        cookie["lang"] = "de"
    put(client, comment=name)
    code = "textile.x_or_1_1"
    for path in ("?q=alert", f"/materials/{code}", f"/materials/{code}/change",
                 f"/materials/{code}/retire", "/editions?before=0&after=1"):  # fmt: skip
        page = text(client.get(TREE + path))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; %(x)s {{ 7*7 }}" in page
    for odd in (
        "new/materials?below=%00",
        "new/materials?below=x.y",
        "new/x",
        "materials/%00/change",
    ):
        assert client.get(f"{TREE}/{odd}").status_code == 404


def test_a_form_begins_with_what_is_said_and_changes_it(client, session):
    path = f"{TREE}/techniques/sewing/change"
    page = text(client.get(path))
    assert 'value="0.9"' in page
    assert "Näherei\nTextilnäherei" in page.replace("\r", "")
    node = in_force().techniques.get("sewing")
    data = {f"name_{each}": node.name(each) for each in ("de", "hu", "en")}
    data |= {f"synonyms_{each}": "\n".join(node.synonyms(each)) for each in ("de", "hu", "en")}
    data |= {"value_retention": "0.2", "reason": "Zu hoch.", "seen": seen_on(page)}
    assert "A number between 0 and 1" in text(
        client.post(path, data=data | {"value_retention": "7"}), 422
    )
    assert client.post(path, data=data).status_code == 302
    page = draft_page(client)
    assert "<del>0.9</del> → <ins>0.2</ins>" in page
    assert page.count("<del>") == 1
    assert "Listings with another first" in page
    assert "The draft changes this node" in text(client.get(f"{TREE}/techniques/sewing"))
    outrun = text(client.post(path, data=data | {"value_retention": "0.3"}), 422)
    assert "Somebody else changed this meanwhile" in outrun
    assert 'value="0.3"' in outrun
    assert client.post(f"{TREE}/draft/techniques/sewing/take-back").location == f"{TREE}/draft"
    assert "the draft says what is in force" in draft_page(client)
    assert "This would change nothing" in text(put(client), 422)
    assert put(client, do="drop").location == TREE
    assert session.scalars(select(TaxonomyEdition)).all() == []
    assert client.post(f"{TREE}/draft", data={"do": "drop", "seen": "1"}).status_code == 409
    assert client.post(f"{TREE}/draft/techniques/sewing/take-back").status_code == 409


def test_whoever_has_not_seen_the_last_change_looks_first(client, session):
    client.post(f"{TREE}/new/materials?below=textile", data=NODE)
    old = seen_on(draft_page(client))
    add(session, "wood", name_de="Zweiter", name_hu="Második", name_en="Second")
    session.commit()
    page = text(put(client, seen=old), 409)
    assert "Somebody else changed the draft meanwhile" in page
    assert 'value="Weil es fehlt."' in page
    assert put(client, seen="x" * 40).status_code == 409


def test_going_back_begins_a_draft(client, session):
    add(session)
    change(session, Branch.TECHNIQUES, "sewing", name_en="Stitching together")
    force(session)
    session.commit()
    assert "Stitching together" in text(client.get(f"{TREE}?tree=techniques&q=stitching"))
    assert client.post(f"{TREE}/editions/0/back").location == f"{TREE}/draft"
    page = draft_page(client)
    assert "It goes back to edition 0" in page
    assert "<del>Stitching together</del> → <ins>Sewing</ins>" in page
    again = client.post(f"{TREE}/editions/0/back", follow_redirects=True)
    assert "There is a draft already" in text(again)
    assert put(client).status_code == 302
    assert "went back to the release" in text(client.get(f"{TREE}/editions"))
    shown = text(client.get(f"{TREE}?show=retired"))
    assert "Brimble cloth" in shown
    assert client.post(f"{TREE}/editions/99/back").status_code == 404
    text(client.get(f"{TREE}/editions?before=x&after=99"))


def test_a_node_is_retired_and_offered_again(client, session):
    path = f"{TREE}/materials/{WOOL}/retire"
    data = {
        "successor": "Xyzzy",
        "reason": "Kommt nie vor.",
        "seen": seen_on(text(client.get(path))),
    }
    page = text(client.post(path, data=data), 422)
    assert 'id="successor-e"' in page
    assert 'value="Xyzzy"' in page
    assert client.post(path, data=data | {"successor": "Filz"}).status_code == 302
    put(client)
    page = text(client.get(f"{TREE}/materials/{WOOL}"))
    assert "In its place:" in page
    page = text(client.get(path))
    assert "Offer Wool felt again" in page
    data |= {"seen": seen_on(page)}
    assert client.post(path, data=data).status_code == 302
    put(client)
    assert "Retire" in text(client.get(f"{TREE}/materials/{WOOL}"))
    assert not in_force().materials.get(WOOL).retired


def test_a_retired_node_in_forms(app, client, session):
    """A new listing names its successor, or is refused; what named it before keeps it."""
    company, maker = a_company(session), an_enterprise(session)
    old = a_listing(session, company, material_code=WOOL)
    cap = a_capability(session, maker, materials=[WOOL, "wood"], techniques=["sewing.bag"])
    retire(session, WOOL, FELT)
    retire(session, f"{FELT}.synthetic")
    retire(session, "sewing.bag", branch=Branch.TECHNIQUES)
    force(session)
    people = [a_person(session, each) for each in (company, maker)]
    session.commit()
    giver, doer = (sign_in(app.test_client(), person) for person in people)
    asked = {"material": WOOL, "material_text": "Wollfilz"}
    assert giver.post("/listings/new", data=OFFER | asked).status_code == 302
    assert session.scalars(select(Listing.material_code).where(Listing.id != old.id)).all() == [
        FELT
    ]
    gone = OFFER | {"material_text": "Synthetikfilz", "material": f"{FELT}.synthetic"}
    page = text(giver.post("/listings/new", data=gone | {"material_text": "Nadelfilz"}), 422)
    assert 'id="material_text-e"' in page
    edited = giver.post(f"/listings/{old.id}/edit", data=OFFER | asked)
    assert edited.status_code == 302, text(edited)
    session.refresh(old)
    assert old.material_code == WOOL
    new = text(doer.get("/capabilities/new"))
    assert f'value="{WOOL}"' not in new
    assert f'value="{FELT}"' in new
    assert f'value="{WOOL}"' in text(doer.get(f"/capabilities/{cap.id}/edit"))
    kept = SKILL | {"materials": [WOOL, "wood"], "techniques": "sewing.bag"}
    assert doer.post(f"/capabilities/{cap.id}/edit", data=kept).status_code == 302
    session.refresh(cap)
    assert (cap.materials, cap.techniques) == ([WOOL, "wood"], ["sewing.bag"])
    page = text(doer.post("/capabilities/new", data=kept), 422)
    assert 'id="techniques_text-e"' in page
    made = SKILL | {"materials": [WOOL, FELT]}
    assert doer.post("/capabilities/new", data=made).status_code == 302
    assert session.scalars(select(Capability.materials).where(Capability.id != cap.id)).all() == [
        [FELT]
    ]
    session.refresh(old, ["pictures"])
    again = post_again(session, old, actor=actor_for(session, people[0]), now=NOW, today=NOW.date())
    assert again.material_code == FELT
    assert f"/materials/{old.id}" in text(client.get("/materials/?q=Wollfilz"))


def test_a_retired_node_in_imports(session, tmp_path):
    settle(session, tmp_path)
    row = LISTING | {"material": WOOL, "techniques": "sewing.bag"}
    bring_in(session, "listings", a_file(tmp_path, [row]))
    retire(session, WOOL, FELT)
    retire(session, "sewing.bag", branch=Branch.TECHNIQUES)
    force(session)
    report = bring_in(session, "listings", a_file(tmp_path, [row]))
    assert (report.unchanged, report.failed) == (1, [])
    new = row | {"listing_ref": "L2", "techniques": ""}
    assert bring_in(session, "listings", a_file(tmp_path, [new])).created == 1
    made = session.scalars(select(Listing).where(Listing.ref == "L2")).one()
    assert made.material_code == FELT
    (failed,) = bring_in(
        session, "listings", a_file(tmp_path, [row | {"listing_ref": "L3"}])
    ).failed
    assert [(p.field, p.code) for p in failed.problems] == [("techniques", "technique_retired")]


def test_another_process_follows_with_its_next_request(client, session):
    """Here it is played by taking the trees back to what a process without the news would have."""
    add(session)
    force(session)
    there = {"material_code": "textile.brimble_cloth", "title": "Neues"}
    listing = a_listing(session, a_company(session), **there)
    session.commit()
    install(Edition.of(0))
    assert in_force().number == 0
    assert "Brimble cloth" in text(client.get(f"/materials/{listing.id}"))
    assert in_force().number == 1


def test_a_family_of_the_agency_is_offered_in_filters(client, session):
    add(session, None)
    add(session, None, branch=Branch.TECHNIQUES, value_retention=0.5)
    force(session)
    session.commit()
    assert ">Brimble cloth</option>" in text(client.get("/desk/"))
    assert text(client.get("/enterprises/")).count(">Brimble cloth</option>") == 1
    for branch in Branch:
        retire(session, "brimble_cloth", branch=branch)
    force(session)
    session.commit()
    assert ">Brimble cloth</option>" not in text(client.get("/desk/"))
    assert ">Brimble cloth</option>" not in text(client.get("/enterprises/"))


@pytest.mark.parametrize("lang", ["de", "hu"])
def test_in_every_language(client, session, lang):
    add(session)
    force(session)
    retire(session, WOOL, FELT)
    change(session, Branch.TECHNIQUES, "sewing", value_retention=0.2)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["lang"] = lang
    paths = ("", "/change", "/retire")
    for path in ("draft", "editions?before=0&after=1", "new/techniques",
                 *(f"materials/{WOOL}{each}" for each in paths)):  # fmt: skip
        assert f'<html lang="{lang}">' in text(client.get(f"{TREE}/{path}")), path
