"""From what somebody typed to a code, or a refusal that names the nearest words."""

from typing import Any

from marketplace.core.errors import Invalid
from marketplace.taxonomy.tree import Tree


def understood(tree: Tree[Any], text: str, *, field: str, what: str, language: str) -> str:
    """Return the code of the node that ``text`` means.

    ``what`` is ``material`` or ``technique``. Raises ``Invalid`` on ``field``, with up to three
    suggestions in ``language``.
    """
    node = tree.find(text)
    if node is not None:
        return str(node.code)
    near = ", ".join(s.label for s in tree.suggest(text, language, limit=3))
    if near:
        raise Invalid.one(field, f"{what}_suggested", text=text, near=near)
    raise Invalid.one(field, f"{what}_unknown", text=text)
