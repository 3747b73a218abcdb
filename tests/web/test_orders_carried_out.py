"""The pages on which an order is carried out: on the spot, on paper, at the end."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.orders import actions, deliveries, queries, stories
from marketplace.orders.carrying import CallOff, Delivery, Evidence, Feedback, WorkEntry
from marketplace.orders.deliveries import DeliveryDraft
from marketplace.orders.drafts import MilestoneDraft
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.models import Milestone, Order
from marketplace.web.orders import notes
from tests.builders import NOW, a_capability, a_company, a_person, a_place, an_enterprise, sign_in
from tests.orders.order_stories import TODAY, a_story
from tests.web.test_orders_pages import terms, text, words_of


@pytest.fixture
def story(session):
    return a_story(session)


@pytest.fixture
def as_(app):
    def sign(user):
        client = sign_in(app.test_client(), user)
        with client.session_transaction() as cookie:
            cookie["lang"] = "en"
        return client

    return sign


@pytest.fixture
def order(session, story):
    plan = (MilestoneDraft(title="Nullserie", planned_on=TODAY),)
    made = story.running(
        milestones=plan, standing=True, recurrence="monthly", due_on=TODAY.replace(2099)
    )
    session.commit()
    return made.id


def a_delivery(session, story, order_id):
    found = queries.get(session, order_id, actor=story.emre)
    draft = DeliveryDraft(line_id=found.lines[0].id, planned_on=TODAY, expected=150.0)
    made = deliveries.plan(session, found, draft, actor=story.emre, now=NOW)
    session.commit()
    return made


def line_of(session, order_id):
    order = session.get(Order, order_id)
    session.refresh(order, ["lines"])
    return str(order.lines[0].id)


def one(session, kind):
    session.expire_all()
    return session.scalars(select(kind)).one()


def test_a_hand_over_on_the_spot(app, as_, session, story, order):
    delivery = a_delivery(session, story, order)
    emre, andrea = as_(story.emre_user), as_(story.andrea_user)
    nobody = app.test_client().get(f"/h/{delivery.token}")
    assert nobody.location == f"/sign-in?next=/h/{delivery.token}"
    assert "Kuriertaschen" not in nobody.get_data(as_text=True)
    assert app.test_client().get("/h/other").location == "/sign-in?next=/h/other"
    spot = andrea.get(f"/h/{delivery.token}").location
    assert spot == f"/orders/{order}/deliveries/{delivery.id}"
    page = text(andrea.get(spot))
    assert 'value="150"' in page
    seen = str(delivery.version)
    sent = {"arrived": "148", "lost": "2", "mass_kg": "61.5", "done_on": "2026-01-02", "seen": seen}
    assert andrea.post(spot, data=sent).status_code == 302
    found = one(session, Delivery)
    assert (found.arrived, found.lost, found.mass_kg) == (148.0, 2.0, 61.5)
    assert (found.taker_by, found.giver_by) == (story.andrea_user.id, None)
    late = emre.post(spot, data=sent | {"arrived": "150", "note": "Zwei nachgezählt"})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "just recorded 148 pieces" in page
    assert "Zwei nachgezählt" in page, "what was typed is kept"
    again = re.search(r'name="seen"[^>]*value="(\d+)"', page)[1]
    assert emre.post(spot, data=sent | {"seen": again}).status_code == 302
    assert one(session, Delivery).giver_by == story.emre_user.id
    page = text(andrea.get(f"/orders/{order}"))
    assert "handed over" in page
    assert "2 pieces too little, 2 pieces lost" in page


def test_strangers_with_the_code_learn_nothing(as_, session, story, order):
    delivery = a_delivery(session, story, order)
    stranger = as_(a_person(session, a_company(session)))
    session.commit()
    assert stranger.get(f"/h/{delivery.token}").status_code == 404
    assert stranger.get("/h/other").status_code == 404
    assert stranger.get(f"/orders/{order}/deliveries/{delivery.id}/note.pdf").status_code == 404
    assert stranger.post(f"/orders/{order}/deliveries/{delivery.id}", data={}).status_code == 404


def test_what_is_wrong_on_the_spot_is_said(as_, session, story, order):
    delivery = a_delivery(session, story, order)
    spot = f"/orders/{order}/deliveries/{delivery.id}"
    answer = as_(story.emre_user).post(
        spot, data={"arrived": "viel", "done_on": "", "note": "Hier"}
    )
    assert answer.status_code == 422
    assert "Please write a number" in answer.text
    assert "Hier" in answer.text
    other = a_story(session)
    elsewhere = other.running().id
    session.commit()
    path = f"/orders/{elsewhere}/deliveries/{delivery.id}"
    assert as_(other.emre_user).get(path).status_code == 404


def test_the_note_says_everything_and_its_code_leads_to_the_spot(app, as_, session, story, order):
    story.enterprise.move_to(a_place("Sopron", country="HU"))
    found = queries.get(session, order, actor=story.maria)
    found.lines[0].waste_code = "040222"
    session.commit()
    delivery = a_delivery(session, story, order)
    answer = as_(story.emre_user).get(f"/orders/{order}/deliveries/{delivery.id}/note.pdf")
    assert answer.data.startswith(b"%PDF")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        found = queries.get(session, order, actor=story.emre)
        row = deliveries.of_order(session, found)[0]
        said = words_of(notes.document(found, row))
        code = str(notes.code(notes.address(row)))
    for words in ("Ü-2026-0001", "A-2026-0001", "Kuriertaschen", "04 02 22", "Spedition Koller",
                  "Nähwerk", "Place, day, signature", "(EU) 2024/1157", "no legal advice"):  # fmt: skip
        assert words in said, words
    assert code.startswith("<svg")
    page = text(as_(story.andrea_user).get(f"/orders/{order}"))
    assert "(EU) 2024/1157" in page


def test_a_delivery_is_announced_and_taken_back(as_, session, story, order):
    emre = as_(story.emre_user)
    path = f"/orders/{order}/deliveries/new"
    assert "Kuriertaschen" in text(emre.get(path))
    sent = {"line_id": line_of(session, order), "expected": "20", "planned_on": "2099-01-01",
            "fetched": "yes", "call_off_id": ""}  # fmt: skip
    assert emre.post(path, data=sent | {"expected": ""}).status_code == 422
    assert emre.post(path, data=sent | {"line_id": "x"}).status_code == 422
    assert emre.post(path, data=sent).status_code == 302
    made = one(session, Delivery)
    assert made.fetched
    assert "Spedition Koller fetches" in text(emre.get(f"/orders/{order}"))
    emre.post(f"/orders/{order}/deliveries/{made.id}/drop")
    assert session.scalars(select(Delivery)).all() == []


def test_milestones_call_offs_and_hours(as_, session, story, order):
    emre, andrea = as_(story.emre_user), as_(story.andrea_user)
    milestone = one(session, Milestone).id
    path = f"/orders/{order}/milestones/{milestone}"
    assert "Nullserie" in text(emre.get(path))
    assert emre.post(path, data={"reached_on": "2099-01-01"}).status_code == 422
    emre.post(path, data={"reached_on": "2026-01-02", "note": "20 geprüft"})
    assert "20 geprüft" in text(andrea.get(f"/orders/{order}"))

    line = line_of(session, order)
    path = f"/orders/{order}/call-offs/new"
    assert (
        andrea.post(
            path, data={"line_id": line, "quantity": "401", "due_on": "2098-01-01"}
        ).status_code
        == 422
    )
    andrea.post(path, data={"line_id": line, "quantity": "100", "due_on": "2098-01-01"})
    asked = one(session, CallOff)
    assert (
        emre.post(path, data={"line_id": line, "quantity": "1", "due_on": "2098-01-01"}).status_code
        == 403
    )
    emre.post(f"/orders/{order}/call-offs/{asked.id}/confirm")
    assert one(session, CallOff).state == "confirmed"
    assert "100 of 400 pieces called off" in text(andrea.get(f"/orders/{order}"))

    path = f"/orders/{order}/work-log/new"
    party = re.search(r'<option[^>]*value="(\d+)"', text(emre.get(path)))[1]
    sent = {"party_id": party, "first_day": "2026-11-02", "last_day": "2026-11-08",
            "target_group": "transit", "hours_worked": "48", "people": "5",
            "in_training": "3"}  # fmt: skip
    assert emre.post(path, data=sent | {"in_training": "6"}).status_code == 422
    assert emre.post(path, data=sent).status_code == 302
    page = text(andrea.get(f"/orders/{order}"))
    assert "week 45" in page
    assert "5 people, 3 of them in training" in page
    assert andrea.get(path).status_code == 403
    assert 'value="5"' in text(emre.get(path)), "begins with what was put down last"
    emre.post(f"/orders/{order}/work-log/{one(session, WorkEntry).id}/strike")
    assert session.scalars(select(WorkEntry)).all() == []


def test_the_end_of_an_order(as_, app, session, story, order):
    found = queries.get(session, order, actor=story.emre)
    actions.deliver(session, found, actor=story.emre, now=NOW)
    actions.complete(session, found, actor=story.andrea, now=NOW)
    session.commit()
    emre, andrea = as_(story.emre_user), as_(story.andrea_user)
    path = f"/orders/{order}/feedback"
    assert emre.post(path, data={"fair_price": "7", "comment": "Fein"}).status_code == 422
    emre.post(
        path, data={"fair_price": "5", "quality": "4", "again": "5", "comment": "Gern wieder"}
    )
    assert one(session, Feedback).quality == 4
    assert "Gern wieder" in text(andrea.get(f"/orders/{order}"))
    assert "Gern wieder" in text(emre.get(path))
    said = one(session, Feedback)
    said.fair_price = None
    session.commit()
    assert "not asked" in text(andrea.get(f"/orders/{order}")), "answers from before it was asked"
    assert "The price was fair" in text(emre.get(path))

    path = f"/orders/{order}/story"
    assert "Taschen in drei Größen" in text(emre.get(path)), "suggested from the order"
    sent = {"title": "Taschen aus Planen", "text": "Es war schön.", "language": "de", "seen": ""}
    assert emre.post(path, data=sent | {"text": ""}).status_code == 422
    assert emre.post(path, data=sent).status_code == 302
    assert andrea.post(path, data=sent | {"text": "Anders"}).status_code == 409
    assert app.test_client().get("/stories/taschen-aus-planen").status_code == 404
    stamp = stories.stamp(stories.of_order(session, session.get(Order, order)))
    andrea.post(f"{path}/consent", data={"seen": "gestern"})
    assert app.test_client().get("/stories/taschen-aus-planen").status_code == 404
    andrea.post(f"{path}/consent", data={"seen": stamp})
    page = text(app.test_client().get("/stories/taschen-aus-planen"))
    assert "Es war schön." in page
    assert "Taschen aus Planen" in text(app.test_client().get("/stories/"))
    for private in ("Koller", "Nähwerk", "A-2026", "38,50", "38.50", "Gern wieder"):
        assert private not in re.sub(r"<head>.*?</head>|<nav.*?</nav>", "", page, flags=re.S), (
            private
        )
    emre.post(f"{path}/withdraw")
    assert app.test_client().get("/stories/taschen-aus-planen").status_code == 404


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    out.seek(0)
    return out


def test_what_the_law_asks_for_is_said_beside_the_button(as_, session, story):
    order = story.offered(waste_code="170204").id
    session.commit()
    andrea = as_(story.andrea_user)
    page = text(andrea.get(f"/orders/{order}"))
    assert "The law asks for more before this can be agreed" in page
    assert "attach the assessment" in page
    andrea.post(f"/orders/{order}/accept", data={"terms": "1"})
    assert "not accepted yet" in text(andrea.get(f"/orders/{order}"))
    path = f"/orders/{order}/evidence/new"
    line = line_of(session, order)
    wrong = {"line_id": line, "kind": "assessment", "file": (io.BytesIO(b"MZ"), "a.exe")}
    assert andrea.post(path, data=wrong).status_code == 422
    sent = {"line_id": line, "kind": "assessment", "file": (a_picture(), "Analyse.png")}
    assert andrea.post(path, data=sent).status_code == 302
    row = one(session, Evidence)
    answer = andrea.get(f"/orders/{order}/evidence/{row.id}")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Analyse.webp"
    stranger = as_(a_person(session, a_company(session)))
    session.commit()
    assert stranger.get(f"/orders/{order}/evidence/{row.id}").status_code == 404


def test_the_form_takes_more_parties_and_lines_without_a_script(as_, session, story):
    draft = draft_from(session, story.proposal, actor=story.maria, now=NOW).id
    sorter = an_enterprise(
        session, name="Sortierhof", service_point_id=story.company.service_point_id
    )
    able = a_capability(session, sorter, title="Sortieren")
    session.commit()
    maria, path = as_(story.maria_user), f"/orders/{draft}/edit"
    sent = terms(story, description="Getipptes bleibt")
    page = text(maria.post(path, data=sent | {"do": "find", "who": "sortier"}))
    assert "Getipptes bleibt" in page
    button = f"party:enterprise:{sorter.id}:{able.id}"
    assert button in page
    page = text(maria.post(path, data=sent | {"do": button}))
    assert f'name="parties-2-organisation_id" type="hidden" value="{sorter.id}"' in page
    page = text(maria.post(path, data=sent | {"do": "add_line"}))
    assert 'name="lines-1-description"' in page
    assert "Getipptes bleibt" in page
    page = text(maria.post(path, data=sent | {"do": "remove:lines:0"}))
    assert "Getipptes bleibt" not in page
    page = text(maria.post(path, data=sent | {"do": "add_milestone"}))
    assert 'name="milestones-0-title"' in page
    assert session.get(Order, draft).product == "", "nothing is saved on the way"
    bad = maria.post(path, data=sent | {"lines-0-giver": "987654"})
    assert bad.status_code == 422
    assert "Please choose one of the parties" in bad.text
    more = {
        "parties-2-organisation_id": str(sorter.id), "parties-2-part": "enterprise",
        "parties-2-capability_id": str(able.id), "milestones-0-title": "Nullserie",
        "milestones-0-planned_on": "2099-02-01", "seller": str(story.company.id),
    }  # fmt: skip
    assert maria.post(path, data=sent | more | {"do": "offer"}).status_code == 302
    session.expire_all()
    found = queries.get(session, draft, actor=story.maria)
    assert [p.organisation.name for p in found.parties] == [
        "Spedition Koller",
        "Nähwerk",
        "Sortierhof",
    ]
    assert [p.sells for p in found.parties] == [True, False, False]
    page = text(maria.get(f"/orders/{draft}"))
    assert "Waiting for Spedition Koller, Nähwerk, and Sortierhof" in page


def test_other_terms_are_compared_and_accepted(as_, session, story, order):
    maria, andrea = as_(story.maria_user), as_(story.andrea_user)
    line = line_of(session, order)
    page = text(maria.get(f"/orders/{order}/edit"))
    assert "Other terms" in page
    sent = terms(story, quantity="500") | {"lines-0-id": line, "title": "500 Taschen"}
    assert maria.post(f"/orders/{order}/edit", data=sent).status_code == 302
    page = text(andrea.get(f"/orders/{order}"))
    assert "Other terms are on offer" in page
    page = text(andrea.get(f"/orders/{order}/versions?one=1&other=2"))
    assert "<del>400</del>" in page
    assert "<ins>500</ins>" in page
    assert session.get(Order, order).terms == 1
    andrea.post(f"/orders/{order}/accept", data={"terms": "2"})
    as_(story.emre_user).post(f"/orders/{order}/accept", data={"terms": "2"})
    session.expire_all()
    assert (session.get(Order, order).terms, session.get(Order, order).title) == (2, "500 Taschen")
    for odd in ("?one=x&other=9", "?one=2&other=1", ""):
        text(andrea.get(f"/orders/{order}/versions{odd}"))


def test_two_brokers_lose_nothing(as_, session, story):
    draft = draft_from(session, story.proposal, actor=story.maria, now=NOW).id
    session.commit()
    maria, seen = as_(story.maria_user), str(session.get(Order, draft).version)
    maria.post(f"/orders/{draft}/edit", data=terms(story, seen=seen))
    late = maria.post(f"/orders/{draft}/edit", data=terms(story, seen=seen, product="Meine Worte"))
    assert late.status_code == 409
    assert "Meine Worte" in late.text
    assert "Somebody else has changed the order" in late.text


def test_stops_and_their_reasons(as_, session, story, order):
    emre, andrea, maria = as_(story.emre_user), as_(story.andrea_user), as_(story.maria_user)
    emre.post(f"/orders/{order}/pause", data={"reason": "Betriebsurlaub"})
    assert "The order rests: Betriebsurlaub" in text(andrea.get(f"/orders/{order}"))
    emre.post(f"/orders/{order}/resume")
    andrea.post(f"/orders/{order}/dispute", data={"reason": "Nähte gehen auf"})
    assert "Nähte gehen auf" in text(maria.get(f"/orders/{order}"))
    assert andrea.post(f"/orders/{order}/settle", data={"reason": "x"}).status_code == 403
    maria.post(f"/orders/{order}/settle", data={"reason": "Nachgebessert"})
    assert "Nachgebessert" in text(emre.get(f"/orders/{order}"))
    assert session.get(Order, order).state == "in_production"
    assert (
        emre.post(f"/orders/{order}/cancel", data={"reason": "x", "not_again": "yes"}).status_code
        == 403
    )
