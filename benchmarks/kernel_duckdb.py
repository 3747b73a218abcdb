"""The matcher's competitor in SQL: DuckDB joins by cell and node, judges and scores in one query.

What SQL cannot decide exactly (areas, a radius within a metre, the last order by the geodesic) is
handed out once and decided as for the other competitors.
"""

import duckdb
import numpy as np

from benchmarks.pairs import MARGIN_KM, Prepared, Top
from marketplace.geo.distance import EARTH_RADIUS_KM
from marketplace.proposals.candidates import ontology

CELLS_PER_DEGREE = 4
KM_PER_DEGREE = 110.5
THREADS = 2

CELLS = f"""
CREATE TABLE cells AS
SELECT n.node, a.id, (north + 1000) * 10000 + east + 5000 AS cell
FROM (
  SELECT *, reach / {KM_PER_DEGREE} AS up,
    reach / {KM_PER_DEGREE} / cos(radians(least(abs(lat) + reach / {KM_PER_DEGREE}, 89))) AS along
  FROM able
) a
JOIN nodes n ON n.id = a.id,
unnest(range(floor((lat - up) * {CELLS_PER_DEGREE})::BIGINT,
             floor((lat + up) * {CELLS_PER_DEGREE})::BIGINT + 1)) r(north),
unnest(range(floor((lon - along) * {CELLS_PER_DEGREE})::BIGINT,
             floor((lon + along) * {CELLS_PER_DEGREE})::BIGINT + 1)) c(east)
"""

ASKED = f"""
CREATE TABLE asked AS
SELECT l.id, u.above AS node, u.levels,
  (floor(l.lat * {CELLS_PER_DEGREE})::BIGINT + 1000) * 10000
    + floor(l.lon * {CELLS_PER_DEGREE})::BIGINT + 5000 AS cell
FROM offered l JOIN above u ON u.node = l.anchor
"""

JUDGED = f"""
CREATE TABLE judged AS
WITH near AS (
  SELECT q.id AS i, c.id AS j, q.levels * (l.asked >= 0)::INT AS levels, l.t0, l.t1,
    sqrt((l.x - a.x) ** 2 + (l.y - a.y) ** 2 + (l.z - a.z) ** 2) AS chord,
    a.reach, a.area
  FROM asked q
  JOIN cells c ON c.cell = q.cell AND c.node = q.node
  JOIN offered l ON l.id = q.id
  JOIN able a ON a.id = c.id
  WHERE (l.x - a.x) ** 2 + (l.y - a.y) ** 2 + (l.z - a.z) ** 2 <= (a.reach + {MARGIN_KM}) ** 2
    AND (l.need & a.have) = l.need
    AND l.mass >= a.least
    AND greatest(l.first, a.opens, $today) <= least(l.last, a.closes)
    AND l.organisation <> a.organisation
), skilled AS (
  SELECT n.i, n.j, min(n.levels + greatest(coalesce(s.levels, 0), coalesce(u.levels, 0))) AS levels,
    any_value({2 * EARTH_RADIUS_KM} * asin(n.chord / {2 * EARTH_RADIUS_KM})) AS d,
    any_value(n.reach) AS reach, any_value(n.area) AS area
  FROM near n
  LEFT JOIN skills s ON s.node = n.t0 AND s.id = n.j
  LEFT JOIN skills u ON u.node = n.t1 AND u.id = n.j
  WHERE (n.t0 < 0 OR s.levels IS NOT NULL) AND (n.t1 < 0 OR u.levels IS NOT NULL)
  GROUP BY n.i, n.j
)
SELECT i, j, levels, d, area OR abs(d - reach) < {MARGIN_KM} AS open
FROM skilled
WHERE (area OR d <= reach + {MARGIN_KM})
  AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.i = skilled.i AND b.j = skilled.j)
"""

SCORED = """
CREATE TABLE scored AS
SELECT m.i, m.j, m.d,
  $w1 * pow(0.8, m.levels)
  + $w2 * least(1.0, a.free_kg / l.monthly_kg, a.free_pieces / l.monthly_pieces,
                a.free_hours / l.monthly_hours)
  + $w3 * greatest(least(l.until, a.closes) - greatest(l.begin, a.opens) + 1, 0) / l.days
  + $w4 * CASE WHEN l.worth >= 0 THEN l.worth ELSE a.offers END
  + $w5 * a.fairness AS rest
FROM (
  SELECT i, j, levels, d FROM judged WHERE NOT open
  UNION ALL
  SELECT i, j, levels, d FROM judged JOIN let_in USING (i, j)
) m JOIN offered l ON l.id = m.i JOIN able a ON a.id = m.j
"""

BEST = """
WITH all_scores AS (SELECT i, j, rest, $w0 * pow(2, -d / $half) + rest AS score FROM scored),
tenth AS (SELECT i, max(score, 10) AS tops FROM all_scores GROUP BY i)
SELECT s.i, s.j, s.rest FROM all_scores s JOIN tenth t ON t.i = s.i
WHERE len(tops) < 10 OR s.score >= tops[10] - $margin
"""


