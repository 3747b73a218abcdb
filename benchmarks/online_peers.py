"""One listing or one capability against all of the other side in PostGIS, and by an R*Tree.

PostGIS gets tables in which all that hangs on one row alone is worked out (``pairs.Prepared``), only
rows that may be matched at all, and the ten rules and six components in SQL. Both directions widen as
the product does: a first disc, and farther only where something beyond could still be among the ten
best.
"""

from dataclasses import dataclass
from math import inf, log2

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from benchmarks.kernel_duckdb import above
from benchmarks.pairs import TOP, Prepared
from benchmarks.storing import analyse
from marketplace.proposals.candidates import ontology

FIRST_KM = 40.0
KM_PER_DEGREE = 110.5
UNITS = ("kg", "pieces", "hours")
Best = list[tuple[int, float]]  # key and score

TABLES = """
CREATE TABLE able (id INT PRIMARY KEY, ref TEXT, organisation INT, lat FLOAT8, lon FLOAT8, radius FLOAT8,
  shape TEXT, have INT, least FLOAT8, opens INT, closes INT, offers FLOAT8, fairness FLOAT8,
  free_kg FLOAT8, free_pieces FLOAT8, free_hours FLOAT8);
CREATE TABLE able_nodes (id INT, node INT, lat FLOAT8, lon FLOAT8, west FLOAT8, south FLOAT8,
  east FLOAT8, north FLOAT8);
CREATE TABLE offered (id INT PRIMARY KEY, ref TEXT, organisation INT, lat FLOAT8, lon FLOAT8, root INT,
  anchor INT, material INT, t0 INT, t1 INT, need INT, mass FLOAT8, first INT, last INT, begins INT,
  ends INT, days INT, worth FLOAT8, monthly_kg FLOAT8, monthly_pieces FLOAT8, monthly_hours FLOAT8);
CREATE TABLE barred (listing INT, capability INT, PRIMARY KEY (listing, capability));
"""

INDEXES = """
ALTER TABLE able ADD at geography(Point)
  GENERATED ALWAYS AS (ST_MakePoint(lon, lat)::geography) STORED;
ALTER TABLE able ADD area geometry GENERATED ALWAYS AS (ST_GeomFromText(shape)) STORED;
ALTER TABLE able_nodes ADD at geography(Point)
  GENERATED ALWAYS AS (ST_MakePoint(lon, lat)::geography) STORED;
ALTER TABLE able_nodes ADD box geometry
  GENERATED ALWAYS AS (ST_MakeEnvelope(west, south, east, north)) STORED;
ALTER TABLE offered ADD at geography(Point)
  GENERATED ALWAYS AS (ST_MakePoint(lon, lat)::geography) STORED;
CREATE INDEX ON able_nodes USING gist (node, box);
CREATE INDEX ON able_nodes USING gist (node, at);
CREATE INDEX ON able_nodes (id, node);
CREATE INDEX ON offered USING gist (root, at);
"""

SCORE = """
  :w0 * pow(2, -km / :half) + :w1 * pow(0.8, steps)
  + :w2 * least(1.0, free_kg / monthly_kg, free_pieces / monthly_pieces, free_hours / monthly_hours)
  + :w3 * greatest(least(ends, closes) - greatest(begins, opens) + 1, 0) / days::float8
  + :w4 * CASE WHEN worth >= 0 THEN worth ELSE offers END + :w5 * fairness
"""
RULES = """
  (have & need) = need AND mass >= least AND greatest(first, opens, :today) <= least(last, closes)
  AND organisation <> other
  AND CASE WHEN area IS NULL THEN km <= radius ELSE ST_Intersects(area, ST_MakePoint(lon, lat)) END
  AND NOT EXISTS (SELECT FROM barred b
    WHERE b.listing = pair.listing AND b.capability = pair.capability)
"""
FIRST_ONES = f"""
SELECT id, score FROM (SELECT id, ref, km, {SCORE} AS score FROM pair WHERE {RULES}) judged
ORDER BY round(score::numeric, 9) DESC, round(km::numeric, 3), ref COLLATE "C" LIMIT {TOP}
"""

