"""The agency's own words, for what people type into forms and suggestions."""

from marketplace.taxonomy.lookup import Lookup
from marketplace.vocabulary import words
from marketplace.vocabulary.models import Branch
from marketplace.web.session import reading


def own_materials() -> Lookup:
    """Return the agency's words for materials."""
    with reading() as session:
        return words.own(session, Branch.MATERIALS)


def own_techniques() -> Lookup:
    """Return the agency's words for techniques."""
    with reading() as session:
        return words.own(session, Branch.TECHNIQUES)
