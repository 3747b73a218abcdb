"""A made-up region of any size: listings and capabilities around the gazetteer's towns.

What is drawn follows the real tables: towns by population, materials and techniques out of the
taxonomies (listings ask for leaves, capabilities accept what lies above), 15 % drawn areas,
radii of 10 to 80 km, 3 % hazardous. The same seed gives the same world.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from marketplace.geo.gazetteer import read_towns
from marketplace.matching.columns import Capabilities, Listings, Sets
from marketplace.matching.kinds import Kind, Recurrence
from marketplace.proposals.candidates import ontology

AS_OF = np.datetime64("2026-03-02", "D")
SEED = 20260302
KM_PER_DEGREE = 111.2
VILLAGE = 300  # inhabitants of a place whose population the gazetteer does not know
SPREAD_KM = 3.0
IN_THE_MIDDLE = 0.02  # this share lies exactly on the town's point, so that distances tie
AREAS = 0.15
CORNERS = (8, 40)
NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class World:
    """Columns as the matcher takes them; ``refused`` is (n, 2) as in ``rank_all``."""

    listings: Listings
    capabilities: Capabilities
    refused: np.ndarray
    as_of: np.datetime64 = AS_OF

    def sample(self, count: int) -> "World":
        """Return the same world with only ``count`` of its listings, evenly drawn."""
        if count >= len(self.listings):
            return self
        rng = np.random.default_rng(SEED)
        rows = np.sort(rng.choice(len(self.listings), count, replace=False))
        place = np.searchsorted(rows, self.refused[:, 0])
        kept = rows[np.minimum(place, count - 1)] == self.refused[:, 0]
        refused = np.stack([place[kept], self.refused[kept, 1]], axis=1)
        return World(self.listings.take(rows), self.capabilities, refused, self.as_of)


def make_world(listings: int, capabilities: int, seed: int = SEED) -> World:
    """Return a world of that many listings and capabilities."""
    rng = np.random.default_rng(seed)
    able = make_capabilities(rng, capabilities)
    enterprises = int(able.organisation.max(initial=0)) + 1
    offered = make_listings(rng, listings, enterprises)
    return World(offered, able, _refused(rng, offered, able))


def make_listings(rng: np.random.Generator, count: int, enterprises: int = 0) -> Listings:
    """Return ``count`` listings; their organisations are numbered from ``enterprises`` on, but
    0.5 % are an enterprise's own."""
    kind = rng.choice(4, count, p=(0.6, 0.2, 0.12, 0.08))
    named = rng.random(count)
    without_material = ((kind == Kind.PRODUCTION_STEP) & (named < 0.5)) | (
        (kind == Kind.CSR_PRODUCT) & (named < 0.4)
    )
    material = np.where(without_material, -1, _Family.materials().leaves(rng, count))
    most = np.where(kind == Kind.RESIDUAL, rng.random(count) < 0.1, 1 + (rng.random(count) < 0.25))
    latitude, longitude = _places(rng, count)
    organisation = enterprises + rng.integers(0, max(count // 3, 1), count)
    own = rng.random(count) < 0.005
    if enterprises:
        organisation[own] = rng.integers(0, enterprises, int(own.sum()))
    available_from, available_until = _listing_windows(rng, count)
    return Listings(
        ref=_refs(rng, "L", count),
        organisation=organisation,
        organisation_active=_takes_part(organisation),
        published=rng.random(count) < 0.97,
        kind=kind.astype(np.int64),
        material=material.astype(np.int64),
        techniques=_techniques_asked(rng, most.astype(np.int64)),
        latitude=latitude,
        longitude=longitude,
        hazardous=rng.random(count) < 0.03,
        condition=rng.choice((0, 1, 2, 4, 8), count, p=(0.1, 0.2, 0.3, 0.3, 0.1)),
        mass_kg=_amounts(rng, count, 120, 0.7),
        pieces=np.ceil(_amounts(rng, count, 60, 0.5)),
        hours=_amounts(rng, count, 12, 0.4),
        recurrence=rng.choice(len(Recurrence), count, p=(0.6, 0.1, 0.2, 0.07, 0.03)),
        available_from=available_from,
        available_until=available_until,
        client_site=rng.random(count) < 0.04,
    )


def make_capabilities(rng: np.random.Generator, count: int) -> Capabilities:
    """Return ``count`` capabilities of about two thirds as many enterprises."""
    latitude, longitude = _places(rng, count)
    organisation = rng.integers(0, max(2 * count // 3, 1), count)
    open_orders = rng.poisson(1.2, max(2 * count // 3, 1))
    whole = [_amounts(rng, count, *figures) for figures in ((900, 0.5), (400, 0.3), (120, 0.5))]
    taken = [np.where(np.isnan(w), 0.0, w * rng.choice((0, 0.3, 0.8, 1.1), count)) for w in whole]
    available_from, available_until = _capability_windows(rng, count)
    radius = rng.uniform(10, 80, count)
    radius[rng.random(count) < 0.03] = 200.0
    area = _areas(rng, latitude, longitude, radius)
    return Capabilities(
        ref=_refs(rng, "C", count),
        organisation=organisation,
        organisation_active=_takes_part(organisation),
        active=rng.random(count) < 0.97,
        materials=_accepted(rng, _Family.materials(), rng.integers(1, 5, count), 0.5),
        techniques=_accepted(rng, _Family.techniques(), rng.integers(0, 6, count), 0.4),
        latitude=latitude,
        longitude=longitude,
        radius_km=np.where([one is not None for one in area], np.nan, radius),
        area=area,
        accepts_hazardous=rng.random(count) < 0.15,
        conditions=np.where(rng.random(count) < 0.4, 0, rng.integers(1, 16, count)),
        min_batch_kg=_amounts(rng, count, 40, 0.35),
        capacity_kg=whole[0],
        capacity_pieces=whole[1],
        capacity_hours=whole[2],
        committed_kg=taken[0],
        committed_pieces=taken[1],
        committed_hours=taken[2],
        open_orders=open_orders[organisation].astype(np.int64),
        available_from=available_from,
        available_until=available_until,
        on_site=rng.random(count) < 0.4,
    )


def _takes_part(organisation: np.ndarray) -> np.ndarray:
    """Return whether organisations are verified and active: 98 in 100, by their number alone."""
    return organisation * 2_654_435_761 % 100 >= 2


class _Family:
    """The families (roots) of a taxonomy, some far more usual than others, and what is in them."""

    def __init__(self, parent: np.ndarray) -> None:
        self.roots = np.flatnonzero(parent < 0)
        self.sizes = np.diff(np.append(self.roots, len(parent)))
        usual = 1 / (np.arange(len(self.roots)) + 3.0)
        self.share = usual / usual.sum()
        leaf = np.ones(len(parent), dtype=bool)
        leaf[parent[parent >= 0]] = False
        self._leaves = np.flatnonzero(leaf)
        self._first = np.searchsorted(self._leaves, self.roots)
        self._leaf_counts = np.diff(np.append(self._first, len(self._leaves)))

    @classmethod
    def materials(cls) -> "_Family":
        return cls(ontology().materials.parent)

    @classmethod
    def techniques(cls) -> "_Family":
        return cls(ontology().techniques.parent)

    def some(self, rng, shape) -> np.ndarray:
        """Return families, the usual ones more often."""
        return rng.choice(len(self.roots), shape, p=self.share)

    def leaves_of(self, rng, family: np.ndarray) -> np.ndarray:
        """Return a leaf of each family."""
        nth = (rng.random(family.shape) * self._leaf_counts[family]).astype(np.int64)
        return self._leaves[self._first[family] + nth]

    def leaves(self, rng, count: int) -> np.ndarray:
        """Return leaves, and one time in ten anything."""
        family = self.some(rng, count)
        anything = self.nodes_of(rng, family)
        return np.where(rng.random(count) < 0.1, anything, self.leaves_of(rng, family))

    def nodes_of(self, rng, family: np.ndarray) -> np.ndarray:
        """Return any node of each family."""
        return self.roots[family] + (rng.random(family.shape) * self.sizes[family]).astype(np.int64)


def _accepted(rng, tree: _Family, sizes: np.ndarray, upper: float) -> Sets:
    """Return sets of nodes, mostly of one family each, the share ``upper`` of them its root."""
    shape = (len(sizes), int(sizes.max(initial=1)))
    family = np.where(rng.random(shape) < 0.7, tree.some(rng, (shape[0], 1)), tree.some(rng, shape))
    nodes = np.where(rng.random(shape) < upper, tree.roots[family], tree.nodes_of(rng, family))
    return _sets(nodes, sizes)


def _techniques_asked(rng, sizes: np.ndarray) -> Sets:
    """Return the techniques that listings name: leaves, two of them mostly of one family."""
    tree = _Family.techniques()
    family = tree.some(rng, (len(sizes), 1))
    family = np.where(rng.random((len(sizes), 2)) < 0.7, family, tree.some(rng, (len(sizes), 2)))
    return _sets(tree.leaves_of(rng, family), sizes)


def _sets(nodes: np.ndarray, sizes: np.ndarray) -> Sets:
    """Return the first ``sizes`` numbers of each row as a set, each number once."""
    wanted = np.arange(nodes.shape[1]) < sizes[:, np.newaxis]
    ordered = np.sort(np.where(wanted, nodes, np.iinfo(np.int64).max), axis=1)
    kept = ordered < np.iinfo(np.int64).max
    kept[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    return Sets(np.append(0, np.cumsum(kept.sum(axis=1))).astype(np.int64), ordered[kept])


def _places(rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points a few km around towns, as many per town as people live there."""
    towns = read_towns()
    codes = Counter((t.country, t.name) for t in towns)
    people = np.array([(t.population or VILLAGE) / codes[t.country, t.name] for t in towns])
    points = np.array([(t.latitude, t.longitude) for t in towns])
    town = rng.choice(len(towns), count, p=people / people.sum())
    shift = rng.normal(0, SPREAD_KM / KM_PER_DEGREE, (count, 2))
    shift[rng.random(count) < IN_THE_MIDDLE] = 0
    latitude, longitude = points[town].T
    return (
        np.round(latitude + shift[:, 0], 6),
        np.round(longitude + shift[:, 1] / np.cos(np.radians(latitude)), 6),
    )


def _areas(rng, latitude: np.ndarray, longitude: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return a star-shaped polygon around some of the points, None for the others."""
    areas = np.full(len(radius), None, dtype=object)
    own = np.flatnonzero(rng.random(len(radius)) < AREAS)
    corners = rng.integers(*CORNERS, len(own), endpoint=True)
    owner = np.repeat(np.arange(len(own)), corners)
    first = np.repeat(np.cumsum(corners) - corners, corners)
    turn = 2 * np.pi * (np.arange(len(owner)) - first + 0.8 * rng.random(len(owner)))
    turn /= corners[owner]
    degrees = radius[own][owner] * rng.uniform(0.5, 1.0, len(owner)) / KM_PER_DEGREE
    north, east = degrees * np.sin(turn), degrees * np.cos(turn)
    points = np.stack(
        [
            longitude[own][owner] + east / np.cos(np.radians(latitude[own][owner])),
            latitude[own][owner] + north,
        ],
        axis=1,
    )
    areas[own] = shapely.polygons(shapely.linearrings(np.round(points, 6), indices=owner))
    return areas


def _amounts(rng, count: int, median: float, known: float) -> np.ndarray:
    """Return amounts, a few large, NaN where unknown."""
    amounts = np.round(median * rng.lognormal(0, 1.2, count), 1) + 0.1
    amounts[rng.random(count) >= known] = np.nan
    return amounts


def _listing_windows(rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last days: some over, a few beyond the horizon, a quarter without an end."""
    first = AS_OF + rng.integers(-60, 60, count)
    first[rng.random(count) < 0.01] += 200
    last = first + rng.integers(14, 366, count)
    last[rng.random(count) < 0.25] = NAT
    return first, last


def _capability_windows(rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last days, more than half without a beginning or an end."""
    first = AS_OF + rng.integers(-365, 120, count)
    last = first + rng.integers(60, 900, count)
    first[rng.random(count) < 0.6] = NAT
    last[rng.random(count) < 0.6] = NAT
    return first, last


def _refs(rng, letter: str, count: int) -> np.ndarray:
    """Return references of one letter and seven digits, in no order."""
    numbers = rng.permutation(count).astype(np.uint32)
    letters = np.empty((count, 8), dtype=np.uint32)
    letters[:, 0] = ord(letter)
    for position in range(7):
        letters[:, 7 - position] = numbers // 10**position % 10 + ord("0")
    return letters.view("<U8").ravel()


def _refused(rng, offered: Listings, able: Capabilities) -> np.ndarray:
    """Return refusals for one listing in fifty: a capability of its family within half a degree."""
    if not len(able):
        return np.empty((0, 2), dtype=np.intp)
    roots = _Family.materials().roots
    asking = rng.choice(len(offered), len(offered) // 50, replace=False)
    wanted = _cell(roots, offered.material, offered, asking)
    there = _cell(roots, able.materials.nth(0, np.arange(len(able))), able, np.arange(len(able)))
    order = np.argsort(there, kind="stable")
    low, high = (np.searchsorted(there[order], wanted, side) for side in ("left", "right"))
    nth = low + (rng.random(len(asking)) * (high - low)).astype(np.int64)
    found = high > low
    return np.unique(np.stack([asking[found], order[nth[found]]], axis=1), axis=0)


def _cell(roots, material, table, rows) -> np.ndarray:
    """Return one number for a material's family and the half degree in which a row lies."""
    family = np.searchsorted(roots, material[rows], side="right")
    north = np.floor(table.latitude[rows] * 2).astype(np.int64) + 180
    east = np.floor(table.longitude[rows] * 2).astype(np.int64) + 360
    return (family * 720 + north) * 1440 + east
