"""Editions of the trees as stories need them: what a draft says, put into force and followed."""

from marketplace.core.actor import Actor, Role
from marketplace.taxonomy.edition import in_force
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import drafting, editions, nodes
from marketplace.vocabulary.drafts import NodeDraft, factor_key, mark
from tests.builders import NOW

AGENCY = Actor(roles=frozenset({Role.AGENCY}))
FELT = "textile.felt"


def a_node(**changes):
    values = {
        "branch": Branch.MATERIALS, "name_de": "Brimbelstoff", "name_hu": "Brimbelszövet",
        "name_en": "Brimble cloth", "reason": "Drei Betriebe haben danach gefragt.",
    }  # fmt: skip
    return NodeDraft(**values | changes)


def as_it_is(branch, code, trees=None, **changes):
    """Return the draft that changes nothing of a node but what is named."""
    entry = (trees or in_force()).entries[branch][code]
    kept = {
        name: getattr(entry, name)
        for name in NodeDraft.__dataclass_fields__
        if name not in {"branch", "factor", "reason", "waste_code"}
    }
    return NodeDraft(
        **{
            **kept,
            "branch": branch,
            "waste_code": entry.waste_code or "",
            "factor": factor_key(entry),
            "reason": "Darum.",
        }
        | changes
    )


def add(session, below="textile", **changes):
    return nodes.add(session, below, a_node(**changes), actor=AGENCY, now=NOW)


def change(session, branch, code, **changes):
    trees = drafting.trees(session)
    draft = as_it_is(branch, code, trees, **changes)
    seen = mark(trees.entries[branch][code])
    nodes.change(session, code, draft, seen=seen, actor=AGENCY, now=NOW)


def retire(session, code, successor="", branch=Branch.MATERIALS):
    seen = mark(drafting.trees(session).entries[branch][code])
    nodes.retire(session, branch, code, successor, "Darum.", seen=seen, actor=AGENCY, now=NOW)


def force(session, comment="Weil es gebraucht wird."):
    seen = drafting.open_draft(session).revision
    row = drafting.put_into_force(session, comment, seen=seen, actor=AGENCY, now=NOW)
    editions.refresh(session)
    return row
