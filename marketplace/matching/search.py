"""The best capabilities of many listings, by branch and bound: what cannot be among them is left out
by a bound that is only ever too generous, so that the first K are exactly the first K.

The bound: proximity falls with distance, a chord is never longer than the geodesic, fit is the same
for all that stand under one node, value and fairness have a best in each tree, the rest is at most 1.
"""

import math
from typing import Any

import numpy as np

from marketplace.matching import components as formulas
from marketplace.matching import eligibility as rules
from marketplace.matching.geodesic import FAR_KM, length_km
from marketplace.matching.jit import compiled, inlined
from marketplace.matching.ontology import UNCOVERED
from marketplace.matching.postings import NOTHING

SCORE_STEPS = 1e9
METRES = 1e3
UNDECIDED = rules.UNDECIDED
DEEPEST = 128


@compiled
def first_of_all(
    t: Any, p: Any, order: Any, weights: Any, half_km: float, found: Any, kept: Any, doubt: Any
) -> None:
    """Write the best rows of the listings in ``order`` into ``found`` (n, K) and how many into
    ``kept`` (n,). Where a pair that counts needs exact arithmetic, ``doubt`` (n,) is set instead."""
    top = found.shape[1]
    scores, metres = np.empty(top), np.empty(top)
    stack, near = np.empty(DEEPEST, dtype=np.int64), np.empty(DEEPEST)
    parts = np.empty(6)
    for n in range(len(order)):
        a = t.listings[order[n]]
        kept[n], doubt[n] = 0, False
        if not a.live or not _names_enough(a):
            continue
        node, parent, first = _asked(t, p, a)
        steps = 0
        while node >= 0 and not doubt[n]:
            root = p.roots[node + first]
            if root != NOTHING:
                kept[n], doubt[n] = _search(
                    t, p, a, root, steps, weights, half_km,
                    found[n], scores, metres, kept[n], parts, stack, near,
                )  # fmt: skip
            node = parent[node]
            steps += 1


@inlined
def _names_enough(a: Any) -> bool:
    """A residual names its material, everything else a technique."""
    return a.material >= 0 if a.kind == rules.RESIDUAL else a.named_from < a.named_to


@inlined
def _asked(t: Any, p: Any, a: Any) -> Any:
    """Return the node to begin at, its taxonomy, and what to add to find it among the postings: the
    material, or else that of the named techniques which the fewest offer."""
    if a.material >= 0:
        return a.material, t.material_parent, 0
    best, fewest = -1, -1
    for k in range(a.named_from, a.named_to):
        count, node = 0, t.named[k]
        while node >= 0:
            count += p.sizes[node + p.materials]
            node = t.technique_parent[node]
        if best < 0 or count < fewest:
            best, fewest = t.named[k], count
    return best, t.technique_parent, p.materials


@inlined
def _search(
    t: Any, p: Any, a: Any, root: int, steps: int, weights: Any, half_km: float,
    found: Any, scores: Any, metres: Any, kept: int, parts: Any, stack: Any, near: Any,
) -> Any:  # fmt: skip
    """Take in what one tree has; return how many are kept, and whether there is doubt."""
    doubt = False
    whole = weights.sum()
    rest = _rest(a, p.branches[root], steps, weights)
    limit = _farthest2(scores, kept, whole, rest, weights[0], half_km)
    stack[0], near[0] = root, _box2(a, p.branches[root])
    depth = 1
    while depth:
        depth -= 1
        gap, at = near[depth], stack[depth]
        if gap > limit:
            continue
        branch = p.branches[at]
        if gap > branch.reach2:
            continue
        if branch.other != NOTHING:
            left, right = at + 1, branch.other
            to_left, to_right = _box2(a, p.branches[left]), _box2(a, p.branches[right])
            if to_left < to_right:
                left, right, to_left, to_right = right, left, to_right, to_left
            stack[depth], near[depth] = left, to_left
            stack[depth + 1], near[depth + 1] = right, to_right
            depth += 2
            continue
        for k in range(branch.start, branch.end):
            e = p.entries[k]
            dx, dy, dz = a.x - e.x, a.y - e.y, a.z - e.z
            chord2 = dx * dx + dy * dy + dz * dz
            if chord2 > e.reach2 or chord2 > limit:
                continue
            if a.needs & ~e.takes != 0 or not rules.time(t.today, a, e):
                continue
            verdict, score, metre = _judge(t, a, e.row, steps, weights, half_km, parts)
            if verdict == rules.NO:
                continue
            if verdict == UNDECIDED:
                doubt = True
                return kept, doubt
            kept, better = _insert(t, found, scores, metres, kept, e.row, score, metre)
            if better:
                limit = _farthest2(scores, kept, whole, rest, weights[0], half_km)
    return kept, doubt


