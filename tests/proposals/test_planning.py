"""The region's plan, pools and chains as they come out of the database."""

from datetime import date

import pytest

from marketplace.core.actor import Actor, Role
from marketplace.core.errors import NotFound
from marketplace.geo.routing.matrices import Distances
from marketplace.listings.models import Kind, Recurrence
from marketplace.orders.drawing_up import draft_from
from marketplace.proposals import chains, plan, pools
from marketplace.proposals.actions import refuse
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal, RefusalReason
from marketplace.proposals.plan import Method, best_plan, proposals_of, state_of
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_place,
    a_service_point,
    an_enterprise,
)
from tests.orders.order_stories import TODAY, a_story

AGENCY = Actor(user_id=1, roles=frozenset({Role.AGENCY}))


def a_broker_of(point):
    return Actor(user_id=1, service_point_id=point.id, roles=frozenset({Role.BROKER}))


@pytest.fixture
def region(session):
    """Nähwerk takes 200 kg a month, Taschnerei in Vienna 300 kg, and both take tarpaulins."""
    story = a_story(session, capability={"capacity_kg_per_month": 200.0})
    vienna = an_enterprise(
        session,
        name="Taschnerei",
        place=a_place("Wien"),
        service_point_id=story.company.service_point_id,
    )
    story.other = a_capability(
        session, vienna, place=a_place("Wien"), capacity_kg_per_month=300.0, service_radius_km=80.0
    )
    return story


def matched(session, *listings):
    match_listings(session, [one.id for one in listings], as_of=TODAY, now=NOW)


def pairs_of(session, found, actor):
    rows = proposals_of(session, found.pairings, actor=actor)
    return {(p.listing_id, p.capability_id): round(share, 3) for p, share in rows}


# the plan


def test_both_are_placed_although_both_would_like_the_nearer_one(session, region):
    heavy = a_listing(session, region.company, mass_kg=260.0, quantity=260.0)
    matched(session, region.listing, heavy)
    found = best_plan(session, actor=region.maria, today=TODAY)
    assert pairs_of(session, found, region.maria) == {
        (region.listing.id, region.capability.id): 1.0,
        (heavy.id, region.other.id): 1.0,
    }
    best = found.figures[Method.BEST]
    assert (best.listings, best.pairings) == (2, 2)
    assert best.kg == pytest.approx(440.0)
    assert found.certain == pytest.approx(1.0)
    assert (found.listings, found.too_large, found.as_of) == (2, 0, TODAY)


def test_first_come_first_served_places_less(session, region):
    late = a_listing(
        session, region.company, place=a_place("Wiener Neustadt"), mass_kg=200.0, quantity=200.0
    )
    region.other.capacity_kg_per_month = 190.0
    matched(session, region.listing, late)
    found = best_plan(session, actor=region.maria, today=TODAY)
    assert found.figures[Method.FIRST_COME].listings == 1
    assert found.figures[Method.BEST].listings == 2
    assert found.figures[Method.BEST].worth > found.figures[Method.FIRST_COME].worth
    assert all(f.worth <= found.bound + 1e-6 for f in found.figures.values())


def test_only_what_comes_again_is_split(session, region):
    large = a_listing(session, region.company, mass_kg=450.0, quantity=450.0)
    region.listing.state = "paused"
    matched(session, region.listing, large)
    found = best_plan(session, actor=region.maria, today=TODAY)
    assert found.pairings == []
    assert found.too_large == 1
    large.recurrence = Recurrence.MONTHLY
    session.flush()
    found = best_plan(session, actor=region.maria, today=TODAY)
    shares = pairs_of(session, found, region.maria)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert len(shares) == 2
    assert found.figures[Method.BEST].listings == 1


def test_open_orders_take_their_part(session, region):
    region.capability.committed_kg_per_month = 100.0
    region.other.committed_kg_per_month = 300.0
    session.flush()
    matched(session, region.listing)
    found = best_plan(session, actor=region.maria, today=TODAY)
    assert found.pairings == []
    assert found.too_large == 1


def test_figures_of_tonnes_kilometres_and_co2e(session, region):
    aluminium = a_listing(
        session, region.company, material_code="metal.aluminium", mass_kg=50.0, quantity=50.0
    )
    region.capability.materials = ["tarpaulin", "metal"]
    matched(session, aluminium)
    region.listing.state = "paused"
    session.flush()
    figures = best_plan(session, actor=region.maria, today=TODAY).figures[Method.BEST]
    factor = plan.materials().get("metal.aluminium").factor_kg_co2e_per_kg
    assert factor
    assert figures.co2e_kg == pytest.approx(50.0 * factor)
    assert figures.km == pytest.approx(21.1, abs=0.1)


