"""The page on which a service point sees what its refusals do, and switches that off."""

import pytest
from sqlalchemy import select

from marketplace.accounts.models import ServicePoint
from marketplace.core.audit import AuditRow
from marketplace.proposals.actions import refuse
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal, RefusalReason
from marketplace.proposals.relearning import relearn
from tests.builders import NOW, a_broker, a_listing, a_place, an_agency_person, sign_in
from tests.orders.order_stories import TODAY, a_story


@pytest.fixture
def story(session):
    """Maria has refused Eisenstadt for distance; the same from Wien waits."""
    story = a_story(session)
    far = a_listing(session, story.company, place=a_place("Wien"), title="Planen aus Wien")
    match_listings(session, [far.id], as_of=TODAY, now=NOW)
    refuse(session, story.proposal, RefusalReason.DISTANCE, "", actor=story.maria, now=NOW)
    story.point = story.company.service_point_id
    relearn(session, story.point, now=NOW)
    story.far = session.scalars(select(Proposal).where(Proposal.listing_id == far.id)).one()
    session.commit()
    return story


def someone(app, user, lang="en"):
    client = sign_in(app.test_client(), user)
    with client.session_transaction() as cookie:
        cookie["lang"] = lang
    return client


@pytest.fixture
def maria(app, story):
    return someone(app, story.maria_user)


def text(response):
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def test_the_page_says_what_it_rests_on_what_it_does_and_to_whom(maria, story):
    page = text(maria.get("/desk/learning"))
    assert "-1.0 points from 21.1 km on" in page
    assert "one refusal, 0 acceptances" in page
    assert f"/desk/proposals/{story.far.id}" in page
    assert "1 refused for it at most this far, 0 accepted at least this far" in page
    assert page.count("no refusals, nothing moves") == 3


def test_board_and_proposal_show_the_correction_beside_the_score(maria, story):
    board = text(maria.get("/desk/"))
    assert "-1.0 for distance" in board
    assert "-1.0 for distance: 1 refused for it at most this far" in board
    assert "/desk/learning" in board
    assert "-1.0 points" in text(maria.get(f"/desk/proposals/{story.far.id}"))
    assert "from refusals" not in text(maria.get(f"/desk/proposals/{story.proposal.id}"))


def test_switching_off_and_on(maria, session, story):
    answer = maria.post("/desk/learning", data={"point": story.point, "learns": "no"})
    assert answer.location == f"/desk/learning?point={story.point}"
    page = text(maria.get(answer.location))
    assert "switched off" in page
    assert "This is what would follow. At present nothing does." in page
    assert not session.get(ServicePoint, story.point, populate_existing=True).learns_from_refusals
    maria.post("/desk/learning", data={"point": story.point, "learns": "yes"})
    assert session.get(ServicePoint, story.point, populate_existing=True).learns_from_refusals
    rows = session.scalars(select(AuditRow).where(AuditRow.action == "switch_learning")).all()
    assert len(rows) == 2


@pytest.mark.parametrize("data", [{}, {"learns": "no"}, {"point": "x", "learns": "no"}])
def test_without_a_clear_answer_nothing_changes(maria, session, story, data):
    answer = maria.post("/desk/learning", data=data, follow_redirects=True)
    assert "Please choose one of the options." in text(answer)
    unclear = {"point": story.point, "learns": "perhaps"}
    maria.post("/desk/learning", data=unclear)
    assert session.get(ServicePoint, story.point, populate_existing=True).learns_from_refusals


def test_others_neither_see_nor_switch(app, session, story):
    stranger, agency = a_broker(session), an_agency_person(session)
    session.commit()
    away = someone(app, stranger)
    page = text(away.get(f"/desk/learning?point={story.point}"))
    assert "Nothing learned yet" in page
    assert "Planen aus Wien" not in page
    off = {"point": story.point, "learns": "no"}
    assert away.post("/desk/learning", data=off).status_code == 403
    assert away.post("/desk/learning", data=off | {"point": 987654}).status_code == 404
    agnes = someone(app, agency)
    assert "Planen aus Wien" in text(agnes.get(f"/desk/learning?point={story.point}"))
    assert agnes.post("/desk/learning", data=off).status_code == 302


def test_before_there_is_a_service_point(app, session):
    agency = an_agency_person(session)
    session.commit()
    assert "No service point yet" in text(someone(app, agency).get("/desk/learning"))


def test_parties_see_nothing_of_it(app, story):
    for user, urls in (
        (story.emre_user, ("/capabilities/for-you", "/capabilities/")),
        (story.andrea_user, ("/listings/", f"/materials/{story.far.listing_id}")),
    ):
        client = someone(app, user)
        assert client.get("/desk/learning").status_code == 403
        for url in urls:
            page = text(client.get(url))
            assert "-1.0" not in page
            assert "refus" not in page


@pytest.mark.parametrize("lang", ["de", "hu", "en"])
def test_in_every_language(app, story, lang):
    client = someone(app, story.maria_user, lang)
    assert f'<html lang="{lang}">' in text(client.get("/desk/learning"))
