"""The pages of the materials and what their map asks for."""

import re
from datetime import timedelta

import pytest

from marketplace.listings.map_tiles import recount
from marketplace.listings.models import Kind
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import words as own_words
from marketplace.vocabulary.words import WordDraft
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_place,
    actor_for,
    an_agency_person,
    an_enterprise,
)

VIEW = {"west": 15, "south": 47, "east": 18, "north": 49, "zoom": 8}


@pytest.fixture
def market(session):
    company = a_company(session)
    for n in range(45):
        a_listing(
            session,
            company,
            title=f"Nummer {n}",
            published_at=NOW - timedelta(hours=n),
            place=a_place(latitude=47.5 + n / 100, longitude=16.1 + n / 100),
        )
    session.commit()
    return company


def titles(text):
    return re.findall(r">(Nummer \d+)</a>", text)


def following(text):
    link = re.search(r'href="([^"]+)" rel="next"', text)
    return link[1].replace("&amp;", "&") if link else None


@pytest.mark.parametrize(
    "query", ["kind=residual", "place=Wien&kind=residual", "place=Wien&km=200"]
)
def test_the_next_page_goes_on_and_keeps_the_search(client, market, query):
    address, seen, pages = f"/materials/?{query}", [], 0
    while address:
        text = client.get(address).text
        assert query.split("&")[0] in address
        seen += titles(text)
        address, pages = following(text), pages + 1
    assert pages == 3
    assert sorted(seen) == sorted(f"Nummer {n}" for n in range(45))


def test_a_later_page_leads_back_to_the_beginning(client, market):
    first = client.get("/materials/?place=Wien").text
    assert "after=" not in first.split('rel="next"')[1]
    later = client.get(following(first)).text
    beginning = re.search(r'href="(/materials/\?place=Wien)"><svg', later)
    assert beginning
    other_order = re.search(r'href="([^"]*sort=newest[^"]*)"', later)
    assert "after=" not in other_order[1]


@pytest.mark.parametrize(
    "after", ["~", "zz~3", "nan~1", "-5~1", "1e999~4", "9" * 400 + "~1", "%00~1"]
)
@pytest.mark.parametrize(
    "path", ["/materials/", "/materials/?place=Wien", "/enterprises/?place=Wien"]
)
def test_a_made_up_page_is_still_a_page(client, market, path, after):
    join = "&" if "?" in path else "?"
    assert client.get(f"{path}{join}after={after}").status_code == 200


def test_the_directory_goes_on_by_name_and_by_distance(session, client):
    for n in range(25):
        place = a_place(latitude=47.5 + n / 50, longitude=16.1)
        an_enterprise(session, name=f"Nummer {n % 20}", place=place)
    session.commit()
    for address in ("/enterprises/", "/enterprises/?place=Wien"):
        first = client.get(address).text
        second = client.get(following(first)).text
        assert len(titles(first)) == 20
        assert len(titles(second)) == 5
        assert following(second) is None


def on_map(client, **changes):
    answer = client.get("/materials/map", query_string={**VIEW, **changes})
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    return answer.get_json()


def test_few_listings_are_single_points_with_title_and_page(session, client):
    listing = a_listing(session, a_company(session))
    session.commit()
    (found,) = on_map(client)["features"]
    assert found["properties"] == {
        "title": listing.title,
        "url": f"/materials/{listing.id}",
        "thumb": None,
    }
    assert found["geometry"]["coordinates"] == [listing.public_longitude, listing.public_latitude]
    assert on_map(client, west=10, east=11)["features"] == []


def test_many_listings_are_clusters_until_one_comes_close(session, client, market):
    for _ in range(300):
        a_listing(session, market, place=a_place("Graz"))
    session.commit()
    uncounted = on_map(client)
    assert (len(uncounted["features"]), uncounted["more"]) == (300, True)
    recount(session)
    session.commit()
    wide = on_map(client, zoom=5, west=10, south=45, east=20, north=50)
    assert sum(f["properties"]["count"] for f in wide["features"]) == 345
    assert len(wide["features"]) < 10
    assert on_map(client, zoom=5, west=10, south=45, east=20, north=50, material="wood") == {
        "type": "FeatureCollection",
        "features": [],
        "more": False,
    }
    graz = on_map(client, zoom=14, west=15.2, south=46.9, east=15.6, north=47.2)
    assert all("title" in f["properties"] for f in graz["features"])
    assert len(graz["features"]) == 300
    assert not graz["more"]
    assert on_map(client, zoom=14, west=15, south=46.9, east=18, north=49)["more"]


