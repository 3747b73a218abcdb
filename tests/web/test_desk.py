import re

import pytest
from sqlalchemy import event, select

from marketplace.accounts.models import Verification
from marketplace.listings.actions import show_interest
from marketplace.orders.models import Order
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal, RefusalReason
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_person,
    an_agency_person,
    an_enterprise,
    an_organisation,
    sign_in,
)
from tests.orders.order_stories import TODAY, a_story


@pytest.fixture
def story(session):
    story = a_story(session)
    session.commit()
    return story


@pytest.fixture
def maria(client, story):
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return sign_in(client, story.maria_user)


def text(response):
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def state_of(session, proposal):
    session.expire_all()
    return session.get(type(proposal), proposal.id).state


def test_the_board_shows_pair_way_points_and_reasons(maria, story):
    page = text(maria.get("/desk/"))
    assert "Lkw-Planen, bedruckt" in page
    assert "Nähwerk" in page
    assert "21.1 km" in page
    assert page.count('class="s6"') >= 2, "six shares in the row and in the panel"
    assert f'data-panel="{story.proposal.id}"' in page
    listing = story.listing
    assert f'data-from="{listing.latitude:.5f},{listing.longitude:.5f}"' in page
    assert "halves every 30 km" in page
    for key in ("a", "b", "m"):
        assert f'data-key="{key}"' in page
    assert "1 of one proposal" in page


def test_filters_live_in_the_address(maria, story):
    assert "Lkw-Planen" in text(
        maria.get("/desk/?kind=residual&km=30&region=AT-1&points=40&days=7")
    )
    for query in ("kind=service", "border=yes", "state=refused", "points=80&q=Holz", "q=Unfug"):
        page = text(maria.get("/desk/?" + query))
        assert "Nothing matches this choice" in page, query
    for nonsense in ("state=x&kind=y&km=7&points=a&days=0&material=zz&region=qq&page=x&chosen=q",):
        assert "Lkw-Planen" in text(maria.get("/desk/?" + nonsense))


def test_chips_toggle_what_is_shown(maria, story):
    page = text(maria.get("/desk/?state=shortlisted&km=30"))
    links = re.findall(r'class="chip[^"]*" href="([^"]*)"', page)
    assert "/desk/?km=30" in links, "new and shortlisted together are the usual view"
    assert "/desk/?state=shortlisted" in links


def test_an_empty_board_says_what_to_do(client, session):
    session.commit()
    broker = a_broker(session)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    page = text(sign_in(client, broker).get("/desk/"))
    assert "Nothing waits for a decision" in page
    assert "/desk/unmatched" in page


def test_shortlisting_and_taking_it_back(maria, session, story):
    url = f"/desk/proposals/{story.proposal.id}"
    answer = maria.post(f"{url}/shortlist", data={"query": "kind=residual&page=1"})
    assert answer.location == f"/desk/?kind=residual&page=1&chosen={story.proposal.id}"
    assert state_of(session, story.proposal) is ProposalState.SHORTLISTED
    assert "Shortlisted: Lkw-Planen, bedruckt for Nähwerk." in text(maria.get(answer.location))
    assert maria.post(f"{url}/unlist").location == url
    assert state_of(session, story.proposal) is ProposalState.PROPOSED


def test_the_way_back_leads_nowhere_else(maria, story):
    url = f"/desk/proposals/{story.proposal.id}/shortlist"
    data = {"query": "_external=1&_scheme=https&_anchor=x&q=a%26b"}
    assert maria.post(url, data=data).location.startswith("/desk/?q=a%26b")


def test_refusing_needs_a_reason(maria, session, story):
    url = f"/desk/proposals/{story.proposal.id}"
    maria.post(f"{url}/refuse", data={"reason": "because"})
    assert "Please give a reason" in text(maria.get(url))
    assert state_of(session, story.proposal) is ProposalState.PROPOSED
    maria.post(f"{url}/refuse", data={"reason": "distance", "note": "Zu weit für Planen."})
    assert state_of(session, story.proposal) is ProposalState.REFUSED
    assert story.proposal.reason is RefusalReason.DISTANCE
    page = text(maria.get(url))
    assert "The way is not worth it" in page
    assert "Zu weit für Planen." in page


def test_an_order_in_one_step(maria, session, story):
    answer = maria.post(f"/desk/proposals/{story.proposal.id}/accept")
    order = session.scalars(select(Order)).one()
    assert answer.location == f"/orders/{order.id}/edit"
    assert state_of(session, story.proposal) is ProposalState.ACCEPTED
    page = text(maria.get(f"/desk/proposals/{story.proposal.id}"))
    assert f"/orders/{order.id}" in page


def test_one_order_of_several_proposals(maria, session, story):
    assert 'id="one-order"' not in text(maria.get("/desk/")), "one alone needs no choice"
    second = an_enterprise(
        session, name="Filzwerk", service_point_id=story.company.service_point_id
    )
    a_capability(session, second)
    match_listings(session, [story.listing.id], as_of=TODAY, now=NOW)
    session.commit()
    page = text(maria.get("/desk/?kind=residual"))
    keys = [int(key) for key in re.findall(r'name="into" value="(\d+)" form="one-order"', page)]
    assert len(keys) == 2
    none = maria.post("/desk/order", data={"query": "kind=residual"})
    assert none.location == "/desk/?kind=residual"
    assert "Choose at least one proposal." in text(maria.get(none.location))
    other = session.scalars(select(Proposal).where(Proposal.id != story.proposal.id)).one()
    made = maria.post("/desk/order", data={"into": keys, "first": other.id})
    order = session.scalars(select(Order)).one()
    assert made.location == f"/orders/{order.id}/edit"
    session.refresh(order, ["parties"])
    assert [p.organisation_id for p in order.enterprises] == [second.id, story.enterprise.id]
    late = maria.post("/desk/order", data={"into": keys})
    assert "Somebody else was faster" in text(maria.get(late.location))
    assert len(session.scalars(select(Order)).all()) == 1
    assert maria.post("/desk/order", data={"into": [999999, "x"]}).status_code == 404


