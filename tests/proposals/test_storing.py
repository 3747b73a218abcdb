"""What stands is told from what was found by sums first: nothing may hide behind them."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from marketplace.capabilities.models import Capability
from marketplace.core.outbox import OutboxRow
from marketplace.proposals import storing
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import Proposal
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_place,
    a_service_point,
    an_enterprise,
)

TODAY = NOW.date()
LATER = NOW + timedelta(hours=1)
TOWNS = ("Eisenstadt", "Wiener Neustadt", "Mattersburg", "Baden")


def a_market(session, towns=TOWNS):
    """One listing, and an enterprise in each of the towns."""
    listing = a_listing(session, a_company(session))
    for town in towns:
        a_capability(session, an_enterprise(session), place=a_place(town))
    match_all(session, as_of=TODAY, now=NOW)
    return listing


def stored(session):
    session.expire_all()
    return {p.capability_id: p for p in session.scalars(select(Proposal))}


def contents(session):
    session.expire_all()
    return session.execute(select(Proposal.__table__).order_by(Proposal.id)).all()


def spoil(session, key, **values):
    session.execute(update(Proposal).where(Proposal.capability_id == key).values(**values))


@pytest.mark.parametrize("name", storing.VALUES)
def test_the_smallest_difference_is_found_and_mended(session, name):
    a_market(session)
    before = contents(session)
    for key, proposal in stored(session).items():
        value, step = getattr(proposal, name), 3e-9
        if name in ("rank", "weights_version"):
            step = 1
        elif value > 0.5:
            step = -step
        spoil(session, key, **{name: value + step})
        changes = match_all(session, as_of=TODAY, now=LATER)
        assert (changes.made, changes.refreshed, changes.expired) == (0, 1, 0)
        assert contents(session) == before


def test_less_than_the_rounding_is_no_difference(session):
    a_market(session)
    key, proposal = next(iter(stored(session).items()))
    spoil(session, key, score=proposal.score - 5e-10)
    before = contents(session)
    changes = match_all(session, as_of=TODAY, now=LATER)
    assert (changes.refreshed, contents(session)) == (0, before)


def test_alike_ones_in_each_other_s_place_are_found(session):
    """Three in one town say the same but for their rank: every order but the right one is mended."""
    a_listing(session, a_company(session))
    workshop = an_enterprise(session)
    keys = [a_capability(session, workshop, ref=ref).id for ref in "CAB"]
    match_all(session, as_of=TODAY, now=NOW)
    right = (3, 1, 2)
    for order in set(permutations(right)) - {right}:
        for key, rank in zip(keys, order, strict=True):
            spoil(session, key, rank=rank)
        wrong = sum(rank != place for rank, place in zip(order, right, strict=True))
        assert match_all(session, as_of=TODAY, now=LATER).refreshed == wrong
        assert [stored(session)[key].rank for key in keys] == list(right)


def test_what_a_broker_decides_while_others_match_is_left_alone(session, monkeypatch):
    a_market(session, [*TOWNS, "Baden"])
    accepted, refused, kept, gone, gone_accepted = stored(session)
    known = storing._known

    def then_the_broker_decides(*args):
        found = known(*args)
        spoil(session, accepted, state=ProposalState.ACCEPTED)
        spoil(session, gone_accepted, state=ProposalState.ACCEPTED)
        spoil(session, refused, state=ProposalState.REFUSED, reason="price")
        spoil(session, kept, state=ProposalState.SHORTLISTED)
        return found

    monkeypatch.setattr(storing, "_known", then_the_broker_decides)
    session.execute(update(Capability).values(capacity_kg_per_month=1.0))
    paused = Capability.id.in_([gone, gone_accepted])
    session.execute(update(Capability).where(paused).values(state="paused"))
    before = {key: p.score for key, p in stored(session).items()}
    match_all(session, as_of=TODAY, now=LATER)
    after = stored(session)
    assert {key: p.state for key, p in after.items()} == {
        accepted: ProposalState.ACCEPTED,
        refused: ProposalState.REFUSED,
        kept: ProposalState.SHORTLISTED,
        gone: ProposalState.EXPIRED,
        gone_accepted: ProposalState.ACCEPTED,
    }
    assert (after[accepted].score, after[refused].score) == (before[accepted], before[refused])
    assert after[kept].score < before[kept]


def test_one_that_comes_back_keeps_when_it_was_first_proposed(session):
    listing = a_market(session)
    key = next(iter(stored(session)))
    version = stored(session)[key].version
    pause = update(Capability).where(Capability.id == key)
    session.execute(pause.values(state="paused"))
    assert match_all(session, as_of=TODAY, now=LATER).expired == 1
    gone = stored(session)[key]
    assert (gone.state, gone.version) == (ProposalState.EXPIRED, version + 1)
    session.execute(pause.values(state="active"))
    changes = match_all(session, as_of=TODAY + timedelta(days=1), now=LATER)
    assert (changes.made, changes.refreshed, changes.expired) == (0, len(TOWNS), 0)
    back = stored(session)[key]
    assert (back.state, back.first_proposed_at) == (ProposalState.PROPOSED, NOW)
    assert back.as_of == TODAY + timedelta(days=1)
    told = (
        select(OutboxRow.payload).where(OutboxRow.kind == "ProposalsFound").order_by(OutboxRow.id)
    )
    assert session.scalars(told).all() == [
        {"listing_id": listing.id, "count": len(TOWNS)},
        {"listing_id": listing.id, "count": 1},
    ]


def test_the_day_of_what_was_decided_stays(session):
    a_market(session)
    key = next(iter(stored(session)))
    spoil(session, key, state=ProposalState.ACCEPTED)
    match_all(session, as_of=TODAY + timedelta(days=1), now=LATER)
    days = {k: p.as_of for k, p in stored(session).items()}
    assert days.pop(key) == TODAY
    assert set(days.values()) == {TODAY + timedelta(days=1)}


def test_a_new_proposal_has_the_defaults_of_its_table(session):
    point = a_service_point(session)
    listing = a_listing(session, a_company(session, service_point_id=point.id))
    a_capability(session, an_enterprise(session))
    match_all(session, as_of=TODAY, now=NOW)
    proposal = session.scalars(select(Proposal)).one()
    assert (proposal.state, proposal.note, proposal.version) == (ProposalState.PROPOSED, "", 1)
    assert (proposal.correction, proposal.reason, proposal.decided_at) == (0.0, None, None)
    assert (proposal.as_of, proposal.first_proposed_at) == (TODAY, NOW)
    assert (proposal.listing_id, proposal.listing_service_point_id) == (listing.id, point.id)
    fact = session.scalars(select(OutboxRow)).one()
    assert (fact.recorded_at, fact.due_at, fact.attempts, fact.done_at) == (NOW, NOW, 0, None)