FOR_LISTING = f"""
WITH l AS MATERIALIZED (SELECT * FROM offered WHERE id = :id),
found AS (
  SELECT n.id, min(a.levels) AS levels
  FROM unnest(CAST(:above AS INT[]), CAST(:steps AS INT[])) a(node, levels)
  JOIN able_nodes n ON n.node = a.node
  WHERE n.box && ST_MakePoint(:lon, :lat)
    AND ST_DWithin(n.at, ST_MakePoint(:lon, :lat)::geography, :metres)
  GROUP BY n.id
), pair AS (
  SELECT c.id, c.ref, l.id AS listing, c.id AS capability, l.lat, l.lon, c.area, c.radius, c.have,
    l.need, l.mass, c.least, l.first, l.last, c.opens, c.closes, l.organisation AS other, c.organisation,
    l.begins, l.ends, l.days, l.worth, c.offers, c.fairness, c.free_kg, c.free_pieces, c.free_hours,
    l.monthly_kg, l.monthly_pieces, l.monthly_hours, ST_Distance(c.at, l.at) / 1000 AS km,
    f.levels * (l.material >= 0)::INT + greatest(coalesce(s.levels, 0), coalesce(u.levels, 0)) AS steps
  FROM l CROSS JOIN found f JOIN able c ON c.id = f.id
  LEFT JOIN LATERAL (
    SELECT min(a.levels) AS levels
    FROM unnest(CAST(:above0 AS INT[]), CAST(:steps0 AS INT[])) a(node, levels)
    JOIN able_nodes n ON n.node = a.node AND n.id = c.id) s ON l.t0 >= 0
  LEFT JOIN LATERAL (
    SELECT min(a.levels) AS levels
    FROM unnest(CAST(:above1 AS INT[]), CAST(:steps1 AS INT[])) a(node, levels)
    JOIN able_nodes n ON n.node = a.node AND n.id = c.id) u ON l.t1 >= 0
  WHERE (l.t0 < 0 OR s.levels IS NOT NULL) AND (l.t1 < 0 OR u.levels IS NOT NULL)
)
{FIRST_ONES}
"""

FOR_CAPABILITY = f"""
WITH c AS MATERIALIZED (SELECT * FROM able WHERE id = :id),
covered AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:nodes AS INT[]), CAST(:steps AS INT[])) v(node, levels)
), pair AS (
  SELECT l.id, l.ref, l.id AS listing, c.id AS capability, l.lat, l.lon, c.area, c.radius, c.have,
    l.need, l.mass, c.least, l.first, l.last, c.opens, c.closes, l.organisation, c.organisation AS other,
    l.begins, l.ends, l.days, l.worth, c.offers, c.fairness, c.free_kg, c.free_pieces, c.free_hours,
    l.monthly_kg, l.monthly_pieces, l.monthly_hours, ST_Distance(c.at, l.at) / 1000 AS km,
    v.levels * (l.material >= 0)::INT + greatest(coalesce(s.levels, 0), coalesce(u.levels, 0)) AS steps
  FROM c JOIN offered l ON l.root = ANY(CAST(:roots AS INT[]))
    AND ST_DWithin(l.at, CAST(ST_MakePoint(:lon, :lat) AS geography), :metres)
  JOIN covered v ON v.node = l.anchor
  LEFT JOIN covered s ON s.node = l.t0
  LEFT JOIN covered u ON u.node = l.t1
  WHERE (l.t0 < 0 OR s.levels IS NOT NULL) AND (l.t1 < 0 OR u.levels IS NOT NULL)
)
{FIRST_ONES}
"""


@dataclass(frozen=True)
class PostGIS:
    """Both questions, put to the tables that ``fill`` made. Keys are rows + 1, as in the product."""

    world: Prepared

    def fill(self, engine: Engine) -> None:
        """Make the tables and fill them."""
        count = len(self.world.able)
        barred = {
            "listing": self.world.barred // count + 1,
            "capability": self.world.barred % count + 1,
        }
        with engine.begin() as connection:
            for name in ("postgis", "btree_gist"):
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
            connection.execute(text(TABLES))
            _copy(connection, "able", _able(self.world))
            _copy(connection, "able_nodes", _able_nodes(self.world))
            _copy(connection, "offered", _offered(self.world))
            _copy(connection, "barred", barred)
            connection.execute(text(INDEXES))
        analyse(engine)

    def listing(self, session: Session, key: int) -> Best:
        """Return the ten best capabilities of a listing."""
        world, row = self.world, key - 1
        if not world.live[row]:
            return []
        named = [int(column[row]) for column in world.named]
        values = {
            "id": key,
            "lat": float(world.offered.latitude[row]),
            "lon": float(world.offered.longitude[row]),
            **_above_of(int(world.anchor[row]), ""),
        }
        for n in range(2):
            technique = named[n] if n < len(named) else -1
            values |= _above_of(
                len(ontology().materials) + technique if technique >= 0 else -1, str(n)
            )
        return self._widening(session, FOR_LISTING, values, float(world.reach.max()))

    def capability(self, session: Session, key: int) -> Best:
        """Return the ten best listings of a capability."""
        world, row = self.world, key - 1
        if not world.able_live[row]:
            return []
        nodes = np.flatnonzero(world.levels[:, row] >= 0)
        values = {
            "id": key,
            "lat": float(world.able.latitude[row]),
            "lon": float(world.able.longitude[row]),
            "nodes": nodes.tolist(),
            "steps": world.levels[nodes, row].tolist(),
            "roots": np.unique(roots()[nodes]).tolist(),
        }
        return self._widening(session, FOR_CAPABILITY, values, float(world.reach[row]))

    def _widening(
        self, session: Session, query: str, values: dict[str, object], reach: float
    ) -> Best:
        """Ask for a first disc, then as far as the last of the ten best leaves room for a better one."""
        weights = {f"w{n}": float(w) for n, w in enumerate(self.world.weights)}
        values |= weights | {"half": self.world.half, "today": self.world.today}
        asked, km = 0.0, min(FIRST_KM, reach + 1)
        while asked < km:
            asked = km
            rows = session.execute(text(query), values | {"metres": km * 1000}).all()
            room = 1 - (1 - rows[-1].score + 1e-9) / weights["w0"] if len(rows) == TOP else 0.0
            km = min(-self.world.half * log2(room) if room > 0 else inf, reach + 1)
        return [(row.id, row.score) for row in rows]