def test_a_plan_rests_on_what_the_broker_may_decide(session, region):
    elsewhere = a_broker_of(a_service_point(session))
    assert best_plan(session, actor=elsewhere, today=TODAY).proposals == 0
    assert best_plan(session, actor=elsewhere, today=TODAY).certain == 1.0
    assert best_plan(session, actor=AGENCY, today=TODAY).proposals == 1
    found = best_plan(session, actor=region.maria, today=TODAY)
    assert proposals_of(session, found.pairings, actor=elsewhere) == []


def test_what_a_plan_rests_on_has_a_state(session, region):
    before = state_of(session, actor=region.maria)
    assert state_of(session, actor=region.maria) == before
    draft_from(session, region.proposal, actor=region.maria, now=NOW)
    session.flush()
    after = state_of(session, actor=region.maria)
    assert after != before
    assert best_plan(session, actor=region.maria, today=TODAY).pairings == []


# pools


@pytest.fixture
def small(session):
    """Three offices with a little felt each; Filzwerk takes 100 kg at least."""
    point = a_service_point(session)
    enterprise = an_enterprise(session, name="Filzwerk", service_point_id=point.id)
    able = a_capability(
        session, enterprise, materials=["textile.felt"], min_batch_kg=100.0, techniques=[]
    )
    company = a_company(session, service_point_id=point.id)
    listings = [
        a_listing(
            session, company, material_code="textile.felt.wool", mass_kg=40.0, place=a_place(town)
        )
        for town in ("Eisenstadt", "Mattersburg", "Neunkirchen")
    ]
    return a_broker_of(point), able, listings


def pools_of(session, actor):
    return pools.pools(session, actor=actor, today=TODAY)


def test_three_small_amounts_reach_the_smallest_batch(session, small):
    maria, able, listings = small
    matched(session, *listings)
    assert session.query(Proposal).count() == 0, "each alone is below the smallest batch"
    (found,) = pools_of(session, maria)
    assert found.capability_id == able.id
    assert set(found.listing_ids) == {one.id for one in listings}
    assert (found.kg, found.min_batch_kg, found.free_kg) == (120.0, 100.0, None)
    assert found.material == "textile.felt"
    assert (found.first_day, found.last_day) == (TODAY, None)


def test_other_material_too_far_or_enough_alone_is_no_part_of_it(session, small):
    maria, _, listings = small
    for changes in (
        {"material_code": "glass"},
        {"mass_kg": 100.0},
        {"latitude": 46.6, "longitude": 14.3},
        {"state": "paused"},
        {"available_until": date(2026, 11, 22)},
        {"mass_kg": None},
    ):
        before = {name: getattr(listings[0], name) for name in changes}
        for values, expected in ((changes, []), (before, [120.0])):
            for name, value in values.items():
                setattr(listings[0], name, value)
            session.flush()
            assert [pool.kg for pool in pools_of(session, maria)] == expected, changes


def test_a_refused_pair_is_not_pooled(session, small):
    maria, able, listings = small
    able.min_batch_kg = None
    session.flush()
    matched(session, listings[0])
    proposal = session.query(Proposal).one()
    refuse(session, proposal, RefusalReason.QUALITY, "", actor=maria, now=NOW)
    able.min_batch_kg = 100.0
    session.flush()
    assert pools_of(session, maria) == []


def test_a_free_capacity_is_filled_and_not_overfilled(session, small):
    maria, able, _listings = small
    able.min_batch_kg, able.capacity_kg_per_month = None, 80.0
    session.flush()
    (found,) = pools_of(session, maria)
    assert (found.kg, found.free_kg) == (80.0, 80.0)
    assert len(found.listing_ids) == 2
    able.committed_kg_per_month = 30.0
    session.flush()
    assert pools_of(session, maria) == []


def test_the_tour_is_shorter_than_separate_trips(session, small):
    maria, _able, listings = small
    (tour,) = pools.rounds(session, pools_of(session, maria), Distances(), actor=maria)
    assert tour.km < tour.separate_km
    assert tour.km == pytest.approx(sum(stop.km for stop in tour.stops) + tour.back_km)
    assert {stop.listing.id for stop in tour.stops} == {one.id for one in listings}
    assert all(stop.exact for stop in tour.stops)
    assert not tour.by_road


def test_exact_places_are_for_the_brokers_of_their_service_point(session, small):
    maria, able, _listings = small
    neighbour = a_service_point(session)
    able.organisation_id = an_enterprise(session, service_point_id=neighbour.id).id
    session.flush()
    session.expire_all()
    sepp, stranger = a_broker_of(neighbour), a_broker_of(a_service_point(session))
    assert pools_of(session, stranger) == []
    (hers,) = pools.rounds(session, pools_of(session, maria), Distances(), actor=maria)
    assert (hers.base_exact, hers.base.latitude) == (False, able.public_latitude)
    (his,) = pools.rounds(session, pools_of(session, sepp), Distances(), actor=sepp)
    assert (his.base_exact, his.base.latitude) == (True, able.latitude)
    assert {(s.exact, s.at.latitude == s.listing.public_latitude) for s in his.stops} == {
        (False, True)
    }


