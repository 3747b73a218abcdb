from decimal import Decimal
from pathlib import Path

import pytest

from marketplace.orders import queries
from marketplace.orders import terms as features
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order
from marketplace.web.orders.agreement import StaticFiles, document
from tests.builders import NOW, a_company, a_person, sign_in
from tests.orders.order_stories import a_story, free_terms


@pytest.fixture
def story(session):
    story = a_story(session)
    story.listing.price_direction = "giver_pays"
    session.commit()
    return story


@pytest.fixture
def as_(app):
    def sign(user):
        client = sign_in(app.test_client(), user)
        with client.session_transaction() as cookie:
            cookie["lang"] = "en"
        return client

    return sign


def text(response):
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def fresh(session, order_id):
    session.expire_all()
    return session.get(Order, order_id)


def terms(story, **changes):
    """What the form sends; names of the line's fields are those of the first line."""
    client, enterprise = str(story.company.id), str(story.enterprise.id)
    line = {
        "role": "product_out", "description": "Kuriertaschen", "quantity": "400", "unit": "piece",
        "pays": "taker", "price": "38.50", "vat_percent": "20", "giver": enterprise,
        "taker": client, "mass_kg": "", "waste_code": "",
    }  # fmt: skip
    line |= {name: changes.pop(name) for name in list(changes) if name in line}
    return {
        "title": "400 Kuriertaschen", "product": "Taschen in drei Größen",
        "starts_on": "2099-01-01", "due_on": "2099-03-01", "recurrence": "once",
        "work_place": "workshop", "parties-0-organisation_id": client, "parties-0-part": "client",
        "parties-1-organisation_id": enterprise, "parties-1-part": "enterprise",
        **{f"lines-0-{name}": value for name, value in line.items()},
    } | changes  # fmt: skip


@pytest.fixture
def draft(session, story):
    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    session.commit()
    return order.id


@pytest.fixture
def offered(session, story):
    order = story.offered()
    session.commit()
    return order.id


def test_the_broker_writes_the_terms_and_offers(as_, session, story, draft):
    maria = as_(story.maria_user)
    page = text(maria.get(f"/orders/{draft}/edit"))
    assert '<option selected value="giver">' in page, "the giver said that they pay"
    assert "Taschen und Etuis in Kleinserie" in page, "what the workshop does is suggested"
    assert "Your turn: write the terms" in text(maria.get(f"/orders/{draft}"))

    answer = maria.post(f"/orders/{draft}/edit", data=terms(story, do="offer"))
    assert answer.location == f"/orders/{draft}"
    order = fresh(session, draft)
    assert (order.state, order.terms) == (OrderState.OFFERED, 1)
    session.refresh(order, ["parties", "lines"])
    (line,) = order.lines
    assert (line.payer_id, line.taker_id) == (order.clients[0].id, order.clients[0].id)
    assert (line.price, line.vat_percent, line.quantity) == (Decimal("38.50"), 20, 400)
    assert "Waiting for Spedition Koller and Nähwerk" in text(maria.get(f"/orders/{draft}"))
    assert maria.get(f"/orders/{draft}/edit").location == f"/orders/{draft}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": ""}, "Please state a price"),
        ({"pays": "nobody"}, "Either a price or free of charge"),
        ({"price": "viel"}, "Please write a number"),
        ({"product": ""}, "Please fill this in"),
        ({"quantity": ""}, "Please fill this in"),
        ({"due_on": "2098-01-01"}, "The end lies before the beginning"),
        ({"due_on": "soon"}, "Please write a date"),
        ({"pays": ""}, "Please state a price"),
        ({"price": "0.00001"}, "A number greater than zero"),
    ],
)
def test_what_is_wrong_with_the_terms_is_said(as_, session, story, draft, changes, said):
    answer = as_(story.maria_user).post(f"/orders/{draft}/edit", data=terms(story, **changes))
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert fresh(session, draft).product == ""


