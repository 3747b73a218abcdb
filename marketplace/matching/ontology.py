"""Trees of materials and techniques, and how far below an accepted node something lies."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Bools, Ints, Rows, Sets

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


class Coverage:
    """How many steps each node lies below the deepest accepted one, capability by capability."""

    def __init__(self, tree: Tree, accepted: Sets) -> None:
        self._tree = tree
        self._accepted = accepted
        self._known: dict[int, NDArray[np.int16]] = {}

    @cached_property
    def _by_node(self) -> Sets:
        """Return the accepted sets turned round: for each node the rows that accept it."""
        owners = np.repeat(np.arange(len(self._accepted)), self._accepted.sizes)
        order = np.argsort(self._accepted.indices, kind="stable")
        counts = np.bincount(self._accepted.indices, minlength=len(self._tree))
        return Sets(np.concatenate([[0], np.cumsum(counts)]), owners[order])

    def of_node(self, node: int) -> NDArray[np.int16]:
        """Return the levels of one node for all rows, (rows,); UNCOVERED where none covers it."""
        known = self._known.get(node)
        if known is None:
            above = int(self._tree.parent[node])
            if above < 0:
                known = np.full(len(self._accepted), UNCOVERED, dtype=np.int16)
            else:
                higher = self.of_node(above)
                known = np.where(higher >= 0, higher + 1, UNCOVERED).astype(np.int16)
            known[self._by_node[node]] = 0
            self._known[node] = known
        return known

    def levels(self, nodes: Ints, rows: Rows) -> NDArray[np.int16]:
        """Return the levels of pairs of a node and a row, (n,); 0 where the node is -1 (none)."""
        if nodes.size and nodes[0] >= 0 and (nodes == nodes[0]).all():
            return self.of_node(int(nodes[0]))[rows]
        found = np.zeros(len(nodes), dtype=np.int16)
        different, which = np.unique(nodes, return_inverse=True)
        for position, node in enumerate(different.tolist()):
            if node >= 0:
                mine = which == position
                found[mine] = self.of_node(node)[rows[mine]]
        return found

    def any_of(self, rows: Rows) -> Bools:
        """Return whether each row accepts anything at all."""
        return self._accepted.sizes[rows] > 0
