"""The nearest rows first, page by page, and how many lie within a radius: exact on either database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf, sqrt
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Float, Integer, Select, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.accounts.nearby import WIDEST_KM, Points, chord2, disc, in_disc
from marketplace.accounts.places import Placed
from marketplace.core.db import columns_of
from marketplace.geo.bands import FARTHEST_KM, chord_limits
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km

STATEMENTS = 256
Key = InstrumentedAttribute[int] | Column[int]


class Hit(NamedTuple):
    """A row that was found: its key, and the squared chord in km² to it."""

    key: int
    chord2: float


@dataclass(frozen=True)
class Search:
    """What to look for, around which point.

    ``key`` is the column of the rows' keys; ``conditions`` are any others on the same table. Within
    ``radius_km`` means that the WGS84 geodesic is no longer: the chord decides, and the geodesic
    where the chord cannot (see ``geo.bands.chord_limits``).
    """

    key: Key
    points: Points
    near: Coordinate
    conditions: Sequence[ColumnElement[bool]] = ()
    radius_km: float = FARTHEST_KM

    def rows(self, *, by_place: bool = True) -> Select[Any]:
        """Select key and squared chord of all in the ``disc`` that comes as parameters.

        Without ``by_place`` another index than that of the places may find them.
        """
        return _rows(self.key, self.points, by_place).where(*self.conditions)

    def hits(self, session: Session, rows: Sequence[Any]) -> list[Hit]:
        """Return those of the rows that lie within the radius."""
        sure = chord_limits(self.radius_km)[0]
        unsure = [row.key for row in rows if row.squared > sure * abs(sure)]
        beyond = self._beyond(session, unsure) if unsure else set()
        return [Hit(row.key, row.squared) for row in rows if row.key not in beyond]

    def _beyond(self, session: Session, keys: list[int]) -> set[int]:
        at = self.points
        query = select(self.key, at.latitude, at.longitude).where(self.key.in_(keys))
        found, latitudes, longitudes = zip(*session.execute(query).all(), strict=True)
        km = geodesic_km(self.near.latitude, self.near.longitude, latitudes, longitudes)
        return {key for key, way in zip(found, km.tolist(), strict=True) if way > self.radius_km}


@cache
def _rows(key: Key, points: Points, by_place: bool) -> Select[Any]:
    columns: tuple[Any, ...] = key.label("key"), chord2(points).label("squared")
    return in_disc(select(*columns), points, by_place)


@lru_cache(STATEMENTS)
def _page(
    key: Key,
    points: Points,
    conditions: tuple[ColumnElement[bool], ...],
    by_place: bool,
    behind: bool,
) -> Select[Any]:
    """Return the statement for one page, nearest first, behind the last row known or from the middle.

    It is the same object where the conditions are: telling it from others is half its cost.
    """
    squared, limit = chord2(points), bindparam("count", type_=Integer)
    query = _rows(key, points, by_place).where(*conditions).order_by("squared", key).limit(limit)
    if not behind:
        return query
    last = bindparam("last_squared", type_=Float)
    further = or_(squared > last, key > bindparam("last_key", type_=Integer))
    return query.where(squared >= last, further)


def nearest(
    session: Session,
    search: Search,
    *,
    count: int,
    after: tuple[float, int] | None = None,
    first_km: float = 10.0,
) -> list[Hit]:
    """Return the first ``count`` that lie nearest, in the order of their chords, then of their keys.

    Looks within ``first_km`` first and widens until there are enough or the radius is reached.
    ``after`` is the squared chord and the key of the last row known: the search goes on behind it.
    """
    found: list[Hit] = []
    farthest = min(search.radius_km, FARTHEST_KM)
    reach = first_km if after is None else sqrt(after[0]) * 1.01 + first_km
    while True:
        reach = min(reach, farthest)
        sure, possible = chord_limits(reach)
        missing, last = count - len(found), reach == farthest
        rows = _next(session, search, reach, possible if last else sure, after, missing)
        found += search.hits(session, rows)
        if len(found) >= count or (last and len(rows) < missing):
            return found
        if rows:
            after = rows[-1].squared, rows[-1].key
        if len(rows) < missing:
            reach *= min(max(sqrt(2 * count / max(len(found), 0.5)), 1.5), 4.0)
            reach = reach if reach < WIDEST_KM else farthest


def _next(
    session: Session,
    search: Search,
    reach_km: float,
    chord_km: float,
    after: tuple[float, int] | None,
    count: int,
) -> Sequence[Any]:
    """Return key and squared chord of the next ``count`` in a disc."""
    frame = search.key, search.points, tuple(search.conditions)
    query = _page(*frame, reach_km <= WIDEST_KM, after is not None)
    values: dict[str, Any] = disc(search.near, reach_km, chord_km) | {"count": count}
    if after is not None:
        values |= {"last_squared": after[0], "last_key": after[1]}
    return columns_of(session, query, values).all()


def behind_chord(last: tuple[str, int] | None) -> tuple[float, int] | None:
    """Return squared chord and key out of the cursor of a page; None where it holds no chord."""
    try:
        squared = float(last[0]) if last else inf
    except ValueError:
        return None
    return (squared, last[1]) if last and 0 <= squared < inf else None


def km_to_public(rows: Sequence[Placed], near: Coordinate | None) -> list[float | None]:
    """Return for each row the km of the geodesic from ``near`` to where others see it."""
    if near is None or not rows:
        return [None] * len(rows)
    at = [row.public_latitude for row in rows], [row.public_longitude for row in rows]
    return list(geodesic_km(near.latitude, near.longitude, *at).tolist())


def count_within(session: Session, search: Search, *, most: int) -> int:
    """Return how many lie within the search's radius, or ``most`` where there are that many."""
    sure, possible = chord_limits(search.radius_km)
    rows = search.rows(by_place=search.radius_km <= WIDEST_KM)
    values = disc(search.near, search.radius_km, sure)
    inside = select(func.count()).select_from(rows.limit(most).subquery())
    total = session.scalar(inside, values) or 0
    if total < most and sure < inf:
        edge = rows.where(chord2(search.points) > bindparam("sure", type_=Float))
        values = disc(search.near, search.radius_km, possible) | {"sure": values["most"]}
        rest = session.execute(edge.limit(most - total), values).all()
        total += len(search.hits(session, rest))
    return total
