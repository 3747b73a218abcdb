"""Only what is near is read, and the first ones are still the first of all."""

import random

import numpy as np
import pytest

from marketplace.capabilities.models import class_reach_km
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import chord_km, geodesic_km
from marketplace.listings.models import Kind
from marketplace.matching.ranking import capability_best, rank
from marketplace.matching.weights import Weights
from marketplace.proposals import near
from marketplace.proposals.candidates import ontology, read_capabilities, read_listings
from marketplace.proposals.near import Asked, asked_by, reaching, suited
from tests.builders import NOW, a_capability, a_company, a_listing, a_place, an_enterprise

TODAY = np.datetime64(NOW.date(), "D")
MIDDLES = [(48.2, 16.4), (0.0, 179.99), (-17.8, -179.98), (89.97, 20.0)]
MATERIALS = ["tarpaulin", "textile", "textile.felt", "textile.felt.wool", "wood"]
FORCES = [Weights(), Weights(proximity=0.9), Weights(proximity=0.0)]


def scattered(middle, count, spread_km):
    """Return places about a middle, some of them the very same."""
    draw = random.Random(count)
    found = []
    for n in range(count):
        if n % 4 == 3:
            found.append(found[-1])
            continue
        up, along = (draw.gauss(0, spread_km / 111) for _ in range(2))
        latitude = min(middle[0] + up, 90.0)
        longitude = middle[1] + along / max(np.cos(np.radians(latitude)), 0.01)
        found.append((latitude, (longitude + 180) % 360 - 180))
    return [a_place(latitude=a, longitude=b, city="Ort", country="AT") for a, b in found]


@pytest.fixture(params=MIDDLES)
def middle(request):
    return request.param


@pytest.fixture
def one_place(middle):
    return a_place(latitude=middle[0], longitude=middle[1], city="Ort", country="AT")


@pytest.fixture
def listings(session, middle):
    company, draw = a_company(session), random.Random(1)
    return [
        a_listing(
            session,
            company,
            place=place,
            material_code=draw.choice(MATERIALS),
            techniques=draw.choice([[], ["sewing"]]),
            kind=draw.choice([Kind.RESIDUAL, Kind.SERVICE, Kind.CSR_PRODUCT]),
            mass_kg=draw.choice([5.0, 500.0, None]),
        )
        for place in scattered(middle, 40, 25)
    ]


@pytest.fixture
def capabilities(session, middle):
    workshop, draw = an_enterprise(session), random.Random(2)
    return [
        a_capability(
            session,
            workshop,
            place=place,
            materials=draw.sample(MATERIALS, 2),
            techniques=draw.choice([["sewing"], ["sewing", "cutting"], []]),
            service_radius_km=draw.choice([0.0, 9.0, 10.0, 11.0, 40.0, 160.0, 170.0, 2500.0]),
            min_batch_kg=draw.choice([None, 100.0]),
        )
        for place in scattered(middle, 40, 25)
    ]


def first_of(ids, ranking, top):
    return list(zip(ids[ranking.rows[:top]].tolist(), ranking.score[:top].tolist(), strict=True))


@pytest.mark.parametrize("first", [1, 3, 1000])
def test_a_listing_s_first_ones_are_those_of_all(
    session, monkeypatch, one_place, capabilities, first
):
    monkeypatch.setattr(near, "FIRST", first)
    everyone, company = read_capabilities(session), a_company(session)
    for material, force in [(m, f) for m in MATERIALS for f in FORCES]:
        listing = a_listing(session, company, place=one_place, material_code=material)
        offered = read_listings(session, near.Listing.id == listing.id)

        def ranked(able, offered=offered, force=force):
            return rank(0, offered.columns, able.columns, ontology(), force, TODAY, top=None)

        expected = first_of(everyone.ids, ranked(everyone), 3)
        able, found = reaching(session, asked_by(listing), ranked, force, 3)
        assert first_of(able.ids, found, 3) == expected


@pytest.mark.parametrize("first", [1, 3, 1000])
def test_a_capability_s_first_ones_are_those_of_all(
    session, monkeypatch, one_place, listings, first
):
    monkeypatch.setattr(near, "FIRST_LISTINGS", first)
    everything, workshop = read_listings(session, public=True), an_enterprise(session)
    for radius, force in [(r, f) for r in (0.0, 15.0, 60.0, 900.0) for f in FORCES]:
        for materials, skills in ((["textile", "wood"], []), (["textile.felt"], ["sewing"])):
            capability = a_capability(
                session,
                workshop,
                place=one_place,
                materials=materials,
                techniques=skills,
                service_radius_km=radius,
            )
            able = read_capabilities(session, near.Capability.id == capability.id)

            def ranked(offered, able=able, force=force):
                tables = offered.columns, able.columns, ontology()
                return capability_best(0, *tables, force, TODAY, top=None)

            expected = first_of(everything.ids, ranked(everything), 3)
            offered, found = suited(session, capability, ranked, force, 3)
            assert first_of(offered.ids, found, 3) == expected


def test_every_listing_in_reach_is_read_that_a_capability_can_take(session, one_place, listings):
    capability = a_capability(
        session, an_enterprise(session), place=one_place, materials=["textile.felt", "wood"]
    )
    able = read_capabilities(session, near.Capability.id == capability.id)
    everything, read = read_listings(session), near.in_reach(session, capability)
    tables = able.columns, ontology(), Weights(), TODAY
    expected = capability_best(0, everything.columns, *tables, top=None)
    found = capability_best(0, read.columns, *tables, top=None)
    assert len(expected) > 3
    assert first_of(read.ids, found, None) == first_of(everything.ids, expected, None)


@pytest.mark.parametrize("number", range(8))
def test_a_reach_at_the_end_of_its_class_is_not_lost(session, number):
    radius = class_reach_km(number)
    for middle in MIDDLES[:3]:
        base = a_place(latitude=middle[0], longitude=middle[1], city="Ort", country="AT")
        made = a_capability(session, an_enterprise(session), place=base, service_radius_km=radius)
        way = radius / 111.7
        at = Coordinate(middle[0] - way, middle[1])
        km = float(geodesic_km(*middle, at.latitude, at.longitude))
        assert 0.98 * radius < km < radius
        asked = Asked(Kind.RESIDUAL, "tarpaulin", [], at)
        found = near._reaching(session, asked, 0.0)
        assert found[made.id] == pytest.approx(float(chord_km(km)) ** 2, rel=1e-3)
