"""Trees of materials and techniques, and how far below an accepted node something lies."""

from dataclasses import dataclass

import numpy as np

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Ints

UNCOVERED = -1


@dataclass(frozen=True)
class Tree:
    """A taxonomy by number: ``parent[n]`` is the number above ``n``, -1 at the top.

    Raises ValueError where a parent is no number of the tree, or where nodes go round in a circle.
    """

    parent: Ints

    def __post_init__(self) -> None:
        size = len(self.parent)
        if size and (self.parent.min() < -1 or self.parent.max() >= size):
            raise ValueError("a parent is not in the tree")
        above = np.arange(size)
        for _ in range(size + 1):
            above = np.where(above >= 0, self.parent[above], -1)
            if (above < 0).all():
                return
        raise ValueError("the tree goes round in a circle")

    def __len__(self) -> int:
        return len(self.parent)

    def up(self, node: int, levels: int) -> int:
        """Return the number ``levels`` steps above ``node``; IndexError above the top."""
        for _ in range(levels):
            if node < 0:
                raise IndexError("above the top")
            node = int(self.parent[node])
        return node


@dataclass(frozen=True)
class Ontology:
    """Both trees, and for each technique how much of a thing's worth it keeps, in [0, 1]."""

    materials: Tree
    techniques: Tree
    value_retention: Floats

    def __post_init__(self) -> None:
        if len(self.value_retention) != len(self.techniques):
            raise ValueError("each technique has one value retention")
