"""Federal states and counties."""

import pytest
import shapely

from marketplace.geo.gazetteer import gazetteer
from marketplace.geo.regions import region_of, regions


def test_nine_states_and_twenty_counties_in_three_languages():
    codes = list(regions())
    assert sum(c.startswith("AT-") for c in codes) == 9
    assert sum(c.startswith("HU-") for c in codes) == 20
    assert all(set(r.names) == {"de", "hu", "en"} for r in regions().values())
    assert regions()["AT-3"].names["en"] == "Lower Austria"


def test_neighbours_share_their_borders():
    assert shapely.coverage_is_valid([r.geometry for r in regions().values() if r.code < "B"])
    assert shapely.coverage_is_valid([r.geometry for r in regions().values() if r.code > "B"])


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        (48.2085, 16.3721, "AT-9"),
        (48.2, 15.63, "AT-3"),
        (47.8457, 16.5233, "AT-1"),
        (47.07, 15.44, "AT-6"),
        (46.83, 12.77, "AT-7"),
        (47.685, 16.5905, "HU-GS"),
        (47.23, 16.62, "HU-VA"),
        (47.4984, 19.0404, "HU-BU"),
        (48.137, 11.575, None),
        (45.81, 15.98, None),
        (0, 0, None),
    ],
)
def test_where_a_point_lies(lat, lon, code):
    assert region_of(lat, lon) == code


def test_just_outside_goes_to_the_nearest():
    west = regions()["AT-8"].geometry.bounds[0]
    edge = next(
        (lat, lon)
        for lon, lat in shapely.get_coordinates(regions()["AT-8"].geometry).tolist()
        if lon == west
    )
    assert region_of(edge[0], edge[1] - 0.03) == "AT-8"
    assert region_of(edge[0], edge[1] - 0.2) is None


def test_the_borders_agree_with_the_postal_codes():
    towns = [t for t in gazetteer().towns if t.region and t.population > 1000]
    right = sum(region_of(t.latitude, t.longitude) == t.region for t in towns)
    assert right / len(towns) > 0.98
