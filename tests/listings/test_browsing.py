"""Searching what is on offer, page by page, and what the map counts."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from marketplace.core.paging import MOST_COUNTED
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km
from marketplace.listings.browse import Filter, browse
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.map_tiles import recount
from marketplace.listings.models import Kind, Listing
from tests.builders import NOW, a_company, a_listing, a_place

VIENNA = Coordinate(48.2082, 16.3738)


def every_page(session, wanted, size):
    """Return the keys of all rows, page by page, and how many pages there were."""
    keys, after, pages = [], "", 0
    while True:
        found = browse(session, wanted, after=after, size=size)
        keys += [row.listing.id for row in found.rows]
        pages += 1
        after = found.after
        if not after:
            return keys, pages


@pytest.fixture
def market(session):
    """Forty listings around Vienna, some at the same place and published at the same moment."""
    company = a_company(session)
    return [
        a_listing(
            session,
            company,
            place=a_place(latitude=47.0 + (n // 3) * 0.13, longitude=15.2 + (n // 3) * 0.11),
            published_at=NOW - timedelta(hours=n // 4),
            material_code="textile.felt.wool" if n % 2 else "tarpaulin",
            kind=Kind.SERVICE if n % 5 == 0 else Kind.RESIDUAL,
            techniques=["sewing"],
        )
        for n in range(40)
    ]


def km_to(listing):
    return float(
        geodesic_km(
            VIENNA.latitude, VIENNA.longitude, listing.public_latitude, listing.public_longitude
        )
    )


@pytest.mark.parametrize("size", [1, 3, 7, 40])
@pytest.mark.parametrize("counted", [False, True])
def test_pages_hold_every_listing_once_from_near_to_far(session, market, size, counted):
    if counted:
        recount(session)
    keys, pages = every_page(session, Filter(near=VIENNA), size)
    assert keys == [
        row.id for row in sorted(market, key=lambda row: (round(km_to(row), 6), row.id))
    ]
    assert pages == -(-40 // size)


@pytest.mark.parametrize("near", [None, VIENNA])
def test_pages_hold_every_listing_once_from_new_to_old(session, market, near):
    keys, _pages = every_page(session, Filter(near=near, nearest_first=False), 7)
    newest = sorted(market, key=lambda row: (row.published_at, row.id), reverse=True)
    assert keys == [row.id for row in newest]


@pytest.mark.parametrize("nearest_first", [True, False])
def test_a_radius_ends_exactly_where_it_says(session, market, nearest_first):
    edge = sorted(km_to(row) for row in market)[20]
    for radius in (edge, edge - 1e-9):
        wanted = Filter(near=VIENNA, radius_km=radius, nearest_first=nearest_first)
        keys, _pages = every_page(session, wanted, 6)
        assert set(keys) == {row.id for row in market if km_to(row) <= radius}
        assert browse(session, wanted, size=6).total == len(keys)


def test_a_family_holds_services_too(session, market):
    wanted = Filter(near=VIENNA, material="textile")
    keys, _pages = every_page(session, wanted, 6)
    assert len(keys) == 20
    assert sorted(keys) == [row.id for row in market if row.material_code == "textile.felt.wool"]
    assert browse(session, Filter(material="textile.fabric")).rows == []


def test_a_page_goes_on_behind_a_listing_that_is_gone(session, market):
    first = browse(session, Filter(near=VIENNA), size=5)
    second = browse(session, Filter(near=VIENNA), after=first.after, size=5)
    for row in first.rows:
        row.listing.state = ListingState.GIVEN
    session.flush()
    again = browse(session, Filter(near=VIENNA), after=first.after, size=5)
    assert [row.listing.id for row in again.rows] == [row.listing.id for row in second.rows]


@pytest.mark.parametrize("after", ["~", "x~1", "nan~1", "inf~3", "1e400~1", "7~x", "seven"])
@pytest.mark.parametrize("nearest_first", [True, False])
def test_a_page_that_was_made_up_is_the_first(session, market, after, nearest_first):
    wanted = Filter(near=VIENNA, nearest_first=nearest_first)
    rows = browse(session, wanted, after=after, size=5).rows
    assert [row.listing.id for row in rows] == [
        row.listing.id for row in browse(session, wanted, size=5).rows
    ]


def test_beyond_a_thousand_only_the_map_s_counts_say_how_many(session):
    company = a_company(session)
    place = a_place()
    session.add_all(
        Listing(
            **{c.key: getattr(sample, c.key) for c in Listing.__table__.c if c.key != "id"}
            | {"ref": f"M-{n}", "version": None}
        )
        for sample in [a_listing(session, company, place=place)]
        for n in range(MOST_COUNTED + 4)
    )
    session.flush()
    found = browse(session, Filter())
    assert (found.total, found.more_than) == (MOST_COUNTED + 1, True)
    recount(session)
    found = browse(session, Filter())
    assert (found.total, found.more_than) == (MOST_COUNTED + 5, False)
    assert browse(session, Filter(kinds=[Kind.RESIDUAL])).more_than
    near = browse(session, Filter(near=VIENNA, radius_km=100))
    assert (near.total, near.more_than) == (MOST_COUNTED + 1, True)


def test_a_page_takes_few_statements_however_far_it_must_look(session, market):
    seen = []

    def note(conn, cursor, statement, *rest):
        seen.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        auckland = Coordinate(-36.85, 174.76)
        assert len(browse(session, Filter(near=auckland), size=5).rows) == 5
        wide = len(seen)
        seen.clear()
        browse(session, Filter(near=VIENNA, radius_km=200, kinds=[Kind.RESIDUAL]), size=5)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert wide <= 14
    assert len(seen) <= 10
