"""What lies near, by plain b-trees, on either database: bands of latitude and the chord.

The chord between earth-centred points is never longer than the geodesic, and shorter by less than
0.2 % up to 1,000 km: who asks for all within a chord of the radius loses nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Column, ColumnElement, Integer, Select, and_, column, text
from sqlalchemy import Float as Real
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.geo.bands import SPARE_KM, Strip, strips
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef

Attribute = InstrumentedAttribute[Any] | Column[Any]


@dataclass(frozen=True)
class Points:
    """The columns of a table that say where its rows lie."""

    band: Attribute
    latitude: Attribute
    longitude: Attribute
    x: Attribute
    y: Attribute
    z: Attribute


def exact(table: Any) -> Points:
    """Return the columns of the exact places of ``Placed`` rows."""
    return Points(table.band, table.latitude, table.longitude, table.x, table.y, table.z)


def public(table: Any) -> Points:
    """Return the columns of the places that others see."""
    return Points(
        table.public_band,
        table.public_latitude,
        table.public_longitude,
        table.public_x,
        table.public_y,
        table.public_z,
    )


def chord2(points: Points, near: Coordinate) -> ColumnElement[float]:
    """Return the square of the straight-line distance in km from ``near``, as SQL."""
    x, y, z = (float(v) for v in ecef(near.latitude, near.longitude))
    return (
        (points.x - x) * (points.x - x)
        + (points.y - y) * (points.y - y)
        + (points.z - z) * (points.z - z)
    )


def within(query: Select[Any], points: Points, near: Coordinate, radius_km: float) -> Select[Any]:
    """Return ``query`` for rows whose chord from ``near`` is at most ``radius_km``, by the index.

    Two ways to write the same place, as at the poles, may differ by a thousandth of a millimetre.
    """
    found = strips(near, radius_km)
    close = chord2(points, near) <= (radius_km + SPARE_KM) * (radius_km + SPARE_KM)
    if any(strip.low < strip.high for strip in found):
        return query.where(points.band.between(found[0].low, found[-1].high), close)
    table = _table(found)
    inside = and_(
        points.band == table.c.column1, points.longitude.between(table.c.column2, table.c.column3)
    )
    return query.join(table, inside).where(close)


def _table(found: list[Strip]) -> CTE:
    """Return strips as a table of band, west and east, under the names that both databases give them.

    Written out, since every search has others: as parameters they would cost more than the search.
    """
    rows = strip_rows([(s.low, s.west, s.east) for s in found])
    columns = column("column1", Integer), column("column2", Real), column("column3", Real)
    return text(f"VALUES {rows}").columns(*columns).cte("strips")


def strip_rows(rows: Sequence[tuple[int | float, ...]]) -> str:
    """Return rows of whole numbers and coordinates as they stand behind VALUES."""
    first = ",".join(
        f"CAST({v!r} AS DOUBLE PRECISION)" if isinstance(v, float) else str(v) for v in rows[0]
    )
    return ",".join([f"({first})", *("(" + ",".join(map(repr, row)) + ")" for row in rows[1:])])
