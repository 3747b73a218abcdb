"""Latitude bands: where a search near a point must look, as one range of longitudes in each.

A table keeps the band of each row, and a b-tree over (band, longitude). Whatever lies within a
radius is then found in one short range per band, in plain SQL. The ranges may hold more than the
disc, never less; what they let through, ``chord_limits`` and the geodesic decide.
"""

from dataclasses import dataclass
from math import asin, cos, degrees, floor, inf, pi, radians, sin, sqrt

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ECCENTRICITY_2, SEMI_MAJOR_KM

BAND_DEGREES = 0.02
FARTHEST_KM = 20_004.0
FLATTEST_KM = SEMI_MAJOR_KM / sqrt(1 - ECCENTRICITY_2)
ROUNDEST_KM = SEMI_MAJOR_KM * (1 - ECCENTRICITY_2)
SPARE_RADIANS = 1e-10
SPARE_DEGREES = 1e-9
SPARE_KM = 1e-9
POLAR_RADIANS = 1e-3  # nearer to a pole, the arc sine is worth too few digits


@dataclass(frozen=True, slots=True)
class Window:
    """Bands ``low`` to ``high``, all ends included.

    ``ranges`` are west and east in degrees: one range, or two where it meets the antimeridian.
    """

    low: int
    high: int
    ranges: list[tuple[float, float]]


def band_of(latitude: float) -> int:
    """Return the number of the band that holds a latitude in degrees, counted from the equator.

    The north pole has a band of its own.
    """
    return floor(latitude / BAND_DEGREES)


def window(near: Coordinate, radius_km: float) -> Window:
    """Return where to look for all that lies within ``radius_km``.

    No point whose WGS84 geodesic from ``near`` is that long or shorter lies outside. Raises
    ValueError for a negative radius.
    """
    if not radius_km >= 0:
        raise ValueError(f"no radius: {radius_km}")
    # Along any way on the ellipsoid, a kilometre turns geodetic coordinates by at most this much.
    turn = min(radius_km / ROUNDEST_KM, pi) + SPARE_RADIANS
    around = degrees(turn) + SPARE_DEGREES
    south, north = max(near.latitude - around, -90.0), min(near.latitude + around, 90.0)
    ranges = _ranges(near.longitude, _across(radians(near.latitude), turn))
    return Window(band_of(south), band_of(north), ranges)


def _across(middle: float, turn: float) -> float:
    """Return how many degrees of longitude a disc reaches to either side: all of them over a pole."""
    if abs(middle) + turn >= pi / 2 - POLAR_RADIANS:
        return 180.0
    return degrees(asin(sin(turn) / cos(middle))) + SPARE_DEGREES


def _ranges(longitude: float, across: float) -> list[tuple[float, float]]:
    west, east = longitude - across, longitude + across
    if across >= 180.0 - SPARE_DEGREES:
        return [(-180.0, 180.0)]
    if west <= -180.0:
        return [(-180.0, east), (west + 360.0, 180.0)]
    if east >= 180.0:
        return [(west, 180.0), (-180.0, east - 360.0)]
    return [(west, east)]


def chord_limits(radius_km: float) -> tuple[float, float]:
    """Return two straight-line lengths in km that settle most of "within ``radius_km``?".

    A point whose chord is at most the first lies within (none does where that is negative), one
    whose chord is above the second does not, and between the two (0.02 mm at 10 km, 7 cm at 150 km)
    only the geodesic tells. The limits are the chords of that arc on circles as curved as the
    ellipsoid's most and least curved line.
    """
    if radius_km >= FARTHEST_KM:
        return inf, inf
    inner = radius_km / (2 * ROUNDEST_KM)
    outer = radius_km / (2 * FLATTEST_KM)
    sure = 2 * ROUNDEST_KM * sin(inner) - SPARE_KM if inner <= pi / 2 else -1.0
    possible = 2 * FLATTEST_KM * sin(outer) + SPARE_KM if outer <= pi / 2 else inf
    return sure, possible