def test_stale_terms_are_not_written_over(as_, session, story, draft):
    maria = as_(story.maria_user)
    seen = str(fresh(session, draft).version)
    assert maria.post(f"/orders/{draft}/edit", data=terms(story, seen=seen)).status_code == 302
    assert maria.post(f"/orders/{draft}/edit", data=terms(story, seen=seen)).status_code == 409


def test_nothing_is_offered_without_terms(as_, session, story, draft):
    answer = as_(story.maria_user).post(f"/orders/{draft}/offer")
    assert answer.location == f"/orders/{draft}/edit"
    assert fresh(session, draft).state is OrderState.DRAFT


def test_both_sides_accept_and_the_level_is_true(as_, session, story, offered):
    andrea, emre = as_(story.andrea_user), as_(story.emre_user)
    page = text(andrea.get(f"/orders/{offered}"))
    assert "Your turn: accept, or ask for a change" in page
    assert "Accept for Spedition Koller" in page
    assert "no side has accepted yet" in page
    andrea.post(f"/orders/{offered}/accept", data={"terms": "1"})
    page = text(andrea.get(f"/orders/{offered}"))
    assert "Waiting for Nähwerk" in page
    assert "one side has accepted" in page
    emre.post(f"/orders/{offered}/accept", data={"terms": "1"})
    page = text(emre.get(f"/orders/{offered}"))
    assert "both sides have accepted" in page
    assert "by Andrea Koller" in page
    assert "Your turn: start production" in page
    for verb in ("start", "deliver"):
        emre.post(f"/orders/{offered}/{verb}")
    assert "Your turn: confirm" in text(andrea.get(f"/orders/{offered}"))
    andrea.post(f"/orders/{offered}/complete")
    assert fresh(session, offered).state is OrderState.COMPLETED
    assert "This order is completed" in text(andrea.get(f"/orders/{offered}"))


def test_free_of_charge_is_ticked_by_each_side(as_, session, story):
    order = story.offered(**free_terms())
    session.commit()
    andrea = as_(story.andrea_user)
    assert 'name="free_of_charge"' in text(andrea.get(f"/orders/{order.id}"))
    andrea.post(f"/orders/{order.id}/accept", data={"terms": "1"})
    page = text(andrea.get(f"/orders/{order.id}"))
    assert "Please confirm that it is free of charge" in page
    andrea.post(f"/orders/{order.id}/accept", data={"terms": "1", "free_of_charge": "yes"})
    assert "free of charge confirmed" in text(andrea.get(f"/orders/{order.id}"))


def test_a_yes_to_other_terms_counts_for_nothing(as_, session, story, offered):
    andrea, emre = as_(story.andrea_user), as_(story.emre_user)
    emre.post(f"/orders/{offered}/revise", data={"reason": "Eine Woche später, bitte."})
    order = fresh(session, offered)
    features.offer(session, order, actor=story.maria, now=NOW)
    session.commit()
    andrea.post(f"/orders/{offered}/accept", data={"terms": "1"})
    page = text(andrea.get(f"/orders/{offered}"))
    assert "The terms have changed since you opened them" in page
    assert "Eine Woche später, bitte." in page
    assert fresh(session, offered).state is OrderState.OFFERED


def test_a_change_needs_a_reason(as_, session, story, offered):
    emre = as_(story.emre_user)
    emre.post(f"/orders/{offered}/revise", data={"reason": " "})
    assert "Please give a reason" in text(emre.get(f"/orders/{offered}"))
    assert fresh(session, offered).state is OrderState.OFFERED


def test_cancelling_says_why(as_, session, story, offered):
    maria = as_(story.maria_user)
    maria.post(f"/orders/{offered}/cancel", data={"reason": "Die Maschine ist kaputt."})
    page = text(as_(story.emre_user).get(f"/orders/{offered}"))
    assert "This order was cancelled" in page
    assert "Die Maschine ist kaputt." in page