def rank_in_duckdb(world: Prepared) -> Top:
    """Return the ten best of every listing."""
    with duckdb.connect() as db:
        db.execute(f"SET threads = {THREADS}")
        db.execute("SET preserve_insertion_order = false")
        db.execute("SET disabled_optimizers = 'join_order'")  # it pairs all with all at some sizes
        for name, columns in _tables(world).items():
            db.register("given", columns)
            db.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            db.unregister("given")
        db.execute(CELLS)
        db.execute(ASKED)
        db.execute(JUDGED, {"today": world.today})
        asked = db.execute("SELECT i, j, d FROM judged WHERE open").fetchnumpy()
        i, j = asked["i"].astype(np.int64), asked["j"].astype(np.int64)
        keep = world.reached(i, j, asked["d"])
        db.register("let_in", {"i": i[keep], "j": j[keep]})
        weights = {f"w{n}": float(w) for n, w in enumerate(world.weights)}
        db.execute(SCORED, {name: weights[name] for name in ("w1", "w2", "w3", "w4", "w5")})
        found = db.execute(
            BEST, {"w0": weights["w0"], "half": world.half, "margin": world.margin}
        ).fetchnumpy()
    return world.final(found["i"].astype(np.int64), found["j"].astype(np.int64), found["rest"])


def _tables(world: Prepared) -> dict[str, dict[str, np.ndarray]]:
    """Return what DuckDB is given: one row per live listing, per live capability, per node."""
    i, j = np.flatnonzero(world.live), np.flatnonzero(world.able_live)
    return {
        "offered": _offered(world, i),
        "able": _able(world, j),
        "nodes": _nodes(world, j),
        "skills": _skills(world, j),
        "above": above(),
        "barred": {"i": world.barred // len(world.able), "j": world.barred % len(world.able)},
    }


def _offered(world: Prepared, i: np.ndarray) -> dict[str, np.ndarray]:
    none = np.full(len(world.offered), -1)
    named = [*world.named, none, none]
    columns = {
        "id": np.arange(len(world.offered)), "lat": world.offered.latitude,
        "lon": world.offered.longitude, "anchor": world.anchor, "asked": world.asked,
        "t0": named[0], "t1": named[1], "need": world.need, "mass": world.mass,
        "first": world.first, "last": world.last, "begin": world.begin, "until": world.end,
        "days": world.days, "worth": world.worth, "organisation": world.offered.organisation,
        **dict(zip("xyz", world.points.T, strict=True)),
        **_amounts("monthly", world.monthly),
    }  # fmt: skip
    return {name: np.ascontiguousarray(column[i]) for name, column in columns.items()}


def _able(world: Prepared, j: np.ndarray) -> dict[str, np.ndarray]:
    columns = {
        "id": np.arange(len(world.able)), "lat": world.able.latitude, "lon": world.able.longitude,
        "reach": world.reach, "area": world.by_area, "have": world.have, "least": world.least,
        "opens": world.opens, "closes": world.closes, "offers": world.offers,
        "fairness": world.fairness, "organisation": world.able.organisation,
        **dict(zip("xyz", world.bases.T, strict=True)),
        **_amounts("free", world.free),
    }  # fmt: skip
    return {name: np.ascontiguousarray(column[j]) for name, column in columns.items()}


def _amounts(name: str, columns: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return the three amounts by name. DuckDB takes NaN for the largest of numbers, so that an
    unknown one is never the least."""
    return dict(zip((f"{name}_kg", f"{name}_pieces", f"{name}_hours"), columns, strict=True))


def _nodes(world: Prepared, j: np.ndarray) -> dict[str, np.ndarray]:
    """Return the nodes that each capability accepts or offers, techniques numbered on."""
    materials, techniques = world.able.materials.take(j), world.able.techniques.take(j)
    sizes = np.concatenate([materials.sizes, techniques.sizes])
    return {
        "id": np.repeat(np.concatenate([j, j]), sizes),
        "node": np.concatenate([materials.indices, techniques.indices + len(ontology().materials)]),
    }


def _skills(world: Prepared, j: np.ndarray) -> dict[str, np.ndarray]:
    """Return how many steps above each technique the capabilities' nearest offer lies."""
    levels = world.levels[len(ontology().materials) :, j]
    node, column = np.nonzero(levels >= 0)
    return {"node": node, "id": j[column], "levels": levels[node, column].astype(np.int64)}


def above() -> dict[str, np.ndarray]:
    """Return each node with all above it and the steps between, techniques numbered on."""
    materials, techniques = ontology().materials.parent, ontology().techniques.parent
    parent = np.append(materials, np.where(techniques >= 0, techniques + len(materials), -1))
    node = above = np.arange(len(parent))
    parts = []
    while node.size:
        parts.append((node, above, np.full(len(node), len(parts))))
        higher = parent[above]
        node, above = node[higher >= 0], higher[higher >= 0]
    columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    return dict(zip(("node", "above", "levels"), columns, strict=True))
