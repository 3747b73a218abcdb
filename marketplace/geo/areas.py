"""Service areas: the polygons in which a capability is on offer."""

import json
import math
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from marketplace.geo.distance import GEOD, Floats

MAX_AREA_KM2 = 500_000
LARGEST_RADIUS_KM = 6399.6  # of curvature, at the poles
MAX_POINTS = 2_000
WORLD = (-180.0, -90.0, 180.0, 90.0)

Area: TypeAlias = BaseGeometry  # a Polygon or a MultiPolygon


class BadArea(ValueError):
    """What was given is no usable area. ``code`` says why, for the edges to put into words:

    ``not_geojson``, ``empty``, ``self_crossing``, ``too_large``, ``too_many_points`` or
    ``outside_world``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_area(given: str | dict[str, Any]) -> Area:
    """Return the polygon or multipolygon of a GeoJSON text or mapping, in degrees.

    A Feature or a FeatureCollection of one is taken for its geometry; heights are dropped; rings
    turn as RFC 7946 asks. Raises BadArea.
    """
    geometry = _geometry(_mapping(given))
    if geometry.is_empty:
        raise BadArea("empty")
    if shapely.get_num_coordinates(geometry) > MAX_POINTS:
        raise BadArea("too_many_points")
    west, south, east, north = geometry.bounds
    inside = west >= WORLD[0] and south >= WORLD[1] and east <= WORLD[2] and north <= WORLD[3]
    if not inside:
        raise BadArea("outside_world")
    if geometry.area == 0 and geometry.convex_hull.area == 0:
        raise BadArea("empty")
    if not geometry.is_valid:
        raise BadArea("self_crossing")
    geometry = shapely.orient_polygons(geometry)
    if area_km2(geometry) > MAX_AREA_KM2:
        raise BadArea("too_large")
    return geometry


def _mapping(given: str | dict[str, Any]) -> dict[str, Any]:
    """Return the GeoJSON geometry object in ``given``."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        raise BadArea("not_geojson") from None
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        found = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict) or found.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadArea("not_geojson")
    return found


def _geometry(found: dict[str, Any]) -> Area:
    """Return the shape of a GeoJSON geometry, flat and with finite coordinates."""
    if found.get("coordinates") == []:
        raise BadArea("empty")
    try:
        geometry: Area = shapely.force_2d(shape(found))
    except (ShapelyError, ArithmeticError, ValueError, TypeError, LookupError, AttributeError):
        raise BadArea("not_geojson") from None
    if not all(map(math.isfinite, shapely.get_coordinates(geometry).ravel().tolist())):
        raise BadArea("not_geojson")
    return geometry


def area_geojson(area: Area) -> dict[str, Any]:
    """Return the GeoJSON geometry object of ``area``."""
    found: dict[str, Any] = json.loads(shapely.to_geojson(area))
    return found


def area_km2(area: Area) -> float:
    """Return the area on the WGS84 ellipsoid, in square kilometres."""
    square_metres, _ = GEOD.geometry_area_perimeter(shapely.orient_polygons(area))
    return abs(float(square_metres)) / 1e6


def reaches_km(areas: NDArray[np.object_], latitude: ArrayLike, longitude: ArrayLike) -> Floats:
    """Return for each area a distance in km from its base point that no point of it exceeds, (n,).

    From the corners of the area's box, by the haversine with its sines replaced by their angles, on a
    sphere of the ellipsoid's largest radius of curvature: generous everywhere, and quick.
    """
    west, south, east, north = np.radians(shapely.bounds(areas)).T
    lat, lon = np.radians(latitude), np.radians(longitude)
    up = np.maximum(np.abs(north - lat), np.abs(south - lat))
    along = np.maximum(np.abs(east - lon), np.abs(west - lon))
    nearest_equator = np.clip(0.0, south, north)
    half = np.sqrt(up**2 + np.cos(lat) * np.cos(nearest_equator) * along**2) / 2
    km: Floats = LARGEST_RADIUS_KM * 2 * np.arcsin(np.minimum(half, 1.0))
    return km
