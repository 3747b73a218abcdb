"""The agency's page of weights: look first, then put into force, and nothing typed is lost."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from marketplace.proposals.models import WeightsRow
from tests.builders import an_agency_person, sign_in
from tests.orders.order_stories import a_story

TYPED = {
    "proximity": "0.1",
    "fit": "0.45",
    "capacity": "0.15",
    "timing": "0.1",
    "value": "0.1",
    "fairness": "0.1",
    "half_distance_km": "60",
    "comment": "Mehr Eignung & weniger Weg",
}


@pytest.fixture
def agnes(client, session):
    a_story(session)
    person = an_agency_person(session)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return sign_in(client, person)


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.get_data(as_text=True)


def stored(session):
    session.expire_all()
    return session.scalars(select(WeightsRow).order_by(WeightsRow.version)).all()


def test_what_is_in_force_fills_the_form(agnes):
    page = text(agnes.get("/agency/weights"))
    assert 'name="proximity"' in page
    assert 'value="0.35"' in page
    assert "as the marketplace began" in page
    assert 'id="moves"' not in page


def test_looking_leads_to_an_address_and_stores_nothing(agnes, session):
    answer = agnes.post("/agency/weights", data=TYPED | {"do": "preview"})
    assert answer.status_code == 302
    asked = {k: v[0] for k, v in parse_qs(urlsplit(answer.location).query).items()}
    assert asked == TYPED | {"half_distance_km": "60.0"}
    page = text(agnes.get(answer.location))
    assert 'id="moves"' in page
    assert "45.0 %" in page
    assert "one published listing" in page
    assert 'value="0.45"' in page
    assert "Mehr Eignung &amp; weniger Weg" in page
    assert stored(session) == []


def test_an_address_reads_the_same_in_every_language(agnes):
    with agnes.session_transaction() as cookie:
        cookie["lang"] = "de"
    answer = agnes.post("/agency/weights", data=TYPED | {"fit": "0,450", "do": "preview"})
    assert "fit=0.45&" in answer.location
    page = text(agnes.get(answer.location))
    assert 'value="0,45"' in page
    assert "45,0 %" in page


def test_put_into_force(agnes, session):
    answer = agnes.post("/agency/weights", data=TYPED | {"do": "force"})
    assert answer.location == "/agency/weights"
    (row,) = stored(session)
    assert (row.version, row.fit, row.half_distance_km) == (2, 0.45, 60.0)
    page = text(agnes.get("/agency/weights"))
    assert "Mehr Eignung &amp; weniger Weg" in page
    assert "Agnes Agentur" in page
    again = text(agnes.post("/agency/weights", data=TYPED | {"do": "force"}), 422)
    assert "These weights are in force already." in again
    assert len(stored(session)) == 1


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"fit": "-1"}, "fit", "Zero or more, please."),
        ({"fit": "viel"}, "fit", "Please write a number"),
        ({"fit": ""}, "fit", "Please fill this in."),
        ({"half_distance_km": "0"}, "half_distance_km", "A number greater than zero, please."),
        (dict.fromkeys(list(TYPED)[:6], "0"), "proximity", "At least one weight must be greater"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "force"])
def test_what_cannot_stand_is_said_beside_the_field(agnes, session, changes, field, sentence, do):
    page = text(agnes.post("/agency/weights", data=TYPED | changes | {"do": do}), 422)
    assert f'id="{field}-e"' in page
    assert sentence in page
    assert f'value="{changes[field]}"' in page
    assert "Mehr Eignung &amp; weniger Weg" in page
    assert stored(session) == []


def test_a_reason_is_asked_for_only_where_it_counts(agnes, session):
    typed = TYPED | {"comment": ""}
    assert agnes.post("/agency/weights", data=typed | {"do": "preview"}).status_code == 302
    page = text(agnes.post("/agency/weights", data=typed | {"do": "force"}), 422)
    assert 'id="comment-e"' in page
    assert stored(session) == []


@pytest.mark.parametrize(
    "query", ["fit=x", "proximity=-1&half_distance_km=0", "fit=nan&value=inf", "before=7&after=x"]
)
def test_an_address_that_makes_no_sense_still_answers(agnes, query):
    page = text(agnes.get(f"/agency/weights?{query}"))
    assert 'id="moves"' not in page
    assert ('role="alert"' in page) == ("before" not in query)


def test_two_old_versions_side_by_side(agnes):
    agnes.post("/agency/weights", data=TYPED | {"do": "force"})
    page = text(agnes.get("/agency/weights?before=1&after=2"))
    assert 'id="moves"' in page
    assert "Version 1" in page
    assert "Version 2" in page
    assert "60 km" in page


@pytest.mark.parametrize("lang", ["de", "hu", "en"])
def test_in_every_language(agnes, lang):
    with agnes.session_transaction() as cookie:
        cookie["lang"] = lang
    page = text(agnes.get("/agency/weights?before=1&after=1"))
    assert f'<html lang="{lang}">' in page
