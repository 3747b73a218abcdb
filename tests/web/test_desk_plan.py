"""The desk's pages of planning: the plan, pools with their tours, chains."""

import re

import pytest
from sqlalchemy import event, select

from marketplace.listings.models import Kind
from marketplace.orders.models import Order, OrderPairing
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from marketplace.web.broker import plan as page_of_plan
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_place,
    a_service_point,
    an_agency_person,
    an_enterprise,
    sign_in,
)
from tests.orders.order_stories import TODAY, a_story

PAGES = ("/desk/plan", "/desk/pools", "/desk/chains")


@pytest.fixture
def story(session):
    story = a_story(session)
    point = story.company.service_point_id
    story.felt = a_capability(
        session,
        story.enterprise,
        title="Filz pressen",
        materials=["textile.felt"],
        min_batch_kg=100.0,
    )
    story.small = [some_felt(session, story.company, town) for town in ("Eisenstadt", "Baden")]
    story.sorting = a_capability(
        session,
        an_enterprise(session, name="Sortierwerk", service_point_id=point),
        techniques=["sorting"],
        materials=["textile"],
    )
    story.both = to_sort_and_sew(session, story.company)
    session.commit()
    return story


def some_felt(session, company, town):
    return a_listing(
        session,
        company,
        title=f"Filz aus {town}",
        material_code="textile.felt",
        mass_kg=60.0,
        quantity=60.0,
        place=a_place(town, address="Hintertür 7"),
    )


def to_sort_and_sew(session, company):
    return a_listing(
        session,
        company,
        title="Sortieren und nähen",
        kind=Kind.PRODUCTION_STEP,
        material_code="textile",
        techniques=["sorting", "sewing"],
    )


def english(client, user):
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return sign_in(client, user)


@pytest.fixture
def maria(client, story):
    return english(client, story.maria_user)


@pytest.fixture(autouse=True)
def on_the_day_of_the_stories(monkeypatch):
    for module in ("plan", "pools", "chains"):
        monkeypatch.setattr(f"marketplace.web.broker.{module}.today", lambda: TODAY)


def text(response):
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def test_the_plan_beside_two_simpler_ways(maria, story):
    page = text(maria.get("/desk/plan"))
    for words in ("Best plan", "Best score first", "First come, first served", "Lkw-Planen"):
        assert words in page
    assert "rests on one open proposal" in page
    assert f'name="proposal" value="{story.proposal.id}"' in page
    assert f'action="/desk/proposals/{story.proposal.id}/accept"' in page
    assert page.count("<meter") == 15


def test_several_orders_at_once(maria, session, story):
    more = a_listing(session, story.company, title="Planen, einfarbig")
    match_listings(session, [more.id], as_of=TODAY, now=NOW)
    session.commit()
    keys = session.scalars(select(Proposal.id).order_by(Proposal.id)).all()
    answer = maria.post("/desk/plan/accept", data={"proposal": [*keys, "x", "-1"]})
    assert answer.location == "/orders/"
    assert len(session.scalars(select(Order)).all()) == 2
    assert "2 orders are drawn up" in text(maria.get(answer.location))
    assert "Nothing to plan yet" in text(maria.get("/desk/plan"))


def test_one_that_cannot_be_does_not_keep_the_others_back(maria, session, story):
    hazard = a_listing(session, story.company, title="Planen mit Öl")
    gone = a_listing(session, story.company, title="Planen, zurückgezogen")
    match_listings(session, [hazard.id, gone.id], as_of=TODAY, now=NOW)
    hazard.hazardous, gone.state = True, "paused"
    session.commit()
    by_listing = {p.listing_id: p for p in session.scalars(select(Proposal))}
    keys = [p.id for p in by_listing.values()]
    answer = maria.post("/desk/plan/accept", data={"proposal": [*keys, 999_999]})
    assert answer.location == "/desk/plan"
    page = text(maria.get("/desk/plan"))
    assert "One order is drawn up" in page
    assert f"{by_listing[hazard.id].number}: Hazardous material goes only" in page
    assert f"{by_listing[gone.id].number}: Somebody else was faster" in page
    assert "V-999999: There is no such proposal" in page
    assert list(session.scalars(select(OrderPairing.proposal_id))) == [story.proposal.id]


def test_choosing_nothing_is_said(maria, session, story):
    assert maria.post("/desk/plan/accept").location == "/desk/plan"
    assert "Choose at least one pairing" in text(maria.get("/desk/plan"))
    assert session.scalars(select(Order)).all() == []


def test_a_plan_that_took_long_is_kept_and_says_when_it_is_stale(
    maria, session, story, monkeypatch
):
    monkeypatch.setattr(page_of_plan, "SLOW_S", -1.0)
    assert "Lkw-Planen" in text(maria.get("/desk/plan"))
    more = a_listing(session, story.company, title="Planen, einfarbig")
    match_listings(session, [more.id], as_of=TODAY, now=NOW)
    session.commit()
    page = text(maria.get("/desk/plan"))
    assert "This plan is out of date" in page
    assert "einfarbig" not in page
    page = text(maria.get("/desk/plan?fresh=1"))
    assert "This plan is out of date" not in page
    assert "einfarbig" in page
    assert "einfarbig" in text(maria.get("/desk/plan"))


