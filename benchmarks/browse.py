"""The first twenty listings near a point, nearest first: the product's search and its peers.

    bin/with-postgresql python -m benchmarks.browse [--quick | --huge] [--points 40]

Every size is stored in SQLite and in PostgreSQL; each question is put to everybody in turn. What
is timed is one whole call through SQLAlchemy, warm.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import numpy as np
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from benchmarks import browse_peers as peers
from benchmarks.bench import heading, options, over, table
from benchmarks.browse_peers import PAGE, Question, Rows, Seen
from benchmarks.storing import both_databases, listings
from benchmarks.world import SEED, World, make_world
from marketplace.accounts.nearby import public
from marketplace.accounts.nearest import Search, nearest
from marketplace.geo.coordinates import Coordinate
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing

SIZES = (10_000, 100_000)
HUGE = 1_000_000
RADII = (10.0, 50.0, 150.0)
FAMILY = "wood"
CELL_DEGREES = 0.25
CELL_KM2 = (CELL_DEGREES * 111.2) ** 2
WANTED = tuple(product(RADII, (None, FAMILY)))
LITE, BIG, POSTGIS = "bands, SQLite", "bands, PostgreSQL", "PostGIS"

Call = Callable[[Question], Rows]


@cache
def conditions(family: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return the filter; the same objects each time, as ``listings.browse`` does."""
    open_ones = Listing.state == ListingState.PUBLISHED
    return (open_ones, Listing.family == family) if family else (open_ones,)


def product_page(session: Session, question: Question) -> Rows:
    """Ask the product."""
    near = Coordinate(question.latitude, question.longitude)
    wanted = conditions(question.family)
    search = Search(Listing.id, public(Listing), near, wanted, question.radius_km)
    first = min(question.first_km, question.radius_km)
    hits = nearest(session, search, count=PAGE, first_km=first)
    return [(hit.key, hit.chord2) for hit in hits]


class Density:
    """How many rows lie about a point, as the map's counts tell it: by quarter degrees."""

    def __init__(self, seen: Seen) -> None:
        of_family = np.array([family == FAMILY for family in seen.family], dtype=bool)
        self._counts = {None: self._count(seen, slice(None)), FAMILY: self._count(seen, of_family)}

    def _count(self, seen: Seen, rows) -> np.ndarray:
        north, east = self._cell(seen.latitude[rows], seen.longitude[rows])
        counts = np.zeros(
            (int(180 / CELL_DEGREES) + 1, int(360 / CELL_DEGREES) + 1), dtype=np.int64
        )
        np.add.at(counts, (north, east), 1)
        return counts

    @staticmethod
    def _cell(latitude, longitude):
        return tuple(
            np.floor((degrees + half) / CELL_DEGREES).astype(int)
            for degrees, half in ((latitude, 90), (longitude, 180))
        )

    def first_km(self, latitude: float, longitude: float, family: str | None) -> float:
        """Return the radius in which half as many again as a page are to be expected."""
        north, east = self._cell(np.float64(latitude), np.float64(longitude))
        for rings in (0, 1, 3, 9):
            around = self._counts[family][
                max(north - rings, 0) : north + rings + 1, max(east - rings, 0) : east + rings + 1
            ].sum()
            if around >= PAGE:
                break
        area = CELL_KM2 * np.cos(np.radians(latitude)) * (2 * rings + 1) ** 2
        return float(np.sqrt(1.5 * PAGE * area / max(around, 1) / np.pi))


def questions(seen: Seen, radius_km: float, family: str | None, count: int) -> list[Question]:
    """Return questions from where people are: near some of the listings."""
    rng = np.random.default_rng(SEED)
    density = Density(seen)
    rows = rng.choice(len(seen.key), count)
    places = zip(seen.latitude[rows] + 0.01, seen.longitude[rows] + 0.01, strict=True)
    return [
        Question(float(a), float(b), radius_km, family, density.first_km(a, b, family))
        for a, b in places
    ]


def seen_in(world: World) -> Seen:
    """Return what everybody may see of a world, at its public places."""
    columns = listings(world)
    rows = np.flatnonzero(world.listings.published)
    families = columns["family"]
    return Seen(
        rows + 1,
        [families[row] for row in rows.tolist()],
        np.array(columns["public_latitude"])[rows],
        np.array(columns["public_longitude"])[rows],
    )


def differing(call: Call, asked: list[Question], seen: Seen) -> int:
    """Return how many pages are not the exact one: other distances, or others at the same ones."""
    wrong = 0
    for question in asked:
        found, expected = call(question), seen.nearest(question)
        wrong += [key for key, _ in found] != [key for key, _ in expected]
    return wrong


def far_off(call: Call, asked: list[Question], seen: Seen) -> int:
    """Return how many pages show other distances than the exact page; who ties may differ."""
    wrong = 0
    for question in asked:
        found, expected = (
            np.array([chord2 for _, chord2 in rows])
            for rows in (call(question), seen.nearest(question))
        )
        wrong += found.shape != expected.shape or bool(
            np.abs(found - expected).max(initial=0) > 1e-9
        )
    return wrong


def compare(size: int, count: int) -> None:
    """Print one size: microseconds a page, and how many times the product's on the same database."""
    world = make_world(size, 1)
    seen = seen_in(world)
    cells: dict[str, list[object]] = {}
    with both_databases(world) as (lite, big), lite() as session, big() as other:
        peers.fill_rtree(lite.kw["bind"], seen)
        peers.fill_h3(lite.kw["bind"], seen)
        peers.fill_postgis(big.kw["bind"], seen)
        calls = {
            LITE: partial(product_page, session),
            "R*Tree, join": partial(peers.rtree_join, session),
            "R*Tree, widening": partial(peers.rtree_widening, session),
            "H3, widening": partial(peers.h3_widening, session),
            BIG: partial(product_page, other),
            POSTGIS: partial(peers.postgis, other),
        }
        for radius, family in WANTED:
            asked = questions(seen, radius, family, count)
            wrong = check(calls, asked, seen)
            runs = over(asked, calls)
            for name, found in runs.items():
                cell = found.against(runs[BIG if name in (BIG, POSTGIS) else LITE])
                if wrong.get(name):
                    cell += f", {wrong[name]} inexact"
                cells.setdefault(name, []).append(cell)
    head = [f"{size:,} listings, {count} points"]
    head += [f"{radius:.0f} km, {family or 'all'}" for radius, family in WANTED]
    table(head, [[name, *row] for name, row in cells.items()])


def check(calls: dict[str, Call], asked: list[Question], seen: Seen) -> dict[str, int]:
    """Compare all pages with those found by looking at every row, and return of how many PostGIS
    orders the rows by the sphere instead. SystemExit where anybody else is wrong."""
    for name, call in calls.items():
        if name != POSTGIS and (wrong := differing(call, asked, seen)):
            raise SystemExit(f"{name} is wrong on {wrong} of {len(asked)} pages: {asked[0]}")
    return {POSTGIS: far_off(calls[POSTGIS], asked, seen)}


def main() -> None:
    given = options(__doc__, points={"type": int, "default": 40})
    heading("Browse: the first twenty near a point, microseconds")
    for size in SIZES[: 1 if given.quick else 2] + ((HUGE,) if given.huge else ()):
        compare(size, given.points)


if __name__ == "__main__":
    main()