def test_any_other_filter_shows_single_points(session, client, market):
    a_listing(session, market, title="Konfektion", kind=Kind.SERVICE, techniques=["packing"])
    session.commit()
    recount(session)
    session.commit()
    (found,) = on_map(client, kind="service")["features"]
    assert found["properties"]["title"] == "Konfektion"
    near = on_map(client, place="Eisenstadt", km=10)["features"]
    assert 0 < len(near) < 20


def test_the_map_goes_around_the_world(session, client):
    company = a_company(session)
    for longitude in (179.9, -179.9):
        a_listing(session, company, place=a_place(latitude=-17.0, longitude=longitude))
    session.commit()
    view = {"south": -20, "north": -10, "zoom": 7}
    assert len(on_map(client, west=175, east=185, **view)["features"]) == 2
    assert len(on_map(client, west=-185, east=-175, **view)["features"]) == 2
    assert len(on_map(client, west=535, east=540, **view)["features"]) == 1
    assert len(on_map(client, west=-300, east=300, south=-90, north=90)["features"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"west": ""}, {"west": "x"}, {"east": "nan"}, {"north": "inf"}, {"north": 91}, {"south": 50},
        {"west": 20}, {"zoom": ""}, {"zoom": -1}, {"zoom": 23}, {"zoom": "8.5"}, {"east": 1e300},
    ],
)  # fmt: skip
def test_what_is_no_view_is_refused_with_a_sentence(client, wrong):
    answer = client.get("/materials/map", query_string=VIEW | wrong)
    assert answer.status_code == 400
    assert answer.get_json()["error"].endswith(".")


def test_nothing_about_an_exact_place_can_be_read_from_the_map(session, client):
    company = a_company(session)
    listing = a_listing(session, company, place=a_place(latitude=47.84123, longitude=16.52987))
    session.commit()

    def answers():
        recount(session)
        session.commit()
        found = []
        for zoom in (0, 5, 10, 14, 22):
            for half in (0.0002, 0.01, 0.5):
                point = listing.public_latitude, listing.public_longitude
                found.append(
                    client.get(
                        "/materials/map",
                        query_string={
                            "west": point[1] - half,
                            "east": point[1] + half,
                            "south": point[0] - half,
                            "north": point[0] + half,
                            "zoom": zoom,
                        },
                    ).text
                )
        return found

    before = answers()
    assert all("47.841" not in text and "16.529" not in text for text in before)
    beside = a_place(latitude=47.84129, longitude=16.52993)
    assert beside.public == listing.place.public
    listing.move_to(beside)
    session.commit()
    assert answers() == before
    exact = {"west": 16.5297, "east": 16.53, "south": 47.8411, "north": 47.8414, "zoom": 15}
    assert on_map(client, **exact)["features"] == []


@pytest.mark.parametrize("words", ["Brimbel", "Brimbeln", "grober Grimbel"])
def test_the_agency_s_own_words_are_understood(session, client, words):
    felt, wood = ({"material_code": code} for code in ("textile.felt", "wood"))
    a_listing(session, a_company(session), title="Reste", **felt)
    a_listing(session, a_company(session), title="Bretter", **wood)
    for name, code in (("Filzwerk", "textile.felt"), ("Holzwerk", "wood")):
        a_capability(session, an_enterprise(session, name=name), materials=[code])
    pages = [f"/{way}/?q={words}" for way in ("materials", "enterprises")]
    before = [client.get(page).text for page in pages]
    agnes = actor_for(session, an_agency_person(session))
    for word in ("Brimbel", "grober Grimbel"):
        draft = WordDraft(
            branch=Branch.MATERIALS, code="textile.felt", language="de", word=word, reason="x"
        )
        own_words.add(session, draft, actor=agnes, now=NOW)
    session.commit()
    materials, workshops = (client.get(page).text for page in pages)
    assert "Reste" in materials
    assert "Filzwerk" in workshops
    assert "Bretter" not in materials + before[0]
    assert "Holzwerk" not in workshops + before[1]
    assert "Reste" not in before[0]
    assert "Filzwerk" not in before[1]
    found = client.get("/materials/map", query_string=VIEW | {"q": words}).json
    assert [one["properties"]["title"] for one in found["features"]] == ["Reste"]


def test_the_agency_s_own_words_for_techniques_find_workshops(session, client):
    a_capability(session, an_enterprise(session, name="Nähwerk"), techniques=["sewing"])
    agnes = actor_for(session, an_agency_person(session))
    draft = WordDraft(
        branch=Branch.TECHNIQUES, code="sewing", language="de", word="Grumpeln", reason="x"
    )
    assert "Nähwerk" not in client.get("/enterprises/?q=Grumpeln").text
    own_words.add(session, draft, actor=agnes, now=NOW)
    session.commit()
    assert "Nähwerk" in client.get("/enterprises/?q=Grumpeln").text
