"""The taxonomy in force and the agency's own words, for what people type and what pages show."""

from flask import Flask, request

from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import editions, words
from marketplace.web.session import reading

WITHOUT = frozenset({None, "static", "media.show", "health.healthz"})
"""What needs no taxonomy: files, and whether we are alive."""


def own_materials() -> Lookup:
    """Return the agency's words for materials."""
    with reading() as session:
        return words.own(session, Branch.MATERIALS)


def own_techniques() -> Lookup:
    """Return the agency's words for techniques."""
    with reading() as session:
        return words.own(session, Branch.TECHNIQUES)


def install(app: Flask) -> None:
    """Follow the edition of the taxonomy that is in force, before each request."""

    @app.before_request
    def follow() -> None:
        if request.endpoint not in WITHOUT:
            with reading() as session:
                editions.refresh(session)
