"""Whatever people do in whatever order, an order stays consistent with everything that counts it."""

import dataclasses

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from marketplace.core.errors import Invalid, NotAllowed, WrongState
from marketplace.listings.lifecycle import ListingState
from marketplace.orders import actions, policy, terms
from marketplace.orders.lifecycle import COMMITTING, OPEN, ORDER, RUNNING, STOPPED, OrderState
from marketplace.orders.models import Order, OrderLine, OrderStep
from marketplace.orders.snapshots import read
from marketplace.proposals.lifecycle import ProposalState
from tests.builders import NOW
from tests.orders.order_stories import a_story, free_terms

WHO = st.sampled_from(["maria", "andrea", "emre"])
VERBS = st.sampled_from(["start", "deliver", "complete", "resume"])
STOPS = st.sampled_from(["pause", "dispute", "settle"])


def test_orders_stay_consistent(sessions):  # noqa: C901
    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.session = sessions()
            self.story = a_story(self.session)
            self.order = self.story.order()
            self.past = [self.order.state]
            self.not_again = False

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

        @rule(verb=STOPS, who=WHO)
        def stop(self, verb, who):
            self.attempt(getattr(actions, verb), who, "So nicht.")

        @rule(who=WHO)
        def offer(self, who):
            self.attempt(terms.offer, who)

        @rule(who=WHO, version=st.integers(0, 4), free=st.booleans())
        def accept(self, who, version, free):
            self.attempt(terms.accept, who, terms=version, free_of_charge=free)

        @rule(who=WHO, quantity=st.sampled_from([100.0, 200.0]))
        def amend(self, who, quantity):
            line = self.story.terms(quantity=quantity).lines[0]
            kept = dataclasses.replace(line, id=self.order.lines[0].id)
            self.attempt(terms.amend, who, self.story.terms(lines=(kept,)))

        @rule(who=WHO, reason=st.sampled_from(["", "Bitte anders."]))
        def revise(self, who, reason):
            self.attempt(actions.revise, who, reason)

        @rule(who=WHO, free=st.booleans())
        def edit(self, who, free):
            self.attempt(terms.edit, who, self.story.terms(**(free_terms() if free else {})))

        @rule(who=WHO, not_again=st.booleans())
        def cancel(self, who, not_again):
            before = self.order.state
            self.attempt(actions.cancel, who, "Aus.", not_again=not_again)
            if self.order.state is OrderState.CANCELLED and before is not OrderState.CANCELLED:
                self.not_again = not_again

        @invariant()
        def moves_follow_the_table(self):
            for before, after in zip(self.past, self.past[1:], strict=False):
                ways = {target for (source, _), target in ORDER.moves.items() if source is before}
                stopped = {
                    source for (source, _), target in ORDER.moves.items() if target is before
                }
                assert after in ways | (stopped if before in STOPPED else set())

        @invariant()
        def stops_lead_back_and_say_why(self):
            stopped = self.order.state in STOPPED
            assert (self.order.state_before is not None) == stopped
            ended = self.order.state is OrderState.CANCELLED
            assert (self.order.reason is not None) == (stopped or ended)

        @invariant()
        def what_was_agreed_was_accepted_by_both(self):
            self.session.refresh(self.order, ["acceptances", "lines", "versions"])
            if self.order.state in {*RUNNING, *STOPPED, OrderState.COMPLETED}:
                given = policy.standing(self.order)
                assert len(given) == 2
                free = bool(self.order.free_lines)
                assert all(a.free_of_charge == free for a in given.values())
                (said,) = [t for t in self.order.versions if t.version == self.order.terms]
                assert read(said.snapshot).lines[0].quantity == self.order.lines[0].quantity

        @invariant()
        def counts_are_true(self):
            story, opened = self.story, self.order.state in OPEN
            self.session.refresh(story.enterprise)
            self.session.refresh(story.capability)
            assert story.enterprise.open_orders == int(opened)
            committed = 180.0 if self.order.state in COMMITTING else 0.0
            assert story.capability.committed_kg_per_month == committed

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
                ProposalState.ACCEPTED
                if not cancelled
                else ProposalState.REFUSED
                if self.not_again
                else ProposalState.PROPOSED
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
            max_examples=12 if sessions.kw["bind"].dialect.name == "postgresql" else 25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_database_repeats_the_invariants(session):
    story = a_story(session)
    order = story.order()
    line, stranger = order.lines[0], 987654
    for table, row, wrong in (
        (OrderLine, line, {"price": None}),
        (OrderLine, line, {"price": 0}),
        (OrderLine, line, {"quantity": 0}),
        (OrderLine, line, {"payer_id": stranger}),
        (OrderLine, line, {"taker_id": line.giver_id}),
        (OrderLine, line, {"vat_percent": 101}),
        (Order, order, {"state": "cancelled"}),
        (Order, order, {"state": "paused", "reason": "Ruhe."}),
        (Order, order, {"due_on": order.starts_on.replace(year=2000)}),
    ):
        with pytest.raises(Exception, match=r"(?i)check|constraint"), session.begin_nested():
            session.execute(update(table).where(table.id == row.id).values(**wrong))