@inlined
def _judge(t: Any, a: Any, row: int, steps: int, weights: Any, half_km: float, parts: Any) -> Any:
    """Return the verdict on a pair of one tree by the rules that the tree has not answered yet, and if
    it is eligible its score and distance as they rank.

    ``steps`` lie between what is asked for and the tree's node. What takes a deeper node too was met in
    that node's tree before, and the better score stands.
    """
    b = t.capabilities[row]
    if a.organisation == b.organisation or not rules.batch(a, b):
        return rules.NO, 0.0, 0.0
    levels = rules.technique_levels(t, a, b)
    if levels == UNCOVERED or not rules.refused(t, a, row):
        return rules.NO, 0.0, 0.0
    if a.material >= 0:
        levels += steps
    km = length_km(b.x, b.y, b.z, a.x, a.y, a.z)
    verdict = rules.place(t, a, b, km)
    if verdict != rules.YES:
        return verdict, 0.0, 0.0
    if km > FAR_KM:
        return UNDECIDED, 0.0, 0.0
    formulas.components(a, b, levels, km, half_km, parts)
    return verdict, np.rint(formulas.score(parts, weights) * SCORE_STEPS), np.rint(km * METRES)


@inlined
def _insert(
    t: Any, found: Any, scores: Any, metres: Any, kept: int, row: int, score: float, metre: float
) -> Any:
    """Put a row where it ranks; return how many are kept, and whether the last of a full list rose."""
    top = len(scores)
    if kept == top and score < scores[top - 1]:
        return kept, False
    for k in range(kept):
        if found[k] == row:
            return kept, False
    tie = t.capabilities[row].tie
    at = kept
    while at > 0:
        other = found[at - 1]
        if scores[at - 1] > score:
            break
        if scores[at - 1] == score:
            if metres[at - 1] < metre:
                break
            if metres[at - 1] == metre and t.capabilities[other].tie < tie:
                break
        at -= 1
    if at == top:
        return kept, False
    last = min(kept, top - 1)
    for k in range(last, at, -1):
        found[k], scores[k], metres[k] = found[k - 1], scores[k - 1], metres[k - 1]
    found[at], scores[at], metres[at] = row, score, metre
    return last + 1, last + 1 == top


@inlined
def _rest(a: Any, branch: Any, steps: int, weights: Any) -> float:
    """Return the most that a capability of this tree can score, nearness aside, times the weights."""
    value = a.value if a.value >= 0.0 else branch.value
    return (
        weights[1] * formulas.fit(steps)
        + weights[2]
        + weights[3]
        + weights[4] * value
        + weights[5] * branch.fairness
    )


@inlined
def _farthest2(
    scores: Any, kept: int, whole: float, rest: float, weight: float, half_km: float
) -> float:
    """Return the square of the distance in km beyond which nothing can still be among the first."""
    if kept < len(scores):
        return np.inf
    missing = (scores[kept - 1] - 1.0) / SCORE_STEPS * whole - rest
    if missing <= 0.0:
        return np.inf
    if missing > weight:
        return -1.0
    km = -half_km * math.log2(missing / weight)
    return (km * (1 + 1e-12) + 1e-9) ** 2


@inlined
def _box2(a: Any, branch: Any) -> float:
    """Return the square of the distance in km from a listing to a branch's box."""
    dx = max(branch.west - a.x, 0.0, a.x - branch.east)
    dy = max(branch.south - a.y, 0.0, a.y - branch.north)
    dz = max(branch.low - a.z, 0.0, a.z - branch.high)
    return dx * dx + dy * dy + dz * dz
