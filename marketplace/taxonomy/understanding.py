"""From what somebody typed to a code, or a refusal that names the nearest words."""

from typing import Any

from marketplace.core.errors import Invalid
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.tree import NO_WORDS, Tree


def understood(
    tree: Tree[Any], text: str, *, field: str, what: str, language: str, own: Lookup = NO_WORDS
) -> str:
    """Return the code of the node that ``text`` means.

    ``what`` is ``material`` or ``technique``; ``own`` are words beside the tree's. Raises ``Invalid``
    on ``field``, with up to three suggestions in ``language``.
    """
    node = tree.find(text, own)
    if node is not None:
        return str(node.code)
    near = ", ".join(s.label for s in tree.suggest(text, language, limit=3, own=own))
    if near:
        raise Invalid.one(field, f"{what}_suggested", text=text, near=near)
    raise Invalid.one(field, f"{what}_unknown", text=text)
