"""The public place: stable, near, and the same for all in one cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.geo.blur import LATITUDE_STEP, blur, cell_of, longitude_step
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km

SECRET = b"only the server knows"
PLACES = st.builds(Coordinate, st.floats(-85, 85), st.floats(-179.9, 179.9))


def km(a, b):
    return float(geodesic_km(a.latitude, a.longitude, b.latitude, b.longitude))


@given(PLACES)
def test_stable_and_within_a_kilometre_and_a_half(place):
    public = blur(place, SECRET)
    assert public == blur(place, SECRET)
    assert km(place, public) <= 1.5
    assert public.latitude == round(public.latitude, 4)


@given(PLACES, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_all_in_one_cell_share_one_point(place, up, along):
    row, column = cell_of(place)
    lat, lon = (row + up) * LATITUDE_STEP, (column + along) * longitude_step(row)
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        assert blur(Coordinate(lat, lon), SECRET) == blur(place, SECRET)


def test_another_secret_gives_another_point():
    place = Coordinate(47.685, 16.5905)
    assert blur(place, SECRET) != blur(place, b"another")
    with pytest.raises(ValueError, match="secret"):
        blur(place, b"")


def test_posting_near_by_again_and_again_reveals_nothing_new():
    row, column = cell_of(Coordinate(47.685, 16.5905))
    posts = [
        Coordinate((row + n / 50 + 0.005) * LATITUDE_STEP, (column + 0.5) * longitude_step(row))
        for n in range(50)
    ]
    assert len({blur(post, SECRET) for post in posts}) == 1
