"""Distances: exact by the geodesic, nearly so by the chord."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import chord_distance_km, chord_km, ecef, geodesic_km

LATITUDES, LONGITUDES = st.floats(-89, 89), st.floats(-180, 180)


def by_chord(lat1, lon1, lat2, lon2):
    a, b = np.array(ecef(lat1, lon1)), np.array(ecef(lat2, lon2))
    return float(chord_distance_km(np.sqrt(((a - b) ** 2).sum())))


def test_vienna_to_sopron():
    assert geodesic_km(48.2085, 16.3721, 47.685, 16.5905) == pytest.approx(60.44, abs=0.05)


def test_whole_arrays_and_broadcasting():
    found = geodesic_km(48.0, 16.0, np.array([48.0, 48.0]), np.array([[16.0], [17.0]]))
    assert found.shape == (2, 2)
    assert found[0].tolist() == [0.0, 0.0]


@given(LATITUDES, LONGITUDES, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_the_chord_is_off_by_centimetres_near_by(lat, lon, up, along):
    other = max(-89.9, min(89.9, lat + up))
    true = float(geodesic_km(lat, lon, other, lon + along))
    if true <= 150:
        assert abs(by_chord(lat, lon, other, lon + along) - true) < 5e-5


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_chord_is_never_off_by_more_than_the_sphere(lat1, lon1, lat2, lon2):
    true = float(geodesic_km(lat1, lon1, lat2, lon2))
    if true <= 5000:
        assert abs(by_chord(lat1, lon1, lat2, lon2) - true) <= 0.006 * true + 1e-6


@given(st.floats(0, 20_000))
def test_chord_and_distance_are_inverse(km):
    assert float(chord_distance_km(chord_km(km))) == pytest.approx(km, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("wrong", [(91, 0), (0, 181), (float("nan"), 0), (-90.1, 0)])
def test_some_places_are_not_on_earth(wrong):
    with pytest.raises(ValueError, match="not on Earth"):
        Coordinate(*wrong)
