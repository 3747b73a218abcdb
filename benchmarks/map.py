"""What the map shows of a view: the product's tile counts, and GROUP BY over the rows.

    bin/with-postgresql python -m benchmarks.map [--quick | --huge] [--points 20]

GROUP BY gets a table of its own with nothing but tile and coordinates, and a covering index. The
views are those of a screen of 1440 by 900 pixels around some of the listings.
"""

import random
from functools import partial
from math import cos, radians

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.bench import heading, options, over, table, timed
from benchmarks.storing import analyse, both_databases
from benchmarks.world import SEED, make_world
from marketplace.geo.tiles import LEVELS, View, level_for, tile_of, view_of
from marketplace.listings.map_tiles import PER_DEGREE, clusters, recount
from marketplace.listings.models import Listing

SIZES = (10_000, 100_000)
HUGE = 1_000_000
ZOOMS = {"countries": 7, "region": 10, "city": 13}
SCREEN = (1440, 900)
CHANGED = 50

Shown = list[tuple[int, float, float]]


def product_view(session: Session, zoom: int, view: View) -> Shown:
    """Ask the product's tile counts."""
    found = clusters(session, "", view, level_for(zoom))
    return [(one.count, one.latitude, one.longitude) for one in found]


def grouped_view(session: Session, zoom: int, view: View) -> Shown:
    """Count the rows in the view."""
    shift = LEVELS - 1 - level_for(zoom)
    (top, bottom), ((first, last),) = view.rows(LEVELS - 1), view.columns(LEVELS - 1)
    mask = (1 << shift) - 1
    rows = session.execute(
        text(
            "SELECT count(*), sum(latitude), sum(longitude) FROM shown "
            "WHERE x BETWEEN :first AND :last AND y BETWEEN :top AND :bottom "
            "GROUP BY x >> :shift, y >> :shift"
        ),
        {
            "first": first & ~mask, "last": last | mask, "top": top & ~mask,
            "bottom": bottom | mask, "shift": shift,
        },
    )  # fmt: skip
    return [(n, int(lats) / n / PER_DEGREE, int(lons) / n / PER_DEGREE) for n, lats, lons in rows]


def fill(session: Session) -> None:
    """Make the table that GROUP BY reads, of the listings that the product counts."""
    counted = session.execute(
        select(Listing.counted_latitude, Listing.counted_longitude).where(
            Listing.counted_latitude.is_not(None)
        )
    )
    rows = []
    for latitude, longitude in counted:
        tile = tile_of(latitude / PER_DEGREE, longitude / PER_DEGREE)
        rows.append({"x": tile.x, "y": tile.y, "lat": latitude, "lon": longitude})
    session.execute(text("CREATE TABLE shown (x INT, y INT, latitude BIGINT, longitude BIGINT)"))
    session.execute(text("INSERT INTO shown VALUES (:x, :y, :lat, :lon)"), rows)
    session.execute(text("CREATE INDEX shown_at ON shown (x, y, latitude, longitude)"))
    session.commit()
    analyse(session.get_bind())


def views(world, zoom: int, count: int) -> list[View]:
    """Return what a screen shows around some of the listings."""
    rng = random.Random(SEED)
    found = []
    for row in rng.sample(range(len(world.listings)), count):
        latitude, longitude = (
            float(world.listings.latitude[row]),
            float(world.listings.longitude[row]),
        )
        along, up = (360 / 256 / 2**zoom * pixels / 2 for pixels in SCREEN)
        up *= cos(radians(latitude))
        found.append(view_of(longitude - along, latitude - up, longitude + along, latitude + up))
    return found


def keeping(session: Session, size: int) -> str:
    """Return microseconds that keeping the counts takes per listing that moves, in one commit each."""
    rng = random.Random(SEED)
    runs = []
    for key in rng.sample(range(1, size + 1), CHANGED):
        session.execute(
            text("UPDATE listings SET public_latitude = public_latitude + 0.1 WHERE id = :key"),
            {"key": key},
        )
        runs.append(timed(partial(recount, session, [key])).wall)
        session.rollback()
    return f"{sorted(runs)[CHANGED // 2] * 1e6:,.0f}"


def compare(size: int, count: int) -> None:
    """Print one size."""
    world = make_world(size, 1)
    cells: dict[str, list[object]] = {}
    with both_databases(world) as (lite, big), lite() as session, big() as other:
        for one in (session, other):
            recount(one)
            one.commit()
            fill(one)
        for zoom in ZOOMS.values():
            calls = {
                "tiles, SQLite": partial(product_view, session, zoom),
                "GROUP BY, SQLite": partial(grouped_view, session, zoom),
                "tiles, PostgreSQL": partial(product_view, other, zoom),
                "GROUP BY, PostgreSQL": partial(grouped_view, other, zoom),
            }
            asked = views(world, zoom, count)
            for view in asked:
                answers = [sorted(call(view)) for call in calls.values()]
                if any(answer != answers[0] for answer in answers):
                    raise SystemExit(f"they differ at zoom {zoom}: {view}")
            runs = over(asked, calls)
            for name, found in runs.items():
                rival = runs["tiles, " + name.split(", ")[1]]
                cells.setdefault(name, []).append(found.against(rival))
        kept = {"SQLite": keeping(session, size), "PostgreSQL": keeping(other, size)}
    head = [f"{size:,} listings, {count} views", *ZOOMS]
    table(head, [[name, *row] for name, row in cells.items()])
    print(f"Keeping the counts, microseconds per listing that moves: {kept}\n", flush=True)


def main() -> None:
    given = options(__doc__, points={"type": int, "default": 20})
    heading("Map: what a view shows, microseconds")
    for size in SIZES[: 1 if given.quick else 2] + ((HUGE,) if given.huge else ()):
        compare(size, given.points)


if __name__ == "__main__":
    main()