def test_a_common_order_is_refused_with_a_sentence(maria, session, story):
    story.listing.hazardous = True
    session.commit()
    refused = maria.post("/desk/order", data={"into": story.proposal.id})
    assert "Hazardous material goes only to those permitted" in text(maria.get(refused.location))
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize("verb", ["accept", "shortlist", "refuse"])
def test_whoever_comes_second_is_told(maria, session, story, verb):
    url = f"/desk/proposals/{story.proposal.id}"
    maria.post(f"{url}/accept")
    answer = maria.post(f"{url}/{verb}", data={"reason": "other"})
    assert answer.location == url
    assert "Somebody else was faster" in text(maria.get(url))
    assert len(session.scalars(select(Order)).all()) == 1


def test_hazardous_material_is_refused_with_a_sentence(maria, session, story):
    story.listing.hazardous = True
    session.commit()
    url = f"/desk/proposals/{story.proposal.id}"
    assert maria.post(f"{url}/accept").location == url
    assert "Hazardous material goes only to those permitted" in text(maria.get(url))
    assert session.scalars(select(Order)).all() == []


def test_only_brokers_of_either_side(app, session, story):
    stranger, agency = a_broker(session), an_agency_person(session)
    session.commit()
    url = f"/desk/proposals/{story.proposal.id}"
    assert sign_in(app.test_client(), stranger).get(url).status_code == 404
    assert sign_in(app.test_client(), stranger).post(f"{url}/accept").status_code == 404
    assert sign_in(app.test_client(), agency).get(url).status_code == 200
    assert sign_in(app.test_client(), story.andrea_user).get(url).status_code == 403
    assert app.test_client().get("/desk/").location.startswith("/sign-in")


def test_the_page_asks_as_often_for_one_row_as_for_many(maria, session, story):
    engine = session.get_bind().engine

    def statements(rows):
        heard = []

        def listen(*args):
            if not args[2].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                heard.append(args[2])

        event.listen(engine, "before_cursor_execute", listen)
        page = text(maria.get("/desk/"))
        event.remove(engine, "before_cursor_execute", listen)
        assert page.count("data-panel=") == rows
        return len(heard)

    few = statements(1)
    listings = [a_listing(session, story.company) for _ in range(14)]
    match_listings(session, [one.id for one in listings], as_of=TODAY, now=NOW)
    session.commit()
    assert statements(15) == few


def test_organisations_wait_to_be_verified(maria, session, story):
    point = story.company.service_point_id
    new = a_company(
        session, name="Blech Aigner", verification="pending", service_point_id=point,
        vat_id="ATU12345675",
    )  # fmt: skip
    elsewhere = a_company(session, name="Anderswo", verification="pending")
    session.commit()
    page = text(maria.get("/desk/organisations"))
    assert "Blech Aigner" in page
    assert "ATU12345675" in page
    assert "Anderswo" not in page
    assert "Nähwerk" not in text(maria.get("/desk/organisations?q=Koller"))

    maria.post(f"/desk/organisations/{new.id}/refuse", data={"reason": " "})
    assert "Please give a reason" in text(maria.get(f"/desk/organisations/{new.id}"))
    maria.post(f"/desk/organisations/{new.id}/refuse", data={"reason": "Die UID stimmt nicht."})
    session.refresh(new)
    assert new.verification is Verification.REFUSED
    assert "Die UID stimmt nicht." in text(maria.get(f"/desk/organisations/{new.id}"))
    maria.post(f"/desk/organisations/{new.id}/verify")
    session.refresh(new)
    assert new.verification is Verification.VERIFIED
    assert maria.post(f"/desk/organisations/{new.id}/verify").status_code == 409
    assert maria.post(f"/desk/organisations/{elsewhere.id}/verify").status_code == 404


def test_contacts_of_others_organisations_stay_theirs(maria, session, story):
    other = an_organisation(session, name="Fremd", email="geheim@example.org")
    session.commit()
    assert maria.get(f"/desk/organisations/{other.id}").status_code == 403
    page = text(maria.get(f"/desk/organisations/{story.company.id}"))
    assert "Andrea Koller" in page


def test_listings_without_a_match_say_what_stands_in_the_way(maria, session, story):
    a_listing(session, story.company, title="Glasflaschen", material_code="glass")
    session.commit()
    page = text(maria.get("/desk/unmatched"))
    assert "Glasflaschen" in page
    assert "does not accept" in page
    assert "Lkw-Planen" not in page


def test_interests_lead_to_the_proposal(maria, session, story):
    show_interest(session, story.listing, "Daraus werden Taschen.", actor=story.emre, now=NOW)
    session.commit()
    page = text(maria.get("/desk/interests"))
    assert "Daraus werden Taschen." in page
    assert f"/desk/proposals/{story.proposal.id}" in page


@pytest.mark.parametrize("lang", ["de", "hu", "en"])
def test_every_page_in_every_language(app, session, story, lang):
    person = a_person(session, service_point_id=story.maria_user.service_point_id)
    session.commit()
    client = sign_in(app.test_client(), person)
    with client.session_transaction() as cookie:
        cookie["lang"] = lang
    for url in ("/desk/", "/desk/organisations", "/desk/unmatched", "/desk/interests"):
        assert f'<html lang="{lang}">' in text(client.get(url))
