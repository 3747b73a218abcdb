"""How far it is between places: along the geodesic, or by road where a routing server is named."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import Floats, geodesic_km

TIMEOUT_S = 3.0
MOST_BYTES = 5_000_000
VALHALLA = "/sources_to_targets"


@dataclass(frozen=True)
class Matrix:
    """``km`` is (n, n), from row to column; ``by_road`` tells whether a routing server measured it."""

    km: Floats
    by_road: bool


class Distances:
    """Measures the ways between places; a server that failed once is not asked again.

    ``url`` is empty for geodesics, or the address of a distance matrix: one that ends in
    ``/sources_to_targets`` speaks Valhalla's protocol, any other OSRM's table service, such as
    ``http://router:5000/table/v1/driving``.
    """

    def __init__(self, url: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout_s
        self.failed = False

    def matrix(self, points: list[Coordinate]) -> Matrix:
        """Return the ways between all ``points``; geodesics where the server gives no answer."""
        if self._url and not self.failed and len(points) > 1:
            try:
                return Matrix(self._by_road(points), by_road=True)
            except (OSError, HTTPException, ValueError, LookupError, TypeError):
                self.failed = True
        return Matrix(_geodesics(points), by_road=False)

    def _by_road(self, points: list[Coordinate]) -> Floats:
        valhalla = self._url.endswith(VALHALLA)
        request = (_valhalla_request if valhalla else _osrm_request)(self._url, points)
        if urlsplit(request.full_url).scheme not in ("http", "https"):
            raise ValueError("a routing server is asked over HTTP")
        with urlopen(request, timeout=self._timeout) as response:
            answer = json.loads(response.read(MOST_BYTES))
        km = (_valhalla_km if valhalla else _osrm_km)(answer)
        if km.shape != (len(points), len(points)) or not (np.isfinite(km) & (km >= 0)).all():
            raise ValueError("not a distance for every pair")
        return km


def _geodesics(points: list[Coordinate]) -> Floats:
    latitude = np.array([p.latitude for p in points])
    longitude = np.array([p.longitude for p in points])
    return geodesic_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None])


def _osrm_request(url: str, points: list[Coordinate]) -> Request:
    places = ";".join(f"{p.longitude:.6f},{p.latitude:.6f}" for p in points)
    return Request(f"{url}/{places}?annotations=distance")


def _osrm_km(answer: Any) -> Floats:
    """Read the metres of OSRM's table; null where there is no way."""
    return np.array(answer["distances"], dtype=np.float64) / 1000


def _valhalla_request(url: str, points: list[Coordinate]) -> Request:
    places = [{"lat": p.latitude, "lon": p.longitude} for p in points]
    asked = {"sources": places, "targets": places, "costing": "auto", "units": "kilometers"}
    return Request(url, json.dumps(asked).encode(), {"Content-Type": "application/json"})


def _valhalla_km(answer: Any) -> Floats:
    """Read the kilometres of Valhalla's matrix; null where there is no way."""
    rows = answer["sources_to_targets"]
    return np.array([[cell["distance"] for cell in row] for row in rows], dtype=np.float64)
