"""What stands in a pair's way, and the smallest change that lets it in."""

from datetime import date

from marketplace.matching.kinds import Rule
from marketplace.proposals import preview
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_place,
    an_enterprise,
)

TODAY = NOW.date()


def test_the_least_effort_comes_before_the_nearest(session):
    listing = a_listing(session, a_company(session), place=a_place("Eisenstadt"))
    workshop = an_enterprise(session)
    wood = a_capability(session, workshop, place=a_place("Eisenstadt"), materials=["wood"])
    far = a_capability(session, workshop, place=a_place("Wien"), service_radius_km=30.0)
    found = preview.obstacles(session, listing, today=TODAY)
    assert [o.capability.id for o in found] == [far.id, wood.id]
    assert found[0].out.rules == (Rule.PLACE,)
    assert 0 < found[0].out.facts[Rule.PLACE]["beyond_km"] < 30


def test_a_batch_that_is_too_small_names_how_many_make_it_enough(session):
    company = a_company(session)
    listing = a_listing(session, company, mass_kg=20.0)
    a_capability(session, an_enterprise(session), min_batch_kg=100.0)
    (alone,) = preview.obstacles(session, listing, today=TODAY)
    assert alone.out.facts[Rule.BATCH] == {"mass_kg": 20.0, "least_kg": 100.0, "missing_kg": 80.0}
    for town, kg in (("Eisenstadt", 50.0), ("Mattersburg", 30.0), ("Graz", 900.0)):
        a_listing(session, company, place=a_place(town), mass_kg=kg)
    (pooled,) = preview.obstacles(session, listing, today=TODAY)
    assert pooled.out.facts[Rule.BATCH]["pool_with"] == 2


def test_nobody_anywhere_near_is_looked_for_farther_off(session):
    listing = a_listing(session, a_company(session))
    there = a_place("Innsbruck")
    lone = a_capability(session, an_enterprise(session), place=there, service_radius_km=10.0)
    (found,) = preview.obstacles(session, listing, today=TODAY)
    assert found.capability.id == lone.id
    assert found.out.distance_km > 300


def test_a_workshop_hears_what_one_change_would_bring(session):
    company = a_company(session)
    fits = a_listing(session, company)
    small = a_listing(session, company, mass_kg=20.0)
    late = a_listing(session, company, available_from=date(2027, 3, 1))
    a_listing(session, company, mass_kg=20.0, available_from=date(2027, 3, 1))
    capability = a_capability(
        session, an_enterprise(session), min_batch_kg=100.0, available_until=date(2027, 1, 31)
    )
    found = preview.just_missed(session, capability, today=TODAY)
    assert {o.listing.id: o.out.rules for o in found} == {
        small.id: (Rule.BATCH,),
        late.id: (Rule.TIME,),
    }
    assert [f.listing.id for f in preview.best_for(session, capability, today=TODAY)] == [fits.id]


def test_others_are_shown_no_exact_place(session):
    exact = a_listing(session, a_company(session), place=a_place("Graz"))
    capability = a_capability(session, an_enterprise(session), service_radius_km=50.0)
    (missed,) = preview.just_missed(session, capability, today=TODAY)
    kept = missed.out.distance_km
    exact.latitude += 0.002
    exact.longitude += 0.002
    session.flush()
    (again,) = preview.just_missed(session, capability, today=TODAY)
    assert again.out.distance_km == kept
