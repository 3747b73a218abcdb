"""The techniques that workshops offer and companies ask for."""

from functools import cache

from marketplace.taxonomy.tables import rows, words
from marketplace.taxonomy.tree import Technique, Tree


@cache
def techniques() -> Tree[Technique]:
    """The tree of techniques, read once.

    `value_retention` is the marketplace's own scale: 1.0 repair, re-use and upcycling into a
    lasting product, about 0.9 making a product of the material, 0.5 work that leaves the
    material as it is (packing, transport, services), 0.3 recycling, 0.0 disposal.
    """
    return Tree(
        Technique(**words(row), value_retention=float(row["value_retention"]))
        for row in rows("techniques")
    )


TECHNIQUES: Tree[Technique] = techniques()
