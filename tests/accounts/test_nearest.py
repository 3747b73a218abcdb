"""The nearest first, anywhere on Earth, against all geodesics."""

import random

import pytest
from sqlalchemy import event, insert, select, text

from marketplace.accounts.models import Organisation
from marketplace.accounts.nearby import MOST_BANDS, WIDEST_KM, exact, public, within
from marketplace.accounts.nearest import Search, _page, count_within, nearest
from marketplace.geo.bands import FARTHEST_KM, window
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km
from marketplace.listings.models import Listing
from tests.builders import a_company, a_listing, a_place, an_organisation

HOSTILE = [
    (90, 0), (90, 123), (89.9999, -180), (-90, 5), (-89.99, 45), (0, 180), (0, -180), (0.01, 179.999),
    (-17.8, 179.99), (-17.8, -179.99), (48.2, 16.4), (48.2, 16.4), (48.2, 16.4), (48.2000001, 16.4),
    (48.22, 16.4), (-48.2, -163.6), (0, 0), (0, 0.000001), (60, 179.9), (60, -179.9),
]  # fmt: skip


@pytest.fixture
def world(session):
    draw = random.Random(5)
    anywhere = [(draw.uniform(-90, 90), draw.uniform(-180, 180)) for _ in range(40)]
    near_vienna = [(draw.gauss(48.2, 0.5), draw.gauss(16.4, 0.8)) for _ in range(60)]
    return [
        an_organisation(
            session, place=a_place(latitude=lat, longitude=lon, city="Ort", country="AT")
        )
        for lat, lon in [*HOSTILE, *anywhere, *near_vienna]
    ]


def ways(world, near, points):
    """Return the geodesic to each organisation, nearest first, with their keys."""
    blurred = points is public
    km = [
        float(
            geodesic_km(
                near.latitude,
                near.longitude,
                o.public_latitude if blurred else o.latitude,
                o.public_longitude if blurred else o.longitude,
            )
        )
        for o in world
    ]
    return sorted(zip(km, [o.id for o in world], strict=True))


PLACES = [Coordinate(lat, lon) for lat, lon in [*HOSTILE[:11], (48.21, 16.37), (-33.9, 151.2)]]


@pytest.mark.parametrize("points", [exact, public])
def test_within_a_radius_lie_exactly_those_whose_geodesic_is_no_longer(session, world, points):
    for near in PLACES:
        every = ways(world, near, points)
        edges = [every[n][0] for n in (0, 5, 40, 100)]
        for radius in (
            0.0,
            25.0,
            WIDEST_KM,
            WIDEST_KM + 1e-9,
            *edges,
            *(e - 1e-9 for e in edges if e > 1),
            25_000.0,
        ):
            search = Search(Organisation.id, points(Organisation), near, radius_km=radius)
            inside = sorted(key for km, key in every if km <= radius)
            hits = nearest(session, search, count=500)
            assert sorted(hit.key for hit in hits) == inside, (near, radius)
            assert count_within(session, search, most=500) == len(inside), (near, radius)
            assert count_within(session, search, most=3) == min(len(inside), 3)


@pytest.mark.parametrize("points", [exact, public])
@pytest.mark.parametrize("radius", [0.0, 25.0, WIDEST_KM, 900.0, 15_000.0, 25_000.0])
def test_within_a_chord_as_long_as_the_radius_nobody_is_missing(session, world, points, radius):
    for near in PLACES:
        query = select(Organisation.id)
        found = set(session.scalars(within(query, points(Organisation), near, radius)))
        assert found >= {key for km, key in ways(world, near, points) if km <= radius}
        slack = radius * 1.002 + 1e-5 if radius <= 1000 else 25_000
        assert found <= {key for km, key in ways(world, near, points) if km <= slack}


@pytest.mark.parametrize("latitude", [0.0, 0.01, 48.2, -60.0, 87.3, 90.0])
def test_no_disc_has_more_strips_than_a_search_reads(latitude):
    seen = window(Coordinate(latitude, 179.9), WIDEST_KM)
    assert len(seen.ranges) * (seen.high - seen.low + 1) <= MOST_BANDS


