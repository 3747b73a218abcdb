"""The federal states of Austria and the counties of Hungary.

Borders from Natural Earth (public domain), generalised to a few hundred metres or, along rivers
and hills, a few kilometres; neighbours share their borders. For a place with a postal code the
gazetteer's own region is the better answer.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km

PATH = Path(__file__).parent / "data" / "regions.geojson"
TOLERANCE_KM = 5.0
SEARCH_DEGREES = 0.1


@dataclass(frozen=True, slots=True)
class Region:
    """One region. ``code`` is its ISO 3166-2 code; ``names`` is keyed by language (de, hu, en)."""

    code: str
    names: dict[str, str]
    geometry: BaseGeometry


@cache
def regions() -> dict[str, Region]:
    """Return all regions by code, in the order of their codes."""
    features = json.loads(PATH.read_text(encoding="utf-8"))["features"]
    found = (_region(f["properties"], f["geometry"]) for f in features)
    return {r.code: r for r in sorted(found, key=lambda r: r.code)}


def _region(properties: dict[str, str], geometry: dict[str, Any]) -> Region:
    names = {language: properties[f"name_{language}"] for language in ("de", "hu", "en")}
    return Region(properties["code"], names, shapely.geometry.shape(geometry))


def outline_of(codes: Iterable[str]) -> dict[str, Any] | None:
    """Return the outline of regions that are looked after together, as a GeoJSON geometry."""
    shapes = [regions()[code].geometry for code in codes if code in regions()]
    if not shapes:
        return None
    outline: dict[str, Any] = shapely.geometry.mapping(shapely.union_all(shapes).simplify(0.005))
    return outline


def centre_of(codes: Iterable[str]) -> Coordinate | None:
    """Return a point inside regions that are looked after together; None where none is known."""
    shapes = [regions()[code].geometry for code in codes if code in regions()]
    if not shapes:
        return None
    whole = shapely.union_all(shapes)
    middle = whole.centroid if whole.contains(whole.centroid) else whole.representative_point()
    return Coordinate(round(middle.y, 4), round(middle.x, 4))


@cache
def _tree() -> tuple[shapely.STRtree, list[str]]:
    return shapely.STRtree([r.geometry for r in regions().values()]), list(regions())


def region_of(latitude: float, longitude: float) -> str | None:
    """Return the code of the region that holds a point, or None.

    A point that the generalised borders leave just outside belongs to the nearest region where
    that is within 5 km; a point on a shared border to the first by code.
    """
    tree, codes = _tree()
    point = shapely.Point(longitude, latitude)
    holding = tree.query(point, predicate="intersects")
    if holding.size:
        return codes[int(holding.min())]
    near = tree.query(shapely.box(*_around(latitude, longitude)))
    shapes = [regions()[codes[i]].geometry for i in near.tolist()]
    ends = [shapely.get_coordinates(shapely.shortest_line(point, s))[1] for s in shapes]
    if not ends:
        return None
    lons, lats = np.array(ends).T
    distances = geodesic_km(latitude, longitude, lats, lons)
    best = int(distances.argmin())
    return codes[int(near[best])] if distances[best] <= TOLERANCE_KM else None


def _around(latitude: float, longitude: float) -> tuple[float, float, float, float]:
    """Return a box that surely holds everything within the tolerance (below 70 degrees)."""
    wide = SEARCH_DEGREES * 1.5
    return (
        longitude - wide,
        latitude - SEARCH_DEGREES,
        longitude + wide,
        latitude + SEARCH_DEGREES,
    )
