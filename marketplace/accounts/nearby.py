"""What lies near, by plain b-trees, on either database: bands of latitude and the chord.

The chord between earth-centred points is never longer than the geodesic, and shorter by less than
0.2 % up to 1,000 km: who asks for all within a chord of the radius loses nobody. Where a search looks
comes in by parameters (see ``disc``), so that its statement is written and planned only once.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Join,
    Select,
    bindparam,
    column,
    select,
    text,
    true,
)
from sqlalchemy import Float as Real
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from marketplace.geo.bands import SPARE_KM, window
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef

WIDEST_KM = 300.0
MOST_BANDS = 600  # of a disc that wide, on both sides of the antimeridian
NOWHERE = (181.0, 181.0)
PLACE = ("low", "high", "west", "east", "other_low", "other_west", "other_east")


class _MostBands(FunctionElement[int]):
    """How many bands there can be: for the databases to think of the right way to the rows.

    SQLite takes a recursion for endless, and would prepare a filter over the whole table for it.
    PostgreSQL thinks of a tenth of what a limit that it cannot foresee cuts, which is near the truth; of
    all 72 that it takes a recursion for, it would rather read the whole table once.
    """

    inherit_cache = True
    type = Integer()


@compiles(_MostBands)
def _written(most: _MostBands, compiler: SQLCompiler, **kw: Any) -> str:
    return str(MOST_BANDS)


@compiles(_MostBands, "postgresql")
def _unforeseen(most: _MostBands, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT {MOST_BANDS})"


STRIPS = (
    select(
        text(
            "VALUES (CAST(:low AS INTEGER), CAST(:west AS DOUBLE PRECISION),"
            " CAST(:east AS DOUBLE PRECISION)), (:other_low, :other_west, :other_east)"
            " UNION ALL SELECT number + 1, west, east FROM bands WHERE number < :high"
        )
        .columns(column("number", Integer), column("west", Real), column("east", Real))
        .cte("bands", recursive=True)
    )
    .limit(_MostBands())
    .subquery("strips")
)


@dataclass(frozen=True)
class Points:
    """The columns of a table that say where its rows lie."""

    band: Column[Any]
    longitude: Column[Any]
    latitude: Column[Any]
    x: Column[Any]
    y: Column[Any]
    z: Column[Any]


@cache
def exact(table: Any) -> Points:
    """Return the columns of the exact places of ``Placed`` rows."""
    c = table.__table__.c
    return Points(c.band, c.longitude, c.latitude, c.x, c.y, c.z)


@cache
def public(table: Any) -> Points:
    """Return the columns of the places that others see."""
    c = table.__table__.c
    point = c.public_x, c.public_y, c.public_z
    return Points(c.public_band, c.public_longitude, c.public_latitude, *point)


def chord2(points: Points, near: Coordinate | None = None) -> ColumnElement[float]:
    """Return the square of the straight-line distance in km, as SQL.

    It runs from ``near``, or from the middle of the ``disc`` whose values come as parameters.
    """
    x, y, z = _middle() if near is None else map(float, ecef(near.latitude, near.longitude))
    return (
        (points.x - x) * (points.x - x)
        + (points.y - y) * (points.y - y)
        + (points.z - z) * (points.z - z)
    )


def _middle() -> list[ColumnElement[float]]:
    return [bindparam(name, type_=Real) for name in "xyz"]


def disc(near: Coordinate, radius_km: float, chord_km: float | None = None) -> dict[str, float]:
    """Return the parameters of all that lies within ``radius_km``, and within a chord of ``chord_km``.

    Without ``chord_km``, a chord as long as the radius decides: two ways to write the same place, as
    at the poles, may differ by a thousandth of a millimetre.
    """
    chord = radius_km + SPARE_KM if chord_km is None else chord_km
    seen = window(near, radius_km)
    (west, east), (other_west, other_east) = (*seen.ranges, NOWHERE)[:2]
    x, y, z = map(float, ecef(near.latitude, near.longitude))
    return {
        "x": x, "y": y, "z": z, "most": chord * abs(chord),
        "low": seen.low, "high": seen.high, "west": west, "east": east,
        "other_low": seen.low if len(seen.ranges) > 1 else seen.high,
        "other_west": other_west, "other_east": other_east,
    }  # fmt: skip


class _InThisOrder(Join):
    """A join that SQLite takes from left to right: by its own estimate it may go through the table."""

    inherit_cache = True


@compiles(_InThisOrder)
def _cross_join(join: _InThisOrder, compiler: SQLCompiler, **kw: Any) -> str:
    sides = (compiler.process(side, **kw | {"asfrom": True}) for side in (join.left, join.right))
    return " CROSS JOIN ".join(sides)


def in_disc(query: Select[Any], points: Points, by_place: bool = True) -> Select[Any]:
    """Return ``query`` for the rows in a ``disc``; ``by_place``, and up to ``WIDEST_KM``, the index over
    bands and longitudes finds them."""
    query = query.where(chord2(points) <= bindparam("most", type_=Real))
    if not by_place:
        return query
    return query.select_from(_InThisOrder(STRIPS, points.band.table, true())).where(
        points.band == STRIPS.c.number,
        points.longitude.between(STRIPS.c.west, STRIPS.c.east),
    )


def within(query: Select[Any], points: Points, near: Coordinate, radius_km: float) -> Select[Any]:
    """Return ``query`` for rows whose chord from ``near`` is at most ``radius_km``."""
    return in_disc(query, points, radius_km <= WIDEST_KM).params(disc(near, radius_km))
