"""Towns as people type them."""

import time

import pytest

from marketplace.geo.gazetteer import gazetteer
from marketplace.geo.geocoding.offline import OfflineGeocoder
from marketplace.geo.names import fold


def labels(text, **more):
    return [town.label for town in gazetteer().suggest(text, **more)]


def test_the_data_cover_both_countries():
    towns = gazetteer().towns
    assert {t.region for t in towns if t.country == "AT"} == {f"AT-{n}" for n in range(1, 10)}
    assert len({t.region for t in towns if t.country == "HU"}) == 20
    assert len({t.postal_code for t in towns if t.country == "AT"}) > 2200
    assert len({t.postal_code for t in towns if t.country == "HU"}) > 3000
    assert all(
        45 < t.latitude < 49.1 and 9.5 < t.longitude < 23
        for t in towns
        if t.country in {"AT", "HU"}
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("3100", "3100 St. Pölten"),
        ("St. Pöl", "3100 St. Pölten"),
        ("sankt poelten", "3100 St. Pölten"),
        ("Odenb", "9400 Sopron"),
        ("soprón", "9400 Sopron"),
        ("Raab", "9000 Győr"),
        ("Vienna", "1010 Wien, Innere Stadt"),
        ("bécs", "1010 Wien, Innere Stadt"),
        ("Kismarton", "7000 Eisenstadt"),
        ("steinam", "9700 Szombathely"),
        ("simmering", "1110 Wien, Simmering"),
        ("7000 Eis", "7000 Eisenstadt"),
        ("graz", "8010 Graz"),
    ],
)
def test_what_is_suggested_first(text, first):
    assert labels(text)[0] == first


def test_towns_of_many_codes_leave_room_for_others():
    found = labels("wien")
    assert len(found) == 8
    assert "2700 Wiener Neustadt" in found
    assert labels("wiener neus", limit=2)[0] == "2700 Wiener Neustadt"


def test_countries_limit_and_nothing():
    assert {t.country for t in gazetteer().suggest("940", countries=["HU"])} == {"HU"}
    assert labels("neustadt", limit=3) != []
    assert len(labels("neustadt", limit=3)) == 3
    assert labels("") == []
    assert labels("  ") == []
    assert labels("xqzzy") == []


def test_suggesting_takes_well_under_five_milliseconds():
    gazetteer().suggest("warm")
    texts = ["w", "s", "a", "wien", "3", "31", "3100", "sankt", "ö", "9400 so"]
    started = time.perf_counter()
    for text in texts:
        gazetteer().suggest(text)
    assert (time.perf_counter() - started) / len(texts) < 0.005


@pytest.mark.parametrize(
    ("asked", "label", "country"),
    [
        ({"postal_code": "9400", "city": "Sopron"}, "9400 Sopron", "HU"),
        ({"postal_code": "9400", "city": "Wolfsberg"}, "9400 Wolfsberg", "AT"),
        ({"postal_code": "H-9400"}, "9400 Sopron", "HU"),
        ({"postal_code": "3100", "city": "Sankt Poelten"}, "3100 St. Pölten", "AT"),
        ({"postal_code": "1111", "city": "Budapest"}, "1111 Budapest, XI. kerület", "HU"),
        ({"city": "Soprom"}, "9400 Sopron", "HU"),
        ({"city": "Szombatheli", "country": "HU"}, "9700 Szombathely", "HU"),
        ({"city": "Baden", "country": "AT"}, "2500 Baden", "AT"),
        ({"address": "Hauptplatz 1, 7000 Eisenstadt"}, "7000 Eisenstadt", "AT"),
        ({"address": "Fő tér 3; H-9400 Sopron"}, "9400 Sopron", "HU"),
    ],
)
def test_what_is_meant(asked, label, country):
    town = gazetteer().locate(**asked)
    assert town is not None
    assert (town.label, town.country) == (label, country)


def test_what_nobody_knows():
    assert gazetteer().locate(city="Xqzzyburg") is None
    assert gazetteer().locate() is None
    assert gazetteer().locate(postal_code="3100", city="St. Pölten", country="PT") is None


def test_the_nearest_town_names_a_pin():
    assert gazetteer().nearest(47.846, 16.524).label == "7000 Eisenstadt"
    assert gazetteer().nearest(47.70, 16.60, minimum_population=20_000).name == "Sopron"


def test_the_shape_of_geopys_geocoders():
    geocoder = OfflineGeocoder()
    found = geocoder.geocode("3100 St. Pölten", country_codes="at")
    assert found.latitude == pytest.approx(48.2, abs=0.02)
    assert found.raw.region == "AT-3"
    several = geocoder.geocode("Sopron", exactly_one=False, country_codes=["hu", "at"])
    assert several[0].address == "9400 Sopron, HU"
    assert geocoder.geocode("Xqzzyburg") is None
    assert geocoder.reverse((47.685, 16.5905)).raw.name == "Sopron"
    assert len(geocoder.reverse((47.685, 16.5905), exactly_one=False)) == 1


@pytest.mark.parametrize("same", ["St. Pölten", "Sankt Poelten", "ST PÖLTEN", "st.pölten"])
def test_spellings_agree(same):
    assert fold(same) == "sankt polten"
