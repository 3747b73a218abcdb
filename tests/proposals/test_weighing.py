"""New weights: what cannot stand, what is stored, what the worker does, and what would move."""

import math

import pytest
from sqlalchemy import select

from marketplace.core import audit
from marketplace.core.actor import Actor, Role
from marketplace.core.errors import Invalid, NotAllowed, Outrun
from marketplace.jobs import worker
from marketplace.matching.weights import Weights
from marketplace.proposals import versions
from marketplace.proposals.candidates import weights
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import MatchRun, Proposal, WeightsRow
from marketplace.proposals.versions import WeightsDraft, history, put_into_force
from marketplace.proposals.weighing import compare
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_place,
    actor_for,
    an_agency_person,
    an_enterprise,
)

TODAY = NOW.date()
NEAR = Weights(proximity=1, fit=0, capacity=0, timing=0, value=0, fairness=0)
FIT = Weights(proximity=0, fit=1, capacity=0, timing=0, value=0, fairness=0)


def draft(**changes):
    numbers = {name: getattr(Weights(), name) for name in versions.NUMBERS}
    return WeightsDraft(**numbers | {"comment": "Kürzere Wege."} | changes)


@pytest.fixture
def agnes(session):
    return actor_for(session, an_agency_person(session))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"fit": None}, "fit", "required"),
        ({"fit": math.nan}, "fit", "required"),
        ({"fit": -0.1}, "fit", "negative"),
        ({"fit": 1000.1}, "fit", "too_big"),
        ({"half_distance_km": 0.0}, "half_distance_km", "not_positive"),
        ({"half_distance_km": -3.0}, "half_distance_km", "not_positive"),
        ({"half_distance_km": 1e-9}, "half_distance_km", "not_positive"),
        ({"half_distance_km": 50_000.0}, "half_distance_km", "too_big"),
        (dict.fromkeys(versions.COMPONENTS, 0.0), "proximity", "weights_all_zero"),
        (dict.fromkeys(versions.COMPONENTS, 1e-9), "proximity", "weights_all_zero"),
        ({}, "", "weights_unchanged"),
        ({"fit": 0.5, "comment": " \n"}, "comment", "required"),
        ({"fit": 0.5, "comment": "x" * 201}, "comment", "too_long"),
    ],
)
def test_what_cannot_stand_is_refused(session, agnes, changes, field, code):
    with pytest.raises(Invalid) as refusal:
        put_into_force(session, draft(**changes), actor=agnes, now=NOW)
    assert [(p.field, p.code) for p in refusal.value.problems] == [(field, code)]
    assert session.scalars(select(WeightsRow)).all() == []


def test_only_the_agency_sets_weights(session):
    for roles in ({Role.BROKER}, {Role.COMPANY, Role.MANAGER}, set()):
        actor = Actor(user_id=1, service_point_id=1, roles=frozenset(roles))
        with pytest.raises(NotAllowed):
            put_into_force(session, draft(fit=0.5), actor=actor, now=NOW)


def test_a_new_version_is_in_force_on_record_and_everything_is_matched_anew(app, session, agnes):
    a_listing(session, a_company(session))
    a_capability(session, an_enterprise(session))
    match_all(session, as_of=TODAY, now=NOW)
    before = session.scalars(select(Proposal)).one().score
    row = put_into_force(session, draft(proximity=0.9), actor=agnes, now=NOW)
    assert weights(session) == Weights(proximity=0.9, version=2)
    (note,) = audit.trail(session, row)
    assert (note.action, note.user_id) == ("set_weights", agnes.user_id)
    assert (note.before["proximity"], note.after["proximity"]) == (0.35, 0.9)
    assert session.scalars(select(MatchRun)).all() == [], "the request itself matches nothing"
    session.commit()
    worker.work_off(app, clock=lambda: NOW)
    session.expire_all()
    proposal = session.scalars(select(Proposal)).one()
    assert proposal.weights_version == 2
    assert proposal.score != before
    assert session.scalars(select(MatchRun)).one().finished_at == NOW