def test_what_one_may_not_do_is_403_and_what_cannot_be_409(as_, session, story, offered):
    andrea = as_(story.andrea_user)
    assert andrea.post(f"/orders/{offered}/offer").status_code == 403
    assert andrea.post(f"/orders/{offered}/start").status_code == 409
    assert as_(story.maria_user).post(f"/orders/{offered}/accept").status_code == 403
    assert as_(story.maria_user).post(f"/orders/{offered}/complete").status_code == 409
    assert andrea.post(f"/orders/{offered}/edit", data=terms(story)).status_code == 403


def test_strangers_do_not_know_of_it(as_, session, story, draft):
    stranger = a_person(session, a_company(session))
    session.commit()
    for person in (stranger, story.andrea_user):
        client = as_(person)
        for path in ("", "/edit", "/agreement.pdf"):
            assert client.get(f"/orders/{draft}{path}").status_code == 404
        assert client.post(f"/orders/{draft}/cancel", data={"reason": "x"}).status_code == 404


def test_parties_see_addresses_contacts_and_price(as_, session, story, offered):
    story.listing.address = "Lagerweg 3"
    story.enterprise.phone = "+43 2622 987"
    session.commit()
    page = text(as_(story.andrea_user).get(f"/orders/{offered}"))
    assert "Lagerweg 3" in page
    assert "+43 2622 987" in page
    assert "€15,400.00" in page
    assert "€38.50" in page, "the price of one"


def test_the_list_says_whose_turn_it_is(as_, session, story, offered):
    page = text(as_(story.emre_user).get("/orders/"))
    assert "A-2026-0001" in page
    assert "Your turn: accept, or ask for a change" in page
    assert "Waiting for" in text(as_(story.maria_user).get("/orders/?q=koller&state=offered"))
    page = text(as_(story.emre_user).get("/orders/?state=completed"))
    assert "Nothing matches this choice" in page


def test_empty_lists_say_what_to_do(as_, session, story, draft):
    assert "What fits you" in text(as_(story.emre_user).get("/orders/"))
    assert "Offer material" in text(as_(story.andrea_user).get("/orders/"))


def words_of(rendered):
    boxes = (box for page in rendered.pages for box in page._page_box.descendants())
    return " ".join(box.text for box in boxes if hasattr(box, "text"))


@pytest.mark.parametrize("free", [False, True])
def test_the_agreement_is_a_pdf_with_everything_on_it(as_, app, session, story, free):
    order = story.offered(**(free_terms() if free else {}))
    for party in (story.andrea, story.emre):
        features.accept(session, order, terms=1, free_of_charge=free, actor=party, now=NOW)
    session.commit()
    answer = as_(story.andrea_user).get(f"/orders/{order.id}/agreement.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert len(answer.data) > 10_000, "fonts are in it"
    with app.test_request_context(headers={"Accept-Language": "en"}):
        found = queries.get(session, order.id, actor=story.andrea)
        words = words_of(document(found))
    for said in (
        "A-2026-0001", "Terms 1", "Spedition Koller", "Nähwerk", "Taschen in drei Größen",
        "400 pieces", "by Andrea Koller for", "by Emre Yıldız for", "Place, day, signature",
    ):  # fmt: skip
        assert said in words, said
    assert ("free of charge" in words) is free
    assert ("€15,400.00" in words) is not free


def test_an_offer_on_paper_does_not_pretend_to_be_agreed(app, session, story, offered):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        words = words_of(document(queries.get(session, offered, actor=story.andrea)))
    assert "It becomes an agreement when both sides have accepted" in words
    assert "Not accepted yet." in words


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "https://static.invalid/../config.py",
        "https://static.invalid/%2e%2e/config.py",
        "https://static.invalid//etc/passwd",
        "https://example.org/css/base.css",
        "https://static.invalid/js/app.js",
        "https://static.invalid/css/nothing.css",
        "http://169.254.169.254/",
    ],
)
def test_paper_fetches_nothing_but_our_own_files(app, url):
    with pytest.raises(ValueError, match="not one of our files"):
        StaticFiles(Path(app.static_folder)).fetch(url)


def test_our_own_style_sheet_is_found(app):
    found = StaticFiles(Path(app.static_folder)).fetch("https://static.invalid/css/agreement.css")
    assert b"@page" in found.read()
