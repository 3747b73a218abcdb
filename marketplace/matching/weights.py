"""How much each component counts. Configuration: a service point may change it."""

from dataclasses import dataclass

import numpy as np

from marketplace.geo.distance import Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the six components, and the distance in km at which proximity halves.

    Only their proportions matter. ``version`` is kept with each proposal. Raises ValueError where a
    weight is negative, all are zero, or the distance is not above zero.
    """

    proximity: float = 0.35
    fit: float = 0.25
    capacity: float = 0.15
    timing: float = 0.10
    value: float = 0.10
    fairness: float = 0.05
    half_distance_km: float = 30.0
    version: int = 1

    def __post_init__(self) -> None:
        column = self.column()
        if not (np.isfinite(column).all() and (column >= 0).all() and column.sum() > 0):
            raise ValueError("weights are not negative, and not all zero")
        if not self.half_distance_km > 0:
            raise ValueError("the distance at which proximity halves is above zero")

    def column(self) -> Floats:
        """Return the six weights in the order of the components, (6,)."""
        return np.array(
            [self.proximity, self.fit, self.capacity, self.timing, self.value, self.fairness]
        )

    def score(self, components: Floats) -> Floats:
        """Return the scores, (n,), of components (n, 6): their weighted mean, in [0, 1]."""
        column = self.column()
        scores: Floats = (components * column).sum(axis=1) / column.sum()
        return scores
