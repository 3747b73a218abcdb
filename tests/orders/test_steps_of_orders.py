from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.core.actor import SYSTEM, Actor, Role
from marketplace.core.audit import trail
from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Recurrence
from marketplace.orders import actions, policy, queries, terms
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.lifecycle import ORDER, OrderAction, OrderState
from marketplace.orders.models import OrderStep
from marketplace.proposals.lifecycle import ProposalState
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_person,
    a_service_point,
    actor_for,
    an_agency_person,
)
from tests.orders.order_stories import a_story, free_terms

A = OrderAction


def topics(session):
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.kind == "OrderMoved").order_by(OutboxRow.id)
    )
    return [(row.payload["topic"], row.payload["user_id"]) for row in rows]


def do(session, action, order, actor):
    match action:
        case A.OFFER:
            terms.offer(session, order, actor=actor, now=NOW)
        case A.REVISE:
            actions.revise(session, order, "Bitte später.", actor=actor, now=NOW)
        case A.AGREE:
            terms.accept(session, order, terms=order.terms, actor=actor, now=NOW)
        case A.START:
            actions.start(session, order, actor=actor, now=NOW)
        case A.DELIVER:
            actions.deliver(session, order, actor=actor, now=NOW)
        case A.COMPLETE:
            actions.complete(session, order, actor=actor, now=NOW)
        case A.PAUSE:
            actions.pause(session, order, "Betriebsurlaub.", actor=actor, now=NOW)
        case A.RESUME:
            actions.resume(session, order, actor=actor, now=NOW)
        case A.DISPUTE:
            actions.dispute(session, order, "Die Nähte gehen auf.", actor=actor, now=NOW)
        case A.SETTLE:
            actions.settle(session, order, "Nachgebessert.", actor=actor, now=NOW)
        case A.CANCEL:
            actions.cancel(session, order, "Der Auftrag fällt aus.", actor=actor, now=NOW)


def brought_to(story, state):
    order = story.order()
    path = {
        OrderState.DRAFT: "",
        OrderState.OFFERED: "o",
        OrderState.AGREED: "oae",
        OrderState.IN_PRODUCTION: "oaes",
        OrderState.DELIVERED: "oaesd",
        OrderState.COMPLETED: "oaesdc",
        OrderState.PAUSED: "oaesp",
        OrderState.DISPUTED: "oaesdq",
        OrderState.CANCELLED: "x",
    }[state]
    steps = {
        "o": (A.OFFER, story.maria), "a": (A.AGREE, story.andrea), "e": (A.AGREE, story.emre),
        "s": (A.START, story.emre), "d": (A.DELIVER, story.emre), "c": (A.COMPLETE, story.andrea),
        "x": (A.CANCEL, story.maria), "p": (A.PAUSE, story.emre), "q": (A.DISPUTE, story.andrea),
    }  # fmt: skip
    for letter in path:
        do(story.session, steps[letter][0], order, steps[letter][1])
    assert order.state is state
    return order


ALLOWED = {
    "maria": set(A) - {A.AGREE},
    "andrea": {A.REVISE, A.AGREE, A.COMPLETE, A.PAUSE, A.RESUME, A.DISPUTE, A.CANCEL},
    "emre": {A.REVISE, A.AGREE, A.START, A.DELIVER, A.PAUSE, A.RESUME, A.DISPUTE, A.CANCEL},
    "stranger": set(),
    "other_broker": set(),
    "agency": set(A) - {A.AGREE},
}


