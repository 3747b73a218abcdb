"""Latitude bands: where a search near a point must look, as a few ranges of longitude.

A table keeps the band of each row, and a b-tree over (band, longitude). Whatever lies within a
radius is then found in one short range per band, in plain SQL. The ranges may hold more than the
disc, never less; what they let through, ``chord_limits`` and the geodesic decide.
"""

from dataclasses import dataclass
from math import asin, ceil, cos, degrees, floor, inf, pi, radians, sin, sqrt

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ECCENTRICITY_2, SEMI_MAJOR_KM

BAND_DEGREES = 0.02
MOST_STRIPS = 256
FARTHEST_KM = 20_004.0
FLATTEST_KM = SEMI_MAJOR_KM / sqrt(1 - ECCENTRICITY_2)
ROUNDEST_KM = SEMI_MAJOR_KM * (1 - ECCENTRICITY_2)
SPARE_RADIANS = 1e-10
SPARE_DEGREES = 1e-9
SPARE_KM = 1e-9


@dataclass(frozen=True, slots=True)
class Strip:
    """Bands ``low`` to ``high`` between two longitudes in degrees, all ends included."""

    low: int
    high: int
    west: float
    east: float


def band_of(latitude: float) -> int:
    """Return the number of the band that holds a latitude in degrees, counted from the equator.

    The north pole has a band of its own.
    """
    return floor(latitude / BAND_DEGREES)


def strips(near: Coordinate, radius_km: float) -> list[Strip]:
    """Return, from south to north, where to look for all that lies within ``radius_km``.

    No point whose WGS84 geodesic from ``near`` is that long or shorter lies outside. A strip holds
    one band while the disc touches at most ``MOST_STRIPS`` of them, and a run of bands beyond that;
    where it meets the antimeridian it is two. Raises ValueError for a negative radius.
    """
    if not radius_km >= 0:
        raise ValueError(f"no radius: {radius_km}")
    # Along any way on the ellipsoid, a kilometre turns geodetic coordinates by at most this much.
    turn = min(radius_km / ROUNDEST_KM, pi) + SPARE_RADIANS
    around = degrees(turn) + SPARE_DEGREES
    first = band_of(max(near.latitude - around, -90.0))
    last = band_of(min(near.latitude + around, 90.0))
    run = ceil((last - first + 1) / MOST_STRIPS)
    found: list[Strip] = []
    for low in range(first, last + 1, run):
        high = min(low + run - 1, last)
        across = _across(near.latitude, turn, low * BAND_DEGREES, (high + 1) * BAND_DEGREES)
        ranges = _ranges(near.longitude, across)
        found.extend(Strip(low, high, west, east) for west, east in ranges)
    return found


def _across(latitude: float, turn: float, south: float, north: float) -> float:
    """Return how many degrees of longitude a disc reaches to either side between two latitudes."""
    middle = radians(latitude)
    ends = [max(radians(south), -pi / 2), min(radians(north), pi / 2)]
    tangent = sin(middle) / cos(turn) if cos(turn) else inf
    widest = [asin(tangent)] if abs(tangent) <= 1 else []
    rows = [*ends, *(w for w in widest if ends[0] < w < ends[1])]
    most = 0.0
    for row in rows:
        room = cos(middle) * cos(row)
        inside = sin(turn / 2) ** 2 - sin((row - middle) / 2) ** 2
        if inside >= room:
            return 180.0
        if inside > 0:
            most = max(most, 2 * asin(sqrt(inside / room)))
    return degrees(most) + SPARE_DEGREES


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