@pytest.mark.parametrize("size", [3, 50])
@pytest.mark.parametrize("first_km", [0.001, 10.0, FARTHEST_KM])
def test_pages_go_from_near_to_far_and_miss_nobody(session, world, size, first_km):
    for near in PLACES[::3]:
        search = Search(Organisation.id, exact(Organisation), near)
        found, after = [], None
        while page := nearest(session, search, count=size, after=after, first_km=first_km):
            found += page
            after = page[-1].chord2, page[-1].key
        every = ways(world, near, exact)
        assert sorted(hit.key for hit in found) == sorted(key for _, key in every)
        way = {key: km for km, key in every}
        for hit, (km, _key) in zip(found, every, strict=True):
            # In the order of the chord: within 0.1 mm at 10 km, 4 cm at 150 km, 5 % at the antipode.
            assert way[hit.key] == pytest.approx(km, abs=1e-7 + km**3 * 1.2e-11)


def test_equal_places_stay_in_the_order_of_their_keys(session, world):
    search = Search(Organisation.id, exact(Organisation), Coordinate(48.2, 16.4), radius_km=0)
    same = [o.id for o in world if (o.latitude, o.longitude) == (48.2, 16.4)]
    assert [hit.key for hit in nearest(session, search, count=10)] == same
    assert [hit.chord2 for hit in nearest(session, search, count=10)] == [0, 0, 0]


def test_other_conditions_hold_too(session, world):
    wanted = [world[3].id, world[30].id]
    conditions = [Organisation.id.in_(wanted)]
    search = Search(Organisation.id, exact(Organisation), Coordinate(0, 0), conditions)
    assert {hit.key for hit in nearest(session, search, count=5)} == set(wanted)
    assert count_within(session, search, most=9) == 2


def statements(session, act):
    """Return what ``act`` has the database do, with the parameters."""
    seen = []

    def note(conn, cursor, statement, parameters, *rest):
        seen.append((statement, parameters))

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen


def test_every_search_is_the_same_statement(session, world):
    def search_everywhere():
        for near in PLACES:
            for radius in (0.5, 40.0, 250.0):
                search = Search(Organisation.id, exact(Organisation), near, radius_km=radius)
                nearest(session, search, count=5, first_km=radius)

    seen = {statement for statement, _ in statements(session, search_everywhere)}
    assert len({statement for statement in seen if "bands" in statement}) == 1


@pytest.fixture
def many(session):
    """Some thousand listings: more than any disc has strips, and too many to go through all."""
    sample = a_listing(session, a_company(session))
    same = {c.key: getattr(sample, c.key) for c in Listing.__table__.c if c.key != "id"}
    families = ["wood", "metal", "glass", "paper"]
    session.execute(
        insert(Listing.__table__),
        [
            same
            | {"ref": f"M-{n}", "sought": families[n % 4], "public_band": n % 5003 - 2500}
            | {"public_longitude": n % 359 - 179.5}
            for n in range(10_000)
        ],
    )


@pytest.mark.parametrize("analysed", [False, True])
def test_a_search_reads_one_short_range_of_an_index_in_each_band(session, many, analysed):
    """Neither all listings of the family, nor the whole table to make a filter of it beforehand."""
    if analysed:
        session.execute(text("ANALYZE listings"))
    wanted = [Listing.sought.in_(["wood", "metal"]), Listing.mass_kg > 5]
    search = Search(Listing.id, public(Listing), Coordinate(48.2, 16.4), wanted, 200.0)
    seen = statements(session, lambda: nearest(session, search, count=9, first_km=200.0))
    ((statement, parameters),) = [found for found in seen if "bands" in found[0]]
    is_lite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_lite else "EXPLAIN "
    raw = session.connection().connection.driver_connection.cursor()
    plan = " ".join(str(row) for row in raw.execute(explain + statement, parameters).fetchall())
    index = "ix_listings_sought_public_band"
    if is_lite:
        columns = "sought=? AND public_band=? AND public_longitude>? AND public_longitude<?"
        assert f"SEARCH listings USING INDEX {index} ({columns})" in plan
        assert "BLOOM" not in plan
    elif analysed:
        assert f"Scan using {index} on listings" in plan or f"Scan on {index}" in plan
        assert "(public_band = bands.number) AND (public_longitude >= bands.west)" in plan


@pytest.mark.parametrize("behind", [False, True])
def test_a_search_is_written_only_once(behind):
    """Its statement can be kept: writing it anew takes longer than running it."""
    assert _page(Listing.id, public(Listing), (), True, behind)._generate_cache_key() is not None