def test_the_history_begins_with_what_the_marketplace_began_with(session, agnes):
    (first,) = history(session)
    assert (first.number, first.set_at, first.weights) == (1, None, Weights())
    put_into_force(session, draft(fit=0.5), actor=agnes, now=NOW)
    put_into_force(session, draft(fit=0.6, comment="Doch mehr."), actor=agnes, now=NOW)
    found = history(session)
    assert [version.number for version in found] == [3, 2, 1]
    assert (found[0].set_by, found[0].comment, found[0].set_at) == (
        "Agnes Agentur",
        "Doch mehr.",
        NOW,
    )


def test_whoever_stores_the_same_version_second_is_told(session, agnes, monkeypatch):
    put_into_force(session, draft(fit=0.5), actor=agnes, now=NOW)
    monkeypatch.setattr(versions, "weights", lambda session: Weights())
    with pytest.raises(Outrun):
        put_into_force(session, draft(fit=0.6), actor=agnes, now=NOW)
    assert weights(session).fit == 0.5


@pytest.fixture
def region(session):
    """Near takes tarpaulins as such, Far takes lorry tarpaulins themselves: near or fitting."""
    company = a_company(session)
    listings = [a_listing(session, company, material_code="tarpaulin.truck") for _ in range(3)]
    near = an_enterprise(session, name="Near", place=a_place("Eisenstadt"))
    far = an_enterprise(session, name="Far", place=a_place("Wien"))
    a_capability(session, near, place=a_place("Eisenstadt"))
    fits = ["tarpaulin.truck"]
    a_capability(session, far, place=a_place("Wien"), materials=fits, service_radius_km=80.0)
    return listings


def test_the_first_changes_with_what_counts(session, region):
    moves = compare(session, NEAR, FIT, as_of=TODAY)
    assert (moves.listings, moves.of, moves.other_first) == (3, 3, 3)
    assert (moves.entered, moves.left, moves.reranked) == (0, 0, 6)
    assert moves.km_before == pytest.approx(0, abs=0.001)
    assert 40 < moves.km_after < 50
    assert [mover.listing for mover in moves.movers] == region
    first = moves.movers[0]
    assert (first.before.organisation.name, first.after.organisation.name) == ("Near", "Far")
    assert (first.ranks, first.other_first) == (2, True)
    assert first.km_after == pytest.approx(moves.km_after)


def test_it_agrees_with_what_matching_stores(session, region):
    moves = compare(session, Weights(), FIT, as_of=TODAY)
    match_all(session, as_of=TODAY, now=NOW)
    firsts = select(Proposal.distance_km).where(Proposal.rank == 1)
    assert moves.km_before == pytest.approx(session.scalars(firsts).first())


def test_the_same_weights_in_other_numbers_move_nothing(session, region):
    doubled = Weights(0.7, 0.5, 0.3, 0.2, 0.2, 0.1)
    moves = compare(session, Weights(), doubled, as_of=TODAY)
    assert (moves.other_first, moves.entered, moves.left, moves.reranked) == (0, 0, 0, 0)
    assert moves.movers == []
    assert moves.km_before == moves.km_after


def test_pairs_enter_and_leave_the_first_ten(session, region):
    fits = {"materials": ["tarpaulin.truck"], "service_radius_km": 80.0}
    for _ in range(10):
        workshop = an_enterprise(session, place=a_place("Wien"))
        a_capability(session, workshop, place=a_place("Wien"), **fits)
    moves = compare(session, NEAR, FIT, as_of=TODAY)
    assert (moves.entered, moves.left) == (3, 3), "Near gives way, whoever was eleventh comes in"
    assert moves.movers[0].ranks == 10 + 10


def test_of_many_listings_some_are_drawn_evenly(session, region):
    moves = compare(session, NEAR, FIT, as_of=TODAY, most=2)
    assert (moves.listings, moves.of) == (2, 3)
    assert [m.listing for m in moves.movers] == [region[0], region[2]]


def test_nothing_published_moves_nothing(session):
    moves = compare(session, NEAR, FIT, as_of=TODAY)
    assert (moves.listings, moves.of, moves.movers) == (0, 0, [])
    assert math.isnan(moves.km_before)


def test_a_comparison_stores_nothing(session, region):
    compare(session, NEAR, FIT, as_of=TODAY)
    assert session.scalars(select(Proposal)).all() == []
    assert not session.dirty
    assert not session.new
