"""The best capabilities of many listings, by branch and bound: what cannot be among them is left out
by a bound that is only ever too generous, so that the first K are exactly the first K.

The bound: proximity falls with distance, a chord is never longer than the geodesic, fit is the same
for all that stand under one node, value and fairness have a best in each tree, the rest is at most 1.
What lies near enough by that is asked for what it can have at most itself, before its record is read.
"""

from typing import Any, NamedTuple

import numpy as np

from marketplace.geo.distance import Floats
from marketplace.matching import components as formulas
from marketplace.matching import eligibility as rules
from marketplace.matching.columns import Ints
from marketplace.matching.geodesic import FAR_KM, length_km
from marketplace.matching.jit import borrowed, compiled, inlined
from marketplace.matching.ontology import UNCOVERED
from marketplace.matching.postings import LEAF, NOTHING, UNLIMITED
from marketplace.matching.weights import Weights

SCORE_STEPS = 1e9
METRES = 1e3
UNDECIDED = rules.UNDECIDED
DEEPEST = 128
LACKS = 4096


class Work(NamedTuple):
    """Where a search keeps what it is at: the scores and metres of the best so far, the branches still
    to be seen and how near they are, the entries of a leaf that may do and how near, the components of
    a pair, and what the listing wants (see ``_want``)."""

    scores: Floats
    metres: Floats
    stack: Ints
    gaps: Floats
    picked: Ints
    near: Floats
    parts: Floats
    wants: Floats


class Scale(NamedTuple):
    """What ranks: the six weights and their sum, how far nearness halves in km, and for each share of
    its weight, in ``LACKS`` steps, the square of the km beyond which nearness does not make it up."""

    weights: Floats
    whole: float
    half_km: float
    limits: Floats


def scale_of(weights: Weights) -> Scale:
    """Return the scale of some weights."""
    column, half_km = weights.column(), weights.half_distance_km
    with np.errstate(divide="ignore"):
        km = -half_km * np.log2(np.arange(LACKS) / LACKS)
    return Scale(column, float(column.sum()), half_km, (km * (1 + 1e-12) + 1e-9) ** 2)


@compiled
def first_of_all(t: Any, p: Any, order: Any, scale: Any, found: Any, kept: Any, doubt: Any) -> None:
    """For the listings in ``order`` write the best capability rows into ``found`` (n, K) and how many
    into ``kept`` (n,), n being all listings. Where a pair that counts needs exact arithmetic, ``doubt``
    (n,) is set instead."""
    top = found.shape[1]
    work = Work(
        np.empty(top), np.empty(top),
        np.empty(DEEPEST, dtype=np.int64), np.empty(DEEPEST),
        np.empty(LEAF, dtype=np.int64), np.empty(LEAF), np.empty(6), np.empty(7),
    )  # fmt: skip
    _search_for_each(t, p, order, scale, found, kept, doubt, work)


@compiled
def _search_for_each(
    t: Any, p: Any, order: Any, scale: Any, found: Any, kept: Any, doubt: Any, work: Any
) -> None:
    t, p, scale, work = borrowed(t), borrowed(p), borrowed(scale), borrowed(work)
    order, found, kept, doubt = borrowed(order), borrowed(found), borrowed(kept), borrowed(doubt)
    for n in order:
        a = t.listings[n]
        kept[n], doubt[n] = 0, False
        if not a.live or not _names_enough(a):
            continue
        _want(a, work.wants)
        node, parent, first = _asked(t, p, a)
        steps = 0
        while node >= 0 and not doubt[n]:
            root = p.roots[node + first]
            if root != NOTHING:
                kept[n], doubt[n] = _search(t, p, a, root, steps, scale, found[n], kept[n], work)
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
def _want(a: Any, wants: Any) -> None:
    """Write by what to multiply a free amount of each unit for the share of it, what to add to that
    (1 where it does not matter, or is out of all measure), and the share of a day."""
    for k, monthly in enumerate((a.monthly_kg, a.monthly_pieces, a.monthly_hours)):
        counts = 1.0 / UNLIMITED < monthly < UNLIMITED
        wants[k] = 1.0 / monthly if counts else 0.0
        wants[k + 3] = 0.0 if counts else 1.0
    wants[6] = 1.0 / max(a.own_days, 1)