def roots() -> np.ndarray:
    """Return the root of each node, (nodes,)."""
    table = above()
    order = np.argsort(table["levels"], kind="stable")
    found = np.empty(len(ontology().materials) + len(ontology().techniques), dtype=np.int64)
    found[table["node"][order]] = table["above"][order]
    return found


def _above_of(node: int, suffix: str) -> dict[str, list[int]]:
    table = above()
    rows = table["node"] == node
    return {
        f"above{suffix}": table["above"][rows].tolist(),
        f"steps{suffix}": table["levels"][rows].tolist(),
    }


def _able(world: Prepared) -> dict[str, np.ndarray]:
    j, table = np.flatnonzero(world.able_live), world.able
    free = dict(zip(UNITS, (np.where(np.isinf(f), np.nan, f) for f in world.free), strict=True))
    columns = {
        "id": np.arange(len(table)) + 1, "ref": table.ref, "organisation": table.organisation,
        "lat": table.latitude, "lon": table.longitude, "radius": table.radius_km,
        "shape": shapely.to_wkt(table.area), "have": world.have.astype(np.int64),
        "least": world.least, "opens": world.opens, "closes": world.closes, "offers": world.offers,
        "fairness": world.fairness, **{f"free_{unit}": column for unit, column in free.items()},
    }  # fmt: skip
    return {name: column[j] for name, column in columns.items()}


def _able_nodes(world: Prepared) -> dict[str, np.ndarray]:
    j, table = np.flatnonzero(world.able_live), world.able
    materials, techniques = table.materials.take(j), table.techniques.take(j)
    owner = np.repeat(np.append(j, j), np.append(materials.sizes, techniques.sizes))
    box = reach_boxes(world)[owner]
    return {
        "id": owner + 1,
        "node": np.append(materials.indices, techniques.indices + len(ontology().materials)),
        "lat": table.latitude[owner],
        "lon": table.longitude[owner],
        **dict(zip(("west", "south", "east", "north"), box.T, strict=True)),
    }


def reach_boxes(world: Prepared) -> np.ndarray:
    """Return west, south, east and north of all that each capability may reach, (n, 4)."""
    up = world.reach / KM_PER_DEGREE
    lat, lon = world.able.latitude, world.able.longitude
    along = up / np.cos(np.radians(np.minimum(np.abs(lat) + up, 89)))
    return np.stack([lon - along, lat - up, lon + along, lat + up], axis=1)


def _offered(world: Prepared) -> dict[str, np.ndarray]:
    i, table = np.flatnonzero(world.live), world.offered
    none = np.full(len(table), -1)
    named = [*world.named, none, none]
    offset = len(ontology().materials)
    t0, t1 = (np.where(column >= 0, column + offset, -1) for column in named[:2])
    columns = {
        "id": np.arange(len(table)) + 1, "ref": table.ref, "organisation": table.organisation,
        "lat": table.latitude, "lon": table.longitude, "root": roots()[world.anchor],
        "anchor": world.anchor, "material": world.asked, "t0": t0, "t1": t1,
        "need": world.need.astype(np.int64), "mass": world.mass, "first": world.first,
        "last": world.last, "begins": world.begin, "ends": world.end, "days": world.days,
        "worth": world.worth,
        **{f"monthly_{u}": column for u, column in zip(UNITS, world.monthly, strict=True)},
    }  # fmt: skip
    return {name: column[i] for name, column in columns.items()}


def _copy(connection: Connection, table: str, columns: dict[str, np.ndarray]) -> None:
    """Add rows; NaN becomes NULL."""
    values = [
        [None if value != value else value for value in column.tolist()]
        for column in columns.values()
    ]
    raw = connection.connection.driver_connection
    with raw.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in zip(*values, strict=True):
            copy.write_row(row)
