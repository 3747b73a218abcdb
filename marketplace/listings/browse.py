"""Searching what is on offer: nearest or newest first, any filter, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.nearby import WIDEST_KM, disc, public
from marketplace.accounts.nearest import (
    Search,
    behind_chord,
    count_within,
    km_to_public,
    nearest,
)
from marketplace.core.paging import MOST_COUNTED, Slice, count_of, cursor, read_cursor
from marketplace.geo.bands import FARTHEST_KM, chord_limits
from marketplace.geo.coordinates import Coordinate
from marketplace.listings import map_tiles, policy
from marketplace.listings.models import Kind, Listing, ListingWord, Recurrence
from marketplace.listings.queries import below, with_everything
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tree import NO_WORDS
from marketplace.taxonomy.words import fold, stems

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FILTERS = 256
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What somebody looks for; every part may be empty. ``radius_km`` needs ``near``.

    ``own`` are words beside the tree's that name materials.
    """

    words: str = ""
    kinds: list[Kind] = field(default_factory=list)
    material: str = ""
    conditions: list[Condition] = field(default_factory=list)
    recurrences: list[Recurrence] = field(default_factory=list)
    mass_at_least: float | None = None
    near: Coordinate | None = None
    radius_km: float | None = None
    nearest_first: bool = True
    own: Lookup = field(default=NO_WORDS, compare=False)

    @property
    def family(self) -> str | None:
        """The only thing that is asked for besides the place: a family, or nothing (empty).

        None where more is asked for, so that the map's counts do not answer.
        """
        others = (self.words, self.kinds, self.conditions, self.recurrences, self.mass_at_least)
        return None if any(others) or "." in self.material else self.material


@dataclass(frozen=True)
class Found:
    """A row of a search: the listing, and the km from the middle to its public place, if any."""

    listing: Listing
    km: float | None


def browse(session: Session, wanted: Filter, *, after: str = "", size: int = 20) -> Slice[Found]:
    """Return one page of what is open to everybody; ``after`` is what the page before ended with.

    Distances run to the blurred place, so that no row of queries can find the exact one.
    """
    near, last = wanted.near, read_cursor(after)
    total = None
    if near is not None and wanted.nearest_first:
        rows = _nearest(session, wanted, near, last, size + 1)
    elif near is not None and wanted.radius_km:
        total = _total(session, wanted)
        rows = _newest_within(session, search_near(wanted, near), last, size + 1, total)
    else:
        rows = _newest(session, wanted, last, size + 1)
    if total is None:
        whole = last is None and len(rows) <= size
        total = len(rows) if whole else _total(session, wanted)
    return Slice(
        _load(session, [key for _, key in rows[:size]], near),
        total,
        total == MOST_COUNTED + 1,
        cursor(*rows[size - 1]) if len(rows) > size else "",
    )


def search_near(wanted: Filter, near: Coordinate) -> Search:
    """Return the search for what is wanted around a point, by public places."""
    radius = wanted.radius_km if wanted.near is not None and wanted.radius_km else FARTHEST_KM
    return Search(Listing.id, public(Listing), near, conditions(wanted), radius)


def _nearest(
    session: Session, wanted: Filter, near: Coordinate, last: tuple[str, int] | None, count: int
) -> list[tuple[object, int]]:
    """Return squared chord and key of the next rows."""
    first_km = map_tiles.reach_for(session, wanted.material.split(".")[0], near, count)
    search, behind = search_near(wanted, near), behind_chord(last)
    hits = nearest(session, search, count=count, after=behind, first_km=first_km)
    return [(hit.chord2, hit.key) for hit in hits]


