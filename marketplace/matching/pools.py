"""Pools: what is too little alone, fetched in one round.

Pure and always the same: the stop nearest to the base begins, and whoever costs the smallest detour
joins, as long as all have a day in common and the whole is not too much.
"""

from dataclasses import dataclass

import numpy as np

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Ints, Rows

MOST_STOPS = 12
FULL = 0.9


@dataclass(frozen=True)
class Scattered:
    """Listings of like material within the reach of one capability.

    ``km`` is (n + 1, n + 1), the base at row 0; ``mass_kg`` that of one delivery, ``first`` and
    ``last`` the days on which both sides can, (n,) each. A pool has at least ``goal_kg`` and at most
    ``most_kg``.
    """

    km: Floats
    mass_kg: Floats
    first: Ints
    last: Ints
    goal_kg: float
    most_kg: float


@dataclass(frozen=True)
class Pool:
    """``rows`` in the order of a first, short round; ``first`` and ``last`` day that all share."""

    rows: list[int]
    mass_kg: float
    km: float
    first: int
    last: int


def goal_of(min_batch_kg: float, free_kg: float) -> float:
    """Return the mass in kg that a pool has to reach: the smallest batch, or else 90 % of what is free.

    NaN where neither is known; each may be NaN.
    """
    return min_batch_kg if min_batch_kg == min_batch_kg else FULL * free_kg


def find_pools(scattered: Scattered) -> list[Pool]:
    """Return pools that share no listing, nearest first; each member alone is less than the goal."""
    alone = scattered.mass_kg < scattered.goal_kg
    able = alone & (scattered.mass_kg > 0) & (scattered.first <= scattered.last)
    near_first = np.argsort(scattered.km[0, 1:], kind="stable")
    waiting: list[int] = near_first[able[near_first]].tolist()
    found = []
    while waiting:
        pool = _grown(scattered, waiting)
        taken = set(pool.rows) if pool else {waiting[0]}
        waiting = [row for row in waiting if row not in taken]
        if pool:
            found.append(pool)
    return found


def _grown(s: Scattered, waiting: list[int]) -> Pool | None:
    """Return the pool that grows from the first of ``waiting``, None where the goal is not reached."""
    round_, others = [waiting[0]], np.array(waiting[1:], dtype=np.intp)
    while _mass(s, round_) < s.goal_kg:
        if len(round_) == MOST_STOPS:
            return None
        first, last = _days(s, round_)
        fits = (np.maximum(s.first[others], first) <= np.minimum(s.last[others], last)) & (
            s.mass_kg[others] + _mass(s, round_) <= s.most_kg
        )
        others = others[fits]
        if not len(others):
            return None
        detour, place = _detours(s.km, round_, others)
        nearest = int(np.argmin(detour))
        round_.insert(int(place[nearest]), int(others[nearest]))
        others = np.delete(others, nearest)
    _drop_needless(s, round_)
    return Pool(round_, _mass(s, round_), _length(s.km, round_), *_days(s, round_))


def _mass(s: Scattered, rows: list[int]) -> float:
    return float(s.mass_kg[rows].sum())


def _days(s: Scattered, rows: list[int]) -> tuple[int, int]:
    return int(s.first[rows].max()), int(s.last[rows].min())


def _way(rows: list[int]) -> Rows:
    """Return the rows of the matrix from the base through the stops and back."""
    return np.array([0, *(row + 1 for row in rows), 0], dtype=np.intp)


def _length(km: Floats, rows: list[int]) -> float:
    way = _way(rows)
    return float(km[way[:-1], way[1:]].sum())


def _detours(km: Floats, rows: list[int], others: Rows) -> tuple[Floats, Rows]:
    """Return how much longer the round gets with each of ``others``, and where it is put in."""
    way = _way(rows)
    a, b, c = way[:-1, None], way[1:, None], others[None] + 1
    longer = km[a, c] + km[c, b] - km[a, b]
    place = np.argmin(longer, axis=0)
    return longer[place, np.arange(len(others))], place


def _drop_needless(s: Scattered, rows: list[int]) -> None:
    """Leave out the stops without which the goal is still reached, the greatest saving first."""
    while True:
        spare = [r for r in rows if _mass(s, rows) - s.mass_kg[r] >= s.goal_kg]
        if not spare:
            return
        rows.remove(min(spare, key=lambda row: (_length(s.km, [r for r in rows if r != row]), row)))
