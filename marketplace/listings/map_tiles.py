"""The map's counts: how many listings each tile shows, kept as listings change.

Only public, blurred places are ever counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.tiles import Tile, View, tile_and_wider, tile_of
from marketplace.listings import policy
from marketplace.listings.models import Listing, MapTile

PER_DEGREE = 10_000
BLOCK = 1000
EMPTY_KM = 250.0
KEY = ("level", "family", "x", "y")
SUMS = ("count", "latitude_sum", "longitude_sum")
LATITUDE = cast(func.round(Listing.public_latitude * PER_DEGREE), Integer)
LONGITUDE = cast(func.round(Listing.public_longitude * PER_DEGREE), Integer)
Point = tuple[str | None, int, int]


def recount(session: Session, listing_ids: Sequence[int] | None = None) -> int:
    """Count these listings, or all, where everybody sees them now; return how many had changed.

    What was right stays untouched, so doing it twice is doing it once. The rows are locked until
    the transaction ends, listings before tiles and both in order: several workers wait for each
    other, and never for good.
    """
    moved: Counter[Point] = Counter()
    changed = 0
    for rows in _wrong(session, listing_ids):
        changed += len(rows)
        moved.subtract(row[2:5] for row in rows if row.counted_latitude is not None)
        moved.update(row[5:8] for row in rows if row.shown)
        _note(session, [row.id for row in rows if row.shown], LATITUDE, LONGITUDE, Listing.family)
        _note(session, [row.id for row in rows if not row.shown], None, None, None)
    _store(session, moved)
    return changed


def _wrong(session: Session, listing_ids: Sequence[int] | None) -> Iterator[Sequence[Any]]:
    """Yield the listings that are counted otherwise than they should be, in blocks."""
    shown = policy.is_on_offer()
    counted = Listing.counted_family, Listing.counted_latitude, Listing.counted_longitude
    astray = or_(
        Listing.counted_latitude.is_(None),
        Listing.counted_latitude != LATITUDE,
        Listing.counted_longitude != LONGITUDE,
        Listing.counted_family.is_distinct_from(Listing.family),
    )
    query = (
        select(Listing.id, shown.label("shown"), *counted, Listing.family, LATITUDE, LONGITUDE)
        .where(or_(and_(shown, astray), and_(~shown, Listing.counted_latitude.is_not(None))))
        .order_by(Listing.id)
        .limit(BLOCK)
        .with_for_update(of=Listing)
    )
    for wanted in _blocks(listing_ids):
        last: int | None = 0
        while last is not None:
            rows = session.execute(query.where(Listing.id > last, *wanted)).all()
            last = rows[-1].id if len(rows) == BLOCK else None
            yield rows


def _blocks(listing_ids: Sequence[int] | None) -> list[list[ColumnElement[bool]]]:
    if listing_ids is None:
        return [[]]
    ids = sorted(listing_ids)
    return [[Listing.id.in_(ids[i : i + BLOCK])] for i in range(0, len(ids), BLOCK)]


def _note(session: Session, ids: list[int], latitude: Any, longitude: Any, family: Any) -> None:
    """Write down as what these listings are counted from now on."""
    session.execute(
        update(Listing)
        .where(Listing.id.in_(ids))
        .values(
            counted_latitude=latitude,
            counted_longitude=longitude,
            counted_family=family,
        )
        .execution_options(synchronize_session=False)
    )


def _store(session: Session, moved: Counter[Point]) -> None:
    """Add to all tiles what came (or went, where negative) at each point."""
    sums: dict[tuple[int, str, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (family, latitude, longitude), count in moved.items():
        for tile in tile_and_wider(tile_of(latitude / PER_DEGREE, longitude / PER_DEGREE)):
            for name in ("", family) if family else ("",):
                of_tile = sums[tile.level, name, tile.x, tile.y]
                of_tile[0] += count
                of_tile[1] += count * latitude
                of_tile[2] += count * longitude
    rows = [
        dict(zip((*KEY, *SUMS), (*key, *amounts), strict=True))
        for key, amounts in sorted(sums.items())
        if any(amounts)
    ]
    if rows:
        of_sqlite = session.get_bind().dialect.name == "sqlite"
        insert: Any = sqlite.insert if of_sqlite else postgresql.insert
        new = insert(MapTile.__table__)
        added = {name: getattr(MapTile, name) + new.excluded[name] for name in SUMS}
        session.execute(new.on_conflict_do_update(index_elements=KEY, set_=added), rows)


@dataclass(frozen=True)
class Cluster:
    """Listings that lie in one tile, and the middle of their public places."""

    count: int
    latitude: float
    longitude: float


def clusters(session: Session, family: str, view: View, level: int) -> list[Cluster]:
    """Return what the tiles of a level show within a view; ``family`` empty means all listings."""
    top, bottom = view.rows(level)
    tiles = (
        session.execute(
            select(*(getattr(MapTile, name) for name in SUMS)).where(
                MapTile.family == family,
                MapTile.level == level,
                MapTile.x.between(first, last),
                MapTile.y.between(top, bottom),
                MapTile.count > 0,
            )
        )
        for first, last in view.columns(level)
    )
    return [
        Cluster(count, latitudes / count / PER_DEGREE, longitudes / count / PER_DEGREE)
        for part in tiles
        for count, latitudes, longitudes in part
    ]


def totals(session: Session) -> dict[str, int]:
    """Return how many listings are on offer in each family, and under the empty name in all."""
    rows = session.execute(
        select(MapTile.family, func.sum(MapTile.count))
        .where(MapTile.level == 0)
        .group_by(MapTile.family)
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def reach_for(session: Session, family: str, near: Coordinate, count: int) -> float:
    """Return the radius in km in which about twice ``count`` listings lie, judging by the tiles.

    ``EMPTY_KM`` where no tile around holds any.
    """
    tiles = {t.level: t for t in tile_and_wider(tile_of(near.latitude, near.longitude))}
    here = or_(*(_is(family, tile) for tile in tiles.values()))
    rows = session.execute(
        select(MapTile.level, MapTile.count)
        .where(here, MapTile.count > 0)
        .order_by(MapTile.level.desc())
    ).all()
    if not rows:
        return EMPTY_KM
    level, held = next((row for row in rows if row[1] >= 2 * count), rows[-1])
    return sqrt(2 * count * tiles[level].km2 / held / pi)


def _is(family: str, tile: Tile) -> ColumnElement[bool]:
    return and_(
        MapTile.level == tile.level,
        MapTile.family == family,
        MapTile.x == tile.x,
        MapTile.y == tile.y,
    )
