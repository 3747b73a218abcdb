"""The cluster's pages: applying, being admitted, offering, answering a call together."""

import re
from datetime import timedelta

import pytest

from marketplace.cluster.models import Call, Consortium, Cooperation, Partner
from tests.builders import (
    NOW,
    a_company,
    a_person,
    an_agency_person,
    an_enterprise,
    sign_in,
)

LATER = (NOW + timedelta(days=3650)).date().isoformat()
CALL = {
    "title": "Kreislaufwirtschaft im Grenzraum", "programme": "Interreg AT-HU",
    "text": "Gefördert wird, was verbindet.", "language": "de", "deadline_on": LATER,
    "budget": "1.200.000", "funding_percent": "80", "themes": ["climate"], "countries": ["AT", "HU"],
}  # fmt: skip


@pytest.fixture
def agnes(app, session):
    return sign_in(app.test_client(), an_agency_person(session))


@pytest.fixture
def emre(app, session):
    enterprise = an_enterprise(session)
    return sign_in(app.test_client(), a_person(session, enterprise), enterprise)


@pytest.fixture
def andrea(app, session):
    company = a_company(session)
    return sign_in(app.test_client(), a_person(session, company), company)


def apply(client):
    words = {"text": "Wir nähen.", "language": "de", "themes": ["design", "skills"]}
    return client.post("/cluster/apply", data=words)


def admit(client, session):
    partner = session.query(Partner).one()
    return client.post(f"/agency/cluster/{partner.id}/decide", data={"action": "admit"})


def a_call(agnes, session):
    assert agnes.post("/agency/calls/new", data=CALL).status_code == 302
    return session.query(Call).one()


def test_from_an_application_to_a_public_page(client, session, emre, agnes):
    assert apply(emre).status_code == 302
    assert "Wir nähen." in agnes.get("/agency/cluster").text
    assert "Nähwerk" not in client.get("/cluster/").text
    assert admit(agnes, session).status_code == 302
    assert "Nähwerk" in client.get("/cluster/").text
    partner = session.query(Partner).one()
    page = client.get(f"/cluster/{partner.organisation_id}").text
    assert "Wir nähen." in page


def test_a_refusal_without_a_reason_keeps_what_was_typed(session, emre, agnes):
    apply(emre)
    partner = session.query(Partner).one()
    address = f"/agency/cluster/{partner.id}/decide"
    refused = agnes.post(address, data={"action": "refuse", "reason": ""})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    agnes.post(address, data={"action": "refuse", "reason": "zu wenig"})
    assert "zu wenig" in emre.get("/cluster/apply").text


def test_what_is_missing_is_said_beside_the_field(emre):
    answer = emre.post("/cluster/apply", data={"text": "Etwas", "language": "de"})
    assert answer.status_code == 422
    assert 'id="themes-e"' in answer.text
    assert "Etwas" in answer.text


def test_an_entry_is_written_changed_and_removed(client, session, emre, agnes):
    assert emre.get("/cluster/cooperation/new").status_code == 403
    apply(emre)
    admit(agnes, session)
    entry = {
        "direction": "offer", "title": "Siebdruckpresse", "text": "Zwei Tage im Monat frei.",
        "language": "de", "ends_on": LATER, "themes": ["design"],
    }  # fmt: skip
    assert emre.post("/cluster/cooperation/new", data=entry | {"title": ""}).status_code == 422
    assert emre.post("/cluster/cooperation/new", data=entry).status_code == 302
    row = session.query(Cooperation).one()
    assert "Siebdruckpresse" in client.get("/cluster/cooperation?direction=offer").text
    assert "Siebdruckpresse" not in client.get("/cluster/cooperation?direction=seek").text
    emre.post(f"/cluster/cooperation/{row.id}/edit", data=entry | {"title": "Presse"})
    assert "Presse" in client.get("/cluster/cooperation").text
    emre.post(f"/cluster/cooperation/{row.id}/remove")
    assert session.query(Cooperation).count() == 0


def test_a_call_is_found_and_goes_into_the_calendar(client, session, agnes):
    call = a_call(agnes, session)
    assert (float(call.budget), call.funding_percent, call.countries) == (1.2e6, 80, ["AT", "HU"])
    assert call.title in client.get("/calls/?q=grenzraum&theme=climate").text
    assert call.title not in client.get("/calls/?theme=digital").text
    for address in ("/calls/calendar.ics", f"/calls/{call.id}.ics"):
        answer = client.get(address)
        assert answer.mimetype == "text/calendar"
        assert "Kreislaufwirtschaft" in answer.text
    agnes.post(f"/agency/calls/{call.id}/withdraw")
    assert client.get(f"/calls/{call.id}").status_code == 404
    assert "STATUS:CANCELLED" in client.get("/calls/calendar.ics").text
    agnes.post(f"/agency/calls/{call.id}/withdraw", data={"again": "yes"})
    assert client.get(f"/calls/{call.id}").status_code == 200


def test_a_bad_call_loses_nothing(agnes):
    bad = CALL | {"budget": "viel", "deadline_on": "", "website": "javascript:x"}
    answer = agnes.post("/agency/calls/new", data=bad)
    assert answer.status_code == 422
    assert 'value="viel"' in answer.text
    assert CALL["text"] in answer.text


def test_two_organisations_answer_a_call_together(client, session, agnes, emre, andrea):
    call = a_call(agnes, session)
    interest = {"brings": "Planen", "seeks": "", "language": "de"}
    assert andrea.post(f"/calls/{call.id}/interest", data=interest).status_code == 302
    assert "Planen" in client.get(f"/calls/{call.id}").text
    idea = {"name": "Grenzland", "text": "Taschen.", "task": "nähen", "language": "de"}
    assert emre.post(f"/calls/{call.id}/consortia/new", data=idea).status_code == 302
    group = session.query(Consortium).one()
    address = f"/calls/consortia/{group.id}"
    assert andrea.get(address).status_code == 404
    found = emre.get(f"{address}?q=koller").text
    chosen = re.search(r'<option value="(\d+)">Spedition Koller', found)[1]
    invited = emre.post(
        f"{address}/invite?q=koller",
        data={"organisation_id": chosen, "role": "partner", "task": "Material"},
    )
    assert invited.status_code == 302
    assert emre.post(f"{address}/move", data={"action": "submit"}).status_code == 302
    assert group.state == "forming"
    assert andrea.post(f"{address}/answer", data={"action": "take"}).status_code == 302
    assert andrea.post(f"{address}/move", data={"action": "submit"}).status_code == 403
    emre.post(f"{address}/move", data={"action": "submit"})
    session.expire_all()
    assert group.state == "submitted"


def test_a_made_up_choice_is_refused_beside_the_field(session, agnes, emre):
    call = a_call(agnes, session)
    idea = {"name": "Grenzland", "text": "Taschen.", "task": "", "language": "de"}
    emre.post(f"/calls/{call.id}/consortia/new", data=idea)
    group = session.query(Consortium).one()
    answer = emre.post(
        f"/calls/consortia/{group.id}/invite?q=x",
        data={"organisation_id": "9" * 30, "role": "partner", "task": "Aufgabe"},
    )
    assert answer.status_code == 422
