"""What a service point refused moves its own desk, is written once, and can be switched off."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.events import OrganisationChanged
from marketplace.accounts.models import ServicePoint
from marketplace.core import audit, outbox
from marketplace.core.actor import SYSTEM
from marketplace.core.errors import NotAllowed
from marketplace.core.outbox import OutboxRow
from marketplace.jobs import learning, worker
from marketplace.jobs.job import Job
from marketplace.listings.events import ListingChanged
from marketplace.proposals import actions, queries, relearning, runs
from marketplace.proposals.events import ProposalDecided
from marketplace.proposals.learning import SPAN
from marketplace.proposals.lifecycle import ProposalAction, ProposalState
from marketplace.proposals.matches import match_all, match_listings
from marketplace.proposals.models import Proposal, RefusalReason
from marketplace.proposals.queries import Filter
from marketplace.proposals.relearning import (
    notes,
    relearn,
    relearn_everything,
    switch_learning,
)
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_listing,
    a_place,
    a_service_point,
    actor_for,
)
from tests.orders.order_stories import TODAY, a_story


def clock():
    return NOW


@pytest.fixture
def story(session):
    """Koller's tarpaulins lie in Eisenstadt, 21 km from the sewing room; more in Wien and nearer by."""
    story = a_story(session)
    story.point = session.get(ServicePoint, story.company.service_point_id)
    story.far = offer(session, story.company, "Wien")
    story.near = offer(session, story.company, "Wiener Neustadt")
    story.other = a_company(session, name="Anderswo", service_point_id=a_service_point(session).id)
    story.elsewhere = offer(session, story.other, "Wien")
    return story


def offer(session, company, town):
    listing = a_listing(session, company, place=a_place(town))
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    return session.scalars(select(Proposal).where(Proposal.listing_id == listing.id)).one()


def refuse(session, story, reason=RefusalReason.DISTANCE, proposal=None, now=NOW):
    actions.refuse(session, proposal or story.proposal, reason, "", actor=story.maria, now=now)


def correction(session, proposal):
    return session.scalar(select(Proposal.correction).where(Proposal.id == proposal.id))


def waiting(session, kind):
    open_rows = select(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.done_at.is_(None))
    return session.scalars(open_rows.order_by(OutboxRow.id)).all()


def test_a_refusal_for_distance_moves_what_is_farther_and_nothing_else(app, session, story):
    refuse(session, story)
    session.commit()
    assert correction(session, story.far) == 0, "the request itself only takes note"
    worker.work_off(app, clock=clock)
    assert correction(session, story.far) == -1.0
    assert correction(session, story.near) == 0
    assert correction(session, story.elsewhere) == 0, "another service point decides for itself"
    assert correction(session, story.proposal) == 0, "what is decided waits for nothing"


@pytest.mark.parametrize(
    "reason", [RefusalReason.OTHER, RefusalReason.PLACED_ELSEWHERE], ids=lambda r: r.value
)
def test_reasons_that_say_nothing_of_the_next_pair_teach_nothing(session, story, reason):
    refuse(session, story, reason)
    assert relearn(session, story.point.id, now=NOW) == 0


def test_a_refusal_for_price_moves_the_family(session, story):
    wood = a_listing(session, story.company, material_code="wood")
    story.capability.materials = ["tarpaulin", "wood"]
    session.flush()
    match_listings(session, [wood.id], as_of=TODAY, now=NOW)
    refuse(session, story, RefusalReason.PRICE)
    relearn(session, story.point.id, now=NOW)
    assert [correction(session, p) for p in (story.far, story.near)] == [-1.0, -1.0]
    of_wood = session.scalars(select(Proposal).where(Proposal.listing_id == wood.id)).one()
    assert correction(session, of_wood) == 0


def test_an_acceptance_farther_away_speaks_against_it(session, story):
    farther = offer(session, story.company, "Wien")
    refuse(session, story)
    actions.move(session, farther, ProposalAction.ACCEPT, actor=story.maria, now=NOW)
    relearn(session, story.point.id, now=NOW)
    assert correction(session, story.far) == -0.8
    actions.withdraw(session, farther, "", actor=story.maria, now=NOW)
    assert len(waiting(session, "ProposalDecided")) == 3
    relearn(session, story.point.id, now=NOW)
    assert correction(session, story.far) == -1.0


def test_evidence_is_forgotten_after_a_year(session, story):
    refuse(session, story, now=NOW - SPAN)
    relearn(session, story.point.id, now=NOW)
    assert correction(session, story.far) == -1.0
    assert relearn_everything(session, now=NOW + timedelta(seconds=1)) == 1
    assert correction(session, story.far) == 0


def test_only_what_differs_is_written_and_no_broker_is_outrun(session, story):
    refuse(session, story)
    before = story.far.version
    assert relearn(session, story.point.id, now=NOW) == 1
    assert relearn(session, story.point.id, now=NOW) == 0
    session.refresh(story.far)
    assert story.far.version == before


def test_the_size_of_what_is_read_and_written_at_once_does_not_matter(session, story, monkeypatch):
    monkeypatch.setattr(relearning, "BLOCK", 1)
    monkeypatch.setattr(relearning, "AT_ONCE", 1)
    farther = offer(session, story.company, "Wien")
    refuse(session, story)
    assert relearn(session, story.point.id, now=NOW) == 2
    assert [correction(session, p) for p in (story.far, farther, story.near)] == [-1.0, -1.0, 0]


def test_what_gets_decided_loses_its_correction(session, story):
    refuse(session, story)
    relearn(session, story.point.id, now=NOW)
    refuse(session, story, proposal=story.far)
    relearn(session, story.point.id, now=NOW)
    assert correction(session, story.far) == 0


