"""One order of several proposals: workshops in a row, and several givers to one workshop."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.cases import attempts, opening
from marketplace.cases.lifecycle import AttemptState, Phase
from marketplace.cases.models import Case
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, NotAllowed, WrongState
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind
from marketplace.orders import actions, terms
from marketplace.orders.drafts import PartyDraft
from marketplace.orders.drawing_up import accompany, draft_from
from marketplace.orders.models import LineRole, Order, Part
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    actor_for,
    an_enterprise,
)
from tests.orders.order_stories import TODAY, a_line, a_story, some_terms


@pytest.fixture
def story(session):
    return a_story(session)


def proposed(session, listing, capability):
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    pair = (Proposal.listing_id == listing.id, Proposal.capability_id == capability.id)
    return session.scalars(select(Proposal).where(*pair)).one()


def sorting(session, story):
    """Sortierwerk could take the tarpaulins too; the proposal for it."""
    second = an_enterprise(
        session, name="Sortierwerk", service_point_id=story.company.service_point_id
    )
    able = a_capability(session, second, title="Sortieren und Waschen")
    return second, proposed(session, story.listing, able)


def test_a_chain_sorts_first_and_sews_then(session, story):
    sorters, sort = sorting(session, story)
    order = draft_from(session, sort, story.proposal, actor=story.maria, now=NOW)
    assert [(p.organisation_id, p.part) for p in order.parties] == [
        (story.company.id, Part.CLIENT),
        (sorters.id, Part.ENTERPRISE),
        (story.enterprise.id, Part.ENTERPRISE),
    ]
    assert [(p.proposal_id, p.listing_id, p.mass_kg) for p in order.pairings] == [
        (sort.id, story.listing.id, 180.0),
        (story.proposal.id, None, None),
    ], "the mass counts once"
    client, first, second = order.parties
    assert [(line.giver, line.taker, line.listing_id) for line in order.lines] == [
        (client, first, story.listing.id),
        (first, second, None),
    ]
    assert {line.role for line in order.lines} == {LineRole.MATERIAL_IN}
    assert {sort.state, story.proposal.state} == {ProposalState.ACCEPTED}
    assert story.listing.state is ListingState.RESERVED

    actions.cancel(session, order, "Doch nicht.", actor=story.maria, now=NOW)
    assert {sort.state, story.proposal.state} == {ProposalState.PROPOSED}
    assert story.listing.state is ListingState.PUBLISHED


def test_several_givers_feed_one_doer(session, story):
    office = a_company(session, name="Kaffeehaus", service_point_id=story.company.service_point_id)
    sacks = a_listing(session, office, available_from=TODAY + timedelta(days=9))
    other = proposed(session, sacks, story.capability)
    order = draft_from(session, story.proposal, other, actor=story.maria, now=NOW)
    assert [p.organisation_id for p in order.parties] == [
        story.company.id, office.id, story.enterprise.id,
    ]  # fmt: skip
    assert [p.listing_id for p in order.pairings] == [story.listing.id, sacks.id]
    assert {line.taker.organisation_id for line in order.lines} == {story.enterprise.id}
    assert {story.listing.state, sacks.state} == {ListingState.RESERVED}
    assert order.starts_on == sacks.available_from, "when all of it is there"
    session.refresh(story.capability)
    assert story.capability.committed_kg_per_month == pytest.approx(360.0)


def test_services_of_two_workshops_come_from_each_of_them(session):
    story = a_story(session, listing={"kind": Kind.SERVICE, "techniques": ["sewing"]})
    _sorters, sort = sorting(session, story)
    order = draft_from(session, sort, story.proposal, actor=story.maria, now=NOW)
    assert {line.role for line in order.lines} == {LineRole.SERVICE}
    assert [line.giver for line in order.lines] == order.parties[1:]
    assert {line.taker for line in order.lines} == {order.parties[0]}


def test_whoever_works_on_anything_is_no_client(session, story):
    """Nähwerk sews, and its own offcuts go to Sortierwerk in the same order."""
    sorters, sort = sorting(session, story)
    offcuts = a_listing(session, story.enterprise)
    match_listings(session, [offcuts.id], as_of=TODAY, now=NOW)
    pair = (Proposal.listing_id == offcuts.id, Proposal.capability_id == sort.capability_id)
    onward = session.scalars(select(Proposal).where(*pair)).one()
    order = draft_from(session, story.proposal, onward, actor=story.maria, now=NOW)
    assert [(p.organisation_id, p.part) for p in order.parties][1:] == [
        (story.enterprise.id, Part.ENTERPRISE),
        (sorters.id, Part.ENTERPRISE),
    ]
    actions.cancel(session, order, "Doch nicht.", actor=story.maria, now=NOW)

    back = a_listing(session, sorters)
    returning = proposed(session, back, story.capability)
    with pytest.raises(Invalid) as refused:
        draft_from(session, onward, returning, actor=story.maria, now=NOW)
    assert [p.code for p in refused.value.problems] == ["both_sides_required"]


def test_all_or_none(session, story):
    """Somebody else had the second one already: the first stays free too."""
    _sorters, sort = sorting(session, story)
    session.commit()
    lost = draft_from(session, sort, actor=story.maria, now=NOW)
    session.commit()
    with pytest.raises(WrongState):
        draft_from(session, story.proposal, sort, actor=story.maria, now=NOW)
    session.rollback()
    assert session.get_one(Proposal, story.proposal.id).state is not ProposalState.ACCEPTED
    assert session.scalars(select(Order.id)).all() == [lost.id]


def test_a_hazard_that_one_of_them_may_not_take_refuses_all(session):
    story = a_story(session, listing={"hazardous": True}, capability={"accepts_hazardous": True})
    second = an_enterprise(
        session, name="Sortierwerk", service_point_id=story.company.service_point_id
    )
    able = a_capability(session, second, accepts_hazardous=True)
    sort = proposed(session, story.listing, able)
    able.accepts_hazardous = False
    session.flush()
    with pytest.raises(Invalid) as refused:
        draft_from(session, story.proposal, sort, actor=story.maria, now=NOW)
    assert [p.code for p in refused.value.problems] == ["hazard_not_permitted"]
    session.rollback()


def followed(session, story, *more):
    case = opening.from_proposal(session, story.proposal, actor=story.maria, now=NOW)
    for proposal in more:
        attempts.add(session, case, proposal=proposal, actor=story.maria, now=NOW)
    return case


def test_a_case_knows_its_order_however_it_was_begun(session, story):
    _sorters, sort = sorting(session, story)
    case = followed(session, story, sort)
    order = draft_from(session, story.proposal, sort, actor=story.maria, now=NOW)
    assert order.case_id == case.id, "begun at the desk, not in the case"
    session.refresh(case, ["attempts", "phase"])
    assert {a.state for a in case.attempts} == {AttemptState.ORDERED}
    assert case.phase is Phase.ACCOMPANIMENT


def test_an_order_belongs_to_the_case_in_which_it_was_made(session, story):
    first = followed(session, story)
    second = opening.from_listing(session, a_listing(session, story.company),
                                  actor=story.maria, now=NOW)  # fmt: skip
    attempts.add(session, second, proposal=story.proposal, actor=story.maria, now=NOW)
    order = draft_from(session, story.proposal, case=second, actor=story.maria, now=NOW)
    assert order.case_id == second.id
    assert session.get_one(Case, first.id).phase is Phase.ACCOMPANIMENT, "it follows it too"


def test_an_order_from_before_the_case_is_noted_in_it(session, story):
    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert order.case_id is None
    case = followed(session, story)
    accompany(session, order, [story.proposal], case=case, actor=story.maria, now=NOW)
    assert order.case_id == case.id
    other = followed(session, story)
    accompany(session, order, [story.proposal], case=other, actor=story.maria, now=NOW)
    assert order.case_id == case.id, "it stays where it was"


def test_nobody_makes_orders_in_the_cases_of_others(session, story):
    case = followed(session, story)
    case.service_point_id = actor_for(session, a_broker(session)).service_point_id
    session.flush()
    with pytest.raises(NotAllowed):
        draft_from(session, story.proposal, case=case, actor=story.maria, now=NOW)


def test_the_terms_of_a_chain_are_written_as_of_any_order(session, story):
    sorters, sort = sorting(session, story)
    order = draft_from(session, sort, story.proposal, actor=story.maria, now=NOW)
    both = tuple(PartyDraft(organisation_id=p.organisation_id, part=p.part) for p in order.parties)
    lines = (a_line(story.company.id, sorters.id), a_line(sorters.id, story.enterprise.id))
    terms.edit(session, order, some_terms(parties=both, lines=lines), actor=story.maria, now=NOW)
    assert [p.organisation_id for p in order.enterprises] == [sorters.id, story.enterprise.id]
    assert len(order.bound) == 2


def test_two_brokers_who_want_the_same_two_do_not_wait_for_each_other(real):
    with transaction(real) as session:
        story = a_story(session)
        _sorters, sort = sorting(session, story)
        keys, maria = [story.proposal.id, sort.id], story.maria

    def take(wanted):
        try:
            with transaction(real) as session:
                found = [session.get_one(Proposal, key) for key in wanted]
                return draft_from(session, *found, actor=maria, now=NOW).number
        except WrongState:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(take, [keys, keys[::-1]] * 2))
    assert sum(number is not None for number in made) == 1
    with real() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1
