"""Editions of the trees that were put into force one after the other, out of the database."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core.errors import NotFound
from marketplace.taxonomy.edition import Edition, follow, in_force
from marketplace.taxonomy.tables import SYNONYMS, Entry, released
from marketplace.vocabulary.models import TaxonomyEdition, TaxonomyNode

COLUMNS = tuple(f.name for f in fields(Entry) if f.name != "photo")
"""What an edition says of a node; its photo is the release's."""


@dataclass(frozen=True)
class Past:
    """An edition as it once came into force; who and when are unknown of the release."""

    number: int
    put_at: datetime | None = None
    put_by: str = ""
    comment: str = ""
    went_back_to: int | None = None


def refresh(session: Session) -> None:
    """Follow the edition that is in force by now; one short query where nothing has changed."""
    number = newest(session)
    follow(number, lambda: edition(session, number))


def newest(session: Session) -> int:
    """Return the number of the edition in force."""
    query = select(func.max(TaxonomyEdition.number)).where(TaxonomyEdition.put_at.is_not(None))
    return session.scalar(query) or 0


def edition(session: Session, number: int) -> Edition:
    """Return an edition that is or was in force; 0 is the release."""
    if number == in_force().number:
        return in_force()
    was = TaxonomyEdition.put_at.is_not(None)
    known = select(TaxonomyEdition.id).where(TaxonomyEdition.number == number, was)
    if number and session.scalar(known) is None:
        raise NotFound
    return built(session, number)


def built(session: Session, number: int) -> Edition:
    """Return the trees as an edition or the draft has them."""
    return Edition.of(number, [(node.tree, entry_of(node)) for node in nodes_of(session, number)])


def nodes_of(session: Session, number: int) -> list[TaxonomyNode]:
    """Return what an edition says otherwise than the release, in the order of its making."""
    query = (
        select(TaxonomyNode)
        .join(TaxonomyEdition, TaxonomyEdition.id == TaxonomyNode.edition_id)
        .where(TaxonomyEdition.number == number)
        .order_by(TaxonomyNode.id)
    )
    return list(session.scalars(query))


def entry_of(node: TaxonomyNode) -> Entry:
    """Return what a row says as the trees take it."""
    values = {name: getattr(node, name) for name in COLUMNS}
    values |= {name: tuple(values[name]) for name in SYNONYMS}
    before = released(node.tree).get(node.code)
    return Entry(**values, photo=before.photo if before else None)


def plain(entry: Entry) -> dict[str, object]:
    """Return what an entry says as a row and the audit trail take it."""
    values = {name: getattr(entry, name) for name in COLUMNS}
    return values | {name: list(values[name]) for name in SYNONYMS}


def history(session: Session) -> list[Past]:
    """Return every edition that was in force, the present one first, the release last."""
    rows = session.execute(
        select(TaxonomyEdition, User.name)
        .outerjoin(User, User.id == TaxonomyEdition.put_by)
        .where(TaxonomyEdition.put_at.is_not(None))
        .order_by(TaxonomyEdition.number.desc())
    )
    found = [Past(r.number, r.put_at, who or "", r.comment, r.went_back_to) for r, who in rows]
    return [*found, Past(0)]
