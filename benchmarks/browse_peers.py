"""Who else finds the first twenty listings near a point: R*Tree, H3 cells, PostGIS.

Each has a table of its own that holds only what everybody may see, with nothing but what the search
needs, which is in its favour. All are asked through the same session as the product.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, cos, radians, sqrt

import h3
import numpy as np
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from benchmarks.storing import analyse
from marketplace.geo.distance import chord_km, ecef

PAGE = 20
KM_PER_DEGREE = 110.5
H3_RESOLUTION = 6
H3_RING_KM = 4.6  # each further ring of cells reaches at least so much farther, in Europe

Rows = list[tuple[int, float]]  # key and squared chord
CHORD2 = "(x - :x) * (x - :x) + (y - :y) * (y - :y) + (z - :z) * (z - :z)"


@dataclass(frozen=True)
class Question:
    """The first ``PAGE`` within ``radius_km`` of a point, of one family of materials or of all.

    ``first_km`` is how far one has to look by the density thereabouts.
    """

    latitude: float
    longitude: float
    radius_km: float
    family: str | None
    first_km: float

    @property
    def values(self) -> dict[str, float | str]:
        """Return the parameters that every query shares."""
        xyz = map(float, ecef(self.latitude, self.longitude))
        where = {"lat": self.latitude, "lon": self.longitude, **dict(zip("xyz", xyz, strict=True))}
        return where | ({"family": self.family} if self.family else {})

    @property
    def and_family(self) -> str:
        return " AND family = :family" if self.family else ""


@dataclass(frozen=True)
class Seen:
    """What a search may find, row by row: key, family, place."""

    key: np.ndarray
    family: list[str | None]
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def points(self) -> tuple[np.ndarray, ...]:
        return ecef(self.latitude, self.longitude)

    def nearest(self, question: Question) -> Rows:
        """Return the answer by looking at every row."""
        values = question.values
        near = [(a - values[n]) * (a - values[n]) for n, a in zip("xyz", self.points, strict=True)]
        chord2 = near[0] + near[1] + near[2]
        limit = float(chord_km(question.radius_km)) ** 2
        rows = np.flatnonzero(chord2 <= limit)
        if question.family:
            rows = rows[np.array([self.family[row] == question.family for row in rows], dtype=bool)]
        first = rows[np.lexsort((self.key[rows], chord2[rows]))][:PAGE]
        return list(zip(self.key[first].tolist(), chord2[first].tolist(), strict=True))


def widening(question: Question, look: Callable[[float], Rows]) -> Rows:
    """Look as far as the density promises, and farther until there is a page."""
    reach = question.first_km
    while True:
        reach = min(reach, question.radius_km)
        found = look(reach)
        if len(found) >= PAGE or reach >= question.radius_km:
            return found
        reach *= min(max(sqrt(2 * PAGE / max(len(found), 0.5)), 1.5), 4.0)


def _limit(reach: float) -> float:
    return float(chord_km(reach)) ** 2


def _box(question: Question, reach: float) -> dict[str, float]:
    up = reach / KM_PER_DEGREE
    along = up / cos(radians(min(abs(question.latitude) + up, 89)))
    return {
        "south": question.latitude - up, "north": question.latitude + up,
        "west": question.longitude - along, "east": question.longitude + along,
    }  # fmt: skip


def fill_rtree(engine: Engine, seen: Seen) -> None:
    """Make two R*Trees: one to be joined with the listings, one that holds all a search needs."""
    plain = list(
        zip(
            seen.key.tolist(),
            *(2 * [seen.longitude.tolist()] + 2 * [seen.latitude.tolist()]),
            strict=True,
        )
    )
    whole = zip(
        *zip(*plain, strict=True), seen.family, *(p.tolist() for p in seen.points), strict=True
    )
    with engine.begin() as connection:
        for name, more, rows in (
            ("boxes", "", plain),
            ("fat_boxes", ", +family, +x, +y, +z", whole),
        ):
            connection.execute(
                text(f"CREATE VIRTUAL TABLE {name} USING rtree(id, west, east, south, north{more})")
            )
            marks = ", ".join("?" * (9 if more else 5))
            _raw(connection).executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


BOX = "b.east >= :west AND b.west <= :east AND b.north >= :south AND b.south <= :north"


def rtree_join(session: Session, question: Question) -> Rows:
    """Ask the R*Tree for the box of the whole radius and sort what is in it: as usually written."""
    near = (
        CHORD2.replace("x -", "public_x -")
        .replace("y -", "public_y -")
        .replace("z -", "public_z -")
    )
    query = (
        f"SELECT l.id, {near} AS near FROM boxes b JOIN listings l ON l.id = b.id WHERE {BOX} "
        f"AND near <= :limit{question.and_family} ORDER BY near, l.id LIMIT {PAGE}"
    )
    values = question.values | _box(question, question.radius_km)
    return _rows(session, query, values | {"limit": _limit(question.radius_km)})


def rtree_widening(session: Session, question: Question) -> Rows:
    """Ask the R*Tree that holds everything for growing boxes."""
    query = (
        f"SELECT id, {CHORD2} AS near FROM fat_boxes b WHERE {BOX} AND near <= :limit"
        f"{question.and_family} ORDER BY near, id LIMIT {PAGE}"
    )
    values = question.values
    return widening(
        question,
        lambda reach: _rows(
            session, query, values | _box(question, reach) | {"limit": _limit(reach)}
        ),
    )


def fill_h3(engine: Engine, seen: Seen) -> None:
    """Make a table by H3 cell, and an index by family and cell."""
    places = zip(seen.latitude.tolist(), seen.longitude.tolist(), strict=True)
    cells = [h3.str_to_int(h3.latlng_to_cell(*place, H3_RESOLUTION)) for place in places]
    xyz = (point.tolist() for point in seen.points)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE cells (cell BIGINT, family TEXT, id, x, y, z)"))
        _raw(connection).executemany(
            "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?)",
            zip(cells, seen.family, seen.key.tolist(), *xyz, strict=True),
        )
        connection.execute(text("CREATE INDEX plain_cells ON cells (cell, id, x, y, z)"))
        connection.execute(text("CREATE INDEX family_cells ON cells (family, cell, id, x, y, z)"))


def h3_widening(session: Session, question: Question) -> Rows:
    """Ask for growing disks of cells."""
    middle = h3.latlng_to_cell(question.latitude, question.longitude, H3_RESOLUTION)
    query = (
        f"SELECT c.id, {CHORD2} AS near FROM json_each(:cells) j CROSS JOIN cells c "
        f"WHERE c.cell = j.value AND near <= :limit{question.and_family} "
        f"ORDER BY near, c.id LIMIT {PAGE}"
    )

    def look(reach: float) -> Rows:
        disk = h3.grid_disk(middle, ceil(reach / H3_RING_KM) + 1)
        cells = json.dumps([h3.str_to_int(cell) for cell in disk])
        return _rows(session, query, question.values | {"cells": cells, "limit": _limit(reach)})

    return widening(question, look)


def fill_postgis(engine: Engine, seen: Seen) -> None:
    """Make a table of geographies with a GiST index, and one with the family in it (btree_gist)."""
    xyz = (point.tolist() for point in seen.points)
    rows = zip(
        seen.key.tolist(),
        seen.family,
        seen.latitude.tolist(),
        seen.longitude.tolist(),
        *xyz,
        strict=True,
    )
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        connection.execute(
            text(
                "CREATE TABLE places (id BIGINT, family TEXT, lat FLOAT8, lon FLOAT8, "
                "x FLOAT8, y FLOAT8, z FLOAT8)"
            )
        )
        with _raw(connection).cursor().copy("COPY places FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(
            text(
                "ALTER TABLE places ADD COLUMN at geography(Point) "
                "GENERATED ALWAYS AS (ST_MakePoint(lon, lat)::geography) STORED"
            )
        )
        connection.execute(text("CREATE INDEX places_at ON places USING gist (at)"))
        connection.execute(text("CREATE INDEX places_family_at ON places USING gist (family, at)"))
    analyse(engine)


def postgis(session: Session, question: Question) -> Rows:
    """Ask PostGIS for what is within the radius, nearest first by its own operator."""
    point = "ST_MakePoint(:lon, :lat)::geography"
    query = (
        f"SELECT id, {CHORD2} FROM places WHERE ST_DWithin(at, {point}, :metres)"
        f"{question.and_family} ORDER BY at <-> {point} LIMIT {PAGE}"
    )
    return _rows(session, query, question.values | {"metres": question.radius_km * 1000})


def _rows(session: Session, query: str, values: dict[str, object]) -> Rows:
    return [(row[0], row[1]) for row in session.execute(text(query), values)]


def _raw(connection: Connection):
    return connection.connection.driver_connection
