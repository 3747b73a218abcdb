"""The six components of a score, each once: a function of a listing's and a capability's record."""

import math
from typing import Any

import numpy as np

from marketplace.matching.jit import inlined

LEVEL_FIT = 0.8
DEEPEST = 63
FITS = LEVEL_FIT ** np.arange(DEEPEST + 1)
UNKNOWN_VALUE = 0.5


@inlined
def proximity(km: float, half_km: float) -> float:
    """Halves every ``half_km``."""
    return math.pow(2.0, -km / half_km)


@inlined
def fit(levels: int) -> float:
    """0.8 for each step up to what is accepted and offered, ``levels`` of both together."""
    return FITS[min(levels, DEEPEST)]


@inlined
def share(free: float, monthly: float) -> float:
    """Return min(1, free / monthly); 1 where either is unknown or nothing comes."""
    if math.isnan(free) or math.isnan(monthly) or monthly <= 0.0:
        return 1.0
    return min(1.0, free / monthly)


@inlined
def capacity(a: Any, b: Any) -> float:
    """How much of what comes can be taken, by the scarcest unit; 1 where none is known."""
    return min(
        share(b.free_kg, a.monthly_kg),
        share(b.free_pieces, a.monthly_pieces),
        share(b.free_hours, a.monthly_hours),
    )


@inlined
def shared_days(a: Any, b: Any) -> int:
    """Return on how many of the listing's days inside the horizon the capability is there too."""
    return max(min(a.end, b.closes) - max(a.begin, b.opens) + 1, 0)


@inlined
def timing(a: Any, b: Any) -> float:
    """The share of the listing's days on which the capability is there too."""
    return shared_days(a, b) / max(a.own_days, 1)


@inlined
def value(a: Any, b: Any) -> float:
    """The best technique named, or else offered; 0.5 where there is none."""
    if a.value >= 0.0:
        return a.value
    return b.value if b.value >= 0.0 else UNKNOWN_VALUE


@inlined
def score(parts: Any, weights: Any) -> float:
    """Return the weighted mean of six components."""
    total = 0.0
    whole = 0.0
    for k in range(6):
        total += weights[k] * parts[k]
        whole += weights[k]
    return total / whole


@inlined
def components(a: Any, b: Any, levels: int, km: float, half_km: float, parts: Any) -> None:
    """Write the six of an eligible pair into ``parts``, in the order of ``Component``.

    ``levels`` are those of its material and of its techniques together.
    """
    parts[0] = proximity(km, half_km)
    parts[1] = fit(levels)
    parts[2] = capacity(a, b)
    parts[3] = timing(a, b)
    parts[4] = value(a, b)
    parts[5] = b.fairness
