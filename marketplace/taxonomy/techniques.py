"""The techniques that workshops offer and companies ask for."""

from marketplace.taxonomy.edition import in_force
from marketplace.taxonomy.tree import Technique, Tree


def techniques() -> Tree[Technique]:
    """The tree of techniques in force.

    `value_retention` is the marketplace's own scale: 1.0 repair, re-use and upcycling into a
    lasting product, about 0.9 making a product of the material, 0.5 work that leaves the
    material as it is (packing, transport, services), 0.3 recycling, 0.0 disposal.
    """
    return in_force().techniques