def test_pages_of_pairings(maria, session, story, monkeypatch):
    monkeypatch.setattr(page_of_plan, "SIZE", 1)
    more = a_listing(session, story.company, title="Planen, einfarbig", mass_kg=10.0)
    match_listings(session, [more.id], as_of=TODAY, now=NOW)
    session.commit()
    first, second = text(maria.get("/desk/plan")), text(maria.get("/desk/plan?page=2"))
    assert "Lkw-Planen" in first
    assert "einfarbig" not in first
    assert "einfarbig" in second
    assert text(maria.get("/desk/plan?page=77&fresh=x"))


def test_pools_with_their_round(maria, story):
    page = text(maria.get("/desk/pools"))
    assert "Felt for Nähwerk" in page
    assert "120 kg" in page
    assert "Separate trips" in page
    assert "as the crow flies" in page
    for one in story.small:
        assert one.title in page
    way = re.search(r'data-way="([^"]*)"', page).group(1).split(";")
    assert len(way) == 4
    assert way[0] == way[-1] == f"{story.felt.latitude:.5f},{story.felt.longitude:.5f}"
    sheet = text(
        maria.get(re.search(r'href="(/desk/pools/[^"]*)"', page).group(1).replace("&amp;", "&"))
    )
    assert "Hintertür 7" in sheet
    assert "Andrea Koller" in sheet
    assert "data-print" in sheet


def test_a_routing_server_that_fails_is_told_and_the_page_is_there(app, session, story):
    app.config["ROUTING_URL"] = "http://127.0.0.1:1/table/v1/driving"
    page = text(english(app.test_client(), story.maria_user).get("/desk/pools"))
    assert "The routing server gives no answer" in page
    assert "as the crow flies" in page


def test_the_other_side_s_broker_sees_no_exact_place(app, session, story):
    neighbour = a_service_point(session)
    story.enterprise.service_point_id = neighbour.id
    sepp = a_broker(session, neighbour)
    session.commit()
    client = english(app.test_client(), sepp)
    page = text(client.get("/desk/pools"))
    assert "near Eisenstadt" in page
    link = re.search(r'href="(/desk/pools/[^"]*)"', page).group(1).replace("&amp;", "&")
    for shown in (page, text(client.get(link))):
        assert "Hintertür 7" not in shown
        assert "Andrea Koller" not in shown
        for one in story.small:
            assert f"{one.latitude:.5f}" not in shown


def test_chains_show_every_step(maria, story):
    page = text(maria.get("/desk/chains"))
    assert "Sortieren und nähen" in page
    assert page.index("Sortierwerk") < page.index("Taschen und Etuis")
    assert "km in all" in page
    assert "One listing" in page


def test_only_brokers_and_only_their_own(app, session, story):
    stranger, agency = a_broker(session), an_agency_person(session)
    session.commit()
    for url in PAGES:
        assert app.test_client().get(url).location.startswith("/sign-in")
        assert sign_in(app.test_client(), story.andrea_user).get(url).status_code == 403
        theirs = text(english(app.test_client(), stranger).get(url))
        assert "Koller" not in theirs
        assert 'class="empty"' in theirs
        assert "Koller" in text(english(app.test_client(), agency).get(url))
    tour = f"/desk/pools/{story.felt.id}/tour?" + "&".join(f"listing={o.id}" for o in story.small)
    assert sign_in(app.test_client(), stranger).get(tour).status_code == 404
    assert sign_in(app.test_client(), story.emre_user).get(tour).status_code == 403
    assert text(sign_in(app.test_client(), agency).get(tour))
    answer = sign_in(app.test_client(), stranger).post(
        "/desk/plan/accept", data={"proposal": story.proposal.id}
    )
    assert answer.location == "/desk/plan"
    refused = sign_in(app.test_client(), story.emre_user).post("/desk/plan/accept")
    assert refused.status_code == 403
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize(
    "query", ["", "listing=1", "listing=x&listing=-1&listing=99999999999999999999"]
)
def test_a_tour_that_is_none(maria, story, query):
    assert maria.get(f"/desk/pools/{story.felt.id}/tour?{query}").status_code == 404


def test_the_menu_says_where_we_are(maria, story):
    for url in PAGES:
        page = text(maria.get(url))
        assert '<a href="/desk/plan" aria-current="page">Plan</a>' in page
        assert f'class="chip chip--on" href="{url}" aria-current="page"' in page


@pytest.mark.parametrize("url", PAGES)
def test_the_page_asks_as_often_for_one_row_as_for_many(maria, session, story, url):
    engine = session.get_bind().engine

    def statements():
        heard = []

        def listen(*args):
            if not args[2].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                heard.append(args[2])

        event.listen(engine, "before_cursor_execute", listen)
        text(maria.get(url))
        event.remove(engine, "before_cursor_execute", listen)
        return len(heard)

    few = statements()
    for n in range(4):
        company = a_company(
            session, name=f"Betrieb {n}", service_point_id=story.company.service_point_id
        )
        tarps = a_listing(session, company)
        for town in ("Mattersburg", "Neunkirchen"):
            some_felt(session, company, town)
        to_sort_and_sew(session, company)
        match_listings(session, [tarps.id], as_of=TODAY, now=NOW)
    session.commit()
    assert statements() == few


@pytest.mark.parametrize("lang", ["de", "hu", "en"])
def test_every_page_in_every_language(app, session, story, lang):
    client = sign_in(app.test_client(), story.maria_user)
    with client.session_transaction() as cookie:
        cookie["lang"] = lang
    for url in PAGES:
        assert f'<html lang="{lang}">' in text(client.get(url))