def people(session, story):
    company = a_company(session, name="Unbeteiligt")
    return {
        "maria": story.maria,
        "andrea": story.andrea,
        "emre": story.emre,
        "stranger": actor_for(session, a_person(session, company)),
        "other_broker": actor_for(session, a_broker(session)),
        "agency": actor_for(session, an_agency_person(session)),
    }


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("action", list(OrderAction))
def test_every_step_from_every_state_by_everybody(session, state, action):
    story = a_story(session)
    order = brought_to(story, state)
    session.flush()
    buttons = {}
    for name, actor in people(session, story).items():
        order = session.get(type(order), order.id)
        session.refresh(order, ["parties", "acceptances"])
        buttons[name] = action in policy.actions_for(actor, order)
        late = action is A.CANCEL and state not in {OrderState.DRAFT, OrderState.OFFERED}
        wanted = action in ALLOWED[name] and not (late and name in {"andrea", "emre"})
        possible = action in ORDER.open_to(state)
        with session.begin_nested() as attempt:
            try:
                do(session, action, order, actor)
                done = True
            except (NotAllowed, WrongState) as refusal:
                done, kind = False, type(refusal)
            attempt.rollback()
        if not done and (possible or name in {"stranger", "other_broker"}):
            assert kind is NotAllowed, name
        session.expire_all()
        twice = action is A.AGREE and state not in {
            OrderState.DRAFT, OrderState.OFFERED, OrderState.CANCELLED,
        }  # fmt: skip
        if not (twice and name in {"andrea", "emre"}):
            assert done == (wanted and possible), (name, done)
        assert buttons[name] == (wanted and possible), name


def test_both_sides_accept_the_same_terms(session):
    story = a_story(session)
    order = story.offered()
    terms.accept(session, order, terms=1, actor=story.andrea, now=NOW)
    assert order.state is OrderState.OFFERED
    assert set(policy.standing(order)) == {order.clients[0].id}
    terms.accept(session, order, terms=1, actor=story.andrea, now=NOW)
    assert len(order.acceptances) == 1, "saying it twice is saying it once"
    terms.accept(session, order, terms=1, actor=story.emre, now=NOW)
    assert order.state is OrderState.AGREED
    assert [a.name for a in order.acceptances] == ["Andrea Koller", "Emre Yıldız"]
    assert topics(session) == [
        ("order_offered", story.maria.user_id),
        ("order_accepted", story.andrea.user_id),
        ("order_agreed", story.emre.user_id),
    ]
    terms.accept(session, order, terms=1, actor=story.emre, now=NOW)
    assert order.state is OrderState.AGREED


def test_a_yes_belongs_to_one_version_of_the_terms(session):
    story = a_story(session)
    order = story.offered()
    terms.accept(session, order, terms=1, actor=story.andrea, now=NOW)
    actions.revise(session, order, "Eine Woche später, bitte.", actor=story.emre, now=NOW)
    assert order.state is OrderState.DRAFT
    assert policy.standing(order) == {}
    terms.edit(session, order, story.terms(quantity=200.0), actor=story.maria, now=NOW)
    terms.offer(session, order, actor=story.maria, now=NOW)
    assert order.terms == 2
    assert policy.standing(order) == {}
    with pytest.raises(Outrun):
        terms.accept(session, order, terms=1, actor=story.emre, now=NOW)
    terms.accept(session, order, terms=2, actor=story.emre, now=NOW)
    assert order.state is OrderState.OFFERED, "Andrea said yes to other terms"
    terms.accept(session, order, terms=2, actor=story.andrea, now=NOW)
    assert order.state is OrderState.AGREED
    assert len(order.acceptances) == 3


def test_free_of_charge_is_said_by_both(session):
    story = a_story(session)
    order = story.offered(**free_terms())
    for party in (story.andrea, story.emre):
        with pytest.raises(Invalid) as refused:
            terms.accept(session, order, terms=1, actor=party, now=NOW)
        assert refused.value.problems[0].code == "free_of_charge_required"
        terms.accept(session, order, terms=1, free_of_charge=True, actor=party, now=NOW)
    assert order.state is OrderState.AGREED
    assert all(a.free_of_charge for a in order.acceptances)


def test_a_price_is_never_recorded_as_free_of_charge(session):
    story = a_story(session)
    order = story.offered()
    terms.accept(session, order, terms=1, free_of_charge=True, actor=story.andrea, now=NOW)
    assert not order.acceptances[0].free_of_charge


