"""Whatever people do in whatever order, an order stays consistent with everything that counts it."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from marketplace.core.errors import Invalid, NotAllowed, WrongState
from marketplace.listings.lifecycle import ListingState
from marketplace.orders import actions, policy
from marketplace.orders.lifecycle import OPEN, ORDER, OrderState
from marketplace.orders.models import Order, OrderStep, Payer
from marketplace.proposals.lifecycle import ProposalState
from tests.builders import NOW
from tests.orders.order_stories import a_story, free_terms, some_terms

WHO = st.sampled_from(["maria", "andrea", "emre"])
VERBS = st.sampled_from(["offer", "start", "deliver", "complete"])


def test_orders_stay_consistent(sessions):  # noqa: C901
    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.session = sessions()
            self.story = a_story(self.session)
            self.order = self.story.order()
            self.past = [self.order.state]

        def teardown(self):
            self.session.rollback()
            self.session.close()

        def attempt(self, verb, who, *rest, **more):
            with self.session.begin_nested() as savepoint:
                try:
                    verb(self.session, self.order, *rest, **more,
                         actor=getattr(self.story, who), now=NOW)  # fmt: skip
                except (Invalid, NotAllowed, WrongState):
                    savepoint.rollback()
            self.session.refresh(self.order)
            if self.order.state is not self.past[-1]:
                self.past.append(self.order.state)

        @rule(verb=VERBS, who=WHO)
        def step(self, verb, who):
            self.attempt(getattr(actions, verb), who)

        @rule(who=WHO, terms=st.integers(0, 4), free=st.booleans())
        def accept(self, who, terms, free):
            self.attempt(actions.accept, who, terms=terms, free_of_charge=free)

        @rule(who=WHO, reason=st.sampled_from(["", "Bitte anders."]))
        def revise(self, who, reason):
            self.attempt(actions.revise, who, reason)

        @rule(who=WHO, free=st.booleans())
        def edit(self, who, free):
            self.attempt(actions.edit, who, some_terms(**(free_terms() if free else {})))

        @rule(who=WHO)
        def cancel(self, who):
            self.attempt(actions.cancel, who, "Aus.")

        @invariant()
        def moves_follow_the_table(self):
            for before, after in zip(self.past, self.past[1:], strict=False):
                assert after in {
                    target for (source, _), target in ORDER.moves.items() if source is before
                }

        @invariant()
        def what_was_agreed_was_accepted_by_both(self):
            self.session.refresh(self.order, ["acceptances"])
            if self.order.state in {
                OrderState.AGREED,
                OrderState.IN_PRODUCTION,
                OrderState.DELIVERED,
                OrderState.COMPLETED,
            }:
                given = policy.standing(self.order)
                assert len(given) == 2
                free = self.order.payer is Payer.NOBODY
                assert all(a.free_of_charge == free for a in given.values())

        @invariant()
        def counts_are_true(self):
            story, opened = self.story, self.order.state in OPEN
            self.session.refresh(story.enterprise)
            self.session.refresh(story.capability)
            assert story.enterprise.open_orders == int(opened)
            assert story.capability.committed_kg_per_month == (180.0 if opened else 0.0)

        @invariant()
        def the_listing_and_the_proposal_follow(self):
            self.session.refresh(self.story.listing)
            self.session.refresh(self.story.proposal)
            cancelled = self.order.state is OrderState.CANCELLED
            completed = self.order.state is OrderState.COMPLETED
            assert self.story.listing.state is (
                ListingState.PUBLISHED if cancelled
                else ListingState.GIVEN if completed
                else ListingState.RESERVED
            )  # fmt: skip
            assert self.story.proposal.state is (
                ProposalState.REFUSED if cancelled else ProposalState.ACCEPTED
            )

        @invariant()
        def the_history_ends_with_the_state(self):
            last = self.session.scalars(
                select(OrderStep.state)
                .where(OrderStep.order_id == self.order.id)
                .order_by(OrderStep.id.desc())
                .limit(1)
            ).one()
            assert last is self.order.state

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_database_repeats_the_invariants(session):
    story = a_story(session)
    order = story.order()
    for wrong in (
        {"price": None},
        {"quantity": 0},
        {"state": "cancelled"},
        {"due_on": order.starts_on.replace(year=2000)},
    ):
        with pytest.raises(Exception, match=r"(?i)check|constraint"), session.begin_nested():
            session.execute(Order.__table__.update().where(Order.id == order.id).values(**wrong))
