"""Bands of latitude lose nothing, wherever on Earth and however far."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketplace.geo.bands import BAND_DEGREES, band_of, chord_limits, window
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import GEOD, ecef, geodesic_km

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, 89.99, 48.2, 48.22])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.999, -179.999, 0.0])
RADII = st.floats(0, 300) | st.sampled_from([0.0, 1e-6, 1000.0, 9_990.0, 15_000.0, 20_003.0, 1e6])


def around(near, radius_km):
    """Return latitudes, longitudes and geodesics of points in and at the edge of a disc."""
    rng = np.random.default_rng(7)
    turn = np.concatenate([np.arange(0, 360, 15), rng.uniform(0, 360, 24)])
    way = np.concatenate([np.full(24, radius_km), rng.uniform(0, radius_km, 24)])
    metres = np.minimum(way, 19_950) * 1000
    longitude, latitude, _ = GEOD.fwd(
        np.full(48, near.longitude), np.full(48, near.latitude), turn, metres
    )
    return latitude, longitude, geodesic_km(near.latitude, near.longitude, latitude, longitude)


@given(LATITUDES, LONGITUDES, RADII)
@example(90.0, 180.0, 0.0)
@example(0.0, 180.0, 10.0)
@example(89.999, -180.0, 5.0)
def test_no_point_within_the_radius_lies_outside_the_window(latitude, longitude, radius):
    near = Coordinate(latitude, longitude)
    found = window(near, radius)
    for lat, lon, km in zip(*around(near, radius), strict=True):
        if km <= radius:
            assert found.low <= band_of(lat) <= found.high
            assert any(west <= lon <= east for west, east in found.ranges)


@given(LATITUDES, LONGITUDES, RADII)
def test_the_chord_settles_nothing_wrongly(latitude, longitude, radius):
    near = Coordinate(latitude, longitude)
    lat, lon, km = around(near, radius)
    ways = zip(ecef(lat, lon), ecef(latitude, longitude), strict=True)
    chord = np.sqrt(sum((a - b) ** 2 for a, b in ways))
    sure, possible = chord_limits(radius)
    assert np.all(km[chord <= sure] <= radius)
    assert np.all(chord[km <= radius] <= possible)


@pytest.mark.parametrize(("radius", "open_mm"), [(10, 0.03), (50, 3), (150, 80)])
def test_the_chord_leaves_little_open(radius, open_mm):
    sure, possible = chord_limits(radius)
    assert (possible - sure) * 1e6 < open_mm


@pytest.mark.parametrize("latitude", [0.0, 48.2, -17.8, 85.0])
@pytest.mark.parametrize("radius", [0.0, 0.001, 10.0, 280.0])
def test_the_window_is_hardly_wider_than_the_disc(latitude, radius):
    found = window(Coordinate(latitude, 16.4), radius)
    ((west, east),) = found.ranges
    assert (found.high - found.low - 1) * BAND_DEGREES <= 2 * radius / 110.5 + 1e-6
    north, south = (min(abs(latitude + side * radius / 110.5), 89.9) for side in (1, -1))
    widest = 2 * radius / (110.5 * np.cos(np.radians(max(north, south))))
    assert east - west <= widest + 1e-6


def test_a_disc_over_the_antimeridian_is_looked_for_on_both_sides():
    for longitude in (179.99, -179.99, 180.0, -180.0):
        one, other = sorted(window(Coordinate(-17.0, longitude), 5).ranges)
        assert (one[0], other[1]) == (-180.0, 180.0)
        assert one[1] < -179.9 < 179.9 < other[0]


@pytest.mark.parametrize("latitude", [90.0, -90.0, 89.99, -89.96])
def test_a_disc_over_a_pole_is_looked_for_at_every_longitude(latitude):
    assert window(Coordinate(latitude, 77.0), 5).ranges == [(-180.0, 180.0)]


def test_the_north_pole_has_a_band_of_its_own():
    assert band_of(90.0) == band_of(89.9999) + 1
    assert band_of(-90.0) == band_of(-89.9999)


@pytest.mark.parametrize("radius", [-1.0, float("nan")])
def test_what_is_no_radius_is_refused(radius):
    with pytest.raises(ValueError, match="no radius"):
        window(Coordinate(0, 0), radius)
