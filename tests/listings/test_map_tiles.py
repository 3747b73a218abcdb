"""The map's counts follow every change, once, and hold public places only."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Verification
from marketplace.core.db import transaction
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.tiles import LEVELS, View, tile_and_wider, tile_of
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.map_tiles import PER_DEGREE, clusters, reach_for, recount, totals
from marketplace.listings.models import Listing, MapTile
from tests.builders import a_company, a_listing, a_place

REGION = View(10.0, 45.0, 20.0, 50.0)


def counted(session):
    """Return what the table of tiles says."""
    rows = session.scalars(select(MapTile).execution_options(populate_existing=True))
    return {
        (t.level, t.family, t.x, t.y): (t.count, t.latitude_sum, t.longitude_sum)
        for t in rows
        if t.count
    }


def true_counts(listings):
    """Return what it should say, counted anew."""
    count, latitudes, longitudes = Counter(), Counter(), Counter()
    for listing in listings:
        if listing.state is not ListingState.PUBLISHED or not listing.organisation.takes_part:
            continue
        for tile in tile_and_wider(tile_of(listing.public_latitude, listing.public_longitude)):
            for family in {"", (listing.material_code or "").split(".")[0]}:
                key = tile.level, family, tile.x, tile.y
                count[key] += 1
                latitudes[key] += round(listing.public_latitude * PER_DEGREE)
                longitudes[key] += round(listing.public_longitude * PER_DEGREE)
    return {key: (n, latitudes[key], longitudes[key]) for key, n in count.items()}


def test_counts_are_right_after_any_changes(session):
    draw = random.Random(3)
    companies = [a_company(session) for _ in range(3)]
    listings = []
    for step in range(60):
        deed = draw.choice(["post", "post", "move", "name", "state", "verify"])
        listing = draw.choice(listings) if listings else None
        place = a_place(latitude=draw.gauss(48, 0.3), longitude=draw.gauss(16, 0.3))
        if deed == "post" or listing is None:
            company = draw.choice(companies)
            listing = a_listing(session, company, place=place)
            listing.organisation = company
            listings.append(listing)
            touched = [listing]
        elif deed == "verify":
            company = draw.choice(companies)
            company.verification = draw.choice([Verification.VERIFIED] * 3 + [Verification.PENDING])
            touched = [one for one in listings if one.organisation is company]
        else:
            touched = [listing]
            if deed == "move":
                listing.move_to(place)
            elif deed == "name":
                listing.material_code = draw.choice(["textile.felt.wool", "wood", "tarpaulin"])
            else:
                listing.state = draw.choice([ListingState.PUBLISHED, ListingState.PAUSED])
        session.flush()
        recount(session, [one.id for one in touched])
        if step % 10 == 9:
            assert counted(session) == true_counts(listings)
    assert recount(session) == 0
    assert totals(session)[""] == sum(
        n for (level, family, *_), (n, *_sums) in true_counts(listings).items()
        if level == 0 and family == ""
    )  # fmt: skip


def test_counting_twice_changes_nothing(session):
    company = a_company(session)
    ids = [a_listing(session, company).id for _ in range(3)]
    assert recount(session, ids) == 3
    before = counted(session)
    assert recount(session, ids) == 0
    assert recount(session) == 0
    assert counted(session) == before
    assert len(before) == 2 * LEVELS


def test_a_listing_that_is_gone_leaves_no_trace(session):
    listing = a_listing(session, a_company(session), material_code="wood")
    recount(session, [listing.id])
    listing.state = ListingState.GIVEN
    session.flush()
    assert recount(session, [listing.id]) == 1
    session.expire_all()
    assert totals(session) == {}
    for tile in session.scalars(select(MapTile)):
        assert (tile.count, tile.latitude_sum, tile.longitude_sum) == (0, 0, 0)


def test_what_is_reserved_or_waits_for_verification_is_not_counted(session):
    a_listing(session, a_company(session), state=ListingState.RESERVED)
    a_listing(session, a_company(session, verification=Verification.PENDING))
    assert recount(session) == 0


def test_counting_touches_no_version(session):
    listing = a_listing(session, a_company(session))
    before = listing.version
    recount(session, [listing.id])
    session.refresh(listing)
    assert listing.version == before


def test_clusters_lie_in_the_middle_of_what_they_count(session):
    company = a_company(session)
    listings = [a_listing(session, company) for _ in range(2)]
    listings.append(a_listing(session, company, place=a_place("Wien"), material_code="wood"))
    recount(session)
    (whole,) = clusters(session, "", REGION, 0)
    assert whole.count == 3
    mean = sum(listing.public_latitude for listing in listings) / 3
    assert whole.latitude == pytest.approx(mean, abs=1e-9)
    fine = clusters(session, "", REGION, LEVELS - 1)
    assert sorted(cluster.count for cluster in fine) == [1, 2]
    assert [c.count for c in clusters(session, "wood", REGION, 0)] == [1]
    assert clusters(session, "", View(0.0, 45.0, 1.0, 50.0), LEVELS - 1) == []


def test_a_view_over_the_antimeridian_counts_both_sides(session):
    company = a_company(session)
    for longitude in (179.9, -179.9):
        a_listing(session, company, place=a_place(latitude=-17.0, longitude=longitude))
    recount(session)
    view = View(179.0, -20.0, -179.0, -10.0)
    assert [c.count for c in clusters(session, "", view, 5)] == [1, 1]


def test_where_much_lies_little_way_is_enough(session):
    company, vienna = a_company(session), Coordinate(48.2082, 16.3738)
    alone = reach_for(session, "", vienna, 20)
    for _ in range(60):
        a_listing(session, company, place=a_place("Wien"))
    recount(session)
    assert reach_for(session, "", vienna, 20) < 5 < alone
    assert reach_for(session, "wood", vienna, 20) == alone


def test_two_workers_at_once_lose_no_count(real):
    with transaction(real) as session:
        company = a_company(session)
        ids = [a_listing(session, company).id for _ in range(30)]
    barrier = Barrier(4)

    def work(part):
        barrier.wait()
        with transaction(real) as session:
            return recount(session, part)

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(work, [ids, ids[::-1], ids[:20], ids[10:]]))
    with real() as session:
        assert sum(changed) == 30
        assert totals(session)[""] == 30
        assert counted(session) == true_counts(
            [_with_owner(session, key) for key in session.scalars(select(Listing.id))]
        )


def _with_owner(session, key):
    listing = session.get_one(Listing, key)
    session.refresh(listing, ["organisation"])
    return listing
