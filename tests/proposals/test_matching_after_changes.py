"""Online equals bulk: after any order of changes the proposals are those of a match from nothing."""

import random
from datetime import date

import pytest
from sqlalchemy import select

from marketplace.capabilities.models import Capability, CapabilityNode, CapabilityState
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.proposals import matches, near
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.matches import (
    listings_touched_by,
    match_all,
    match_listings,
)
from marketplace.proposals.models import COMPONENTS, Proposal
from tests.builders import NOW, a_capability, a_company, a_listing, a_place, an_enterprise

TODAY = NOW.date()
TOWNS = (
    "Eisenstadt",
    "Wiener Neustadt",
    "Graz",
    "Linz",
    "Wien",
    "Oberwart",
    "Mattersburg",
    "Baden",
)
MATERIALS = ("tarpaulin", "textile", "textile.felt", "wood", "plastic")
TECHNIQUES = ("sewing", "sorting", "woodwork")
AREA = '{"type":"Polygon","coordinates":[[[16.0,47.4],[17.0,47.4],[17.0,48.3],[16.0,48.3],[16.0,47.4]]]}'


def a_place_somewhere(dice):
    place = a_place(dice.choice(TOWNS))
    return a_place(
        place.city,
        latitude=place.exact.latitude + dice.gauss(0, 0.1),
        longitude=place.exact.longitude + dice.gauss(0, 0.1),
    )


def some_listing(session, company, dice):
    kind = dice.choice(list(Kind))
    return a_listing(
        session,
        company,
        place=a_place_somewhere(dice),
        kind=kind,
        material_code=dice.choice(MATERIALS)
        if kind is Kind.RESIDUAL or dice.random() < 0.5
        else None,
        techniques=dice.sample(TECHNIQUES, 0 if kind is Kind.RESIDUAL else dice.randint(1, 2)),
    )


def some_capability(session, enterprise, dice):
    reach = {"service_radius_km": dice.choice([0.0, 8.0, 30.0, 90.0, 700.0])}
    if dice.random() < 0.25:
        reach = {"service_radius_km": None, "service_area": AREA}
    return a_capability(
        session,
        enterprise,
        place=a_place_somewhere(dice),
        materials=dice.sample(MATERIALS, dice.randint(0, 3)),
        techniques=dice.sample(TECHNIQUES, dice.randint(0, 3)),
        capacity_kg_per_month=dice.choice([None, 50.0, 500.0]),
        **reach,
    )


def live(session):
    session.expire_all()
    rows = session.scalars(select(Proposal).where(Proposal.state.in_(LIVE)))
    return {
        (p.listing_id, p.capability_id): (
            p.rank,
            p.score,
            p.distance_km,
            *(getattr(p, c) for c in COMPONENTS),
        )
        for p in rows
    }


def online(session, listings=(), capabilities=()):
    """What the worker does for changes of these."""
    touched = set(listings) | set(listings_touched_by(session, list(capabilities), as_of=TODAY))
    match_listings(session, sorted(touched), as_of=TODAY, now=NOW)


def change_something(session, dice):
    listings = session.scalars(select(Listing)).all()
    capabilities = session.scalars(select(Capability)).all()
    listing, capability = dice.choice(listings), dice.choice(capabilities)
    match dice.randrange(6):
        case 0:
            listing.state = dice.choice([ListingState.PUBLISHED, ListingState.PAUSED])
        case 1:
            listing.move_to(a_place_somewhere(dice))
        case 2:
            capability.state = dice.choice([CapabilityState.ACTIVE, CapabilityState.PAUSED])
        case 3:
            capability.move_to(a_place_somewhere(dice))
        case 4:
            capability.materials = dice.sample(MATERIALS, dice.randint(0, 3))
        case 5:
            capability.service_radius_km, capability.service_area = dice.choice(
                [(5.0, None), (60.0, None), (None, AREA)]
            )
    session.flush()
    online(session, [listing.id], [capability.id])


@pytest.mark.parametrize("seed", range(4))
def test_after_any_order_of_changes(session, seed, monkeypatch):
    dice = random.Random(seed)
    monkeypatch.setattr(near, "FIRST", dice.choice([1, 3, 200]))
    company = a_company(session)
    for _ in range(25):
        some_listing(session, company, dice)
    enterprises = [an_enterprise(session, open_orders=dice.randrange(3)) for _ in range(6)]
    for n in range(60):
        some_capability(session, enterprises[n % 6], dice)
    match_all(session, as_of=TODAY, now=NOW)
    assert len(live(session)) > 40
    for _ in range(25):
        change_something(session, dice)
    by_changes = live(session)
    for proposal in session.scalars(select(Proposal)):
        session.delete(proposal)
    session.flush()
    match_all(session, as_of=TODAY, now=NOW)
    from_nothing = live(session)
    assert by_changes.keys() == from_nothing.keys()
    for pair, found in from_nothing.items():
        assert by_changes[pair] == pytest.approx(found, abs=1e-9, rel=0)


def test_one_by_one_gives_what_all_at_once_gives(session, monkeypatch):
    dice = random.Random(9)
    company = a_company(session)
    ids = [some_listing(session, company, dice).id for _ in range(30)]
    enterprise = an_enterprise(session)
    for _ in range(40):
        some_capability(session, enterprise, dice)
    match_listings(session, ids, as_of=TODAY, now=NOW)
    one_by_one = live(session)
    monkeypatch.setattr(matches, "AT_ONCE_FROM", 1)
    changes = match_listings(session, ids, as_of=TODAY, now=NOW)
    assert (changes.made, changes.refreshed, changes.expired) == (0, 0, 0)
    assert len(one_by_one) > 20
    assert live(session) == one_by_one


def test_a_listing_that_has_better_ones_is_not_touched(session):
    company, best = a_company(session), an_enterprise(session)
    listing = a_listing(session, company)
    for _ in range(10):
        a_capability(session, best, place=a_place("Eisenstadt"))
    match_all(session, as_of=TODAY, now=NOW)
    busy = an_enterprise(session, open_orders=9)
    worse = a_capability(session, busy, place=a_place("Baden"))
    assert listings_touched_by(session, [worse.id], as_of=TODAY) == []
    better = a_capability(session, an_enterprise(session), place=a_place("Eisenstadt"))
    assert listings_touched_by(session, [better.id], as_of=TODAY) == [listing.id]
    assert listings_touched_by(session, [worse.id], as_of=date(2026, 12, 24)) == [listing.id]


def test_what_a_capability_takes_is_kept_in_step(session):
    capability = a_capability(session, an_enterprise(session))

    def nodes():
        rows = session.scalars(
            select(CapabilityNode).where(CapabilityNode.capability_id == capability.id)
        )
        return {(n.node, n.band, round(n.reach_km)) for n in rows}

    band = capability.band
    assert nodes() == {("tarpaulin", band, 60), ("~sewing", band, 60)}
    capability.materials = ["wood", "wood"]
    capability.service_radius_km = 10.0
    session.flush()
    assert nodes() == {("wood", band, 10), ("~sewing", band, 10)}
    capability.move_to(a_place("Graz"))
    session.flush()
    assert nodes() == {("wood", capability.band, 10), ("~sewing", capability.band, 10)}
    assert capability.band != band


def test_a_refused_pair_stays_out_online(session):
    listing = a_listing(session, a_company(session))
    capability = a_capability(session, an_enterprise(session))
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    proposal = session.scalars(select(Proposal)).one()
    proposal.state, proposal.reason = ProposalState.REFUSED, "distance"
    proposal.listing_revision, proposal.capability_revision = listing.revision, capability.revision
    session.flush()
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    assert live(session) == {}