def test_switched_off_is_nothing_anywhere_and_on_again_as_before(app, session, story):
    refuse(session, story)
    relearn(session, story.point.id, now=NOW)
    switch_learning(session, story.point, False, actor=story.maria, now=NOW)
    switch_learning(session, story.point, False, actor=story.maria, now=NOW)
    session.commit()
    worker.work_off(app, clock=clock)
    assert set(session.scalars(select(Proposal.correction))) == {0.0}
    assert notes(session, [story.far], now=NOW) == {}
    (row,) = audit.trail(session, story.point)
    assert (row.action, row.user_id) == ("switch_learning", story.maria.user_id)
    assert row.before == {"learns_from_refusals": True}
    assert row.after == {"learns_from_refusals": False}
    switch_learning(session, story.point, True, actor=SYSTEM, now=NOW)
    session.commit()
    worker.work_off(app, clock=clock)
    assert correction(session, story.far) == -1.0


def test_only_its_own_brokers_and_the_agency_switch(session, story):
    stranger = actor_for(session, a_broker(session))
    for actor in (stranger, story.andrea, story.emre):
        with pytest.raises(NotAllowed):
            switch_learning(session, story.point, False, actor=actor, now=NOW)
    assert story.point.learns_from_refusals


def test_new_proposals_take_their_place_at_once(app, session, story):
    refuse(session, story)
    session.execute(update(OutboxRow).values(done_at=NOW))
    fresh = a_listing(session, story.company, place=a_place("Wien"))
    outbox.record(session, ListingChanged(fresh.id), now=NOW)
    session.commit()
    worker.work_one(app, clock=clock)
    session.expire_all()
    of_fresh = session.scalars(select(Proposal).where(Proposal.listing_id == fresh.id)).one()
    assert of_fresh.correction == -1.0


def test_several_decisions_in_a_row_are_learned_from_once(session, story, monkeypatch):
    learned = []
    monkeypatch.setattr(learning, "relearn", lambda session, key, now: learned.append(key))
    for proposal in (story.proposal, story.near):
        refuse(session, story, proposal=proposal)
    outbox.record(session, ProposalDecided(story.other.service_point_id), now=NOW)
    session.flush()
    for row in waiting(session, "ProposalDecided"):
        learning.evidence_changed(session, Job(row.id, NOW, TODAY), **row.payload)
    assert learned == [story.point.id, story.other.service_point_id]


def test_a_fact_that_somebody_works_on_already_does_not_count_as_to_come(session, story):
    for proposal in (story.proposal, story.near):
        refuse(session, story, proposal=proposal)
    session.flush()
    first, second = waiting(session, "ProposalDecided")
    assert outbox.comes_again(session, first.id)
    assert not outbox.comes_again(session, second.id)
    second.leased_until = NOW
    session.flush()
    assert not outbox.comes_again(session, first.id)


def test_a_run_over_everything_ends_with_learning_once(app, session, story):
    refuse(session, story)
    session.execute(update(OutboxRow).values(done_at=NOW))
    runs.start(session, as_of=TODAY, now=NOW, size=1)
    session.commit()
    worker.work_off(app, clock=clock)
    session.expire_all()
    assert correction(session, story.far) == -1.0
    rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "MatchRunFinished")).all()
    assert len(rows) == 1


def test_an_organisation_that_changes_hands_takes_its_decisions_along(app, session, story):
    refuse(session, story)
    relearn(session, story.point.id, now=NOW)
    new = story.other.service_point_id
    story.company.service_point_id = new
    outbox.record(session, OrganisationChanged(story.company.id), now=NOW)
    session.commit()
    worker.work_off(app, clock=clock)
    assert correction(session, story.far) == -1.0
    assert correction(session, story.elsewhere) == -1.0, "the new desk has seen a refusal now"


def test_the_order_at_the_desk_follows_and_the_score_stays(session, story):
    refuse(session, story)
    score = story.far.score
    assert score == story.elsewhere.score
    session.execute(update(Proposal).where(Proposal.id == story.far.id).values(correction=-0.5))
    session.expire_all()
    rows, _ = queries.board(session, Filter(), actor=story.maria)
    assert rows == [story.near, story.elsewhere, story.far]
    assert story.far.score == score
    assert story.far.points == pytest.approx(100 * score - 0.5)
    assert queries.most_corrected(session, story.point.id, actor=story.maria, most=5) == [story.far]
    assert queries.most_corrected(session, story.point.id, actor=story.andrea, most=5) == []


def test_a_note_says_what_it_rests_on(session, story):
    refuse(session, story)
    relearn(session, story.point.id, now=NOW)
    session.refresh(story.far, ["listing"])
    session.refresh(story.near, ["listing"])
    told = notes(session, [story.far, story.near], now=NOW)
    (note,) = told.pop(story.far.id)
    assert (note.reason, note.points) == (RefusalReason.DISTANCE, -1.0)
    assert (note.against, note.in_favour) == (1, 0)
    assert told == {}


@pytest.mark.parametrize("value", [0.1, -10.1])
def test_the_database_holds_the_bounds(session, story, value):
    with pytest.raises(IntegrityError):
        session.execute(
            update(Proposal).where(Proposal.id == story.far.id).values(correction=value)
        )


def test_the_matcher_neither_reads_nor_undoes_it(session, story):
    refuse(session, story)
    relearn(session, story.point.id, now=NOW)
    changes = match_all(session, as_of=TODAY, now=NOW)
    assert (changes.made, changes.refreshed, changes.expired) == (0, 0, 0)
    assert correction(session, story.far) == -1.0
    later = TODAY + timedelta(days=1)
    assert match_all(session, as_of=later, now=NOW).refreshed == 3
    assert correction(session, story.far) == -1.0
    assert story.far.state is ProposalState.PROPOSED
