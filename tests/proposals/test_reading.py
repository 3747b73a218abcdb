"""Listings and capabilities as columns: what the rows say, whatever is missing in them."""

import random
from datetime import date

import numpy as np
import shapely
from sqlalchemy import select

from marketplace.accounts.models import Verification
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Condition, Kind, Listing, Recurrence, WorkPlace
from marketplace.matching import kinds
from marketplace.proposals.candidates import (
    read_capabilities,
    read_listings,
    refused_pairs,
    rows_of,
)
from marketplace.proposals.models import Proposal
from marketplace.proposals.reading import one_of
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from tests.builders import a_capability, a_company, a_listing, a_place, an_enterprise
from tests.orders.order_stories import a_story

AREA = '{"type":"Polygon","coordinates":[[[16.0,47.4],[17.0,47.4],[17.0,48.3],[16.0,47.4]]]}'
DAYS = (None, date(2026, 11, 23), date(2027, 2, 28))


def number(value):
    return np.nan if value is None else value


def day(value):
    return np.datetime64("NaT" if value is None else value, "D")


def some_listings(session, count, dice):
    companies = a_company(session), a_company(session, verification=Verification.PENDING)
    named = ["sewing"], ["sewing", "no-longer-there", "woodwork"]
    for _ in range(count):
        kind = dice.choice(list(Kind))
        residual = kind is Kind.RESIDUAL
        a_listing(
            session,
            dice.choice(companies),
            place=a_place(dice.choice(["Graz", "Linz"])),
            kind=kind,
            material_code=dice.choice(["wood", "textile.felt", "no.longer.there"])
            if residual or dice.random() < 0.5
            else None,
            techniques=dice.choice(([],) if residual else named),
            unit=dice.choice(["piece", "kg"]),
            quantity=dice.choice([None, 12.5]),
            mass_kg=dice.choice([None, 80.0]),
            work_hours=dice.choice([None, 3.0]),
            recurrence=dice.choice(list(Recurrence)),
            available_until=dice.choice(DAYS),
            condition=dice.choice([None, *Condition]),
            waste_code=dice.choice([None, "200138", "200137"]),
            hazardous=dice.random() < 0.2,
            work_place=dice.choice(list(WorkPlace)),
            state=dice.choice([ListingState.PUBLISHED, ListingState.PAUSED]),
        )


def test_listings_say_what_their_rows_say(session):
    some_listings(session, 60, random.Random(3))
    rows = session.scalars(select(Listing).order_by(Listing.id)).all()
    offered = read_listings(session)
    columns = offered.columns
    assert offered.ids.tolist() == [r.id for r in rows]
    for n, row in enumerate(rows):
        assert columns.ref[n] == row.ref
        assert columns.published[n] == (row.state is ListingState.PUBLISHED)
        assert columns.kind[n] == kinds.Kind[row.kind.name]
        known = row.material_code in materials()
        assert columns.material[n] == (materials().number(row.material_code) if known else -1)
        named = [techniques().number(c) for c in row.techniques if c in techniques()]
        assert columns.techniques[n].tolist() == named
        assert (columns.latitude[n], columns.longitude[n]) == (row.latitude, row.longitude)
        assert columns.hazardous[n] == (row.hazardous or row.waste_code == "200137")
        condition = row.condition
        assert columns.condition[n] == (kinds.Condition[condition.name] if condition else 0)
        pieces = row.quantity if row.unit == "piece" else None
        amounts = columns.mass_kg[n], columns.pieces[n], columns.hours[n]
        wanted = [number(v) for v in (row.mass_kg, pieces, row.work_hours)]
        np.testing.assert_array_equal(amounts, wanted)
        assert columns.recurrence[n] == kinds.Recurrence[row.recurrence.name]
        window = columns.available_from[n], columns.available_until[n]
        np.testing.assert_array_equal(window, [day(row.available_from), day(row.available_until)])
        assert columns.client_site[n] == (row.work_place is WorkPlace.CLIENT_SITE)
    assert len(set(columns.organisation_active.tolist())) == 2
    seen = read_listings(session, public=True).columns
    assert seen.latitude.tolist() == [r.public_latitude for r in rows]
    assert seen.longitude.tolist() == [r.public_longitude for r in rows]


