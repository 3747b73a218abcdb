"""The matcher's competitors that find near pairs with an index in Python, and judge them alike.

For each node asked for they pair the listings that ask for it with the capabilities that cover
it; small groups are paired outright, which is faster than any index.
"""

from collections.abc import Callable

import numpy as np
import shapely
from scipy.spatial import cKDTree
from sklearn.neighbors import BallTree

from benchmarks.pairs import Prepared, Top
from marketplace.geo.distance import EARTH_RADIUS_KM

OUTRIGHT = 20_000
BLOCK = 500_000
SPHERE_ERROR = 1.006
KM_PER_DEGREE = 110.5  # the shortest degree of latitude
REACHES = (0, 16, 24, 34, 48, 66, 90, 1000)

Pairing = Callable[[Prepared, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def rank_with(pairing: Pairing, world: Prepared) -> Top:
    """Return the ten best of every listing, near pairs found by ``pairing``."""
    found = []
    for i, j in world.groups():
        small = len(i) * len(j) <= OUTRIGHT
        a, b = (blocks if small else pairing)(world, i, j)
        a, b = i[a], j[b]
        away = world.points[a] - world.bases[b]
        chord2 = np.einsum("ij,ij->i", away, away)
        near = chord2 <= world.reach2[b]
        found.append(world.best(a[near], b[near], chord2[near]))
    i, j, rest = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return world.final(i, j, rest)


def one_by_one(world: Prepared) -> Top:
    """Return the ten best of every listing as it is usually written: one k-d tree over all capabilities,
    and for each listing those within the farthest reach, judged by masks."""
    able = np.flatnonzero(world.able_live)
    tree = cKDTree(world.bases[able])
    most = float(world.reach[able].max())
    found = []
    for i in np.flatnonzero(world.live):
        j = able[tree.query_ball_point(world.points[i], most)]
        j = j[world.levels[world.anchor[i], j] >= 0]
        away = world.points[i] - world.bases[j]
        chord2 = np.einsum("ij,ij->i", away, away)
        near = chord2 <= world.reach2[j]
        found.append(world.best(np.full(near.sum(), i), j[near], chord2[near]))
    i, j, rest = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return world.final(i, j, rest)


def blocks(world: Prepared, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compare all with all, block by block."""
    x, y, z = world.bases[j].T
    parts = []
    step = max(1, BLOCK // len(j))
    for start in range(0, len(i), step):
        points = world.points[i[start : start + step]]
        chord2 = (points[:, :1] - x) ** 2
        chord2 += (points[:, 1:2] - y) ** 2
        chord2 += (points[:, 2:] - z) ** 2
        a, b = np.nonzero(chord2 <= world.reach2[j])
        parts.append((a + start, b))
    return tuple(np.concatenate(side) for side in zip(*parts, strict=True))


def ckdtree(world: Prepared, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join two k-d trees by distance, the capabilities in classes of like reach."""
    listings = cKDTree(world.points[i])
    classes = np.searchsorted(REACHES, world.reach[j])
    parts = []
    for one in np.unique(classes):
        rows = np.flatnonzero(classes == one)
        most = float(world.reach[j[rows]].max())
        tree = cKDTree(world.bases[j[rows]])
        pairs = listings.sparse_distance_matrix(tree, most, output_type="ndarray")
        parts.append((pairs["i"], rows[pairs["j"]]))
    return tuple(np.concatenate(side) for side in zip(*parts, strict=True))


def ball_tree(world: Prepared, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ask a haversine ball tree of the listings for each capability's radius on the sphere."""
    table, able = world.offered, world.able
    tree = BallTree(
        np.radians(np.stack([table.latitude[i], table.longitude[i]], axis=1)), metric="haversine"
    )
    bases = np.radians(np.stack([able.latitude[j], able.longitude[j]], axis=1))
    return _flat(tree.query_radius(bases, world.reach[j] * SPHERE_ERROR / EARTH_RADIUS_KM))


def str_tree(world: Prepared, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ask an STR tree of the listings for what lies in each capability's box."""
    table, able = world.offered, world.able
    tree = shapely.STRtree(shapely.points(table.longitude[i], table.latitude[i]))
    up = world.reach[j] / KM_PER_DEGREE
    latitude, longitude = able.latitude[j], able.longitude[j]
    along = up / np.cos(np.radians(np.minimum(np.abs(latitude) + up, 89)))
    boxes = shapely.box(longitude - along, latitude - up, longitude + along, latitude + up)
    b, a = tree.query(boxes)
    return a, b


def _flat(found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs for lists of listings, one list per capability."""
    sizes = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    if not sizes.any():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    flat = np.concatenate([np.asarray(one, dtype=np.int64) for one in found])
    return flat, np.repeat(np.arange(len(found)), sizes)


PEERS: dict[str, Pairing] = {
    "cKDTree": ckdtree,
    "BallTree": ball_tree,
    "STRtree": str_tree,
    "numpy blocks": blocks,
}