def test_a_pool_is_found_again_by_its_parts(session, small):
    maria, able, listings = small
    keys = {one.id for one in listings}
    assert pools.find(session, able.id, keys, actor=maria, today=TODAY).kg == 120.0
    stranger = a_broker_of(a_service_point(session))
    for capability_id, listing_ids, actor in (
        (able.id, keys, stranger),
        (able.id, keys - {listings[0].id}, maria),
        (able.id + 1, keys, maria),
        (able.id, set(), maria),
    ):
        with pytest.raises(NotFound):
            pools.find(session, capability_id, listing_ids, actor=actor, today=TODAY)


# chains


@pytest.fixture
def workshops(session):
    """Sorting in Wiener Neustadt, sewing in Baden; one listing asks for both, in this order."""
    point = a_service_point(session)
    sorting = a_capability(
        session,
        an_enterprise(session, name="Sortierwerk", service_point_id=point.id),
        techniques=["sorting"],
        materials=["textile"],
    )
    sewing = a_capability(
        session,
        an_enterprise(session, name="Nähstube"),
        techniques=["sewing"],
        materials=[],
        place=a_place("Baden"),
    )
    listing = a_listing(
        session,
        a_company(session, service_point_id=point.id),
        kind=Kind.PRODUCTION_STEP,
        material_code="textile",
        techniques=["sorting", "sewing"],
    )
    return a_broker_of(point), listing, sorting, sewing


def chains_of(session, actor):
    return chains.chains(session, actor=actor, today=TODAY)


def test_sort_then_sew(session, workshops):
    maria, listing, sorting, sewing = workshops
    (found,) = chains_of(session, maria)
    assert found.listing_id == listing.id
    assert [(s.capability_id, s.techniques) for s in found.steps] == [
        (sorting.id, ["sorting"]),
        (sewing.id, ["sewing"]),
    ]
    assert found.km == pytest.approx(found.steps[0].km + found.steps[1].km)
    assert found.steps[0].km == pytest.approx(21.1, abs=0.1)
    assert 0 < found.score < 1
    listings, capabilities = chains.loaded(session, [found])
    assert listings[listing.id].title == listing.title
    assert capabilities[sewing.id].organisation.name == "Nähstube"


def test_the_first_keeps_every_rule_and_the_next_only_some(session, workshops):
    maria, listing, sorting, sewing = workshops
    sewing.min_batch_kg, sewing.conditions = 9000.0, ["new"]
    session.flush()
    assert len(chains_of(session, maria)) == 1, "what follows takes what it is handed"
    for thing, changes in (
        (sorting, {"min_batch_kg": 9000.0}),
        (sorting, {"materials": ["glass"]}),
        (sorting, {"service_radius_km": 5.0}),
        (sorting, {"available_until": date(2026, 11, 1)}),
        (sewing, {"techniques": ["printing"]}),
        (sewing, {"state": "paused"}),
        (sewing, {"service_radius_km": 5.0}),
        (sewing, {"available_until": date(2026, 11, 1)}),
        (listing, {"hazardous": True}),
        (listing, {"techniques": ["sewing", "sorting"]}),
        (listing, {"techniques": ["sorting"]}),
    ):
        before = {name: getattr(thing, name) for name in changes}
        for values, expected in ((changes, 0), (before, 1)):
            for name, value in values.items():
                setattr(thing, name, value)
            session.flush()
            assert len(chains_of(session, maria)) == expected, changes


def test_the_next_one_serves_the_base_before_it_by_area_too(session, workshops):
    maria, _, _sorting, sewing = workshops
    sewing.service_radius_km = None
    for west, expected in ((16.0, 1), (16.5, 0)):
        sewing.service_area = (
            f'{{"type":"Polygon","coordinates":[[[{west},47.5],[17,47.5],[17,48.1],'
            f"[{west},48.1],[{west},47.5]]]}}"
        )
        session.flush()
        assert len(chains_of(session, maria)) == expected


def test_who_has_a_proposal_or_was_refused_gets_no_chain(session, workshops):
    maria, listing, _sorting, sewing = workshops
    sewing.techniques, sewing.materials = ["sewing", "sorting"], ["textile"]
    session.flush()
    matched(session, listing)
    proposal = session.query(Proposal).one()
    assert chains_of(session, maria) == []
    refuse(session, proposal, RefusalReason.QUALITY, "", actor=AGENCY, now=NOW)
    session.flush()
    assert proposal.state is ProposalState.REFUSED
    assert chains_of(session, maria) == [], "the pair was refused, whatever the part"


def test_chains_are_for_those_who_look_after_the_listing(session, workshops):
    assert chains_of(session, a_broker_of(a_service_point(session))) == []
    assert len(chains_of(session, AGENCY)) == 1
