"""Distances on WGS84, over whole arrays.

Two ways, for two purposes. ``geodesic_km`` is exact (Karney's algorithm) and is what people are
shown and what decides. ``chord_distance_km`` needs only the earth-centred coordinates, a few
multiplications: off by 39 mm at 150 km, and by less than 0.6 % up to 5,000 km.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

EARTH_RADIUS_KM = 6371.0088
SEMI_MAJOR_KM = 6378.137
FLATTENING = 1 / 298.257223563
ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING)

GEOD = Geod(ellps="WGS84")

Floats = NDArray[np.float64]


def geodesic_km(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Return the length in km of the WGS84 geodesic between points in degrees.

    The four arguments broadcast against each other, and the result has their common shape.
    """
    arrays = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (lat1, lon1, lat2, lon2)))
    a_lat, a_lon, b_lat, b_lon = (np.array(a).ravel() for a in arrays)
    _, _, metres = GEOD.inv(a_lon, a_lat, b_lon, b_lat)
    km: Floats = np.asarray(metres, np.float64).reshape(arrays[0].shape) / 1000.0
    return km


def ecef(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return the earth-centred x, y, z in km of points on the ellipsoid given in degrees."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    sine = np.sin(lat)
    normal = SEMI_MAJOR_KM / np.sqrt(1 - ECCENTRICITY_2 * sine**2)
    return (
        normal * np.cos(lat) * np.cos(lon),
        normal * np.cos(lat) * np.sin(lon),
        normal * (1 - ECCENTRICITY_2) * sine,
    )


def chord_distance_km(chord: ArrayLike) -> Floats:
    """Return the surface distance in km that belongs to straight-line distances in km."""
    half = np.minimum(np.asarray(chord, np.float64) / (2 * EARTH_RADIUS_KM), 1.0)
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(half)
    return km


def chord_km(distance: ArrayLike) -> Floats:
    """Return the straight-line distance in km for surface distances in km (up to half a turn)."""
    angle = np.minimum(np.asarray(distance, np.float64) / (2 * EARTH_RADIUS_KM), np.pi / 2)
    km: Floats = 2 * EARTH_RADIUS_KM * np.sin(angle)
    return km
