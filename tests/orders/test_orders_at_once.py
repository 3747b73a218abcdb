"""Several people at the same moment, each with a connection of their own, on a real database."""

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, WrongState
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.orders import actions, call_offs, deliveries, queries, terms
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.carrying import Delivery
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order
from marketplace.proposals import queries as proposals
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.at_once import together
from tests.builders import NOW, a_broker, a_capability, a_listing, actor_for, an_enterprise
from tests.orders.order_stories import TODAY, a_story


def at_once(calls):
    return together(calls, (Invalid, WrongState, StaleDataError))


def test_two_brokers_on_one_proposal_make_one_order(real):
    with transaction(real) as session:
        story = a_story(session)
        jonas = a_broker(session, name="Jonas", service_point_id=story.company.service_point_id)
        actors = [story.maria, actor_for(session, jonas)]
        proposal_id = story.proposal.id

    def take(actor):
        def call():
            with transaction(real) as session:
                found = proposals.get(session, proposal_id, actor=actor)
                return draft_from(session, found, actor=actor, now=NOW).number

        return call

    outcomes = at_once([take(actor) for actor in actors * 3])
    assert sum(isinstance(o, str) for o in outcomes) == 1, outcomes
    with real() as session:
        assert len(session.scalars(select(Order)).all()) == 1


def test_one_leftover_for_two_workshops_goes_to_one(real):
    with transaction(real) as session:
        story = a_story(session)
        second = an_enterprise(session, service_point_id=story.company.service_point_id)
        a_capability(session, second)
        match_listings(session, [story.listing.id], as_of=TODAY, now=NOW)
        ids = list(session.scalars(select(Proposal.id)))
        actor, listing_id = story.maria, story.listing.id
    assert len(ids) == 2

    def take(proposal_id):
        def call():
            with transaction(real) as session:
                found = proposals.get(session, proposal_id, actor=actor)
                return draft_from(session, found, actor=actor, now=NOW).number

        return call

    outcomes = at_once([take(i) for i in ids * 2])
    assert sum(isinstance(o, str) for o in outcomes) == 1, outcomes
    with real() as session:
        assert session.get_one(Listing, listing_id).state is ListingState.RESERVED


def test_orders_of_several_proposals_share_none_of_them(real):
    """Three proposals in a ring, three brokers with two of them each, in any order: all or none."""
    with transaction(real) as session:
        story = a_story(session)
        for _ in range(2):
            listing = a_listing(session, story.company)
            match_listings(session, [listing.id], as_of=TODAY, now=NOW)
        ids = list(session.scalars(select(Proposal.id).order_by(Proposal.id)))
        actor = story.maria
    assert len(ids) == 3

    def take(*keys):
        def call():
            with transaction(real) as session:
                found = [proposals.get(session, key, actor=actor) for key in keys]
                return draft_from(session, *found, actor=actor, now=NOW).number

        return call

    one, two, three = ids
    outcomes = at_once([take(one, two), take(two, three), take(three, one), take(two, one)])
    assert sum(isinstance(o, str) for o in outcomes) == 1, outcomes
    with real() as session:
        states = session.scalars(select(Proposal.state)).all()
        assert states.count("accepted") == 2, states


def test_numbers_are_unique_and_without_gaps(real):
    with transaction(real) as session:
        story = a_story(session)
        for _ in range(5):
            listing = a_listing(session, story.company)
            match_listings(session, [listing.id], as_of=TODAY, now=NOW)
        ids = list(session.scalars(select(Proposal.id)))
        actor, enterprise, capability = story.maria, story.enterprise.id, story.capability.id
    assert len(ids) == 6

    def take(proposal_id):
        def call():
            with transaction(real) as session:
                found = proposals.get(session, proposal_id, actor=actor)
                return draft_from(session, found, actor=actor, now=NOW).number

        return call

    outcomes = at_once([take(i) for i in ids])
    assert sorted(outcomes) == [f"A-2026-{n:04d}" for n in range(1, 7)]
    with real() as session:
        assert session.get_one(Organisation, enterprise).open_orders == 6
        assert session.get_one(Capability, capability).committed_kg_per_month == 6 * 180.0


def test_both_sides_accept_in_the_same_second(real):
    for _ in range(3):
        with transaction(real) as session:
            story = a_story(session)
            order = story.offered()
            order_id, parties = order.id, [story.andrea, story.emre]

        def say_yes(actor, order_id=order_id):
            def call():
                with transaction(real) as session:
                    found = queries.get(session, order_id, actor=actor)
                    terms.accept(session, found, terms=1, actor=actor, now=NOW)

            return call

        assert at_once([say_yes(actor) for actor in parties]) == [None, None]
        with real() as session:
            assert session.get_one(Order, order_id).state is OrderState.AGREED


def test_a_cancellation_and_an_acceptance_cross(real):
    with transaction(real) as session:
        story = a_story(session)
        order = story.offered()
        terms.accept(session, order, terms=1, actor=story.andrea, now=NOW)
        order_id, emre, maria = order.id, story.emre, story.maria
        enterprise_id = story.enterprise.id

    def say_yes():
        with transaction(real) as session:
            found = queries.get(session, order_id, actor=emre)
            terms.accept(session, found, terms=1, actor=emre, now=NOW)

    def call_off():
        with transaction(real) as session:
            found = queries.get(session, order_id, actor=maria)
            actions.cancel(session, found, "Aus.", actor=maria, now=NOW)

    at_once([say_yes, call_off])
    with real() as session:
        order = session.get_one(Order, order_id)
        assert order.state is OrderState.CANCELLED
        assert session.get_one(Organisation, enterprise_id).open_orders == 0


def test_both_sides_record_a_hand_over_at_once_and_nothing_is_lost(real):
    with transaction(real) as session:
        story = a_story(session)
        order = story.running()
        draft = DeliveryDraft(line_id=order.lines[0].id, planned_on=TODAY, expected=150.0)
        made = deliveries.plan(session, order, draft, actor=story.emre, now=NOW)
        order_id, delivery_id, seen = order.id, made.id, made.version
        people = [(story.emre, 150.0), (story.andrea, 140.0)]

    def record(actor, arrived):
        def call():
            with transaction(real) as session:
                found = queries.get(session, order_id, actor=actor)
                said = HandOver(done_on=TODAY, arrived=arrived)
                deliveries.hand_over(
                    session, found, delivery_id, said, seen=seen, actor=actor, now=NOW
                )
                return arrived

        return call

    outcomes = at_once([record(*each) for each in people])
    kept = [o for o in outcomes if isinstance(o, float)]
    assert len(kept) == 1, outcomes
    assert sum(isinstance(o, WrongState) for o in outcomes) == 1, "the other one is told"
    with real() as session:
        assert session.get_one(Delivery, delivery_id).arrived == kept[0]


def test_call_offs_at_once_stay_within_the_frame(real):
    with transaction(real) as session:
        story = a_story(session)
        order = story.running(standing=True, recurrence="monthly")
        order_id, line_id, andrea = order.id, order.lines[0].id, story.andrea

    def ask():
        with transaction(real) as session:
            found = queries.get(session, order_id, actor=andrea)
            draft = CallOffDraft(line_id=line_id, quantity=300.0, due_on=TODAY)
            return call_offs.ask(session, found, draft, actor=andrea, now=NOW).number

    outcomes = at_once([ask, ask, ask])
    assert sorted(o for o in outcomes if isinstance(o, int)) == [1]
    assert sum(isinstance(o, Invalid) for o in outcomes) == 2
