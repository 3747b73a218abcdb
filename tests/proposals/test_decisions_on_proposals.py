import pytest
from sqlalchemy import select

from marketplace.core.errors import Invalid, NotAllowed, WrongState
from marketplace.orders import actions as orders
from marketplace.orders.drawing_up import draft_from
from marketplace.proposals import actions
from marketplace.proposals.lifecycle import LIVE, PROPOSAL, ProposalAction, ProposalState
from marketplace.proposals.matches import match_all, match_listings
from marketplace.proposals.models import Proposal, RefusalReason
from tests.builders import NOW, a_broker, a_capability, actor_for, an_enterprise
from tests.orders.order_stories import TODAY, a_story


def rematch(session, story):
    changes = match_listings(session, [story.listing.id], as_of=TODAY, now=NOW)
    rows = session.scalars(
        select(Proposal).where(Proposal.listing_id == story.listing.id).order_by(Proposal.id)
    ).all()
    return changes, [row.state for row in rows]


def refuse(session, story, reason=RefusalReason.QUALITY, note=""):
    actions.refuse(session, story.proposal, reason, note, actor=story.maria, now=NOW)


def test_matching_twice_changes_nothing_the_second_time(session):
    story = a_story(session)
    before = {c.name: getattr(story.proposal, c.name) for c in Proposal.__table__.c}
    changes, states = rematch(session, story)
    assert (changes.made, changes.refreshed, changes.expired) == (0, 0, 0)
    assert states == [ProposalState.PROPOSED]
    assert {c.name: getattr(story.proposal, c.name) for c in Proposal.__table__.c} == before
    again = match_all(session, as_of=TODAY, now=NOW)
    assert (again.made, again.refreshed, again.expired) == (0, 0, 0)


def test_a_refused_pair_rests_until_the_listing_changes(session):
    story = a_story(session)
    refuse(session, story, note="Zu grob.")
    assert (story.proposal.reason, story.proposal.note) == (RefusalReason.QUALITY, "Zu grob.")
    assert story.proposal.decided_by == story.maria.user_id
    assert rematch(session, story)[1] == [ProposalState.REFUSED]
    story.listing.revision += 1
    session.flush()
    assert rematch(session, story)[1] == [ProposalState.REFUSED, ProposalState.PROPOSED]


def test_a_refused_pair_rests_until_the_capability_changes(session):
    story = a_story(session)
    refuse(session, story)
    assert rematch(session, story)[1] == [ProposalState.REFUSED]
    story.capability.revision += 1
    session.flush()
    assert rematch(session, story)[1] == [ProposalState.REFUSED, ProposalState.PROPOSED]
    assert rematch(session, story)[0].made == 0


def test_a_called_off_pair_rests_like_a_refused_one(session):
    story = a_story(session)
    order = story.agreed()
    assert rematch(session, story)[1] == [ProposalState.ACCEPTED], "accepted ones are left alone"
    orders.cancel(
        session, order, "Die Maschine ist kaputt.", not_again=True, actor=story.maria, now=NOW
    )
    assert rematch(session, story)[1] == [ProposalState.REFUSED]
    story.listing.revision += 1
    session.flush()
    _changes, states = rematch(session, story)
    assert states == [ProposalState.REFUSED, ProposalState.PROPOSED]
    fresh = session.scalars(select(Proposal).where(Proposal.state.in_(LIVE))).one()
    again = draft_from(session, fresh, actor=story.maria, now=NOW)
    assert again.number == "A-2026-0002"


def test_while_one_order_runs_the_others_step_back(session):
    story = a_story(session)
    second = an_enterprise(session, service_point_id=story.company.service_point_id)
    a_capability(session, second)
    rematch(session, story)
    story.order()
    assert rematch(session, story)[1] == [ProposalState.ACCEPTED, ProposalState.EXPIRED]


def test_an_open_order_takes_of_the_enterprise_s_score(session):
    story = a_story(session, listing={"recurrence": "monthly"}, capability={
        "capacity_kg_per_month": 200.0
    })  # fmt: skip
    second = a_story(session)
    match_listings(session, [second.listing.id], as_of=TODAY, now=NOW)
    before = session.scalars(
        select(Proposal).where(
            Proposal.listing_id == second.listing.id,
            Proposal.capability_id == story.capability.id,
        )
    ).one()
    assert (before.capacity, before.fairness) == (1.0, 1.0)
    story.order()
    match_listings(session, [second.listing.id], as_of=TODAY, now=NOW)
    assert before.fairness == 0.5
    assert before.capacity == pytest.approx(20 / 180)


def test_a_refusal_needs_a_reason(session):
    story = a_story(session)
    with pytest.raises(Invalid):
        actions.refuse(session, story.proposal, None, "", actor=story.maria, now=NOW)
    with pytest.raises(Invalid):
        refuse(session, story, note="x" * 2001)
    assert story.proposal.state is ProposalState.PROPOSED


@pytest.mark.parametrize("state", list(ProposalState))
@pytest.mark.parametrize("action", list(ProposalAction))
def test_the_table_decides(session, state, action):
    story = a_story(session)
    story.proposal.state = state
    if state is ProposalState.REFUSED:
        story.proposal.reason = RefusalReason.OTHER
    session.flush()
    verbs = {
        ProposalAction.REFUSE: lambda: refuse(session, story),
        ProposalAction.WITHDRAW: lambda: actions.withdraw(
            session, story.proposal, "", actor=story.maria, now=NOW
        ),
    }
    plain = lambda: actions.move(session, story.proposal, action, actor=story.maria, now=NOW)  # noqa: E731
    verb = verbs.get(action, plain)
    if action in PROPOSAL.open_to(state):
        verb()
        assert story.proposal.state is PROPOSAL.moves[state, action]
    else:
        with pytest.raises(WrongState):
            verb()
        session.rollback()


def test_parties_and_strangers_decide_nothing(session):
    story = a_story(session)
    stranger = actor_for(session, a_broker(session))
    for actor in (story.andrea, story.emre, stranger):
        with pytest.raises(NotAllowed):
            actions.move(session, story.proposal, ProposalAction.SHORTLIST, actor=actor, now=NOW)
