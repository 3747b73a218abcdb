"""What the matcher's competitors share once they have found near pairs: rules, scores, top 10.

Written from the rules alone, without the product's matcher, as tight as numpy allows. The chord
through the Earth stands for the distance until a boundary or the final order is to be decided,
then the geodesic does: the chord is off by less than a metre up to 300 km, farther than any reach.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from pyproj import Geod

from benchmarks.world import World
from marketplace.geo.distance import EARTH_RADIUS_KM, ecef
from marketplace.matching.kinds import Kind, Recurrence
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import ontology

GEOD = Geod(ellps="WGS84")
FAR = 10**7
HORIZON = 180
MARGIN_KM = 1e-3
TOP = 10
PER_MONTH = {
    Recurrence.WEEKLY: 52 / 12,
    Recurrence.MONTHLY: 1.0,
    Recurrence.QUARTERLY: 1 / 3,
    Recurrence.YEARLY: 1 / 12,
}


@dataclass(frozen=True)
class Top:
    """The ten best per listing, by listing row and rank."""

    listing: np.ndarray
    capability: np.ndarray
    score: np.ndarray

    def differs(self, other) -> str:
        """Return in what another ranking (anything with the same columns) differs, or nothing."""
        if len(self.listing) != len(other.listing):
            return f"{len(self.listing)} pairs against {len(other.listing)}"
        wrong = (self.listing != other.listing) | (self.capability != other.capability)
        if wrong.any():
            return f"{int(wrong.sum())} of {len(wrong)} pairs are others"
        most = float(np.abs(self.score - other.score).max(initial=0))
        return "" if most <= 1e-9 else f"scores differ by {most}"


class Prepared:
    """A world as plain arrays: everything that hangs on one row alone is worked out once."""

    def __init__(self, world: World, weights: Weights) -> None:
        self.offered, self.able = world.listings, world.capabilities
        self.today = int(world.as_of.astype("datetime64[D]").astype(np.int64))
        self.weights = weights.column() / weights.column().sum()
        self.half = weights.half_distance_km
        self.barred = np.sort(world.refused[:, 0] * len(self.able) + world.refused[:, 1])
        self._listing_columns()
        self._capability_columns()

    def _listing_columns(self) -> None:
        table = self.offered
        self.points = np.stack(ecef(table.latitude, table.longitude), axis=1)
        self.first, self.last = _days(table.available_from, -FAR), _days(table.available_until, FAR)
        start = np.where(self.first >= self.today + HORIZON, self.first, self.today)
        self.end = np.minimum(start + HORIZON - 1, self.last)
        self.begin = np.maximum(start, self.first)
        self.days = np.maximum(self.end - self.begin + 1, 1)
        self.asked = np.where(table.kind == Kind.SERVICE, -1, table.material)
        width = int(table.techniques.sizes.max(initial=0))
        everyone = np.arange(len(table))
        self.named = [table.techniques.nth(n, everyone) for n in range(width)]
        retention = np.append(ontology().value_retention, -1.0)
        self.worth = np.max([retention[node] for node in self.named], axis=0, initial=-1.0)
        self.need = _bits(table.condition, table.hazardous, table.client_site, nothing=16)
        self.mass = np.where(np.isnan(table.mass_kg), np.inf, table.mass_kg)
        months = np.maximum(1, (self.last - np.maximum(self.first, self.today) + 1) / 30.4375)
        share = np.where(self.last >= FAR, 1.0, 1 / months)
        for recurrence, factor in PER_MONTH.items():
            share[table.recurrence == recurrence] = factor
        amounts = [a * share for a in (table.mass_kg, table.pieces, table.hours)]
        self.monthly = [np.where(a > 0, a, np.nan) for a in amounts]
        has_technique = table.techniques.sizes > 0
        askable = np.where(table.kind == Kind.RESIDUAL, self.asked >= 0, has_technique)
        live = table.published & table.organisation_active & (self.last >= self.today)
        self.live = live & askable

    def _capability_columns(self) -> None:
        table = self.able
        self.bases = np.stack(ecef(table.latitude, table.longitude), axis=1)
        self.opens, self.closes = (
            _days(table.available_from, -FAR),
            _days(table.available_until, FAR),
        )
        self.have = _bits(table.conditions, table.accepts_hazardous, table.on_site, nothing=31)
        self.least = np.where(np.isnan(table.min_batch_kg), -1.0, table.min_batch_kg)
        pairs = (
            (table.capacity_kg, table.committed_kg),
            (table.capacity_pieces, table.committed_pieces),
            (table.capacity_hours, table.committed_hours),
        )
        free = [np.maximum(whole - np.nan_to_num(taken), 0) for whole, taken in pairs]
        self.free = [np.where(np.isnan(f), np.inf, f) for f in free]
        best = np.full(len(table), -1.0)
        owner = np.repeat(np.arange(len(table)), table.techniques.sizes)
        np.maximum.at(best, owner, ontology().value_retention[table.techniques.indices])
        self.offers = np.where(best < 0, 0.5, best)
        self.fairness = 1 / (1 + table.open_orders)
        self.by_area = np.array([area is not None for area in table.area])
        self.reach = self._reaches()
        self.reach2 = (self.reach + MARGIN_KM) ** 2  # a chord is never longer than the geodesic
        self.able_live = table.active & table.organisation_active & (self.closes >= self.today)

    def _reaches(self) -> np.ndarray:
        """Return a bound in km of how far each capability reaches: its radius, or the corner of its
        area that lies farthest off and a little more."""
        reach = np.where(self.by_area, 0.0, self.able.radius_km)
        rows = np.flatnonzero(self.by_area)
        corners, which = shapely.get_coordinates(self.able.area[rows], return_index=True)
        away = np.stack(ecef(corners[:, 1], corners[:, 0]), axis=1) - self.bases[rows[which]]
        np.maximum.at(reach, rows[which], 1.01 * np.sqrt((away**2).sum(axis=1)))
        shapely.prepare(self.able.area)
        return reach

    @cached_property
    def levels(self) -> np.ndarray:
        """Return the steps from each node (materials, then techniques) up to what each capability
        accepts or offers, (nodes, capabilities), -1 where that does not cover it."""
        trees = (
            (ontology().materials.parent, self.able.materials),
            (ontology().techniques.parent, self.able.techniques),
        )
        return np.concatenate([_levels(parent, sets) for parent, sets in trees])

    @cached_property
    def anchor(self) -> np.ndarray:
        """Return the node by which each listing looks: its material, else its first technique."""
        technique = self.named[0] if self.named else np.full(len(self.offered), -1)
        return np.where(self.asked >= 0, self.asked, len(ontology().materials) + technique)

    def groups(self, most: int = 20_000):
        """Yield (rows of live listings that look by one node, rows of live capabilities for it)."""
        rows = np.flatnonzero(self.live)
        rows = rows[np.argsort(self.anchor[rows], kind="stable")]
        cuts = np.flatnonzero(np.diff(self.anchor[rows])) + 1
        for group in np.split(rows, cuts):
            if not group.size:
                continue
            able = np.flatnonzero(self.able_live & (self.levels[self.anchor[group[0]]] >= 0))
            for start in range(0, len(group) if able.size else 0, most):
                yield group[start : start + most], able

    def best(self, i: np.ndarray, j: np.ndarray, chord2: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return those of the pairs, all of their listings, that may be among the first ten.

        ``chord2`` is the square of the straight-line distance in km.
        """
        keep = (self.need[i] & self.have[j]) == self.need[i]
        i, j, chord2 = i[keep], j[keep], chord2[keep]
        fit = self.levels[self.anchor[i], j] * (self.asked[i] >= 0)
        worst = np.zeros(len(i), dtype=np.int8)
        keep = np.ones(len(i), dtype=bool)
        for named in self.named:
            node = named[i]
            level = np.where(node >= 0, self.levels[len(ontology().materials) + node, j], 0)
            keep &= level >= 0
            np.maximum(worst, level, out=worst)
        keep &= self.mass[i] >= self.least[j]
        begins = np.maximum(np.maximum(self.first[i], self.opens[j]), self.today)
        keep &= begins <= np.minimum(self.last[i], self.closes[j])
        keep &= self.offered.organisation[i] != self.able.organisation[j]
        i, j, chord2, levels = i[keep], j[keep], chord2[keep], (fit + worst)[keep]
        keep = self.allowed(i, j)
        i, j, levels = i[keep], j[keep], levels[keep]
        distance = surface(chord2[keep])
        keep = self.reached(i, j, distance)
        i, j, distance, levels = i[keep], j[keep], distance[keep], levels[keep]
        rest = self.rest(i, j, levels)
        score = self.weights[0] * np.exp2(-distance / self.half) + rest
        keep = first_ones(i, score, self.margin)
        return i[keep], j[keep], rest[keep]

    @property
    def margin(self) -> float:
        """Return by how much the chord may misjudge a score."""
        return 2 * self.weights[0] * np.log(2) / self.half * MARGIN_KM

    def allowed(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return which pairs no broker refused."""
        if not self.barred.size:
            return np.ones(len(i), dtype=bool)
        keys = i * len(self.able) + j
        place = np.minimum(np.searchsorted(self.barred, keys), len(self.barred) - 1)
        return self.barred[place] != keys

    def reached(self, i: np.ndarray, j: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return which pairs the radius or the area lets pass."""
        gap = self.reach[j] - distance
        keep = gap >= 0
        area = self.by_area[j]
        close = np.flatnonzero((np.abs(gap) < MARGIN_KM) & ~area)
        keep[close] = self.geodesic(i[close], j[close]) <= self.able.radius_km[j[close]]
        asked = np.flatnonzero(area & keep)
        table = self.offered
        keep[asked] = shapely.intersects_xy(
            self.able.area[j[asked]], table.longitude[i[asked]], table.latitude[i[asked]]
        )
        return keep

    def rest(self, i: np.ndarray, j: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the weighted components but proximity, summed."""
        shares = [
            free[j] / monthly[i] for free, monthly in zip(self.free, self.monthly, strict=True)
        ]
        capacity = np.fmin(1.0, np.fmin.reduce(shares))
        shared = np.minimum(self.end[i], self.closes[j]) - np.maximum(self.begin[i], self.opens[j])
        timing = np.maximum(shared + 1, 0) / self.days[i]
        value = np.where(self.worth[i] >= 0, self.worth[i], self.offers[j])
        parts = (0.8 ** levels.astype(float), capacity, timing, value, self.fairness[j])
        return sum(weight * part for weight, part in zip(self.weights[1:], parts, strict=True))

    def geodesic(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return the exact distances in km."""
        here, there = self.able, self.offered
        _, _, metres = GEOD.inv(
            here.longitude[j], here.latitude[j], there.longitude[i], there.latitude[i]
        )
        return metres / 1000

    def final(self, i: np.ndarray, j: np.ndarray, rest: np.ndarray) -> Top:
        """Return the ten best of the pairs that ``best`` left, by the exact distance."""
        distance = self.geodesic(i, j)
        score = self.weights[0] * np.exp2(-distance / self.half) + rest
        place = np.unique(self.able.ref, return_inverse=True)[1]
        order = np.lexsort((place[j], np.round(distance, 3), -np.round(score, 9), i))
        order = order[ranks(i[order]) < TOP]
        return Top(i[order], j[order], score[order])


def surface(chord2: np.ndarray) -> np.ndarray:
    """Return distances along the surface in km for squares of straight ones."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord2) / (2 * EARTH_RADIUS_KM))


def ranks(owner: np.ndarray) -> np.ndarray:
    """Return the place of each row among its owner's, from 0; rows lie by owner."""
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]][: len(owner)])
    return np.arange(len(owner)) - np.repeat(starts, np.diff(np.r_[starts, len(owner)]))