def test_nothing_is_columns_without_rows(session):
    offered, able = read_listings(session), read_capabilities(session)
    assert (len(offered.columns), len(able.columns)) == (0, 0)
    assert offered.columns.available_from.dtype == able.columns.available_until.dtype
    assert refused_pairs(session, offered, able).shape == (0, 2)


def test_capabilities_say_what_their_rows_say(session):
    dice = random.Random(5)
    for _ in range(40):
        reach = {"service_radius_km": dice.choice([0.0, 30.0])}
        if dice.random() < 0.3:
            reach = {"service_radius_km": None, "service_area": AREA}
        a_capability(
            session,
            an_enterprise(session, open_orders=dice.randrange(3)),
            **reach,
            materials=dice.sample(["wood", "textile", "plastic", "no.longer.there"], 2),
            techniques=dice.sample(["sewing", "sorting"], dice.randrange(3)),
            conditions=dice.sample([c.value for c in Condition], dice.randrange(3)),
            capacity_kg_per_month=dice.choice([None, 500.0]),
            committed_hours_per_month=dice.choice([0.0, 7.0]),
            min_batch_kg=dice.choice([None, 20.0]),
            available_from=dice.choice(DAYS[:2]),
            available_until=dice.choice(DAYS),
            accepts_hazardous=dice.random() < 0.5,
            on_site=dice.random() < 0.5,
            state=dice.choice([CapabilityState.ACTIVE, CapabilityState.PAUSED]),
        )
    rows = session.scalars(select(Capability).order_by(Capability.id)).all()
    able = read_capabilities(session)
    columns = able.columns
    assert able.ids.tolist() == [r.id for r in rows]
    for n, row in enumerate(rows):
        taken = [materials().number(c) for c in row.materials if c in materials()]
        assert columns.materials[n].tolist() == taken
        assert columns.techniques[n].tolist() == [techniques().number(c) for c in row.techniques]
        bits = sum(kinds.Condition[c.upper()] for c in row.conditions)
        assert columns.conditions[n] == bits
        assert columns.active[n] == (row.state is CapabilityState.ACTIVE)
        amounts = columns.radius_km[n], columns.capacity_kg[n], columns.min_batch_kg[n]
        wanted = row.service_radius_km, row.capacity_kg_per_month, row.min_batch_kg
        np.testing.assert_array_equal(amounts, [number(v) for v in wanted])
        assert columns.committed_hours[n] == row.committed_hours_per_month
        window = columns.available_from[n], columns.available_until[n]
        np.testing.assert_array_equal(window, [day(row.available_from), day(row.available_until)])
        assert columns.accepts_hazardous[n] == row.accepts_hazardous
        assert columns.on_site[n] == row.on_site
        area = shapely.from_geojson(AREA) if row.service_area else None
        assert columns.area[n] == area
    assert set(columns.open_orders.tolist()) == {0, 1, 2}


def test_refused_pairs_are_those_of_today_s_revisions(session):
    story = a_story(session)
    other = a_listing(session, story.company)
    story.proposal.state, story.proposal.reason = "refused", "price"
    session.flush()
    offered, able = read_listings(session), read_capabilities(session)
    row = rows_of(offered.ids, np.array([story.listing.id]))[0]
    assert refused_pairs(session, offered, able).tolist() == [[row, 0]]
    only = read_listings(session, one_of(Listing.id, [other.id]))
    assert refused_pairs(session, only, able).tolist() == []
    story.capability.revision += 1
    session.flush()
    assert refused_pairs(session, offered, read_capabilities(session)).tolist() == []
    assert session.scalars(select(Proposal.state)).one() == "refused"


def test_rows_of_keys():
    ids = np.array([2, 5, 9])
    assert rows_of(ids, np.array([9, 3, 2, 11, 0])).tolist() == [2, -1, 0, -1, -1]
    assert rows_of(ids[:0], np.array([1, 2])).tolist() == [-1, -1]
