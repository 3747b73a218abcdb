"""One listing against all capabilities, and one capability against all listings, at once.

    bin/with-postgresql python -m benchmarks.online [--quick | --huge] [--points 30]

The product answers from SQLite and from PostgreSQL. PostGIS does everything in SQL; the R*Tree in
SQLite finds what is near, and the product's own reading and ranking do the rest.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.bench import heading, options, over, table
from benchmarks.online_peers import Best, PostGIS, reach_boxes
from benchmarks.pairs import Prepared
from benchmarks.storing import both_databases, listings
from benchmarks.world import SEED, World, make_world
from marketplace.capabilities.models import Capability
from marketplace.listings.models import Listing
from marketplace.matching.ranking import Ranking, capability_best, rank
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import (
    Able,
    Offered,
    matchable,
    ontology,
    read_capabilities,
    read_listings,
    refused_pairs,
)
from marketplace.proposals.near import asked_by, reaching, suited
from marketplace.proposals.reading import one_of

SIZES = ((100_000, 10_000), (100_000, 100_000))
HUGE = (1_000_000, 100_000)
TOP = 10
LITE, BIG = "bands, SQLite", "bands, PostgreSQL"


def product_listing(world: World, session: Session, key: int) -> Best:
    """Ask the product for the ten best capabilities of a listing."""
    listing = session.get_one(Listing, key)
    offered = read_listings(session, Listing.id == key)
    able, found = reaching(
        session, asked_by(listing), _ranker(world, session, offered), Weights(), TOP
    )
    return _answer(able.ids, found)


def product_capability(world: World, session: Session, key: int) -> Best:
    """Ask the product for the ten best listings of a capability."""
    able = read_capabilities(session, Capability.id == key, *matchable())
    if not len(able.ids):
        return []

    def ranked(offered: Offered) -> Ranking:
        barred = refused_pairs(session, offered, able)[:, 0]
        return capability_best(
            0, offered.columns, able.columns, ontology(), Weights(), world.as_of, TOP, barred
        )

    capability = session.get_one(Capability, key)
    offered, found = suited(session, capability, ranked, Weights(), TOP)
    return _answer(offered.ids, found)


def _ranker(world: World, session: Session, offered: Offered):
    def ranked(able: Able) -> Ranking:
        barred = refused_pairs(session, offered, able)[:, 1]
        tables = offered.columns, able.columns, ontology()
        return rank(0, *tables, Weights(), world.as_of, top=TOP, refused=barred)

    return ranked


def _answer(ids: np.ndarray, found: Ranking) -> Best:
    first = found.rows[:TOP]
    return list(zip(ids[first].tolist(), found.score[:TOP].tolist(), strict=True))


def fill_rtree(session: Session, world: Prepared) -> None:
    """Make two R*Trees: of what each capability may reach, and of the listings."""
    boxes = reach_boxes(world)
    reached = zip(*(np.arange(len(boxes)) + 1, *boxes[:, [0, 2, 1, 3]].T), strict=True)
    places = (
        (n + 1, lon, lon, lat, lat)
        for n, (lat, lon) in enumerate(
            zip(world.offered.latitude.tolist(), world.offered.longitude.tolist(), strict=True)
        )
    )
    raw = session.connection().connection.driver_connection
    for name, rows in (
        ("reached", ((int(r[0]), *map(float, r[1:])) for r in reached)),
        ("spots", places),
    ):
        session.execute(
            text(f"CREATE VIRTUAL TABLE {name} USING rtree(id, west, east, south, north)")
        )
        raw.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", rows)
    session.commit()


def rtree_listing(world: World, session: Session, key: int) -> Best:
    """Find the capabilities by an R*Tree of their boxes and of a node they take, then rank them."""
    listing = session.get_one(Listing, key)
    nodes = {f"n{n}": node for n, node in enumerate(asked_by(listing).nodes)}
    if not nodes:
        return []
    ids = session.scalars(
        text(
            "SELECT b.id FROM reached b WHERE b.west <= :lon AND b.east >= :lon AND b.south <= :lat "
            "AND b.north >= :lat AND EXISTS (SELECT 1 FROM capability_nodes n "
            f"WHERE n.capability_id = b.id AND n.node IN ({', '.join(':' + name for name in nodes)}))"
        ),
        {"lat": listing.latitude, "lon": listing.longitude, **nodes},
    )
    offered = read_listings(session, Listing.id == key)
    able = read_capabilities(session, *matchable(), one_of(Capability.id, list(ids)))
    return _answer(able.ids, _ranker(world, session, offered)(able))


def rtree_capability(world: World, boxes: np.ndarray, session: Session, key: int) -> Best:
    """Find the listings by an R*Tree of their points and by their family, then rank them."""
    able = read_capabilities(session, Capability.id == key, *matchable())
    if not len(able.ids):
        return []
    capability = session.get_one(Capability, key)
    families = {code.split(".")[0] for code in capability.materials}
    families |= {"~" + code.split(".")[0] for code in capability.techniques}
    named = {f"f{n}": family for n, family in enumerate(sorted(families))}
    west, south, east, north = boxes[key - 1].tolist()
    ids = session.scalars(
        text(
            "SELECT l.id FROM spots b JOIN listings l ON l.id = b.id WHERE b.east >= :west "
            "AND b.west <= :east AND b.north >= :south AND b.south <= :north "
            f"AND l.sought IN ({', '.join(':' + name for name in named)})"
        ),
        {"west": west, "south": south, "east": east, "north": north, **named},
    )
    offered = read_listings(session, one_of(Listing.id, list(ids)))
    barred = refused_pairs(session, offered, able)[:, 0]
    tables = offered.columns, able.columns, ontology()
    found = capability_best(0, *tables, Weights(), world.as_of, TOP, barred)
    return _answer(offered.ids, found)


def at_public_places(world: World) -> World:
    """Return the world with its listings where others see them, so that both sides use one place."""
    seen = listings(world)
    moved = replace(
        world.listings,
        latitude=np.array(seen["public_latitude"]),
        longitude=np.array(seen["public_longitude"]),
    )
    return replace(world, listings=moved)


def same(answers: dict[str, Best]) -> bool:
    """Tell whether all have the same keys in the same order, with scores alike to 1e-9."""
    expected = answers[LITE]
    return all(
        [key for key, _ in found] == [key for key, _ in expected]
        and all(abs(a[1] - b[1]) <= 1e-9 for a, b in zip(found, expected, strict=True))
        for found in answers.values()
    )


def compare(size: tuple[int, int], count: int) -> None:
    """Print one size: microseconds an answer, in both directions."""
    world = at_public_places(make_world(*size))
    ready = Prepared(world, Weights())
    gis = PostGIS(ready)
    rng = np.random.default_rng(SEED)
    with both_databases(world) as (lite, big), lite() as session, big() as other:
        fill_rtree(session, ready)
        gis.fill(big.kw["bind"])
        other.execute(text("SET jit = off"))
        boxes = reach_boxes(ready)
        directions = {
            "a listing": (
                rng.choice(np.flatnonzero(ready.live), count) + 1,
                {
                    LITE: partial(product_listing, world, session),
                    "R*Tree, SQLite": partial(rtree_listing, world, session),
                    BIG: partial(product_listing, world, other),
                    "PostGIS": partial(gis.listing, other),
                },
            ),
            "a capability": (
                rng.choice(np.flatnonzero(ready.able_live), count) + 1,
                {
                    LITE: partial(product_capability, world, session),
                    "R*Tree, SQLite": partial(rtree_capability, world, boxes, session),
                    BIG: partial(product_capability, world, other),
                    "PostGIS": partial(gis.capability, other),
                },
            ),
        }
        cells: dict[str, list[object]] = {}
        for label, (keys, calls) in directions.items():
            for key in keys.tolist():
                answers = {name: call(key) for name, call in calls.items()}
                if not same(answers):
                    raise SystemExit(f"they differ for {label}, {key}: {answers}")
            runs = over(keys.tolist(), calls)
            for name, found in runs.items():
                rival = runs[LITE if "SQLite" in name else BIG]
                cells.setdefault(name, []).append(found.against(rival))
    head = [f"{size[0]:,} listings, {size[1]:,} capabilities", *directions]
    table(head, [[name, *row] for name, row in cells.items()])


def main() -> None:
    given = options(__doc__, points={"type": int, "default": 30})
    heading("Online: one against all, microseconds")
    for size in SIZES[: 1 if given.quick else 2] + ((HUGE,) if given.huge else ()):
        compare(size, given.points)


if __name__ == "__main__":
    main()