def test_nothing_is_offered_before_the_terms_are_written(session):
    story = a_story(session)
    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    with pytest.raises(Invalid) as refused:
        terms.offer(session, order, actor=story.maria, now=NOW)
    assert refused.value.problems[0].field == "product"
    terms.edit(session, order, story.terms(), actor=story.maria, now=NOW)
    with pytest.raises(Invalid) as refused:
        terms.offer(session, order, actor=story.maria, now=NOW + timedelta(days=100))
    assert refused.value.problems[0].code == "window_past"


def test_terms_are_written_only_by_brokers_and_only_in_a_draft(session):
    story = a_story(session)
    order = story.order()
    for actor in (story.andrea, story.emre):
        with pytest.raises(NotAllowed):
            terms.edit(session, order, story.terms(), actor=actor, now=NOW)
    terms.offer(session, order, actor=story.maria, now=NOW)
    with pytest.raises(WrongState):
        terms.edit(session, order, story.terms(), actor=story.maria, now=NOW)


def test_two_brokers_do_not_overwrite_each_other(session):
    story = a_story(session)
    order = story.order()
    seen = order.version
    terms.edit(session, order, story.terms(quantity=1.0), seen=seen, actor=story.maria, now=NOW)
    with pytest.raises(Outrun):
        terms.edit(session, order, story.terms(quantity=2.0), seen=seen, actor=story.maria, now=NOW)


def test_a_change_and_a_cancellation_need_a_reason(session):
    story = a_story(session)
    order = story.offered()
    for verb in (actions.revise, actions.cancel):
        for reason in ("", "  \n ", "x" * 2001):
            with pytest.raises(Invalid):
                verb(session, order, reason, actor=story.maria, now=NOW)


def test_cancelling_frees_the_listing_and_lets_the_pair_rest(session):
    story = a_story(session)
    order = story.agreed()
    actions.cancel(
        session, order, "Die Maschine ist kaputt.", not_again=True, actor=story.maria, now=NOW
    )
    assert order.state is OrderState.CANCELLED
    assert order.reason == "Die Maschine ist kaputt."
    assert story.listing.state is ListingState.PUBLISHED
    assert story.proposal.state is ProposalState.REFUSED
    assert story.proposal.note == "Die Maschine ist kaputt."
    assert story.proposal.decided_by == story.maria.user_id
    assert topics(session)[-1] == ("order_cancelled", story.maria.user_id)


def test_what_comes_again_stays_published_when_cancelled_or_completed(session):
    story = a_story(session, listing={"recurrence": Recurrence.WEEKLY})
    order = brought_to(story, OrderState.COMPLETED)
    assert order.state is OrderState.COMPLETED
    assert story.listing.state is ListingState.PUBLISHED


def test_nobody_hears_of_an_order_that_was_never_offered(session):
    story = a_story(session)
    order = story.order()
    actions.cancel(session, order, "Doch nicht.", actor=story.maria, now=NOW)
    assert topics(session) == []


def test_who_knows_of_an_order(session):
    story = a_story(session)
    order = story.order()
    everybody = people(session, story)

    def knowing():
        found = set()
        for name, actor in everybody.items():
            try:
                queries.get(session, order.id, actor=actor)
                found.add(name)
            except NotFound:
                pass
        return found

    assert knowing() == {"maria", "agency"}
    terms.offer(session, order, actor=story.maria, now=NOW)
    assert knowing() == {"maria", "agency", "andrea", "emre"}
    actions.revise(session, order, "Bitte anders.", actor=story.emre, now=NOW)
    assert knowing() == {"maria", "agency", "andrea", "emre"}, "who has seen it keeps seeing it"


def test_the_other_side_s_brokers_take_part(session):
    story = a_story(session)
    over_there = a_service_point(session, country="HU", regions=["HU-GS"])
    story.enterprise.service_point_id = over_there.id
    story.proposal.capability_service_point_id = over_there.id
    session.flush()
    order = story.order()
    assert order.enterprises[0].service_point_id == over_there.id
    ilona = actor_for(session, a_broker(session, over_there, name="Ilona"))
    assert queries.get(session, order.id, actor=ilona) is order
    terms.offer(session, order, actor=ilona, now=NOW)
    assert order.state is OrderState.OFFERED


