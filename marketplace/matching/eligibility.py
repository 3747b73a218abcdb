"""The ten rules, each once: a function of a listing's and a capability's record.

Whatever asks (the search for the best, the run over everything, the explanation) asks these.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from marketplace.matching.columns import Bools
from marketplace.matching.geodesic import uncertainty_km
from marketplace.matching.jit import inlined
from marketplace.matching.kinds import Kind
from marketplace.matching.ontology import UNCOVERED
from marketplace.matching.tables import ANY_CONDITION, CLIENT_SITE, HAZARD

NO, YES, UNDECIDED = 0, 1, 2
RESIDUAL = int(Kind.RESIDUAL)
SIGN_IS_SURE = (
    4e-16  # Shewchuk's bound for the sign of a 2 x 2 determinant, (3 + 16 e) e, rounded up
)


def is_hazardous(flag: ArrayLike, code_hazardous: ArrayLike) -> Bools:
    """Return whether a listing is hazardous: by its flag, or by a starred List-of-Waste code."""
    either: Bools = np.logical_or(flag, code_hazardous)
    return either


@inlined
def status(a: Any, b: Any) -> bool:
    """Both organisations verified and active, both entries live, and not one's own."""
    return a.live and b.live and a.organisation != b.organisation


@inlined
def levels(parent: Any, node: int, numbers: Any, start: int, end: int) -> int:
    """Return the steps from ``node`` up to the deepest of some numbers, UNCOVERED if none is above."""
    steps = 0
    while node >= 0:
        for k in range(start, end):
            if numbers[k] == node:
                return steps
        node = parent[node]
        steps += 1
    return UNCOVERED


@inlined
def material_levels(t: Any, a: Any, b: Any) -> int:
    """Return the steps from the asked material up to the deepest accepted one; 0 if none is asked."""
    if a.material < 0:
        return 0
    return levels(t.material_parent, a.material, t.accepted, b.accepted_from, b.accepted_to)


@inlined
def material(t: Any, a: Any, b: Any) -> bool:
    """The listing's material is accepted or lies below an accepted one; a residual has one."""
    if a.material < 0:
        return a.kind != RESIDUAL
    return material_levels(t, a, b) != UNCOVERED


@inlined
def technique_levels(t: Any, a: Any, b: Any) -> int:
    """Return the most steps that a named technique lies below an offered one; 0 if none is named,
    UNCOVERED where not all of them are offered."""
    worst = 0
    for k in range(a.named_from, a.named_to):
        up = levels(t.technique_parent, t.named[k], t.offered, b.offered_from, b.offered_to)
        if up == UNCOVERED:
            return UNCOVERED
        worst = max(worst, up)
    return worst


@inlined
def technique(t: Any, a: Any, b: Any) -> bool:
    """All named techniques are offered; all but a residual must name one."""
    if a.named_from == a.named_to:
        return a.kind == RESIDUAL
    return technique_levels(t, a, b) != UNCOVERED


@inlined
def covers(t: Any, area: int, x: float, y: float) -> int:
    """Return whether an area covers the point at longitude ``x``, latitude ``y``, border included;
    UNDECIDED where rounding could turn the answer."""
    inside = False
    for ring in range(t.area_rings[area], t.area_rings[area + 1]):
        for k in range(t.ring_corners[ring], t.ring_corners[ring + 1] - 1):
            ax, ay = t.corners[k, 0], t.corners[k, 1]
            bx, by = t.corners[k + 1, 0], t.corners[k + 1, 1]
            if ay == y and (ax == x or (by == y and min(ax, bx) <= x <= max(ax, bx))):
                return YES
            if (ay > y) != (by > y):
                left, right = (bx - ax) * (y - ay), (x - ax) * (by - ay)
                if abs(left - right) <= SIGN_IS_SURE * (abs(left) + abs(right)):
                    return UNDECIDED
                if (left > right) == (by > ay):
                    inside = not inside
    return YES if inside else NO


@inlined
def place(t: Any, a: Any, b: Any, km: float) -> int:
    """The service area covers the listing's point, or without one the radius reaches it; UNDECIDED
    where only the exact geodesic or exact arithmetic can tell."""
    if b.area >= 0:
        return covers(t, b.area, a.longitude, a.latitude)
    if math.isnan(b.radius_km):
        return NO
    doubt = uncertainty_km(km)
    if km <= b.radius_km - doubt:
        return YES
    return NO if km > b.radius_km + doubt else UNDECIDED


@inlined
def hazard(a: Any, b: Any) -> bool:
    """Hazardous material goes only to those who accept it."""
    return a.needs & ~b.takes & HAZARD == 0


@inlined
def condition(a: Any, b: Any) -> bool:
    """The listing's condition is accepted; who states none accepts all, an unknown one too."""
    return a.needs & ~b.takes & ANY_CONDITION == 0


@inlined
def batch(a: Any, b: Any) -> bool:
    """One delivery is at least the smallest batch, where both are known."""
    return not a.mass_kg < b.min_batch_kg


@inlined
def time(today: int, a: Any, b: Any) -> bool:
    """Both windows share a day on or after the day of matching."""
    return max(a.first, b.opens, today) <= min(a.last, b.closes)


@inlined
def refused(t: Any, a: Any, capability: int) -> bool:
    """No broker has refused the pair."""
    barred = False
    for k in range(a.refused_from, a.refused_to):
        barred = barred or t.refused[k] == capability
    return not barred


@inlined
def work_place(a: Any, b: Any) -> bool:
    """Work at the client's site goes to those who work on site."""
    return a.needs & ~b.takes & CLIENT_SITE == 0