def _newest(
    session: Session, wanted: Filter, last: tuple[str, int] | None, count: int
) -> list[tuple[object, int]]:
    """Return publication, in microseconds since 1970, and key of the next rows."""
    columns: list[Any] = [Listing.id, Listing.published_at]
    query = _in_order(select(*columns).where(*conditions(wanted)), _moment(last))
    rows = session.execute(query.limit(count))
    return [((row.published_at - EPOCH) // MICROSECOND, row.id) for row in rows]


def _newest_within(
    session: Session, search: Search, last: tuple[str, int] | None, count: int, total: int
) -> list[tuple[object, int]]:
    """Return the same of those within the radius, where ``total`` of them lie.

    Few are gathered by place and sorted; among many, walking from the newest on soon meets enough.
    """
    values = disc(search.near, search.radius_km, chord_limits(search.radius_km)[1])
    few = total <= MOST_COUNTED and search.radius_km <= WIDEST_KM
    query = search.rows(by_place=few).add_columns(Listing.published_at)
    behind, found = _moment(last), list[tuple[object, int]]()
    while True:
        missing = count - len(found)
        rows = session.execute(_in_order(query, behind).limit(missing), values).all()
        moments = {row.key: (row.published_at - EPOCH) // MICROSECOND for row in rows}
        found += [(moments[hit.key], hit.key) for hit in search.hits(session, rows)]
        if len(found) == count or len(rows) < missing:
            return found
        behind = rows[-1].published_at, rows[-1].key


def _moment(last: tuple[str, int] | None) -> tuple[datetime, int] | None:
    try:
        return (EPOCH + int(last[0]) * MICROSECOND, last[1]) if last else None
    except (ValueError, OverflowError):
        return None


def _in_order(query: Select[Any], behind: tuple[datetime, int] | None) -> Select[Any]:
    if behind is not None:
        moment, key = behind
        same = and_(Listing.published_at == moment, Listing.id < key)
        query = query.where(or_(Listing.published_at < moment, same))
    return query.order_by(Listing.published_at.desc(), Listing.id.desc())


def _total(session: Session, wanted: Filter) -> int:
    """Return how many there are; ``MOST_COUNTED`` + 1 for any more where counting all is dear."""
    if wanted.near is not None and wanted.radius_km:
        return count_within(session, search_near(wanted, wanted.near), most=MOST_COUNTED + 1)
    if wanted.family is not None:
        total = map_tiles.totals(session).get(wanted.family, 0)
        if total > MOST_COUNTED:
            return total
    return count_of(session, select(Listing.id).where(*conditions(wanted)))


def _load(session: Session, keys: list[int], near: Coordinate | None) -> list[Found]:
    rows = session.scalars(
        select(Listing).where(Listing.id.in_(keys)).options(*with_everything())
    ).all()
    shown = sorted(rows, key=lambda row: keys.index(row.id))
    ways = km_to_public(shown, near)
    return [Found(row, km) for row, km in zip(shown, ways, strict=True)]


def conditions(wanted: Filter) -> Sequence[ColumnElement[bool]]:
    """Return the filter, except for the radius, as conditions on what is on offer."""
    many = (tuple(some) for some in (wanted.kinds, wanted.conditions, wanted.recurrences))
    single = fold(wanted.words).split()[:8]
    words = tuple((word, _named(word, wanted.own)) for word in single)
    whole = _named(wanted.words, wanted.own) if len(single) > 1 else None
    return _conditions(words, whole, wanted.material, wanted.mass_at_least, *many)


def _named(words: str, own: Lookup) -> str | None:
    """Return the code of the material that words name in any language."""
    node = materials().find(words, own)
    return None if node is None else node.code


@lru_cache(FILTERS)
def _conditions(
    words: tuple[tuple[str, str | None], ...],
    whole: str | None,
    material: str,
    mass_at_least: float | None,
    kinds: tuple[Kind, ...],
    states: tuple[Condition, ...],
    recurrences: tuple[Recurrence, ...],
) -> Sequence[ColumnElement[bool]]:
    """Return the same objects for the same filter: their statement is then known already."""
    found: list[ColumnElement[bool]] = [policy.is_on_offer()]
    if kinds:
        found.append(Listing.kind.in_(kinds))
    if material:
        found.append(Listing.family == material.split(".")[0])
    if "." in material:
        found.append(below(material))
    if states:
        found.append(Listing.condition.in_(states))
    if recurrences:
        found.append(Listing.recurrence.in_(recurrences))
    if mass_at_least:
        found.append(Listing.mass_kg >= mass_at_least)
    said = [_says(word, code) for word, code in words]
    found.extend([or_(below(whole), and_(*said))] if whole is not None else said)
    return tuple(found)


def _says(word: str, code: str | None) -> ColumnElement[bool]:
    """The word stands in title or description, or names the material with this code."""
    spelled = or_(
        *(ListingWord.word.startswith(stem, autoescape=True) for stem in {word, *stems(word)})
    )
    said: ColumnElement[bool] = exists().where(ListingWord.listing_id == Listing.id, spelled)
    return or_(said, below(code)) if code is not None else said
