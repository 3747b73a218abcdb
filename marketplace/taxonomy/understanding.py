"""From what somebody typed to a code, or a refusal that names the nearest words."""

from collections.abc import Collection
from typing import Any

from marketplace.core.errors import Invalid
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.tree import NO_WORDS, Tree


def understood(
    tree: Tree[Any],
    text: str,
    *,
    field: str,
    what: str,
    language: str,
    own: Lookup = NO_WORDS,
    kept: Collection[str | None] = (),
) -> str:
    """Return the code of the node that ``text`` means: of a retired one, its successor's.

    ``what`` is ``material`` or ``technique``; ``own`` are words beside the tree's; ``kept`` are codes
    that stand there already and may stay though they are retired. Raises ``Invalid`` on ``field``, with
    up to three suggestions in ``language``.
    """
    node = tree.find(text, own)
    if node is not None:
        meant = node if node.code in kept else tree.heir(node.code)
        if meant is None:
            raise Invalid.one(field, f"{what}_retired", text=node.name(language))
        return str(meant.code)
    near = ", ".join(s.label for s in tree.suggest(text, language, limit=3, own=own))
    if near:
        raise Invalid.one(field, f"{what}_suggested", text=text, near=near)
    raise Invalid.one(field, f"{what}_unknown", text=text)