def first_ones(owner: np.ndarray, score: np.ndarray, margin: float) -> np.ndarray:
    """Return the positions of each owner's ten best, and of what is as good but for ``margin``."""
    order = np.lexsort((-score, owner))
    place = ranks(owner[order])
    tenth = np.full(int(owner.max(initial=0)) + 1, -np.inf)
    tenth[owner[order[place == TOP - 1]]] = score[order[place == TOP - 1]]
    return np.flatnonzero(score >= tenth[owner] - margin)


def _days(days: np.ndarray, open_end: int) -> np.ndarray:
    return np.where(np.isnat(days), open_end, days.astype("datetime64[D]").astype(np.int64))


def _bits(condition: np.ndarray, hazard: np.ndarray, site: np.ndarray, nothing: int) -> np.ndarray:
    """Return condition, hazard and place of work as bits; ``nothing`` for an empty condition."""
    bits = np.where(condition == 0, nothing, condition) | hazard * 32 | site * 64
    return bits.astype(np.uint8)


def _levels(parent: np.ndarray, sets) -> np.ndarray:
    """Return (nodes, rows) of the steps up to the deepest node of each set, -1 where none covers."""
    levels = np.full((len(parent), len(sets)), -1, dtype=np.int8)
    own = np.zeros(levels.shape, dtype=bool)
    own[sets.indices, np.repeat(np.arange(len(sets)), sets.sizes)] = True
    for node, above in enumerate(parent.tolist()):
        if above >= 0:
            levels[node] = np.where(levels[above] >= 0, levels[above] + 1, -1)
        levels[node][own[node]] = 0
    return levels
