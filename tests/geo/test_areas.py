"""Service areas: what is taken, and what is refused by name."""

import json

import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from marketplace.geo.areas import BadArea, area_geojson, area_km2, parse_area

SQUARE = {"type": "Polygon", "coordinates": [[[16, 47], [17, 47], [17, 48], [16, 48], [16, 47]]]}


def polygon(*points):
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


@pytest.mark.parametrize(
    "given",
    [
        SQUARE,
        json.dumps(SQUARE),
        {"type": "Feature", "properties": {}, "geometry": SQUARE},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": SQUARE}]},
    ],
    ids=["mapping", "text", "feature", "collection"],
)
def test_a_square_is_a_square_however_it_comes(given):
    area = parse_area(given)
    assert area.equals(box(16, 47, 17, 48))
    assert area_km2(area) == pytest.approx(8376, rel=0.01)


def test_several_parts_and_there_and_back():
    parts = {
        "type": "MultiPolygon",
        "coordinates": [SQUARE["coordinates"], polygon([1, 1], [2, 1], [2, 2])["coordinates"]],
    }
    area = parse_area(parts)
    assert isinstance(area, MultiPolygon)
    assert parse_area(area_geojson(area)).equals(area)


def test_rings_turn_as_the_standard_asks_and_heights_go():
    clockwise = polygon([16, 47, 100], [16, 48, 100], [17, 48, 100], [17, 47, 100])
    area = parse_area(clockwise)
    assert isinstance(area, Polygon)
    assert area.exterior.is_ccw
    assert not area.has_z


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("not json", "not_geojson"),
        ("[" * 100_000, "not_geojson"),
        ("[1, 2]", "not_geojson"),
        ({"type": "Point", "coordinates": [16, 47]}, "not_geojson"),
        ({"type": "Polygon"}, "not_geojson"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "not_geojson"),
        ({"type": "Polygon", "coordinates": 7}, "not_geojson"),
        ({"type": "Polygon", "coordinates": [[[16, 47], [17, 47]]]}, "not_geojson"),
        (
            '{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 1], [2, 2], [NaN, 1]]]}',
            "not_geojson",
        ),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty"),
        (polygon([16, 47], [17, 47], [18, 47]), "empty"),
        (polygon([16, 47], [17, 48], [17, 47], [16, 48]), "self_crossing"),
        (polygon([0, 40], [20, 40], [20, 55], [0, 55]), "too_large"),
        (polygon(*([16 + n / 1000, 47 + n % 2] for n in range(2100))), "too_many_points"),
        (polygon([170, 47], [190, 47], [190, 48]), "outside_world"),
    ],
)
def test_what_is_no_area(given, code):
    with pytest.raises(BadArea) as refusal:
        parse_area(given)
    assert refusal.value.code == code
