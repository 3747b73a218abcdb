"""Chains: where nobody can do all that is named, two or three who do it one after the other.

Each member does a part of the techniques, in the order in which the listing names them, and hands over
at the next one's base.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Bools

SLACK = 1e-9


@dataclass(frozen=True)
class Sequence:
    """One listing that names t techniques, and the n capabilities that could do a part of it.

    ``worth`` is (t, t + 1, n) in [0, 1]: ``worth[a, b, i]`` is the score without proximity of
    capability ``i`` doing the techniques ``a`` up to, not with, ``b``; NaN where it cannot. The first
    row, ``a`` = 0, asks all the rules of a listing. ``first_km`` (n,) leads from the listing to a
    base, ``km`` (n, n) from base to base; ``reaches[i, j]``: whether ``j`` serves the base of ``i``.
    """

    worth: Floats
    first_km: Floats
    km: Floats
    reaches: Bools

    @property
    def techniques(self) -> int:
        return len(self.worth)


@dataclass(frozen=True)
class Chain:
    """Members as (row, first technique, end), in order; the way of each hand-over in km."""

    members: tuple[tuple[int, int, int], ...]
    legs_km: tuple[float, ...]
    score: float

    @property
    def km(self) -> float:
        return sum(self.legs_km)


def chain_score(worth: list[float], km: float, half_distance_km: float) -> float:
    """Return mean(worth) x 2 ^ (-km / half_distance), in [0, 1].

    ``worth`` holds each member's score without proximity, ``km`` is the whole way from the listing
    through every base: the way counts once, as it is driven.
    """
    return sum(worth) / len(worth) * math.exp2(-km / half_distance_km)


def best_chain(sequence: Sequence, half_distance_km: float) -> Chain | None:
    """Return the chain of two or three members with the highest score, None where there is none.

    Exact by branch and bound: a beginning is given up only where its score could not be the best even
    if all who follow were the best of all and lived next door. Equal scores go to fewer members,
    then to smaller rows.
    """
    return _Search(sequence, half_distance_km).best()


def _cuts(techniques: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to cut the techniques into two or three parts, as the ends of the parts."""
    for first in range(1, techniques):
        yield first, techniques
    for first in range(1, techniques - 1):
        for second in range(first + 1, techniques):
            yield first, second, techniques


class _Search:
    def __init__(self, sequence: Sequence, half_distance_km: float) -> None:
        self.sequence, self.half = sequence, half_distance_km
        self.found: Chain | None = None

    def best(self) -> Chain | None:
        if self.sequence.worth.shape[2]:
            for ends in _cuts(self.sequence.techniques):
                self._extend(ends, (), (), [])
        return self.found

    def _extend(
        self,
        ends: tuple[int, ...],
        members: tuple[tuple[int, int, int], ...],
        legs: tuple[float, ...],
        worth: list[float],
    ) -> None:
        """Try everybody who can follow, most promising first, as long as the best can be beaten."""
        done = len(members)
        if done == len(ends):
            self._keep(Chain(members, legs, chain_score(worth, sum(legs), self.half)))
            return
        start, end = (members[-1][2] if members else 0), ends[done]
        own = self.sequence.worth[start, end]
        leg = self.sequence.km[members[-1][0]] if members else self.sequence.first_km
        able = ~np.isnan(own)
        for row, _, _ in members:
            able[row] = False
        if members:
            able &= self.sequence.reaches[members[-1][0]]
        rows = np.flatnonzero(able)
        bounds = self._bounds(ends, end, own[rows], sum(legs) + leg[rows], worth)
        for n in np.argsort(-bounds, kind="stable"):
            if self.found is not None and bounds[n] < self.found.score - SLACK:
                break
            row = int(rows[n])
            self._extend(
                ends,
                (*members, (row, start, end)),
                (*legs, float(leg[row])),
                [*worth, float(own[row])],
            )

    def _bounds(
        self, ends: tuple[int, ...], end: int, own: Floats, km: Floats, worth: list[float]
    ) -> Floats:
        """Return the highest score that a chain can have which goes on with each candidate, (n,)."""
        later = 0.0
        for start, stop in pairwise(ends):
            if start >= end:
                most = np.nan_to_num(self.sequence.worth[start, stop]).max(initial=0.0)
                later += float(most)
        bounds: Floats = (sum(worth) + own + later) / len(ends) * np.exp2(-km / self.half)
        return bounds

    def _keep(self, chain: Chain) -> None:
        """Keep the better one: by score to 9 decimals, then by members and rows."""
        known = self.found
        if known is None or _order(chain) < _order(known):
            self.found = chain


def _order(chain: Chain) -> tuple[float, int, tuple[tuple[int, int, int], ...]]:
    return -round(chain.score, 9), len(chain.members), chain.members