def test_orders_without_a_service_point_are_the_agency_s(session):
    story = a_story(session)
    order = story.order()
    for party in order.parties:
        party.service_point_id = None
    session.flush()
    with pytest.raises(NotFound):
        queries.get(session, order.id, actor=story.maria)
    nobody = Actor(user_id=7, roles=frozenset({Role.BROKER}))
    with pytest.raises(NotFound):
        queries.get(session, order.id, actor=nobody)
    assert queries.get(session, order.id, actor=SYSTEM) is order


def test_whose_turn_it_is(session):
    story = a_story(session)
    order = story.order()
    step = queries.next_step(order, actor=story.maria)
    assert (step.action, step.parties, step.mine) == (A.OFFER, (), True)
    terms.offer(session, order, actor=story.maria, now=NOW)
    terms.accept(session, order, terms=1, actor=story.andrea, now=NOW)
    assert queries.next_step(order, actor=story.emre).mine
    assert not queries.next_step(order, actor=story.andrea).mine
    assert queries.next_step(order, actor=story.maria).parties == tuple(order.enterprises)
    terms.accept(session, order, terms=1, actor=story.emre, now=NOW)
    actions.cancel(session, order, "Aus.", actor=story.maria, now=NOW)
    assert queries.next_step(order, actor=story.maria) is None


def test_every_step_is_in_the_history_and_on_record(session):
    story = a_story(session)
    order = brought_to(story, OrderState.COMPLETED)
    steps = session.scalars(
        select(OrderStep).where(OrderStep.order_id == order.id).order_by(OrderStep.id)
    ).all()
    assert [(s.state.value, s.name) for s in steps] == [
        ("draft", "Maria Reisinger"),
        ("offered", "Maria Reisinger"),
        ("agreed", "Emre Yıldız"),
        ("in_production", "Emre Yıldız"),
        ("delivered", "Emre Yıldız"),
        ("completed", "Andrea Koller"),
    ]
    assert [row.action for row in trail(session, order)] == [
        "create", "edit", "offer", "accept", "accept", "agree", "start", "deliver", "complete",
    ]  # fmt: skip


def test_lists_show_what_one_may_know_of(session):
    story = a_story(session)
    order = story.offered()
    other = a_story(session)
    other.offered()
    for actor, found in ((story.andrea, 1), (story.maria, 1), (SYSTEM, 2)):
        rows, total = queries.board(session, queries.Filter(), actor=actor)
        assert len(rows) == total == found
    wanted = queries.Filter(words="nähwerk " + order.number, state=OrderState.OFFERED)
    assert queries.board(session, wanted, actor=SYSTEM)[0] == [order]
    wanted = queries.Filter(state=OrderState.AGREED)
    assert queries.board(session, wanted, actor=SYSTEM)[1] == 0
    assert queries.counts_by_state(session, actor=story.emre) == {OrderState.OFFERED: 1}
    assert queries.of_proposal(session, story.proposal.id, actor=story.maria) is order


def test_what_concerns_everybody_is_told_as_what_it_is(session):
    story = a_story(session)
    order = story.running()
    actions.pause(session, order, "Betriebsferien", actor=story.emre, now=NOW)
    actions.resume(session, order, actor=story.maria, now=NOW)
    actions.dispute(session, order, "Falsche Farbe", actor=story.andrea, now=NOW)
    actions.settle(session, order, "Wird umgefärbt", actor=story.maria, now=NOW)
    actions.deliver(session, order, actor=story.emre, now=NOW)
    actions.complete(session, order, actor=story.andrea, now=NOW)
    assert [topic for topic, _who in topics(session)][-6:] == [
        "order_paused", "order_moved", "order_disputed", "order_moved", "order_moved",
        "order_completed",
    ]  # fmt: skip
