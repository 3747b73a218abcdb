"""The nearest rows first, page by page, and how many lie within a radius: exact on either database."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.nearby import Attribute, Points, chord2, within
from marketplace.accounts.places import Placed
from marketplace.geo.bands import FARTHEST_KM, chord_limits
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km

WIDE_KM = 300.0


@dataclass(frozen=True)
class Hit:
    """A row that was found: its key, the geodesic in km to it, and the squared chord in km²."""

    key: int
    km: float
    chord2: float


@dataclass(frozen=True)
class Search:
    """What to look for, around which point.

    ``key`` is the column of the rows' keys; ``conditions`` are any others on the same table. Within
    ``radius_km`` means that the WGS84 geodesic is no longer: the chord decides, and the geodesic
    where the chord cannot (see ``geo.bands.chord_limits``).
    """

    key: Attribute
    points: Points
    near: Coordinate
    conditions: Sequence[ColumnElement[bool]] = ()
    radius_km: float = FARTHEST_KM

    def rows(self, reach_km: float, chord_km: float, *, by_place: bool = True) -> Select[Any]:
        """Select key, squared chord and point of all that lies within a chord of ``chord_km``.

        No geodesic of theirs may be longer than ``reach_km``, except where the chord leaves it open.
        Without ``by_place`` another index than that of the places may find them.
        """
        at, squared = self.points, chord2(self.points, self.near)
        wanted: list[Any] = [self.key.label("key"), squared.label("squared")]
        query = select(*wanted, at.latitude, at.longitude).where(*self.conditions)
        if chord_km < inf:
            query = query.where(squared <= chord_km * abs(chord_km))
            if by_place:
                query = within(query, at, self.near, reach_km)
        return query

    def hits(self, rows: Sequence[Any]) -> list[Hit]:
        """Return those of the rows that lie within the radius, with their geodesics."""
        if not rows:
            return []
        at = [row[2] for row in rows], [row[3] for row in rows]
        km = geodesic_km(self.near.latitude, self.near.longitude, *at).tolist()
        return [
            Hit(row.key, way, row.squared)
            for row, way in zip(rows, km, strict=True)
            if way <= self.radius_km
        ]


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
        query = search.rows(reach, possible if last else sure)
        if after is not None:
            query = query.where(_behind(search, after))
        query = query.order_by(chord2(search.points, search.near), search.key)
        rows = session.execute(query.limit(missing)).all()
        found += search.hits(rows)
        if len(found) >= count or (last and len(rows) < missing):
            return found
        if rows:
            after = rows[-1].squared, rows[-1].key
        if len(rows) < missing:
            reach *= min(max(sqrt(2 * count / max(len(found), 0.5)), 1.5), 4.0)
            reach = reach if reach < WIDE_KM else farthest


def _behind(search: Search, after: tuple[float, int]) -> ColumnElement[bool]:
    squared = chord2(search.points, search.near)
    return or_(squared > after[0], and_(squared == after[0], search.key > after[1]))


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
    inside = search.rows(search.radius_km, sure).limit(most).subquery()
    total = session.scalar(select(func.count()).select_from(inside)) or 0
    if total < most and sure < inf:
        squared = chord2(search.points, search.near)
        edge = search.rows(search.radius_km, possible).where(squared > sure * abs(sure))
        total += len(search.hits(session.execute(edge.limit(most - total)).all()))
    return total
