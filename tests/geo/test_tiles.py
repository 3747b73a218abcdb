"""The map's tiles and the sections that maps ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.geo.tiles import (
    LEVELS,
    level_for,
    tile_and_wider,
    tile_of,
    tiles_across,
    view_of,
)

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


@given(LATITUDES, LONGITUDES, st.integers(1, LEVELS - 1))
def test_a_wider_tile_is_the_tile_of_the_level_above(latitude, longitude, level):
    tile = tile_of(latitude, longitude, level)
    assert tile.wider == tile_of(latitude, longitude, level - 1)
    assert 0 <= tile.x < tiles_across(level)
    assert 0 <= tile.y < tiles_across(level)


def test_every_point_lies_in_one_tile_of_each_level():
    assert [t.level for t in tile_and_wider(tile_of(48.2, 16.4))] == list(range(LEVELS - 1, -1, -1))
    assert tile_of(0, 180).x == tiles_across(LEVELS - 1) - 1
    assert (tile_of(90, 0, 0).y, tile_of(-90, 0, 0).y) == (0, 15)


@pytest.mark.parametrize("latitude", [0, 47, 60, 65])
def test_no_tile_is_finer_than_the_blur(latitude):
    assert tile_of(latitude, 16).km2 > 1


@given(LATITUDES, LATITUDES, LONGITUDES, st.floats(0, 360), LONGITUDES, LATITUDES)
def test_the_tiles_of_a_view_hold_all_that_it_shows(a, b, west, width, longitude, latitude):
    south, north = sorted((a, b))
    view = view_of(west, south, west + width, north)
    if not south <= latitude <= north:
        return
    if not any(w <= longitude <= e for w, e in view.ranges):
        return
    for level in (0, 5, LEVELS - 1):
        tile = tile_of(latitude, longitude, level)
        top, bottom = view.rows(level)
        assert top <= tile.y <= bottom
        assert any(first <= tile.x <= last for first, last in view.columns(level))


def test_a_view_that_was_dragged_around_the_world_is_where_it_is():
    assert view_of(376, 47, 377, 48) == view_of(16, 47, 17, 48)
    assert view_of(175, -20, 185, -10).ranges == [(175, 180), (-180, -175)]
    assert view_of(-300, -80, 300, 80).ranges == [(-180, 180)]


@pytest.mark.parametrize(
    "bounds",
    [
        (17, 47, 16, 48),
        (16, 48, 17, 47),
        (16, -91, 17, 48),
        (float("nan"), 1, 2, 3),
        (1, 2, 1e9, 3),
    ],
)
def test_what_is_no_view_is_refused(bounds):
    with pytest.raises(ValueError, match="no view"):
        view_of(*bounds)


def test_levels_follow_the_zoom_and_end_with_the_finest():
    assert [level_for(zoom) for zoom in (0, 2, 3, 12, 13, 22)] == [0, 0, 1, 10, 10, 10]