@inlined
def _search(
    t: Any, p: Any, a: Any, root: int, steps: int, scale: Any, found: Any, kept: int, work: Any
) -> Any:
    """Take in what one tree has; return how many are kept, and whether there is doubt."""
    scores, stack, gaps = work.scores, work.stack, work.gaps
    fit = scale.weights[1] * formulas.fit(steps)
    bar = _bar(scores, kept, scale) - fit
    most = _most(a, p.branches[root], scale.weights)
    limit = _farthest2(bar - most, scale)
    stack[0], gaps[0] = root, _box2(a, p.branches[root])
    depth = 1
    while depth:
        depth -= 1
        gap, at = gaps[depth], stack[depth]
        if gap > limit:
            continue
        branch = p.branches[at]
        if gap > branch.reach2 or a.families & ~branch.families:
            continue
        if branch.other != NOTHING:
            left, right = at + 1, branch.other
            to_left, to_right = _box2(a, p.branches[left]), _box2(a, p.branches[right])
            if to_left <= to_right:
                left, right, to_left, to_right = right, left, to_right, to_left
            stack[depth], gaps[depth] = left, to_left
            stack[depth + 1], gaps[depth + 1] = right, to_right
            depth += 2
            continue
        for k in range(_pick(t, p, a, branch, limit, work)):
            e = p.entries[work.picked[k]]
            if work.near[k] > _farthest2(bar - _merit(a, e, scale.weights, work.wants), scale):
                continue
            verdict, score, metre = _judge(t, a, e.row, steps, scale, work.parts)
            if verdict == rules.NO:
                continue
            if verdict == UNDECIDED:
                return kept, True
            kept, better = _insert(t, found, scores, work.metres, kept, e.row, score, metre)
            if better:
                bar = _bar(scores, kept, scale) - fit
                limit = _farthest2(bar - most, scale)
    return kept, False


@inlined
def _pick(t: Any, p: Any, a: Any, branch: Any, limit: float, work: Any) -> int:
    """Write which entries of a leaf are near enough, there in time and not shut out by what they take
    into ``picked``; return how many. Without a jump, since none of this can be foreseen."""
    count = 0
    for k in range(branch.start, branch.end):
        e = p.entries[k]
        dx, dy, dz = a.x - e.x, a.y - e.y, a.z - e.z
        chord2 = dx * dx + dy * dy + dz * dz
        inside = (chord2 <= e.reach2) & (chord2 <= limit)
        work.picked[count], work.near[count] = k, chord2
        able = (a.needs & ~e.takes == 0) & (a.families & ~e.families == 0)
        count += inside & able & rules.time(t.today, a, e)
    return count


@inlined
def _judge(t: Any, a: Any, row: int, steps: int, scale: Any, parts: Any) -> Any:
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
    formulas.components(a, b, levels, km, scale.half_km, parts)
    score = formulas.score(parts, scale.weights)
    return verdict, np.rint(score * SCORE_STEPS), np.rint(km * METRES)


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
def _bar(scores: Any, kept: int, scale: Any) -> float:
    """Return what a newcomer must score, times the weights; a list with room takes anything."""
    return -np.inf if kept < len(scores) else (scores[kept - 1] - 1.0) / SCORE_STEPS * scale.whole


@inlined
def _most(a: Any, branch: Any, weights: Any) -> float:
    """Return the most that a tree's capabilities can have, nearness and fit aside, times the weights."""
    value = a.value if a.value >= 0.0 else branch.value
    return weights[2] + weights[3] + weights[4] * value + weights[5] * branch.fairness


@inlined
def _merit(a: Any, e: Any, weights: Any, wants: Any) -> float:
    """Return what an entry has, nearness and fit aside, times the weights; never too little."""
    share = min(
        1.0,
        e.free_kg * wants[0] + wants[3],
        e.free_pieces * wants[1] + wants[4],
        e.free_hours * wants[2] + wants[5],
    )
    return (
        weights[2] * share
        + weights[3] * formulas.shared_days(a, e) * wants[6]
        + weights[4] * (a.value if a.value >= 0.0 else e.value)
        + weights[5] * e.fairness
    )


@inlined
def _farthest2(lack: float, scale: Any) -> float:
    """Return the square of the km beyond which nearness does not make up for what is lacking."""
    if lack <= 0.0:
        return np.inf
    if lack > scale.weights[0]:
        return -1.0
    return scale.limits[min(int(lack / scale.weights[0] * LACKS), LACKS - 1)]


@inlined
def _box2(a: Any, branch: Any) -> float:
    """Return the square of the distance in km from a listing to a branch's box."""
    dx = max(branch.west - a.x, 0.0, a.x - branch.east)
    dy = max(branch.south - a.y, 0.0, a.y - branch.north)
    dz = max(branch.low - a.z, 0.0, a.z - branch.high)
    return dx * dx + dy * dy + dz * dz
