"""Three parties, in whatever order they act: a chain stays consistent too, and its sums add up."""

import dataclasses
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.orders import actions, call_offs, deliveries, policy, terms
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.lifecycle import COMMITTING, OPEN, RUNNING, STOPPED, OrderState
from marketplace.orders.money import Amount, sums
from marketplace.orders.snapshots import read, rows_of
from tests.builders import NOW
from tests.orders.order_stories import TODAY, a_story
from tests.orders.test_terms import chain

WHO = st.sampled_from(["maria", "andrea", "emre", "sara"])
PLAIN = st.sampled_from(["start", "deliver", "complete", "resume"])
SAID = st.sampled_from(["revise", "pause", "dispute", "settle", "cancel"])


def test_chains_stay_consistent(sessions):  # noqa: C901
    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.session = sessions()
            self.story = a_story(self.session)
            self.order = self.story.order()
            draft = dataclasses.replace(
                chain(self.session, self.story), standing=True, recurrence="monthly"
            )
            terms.edit(self.session, self.order, draft, actor=self.story.maria, now=NOW)

        def teardown(self):
            self.session.rollback()
            self.session.close()

        def attempt(self, verb, who, *rest, **more):
            with self.session.begin_nested() as savepoint:
                try:
                    verb(self.session, self.order, *rest, **more,
                         actor=getattr(self.story, who), now=NOW)  # fmt: skip
                except (Invalid, NotAllowed, NotFound, WrongState):
                    savepoint.rollback()
            self.session.refresh(self.order)
            self.session.refresh(
                self.order,
                ["parties", "pairings", "lines", "milestones", "acceptances", "versions"],
            )

        @rule(verb=PLAIN, who=WHO)
        def step(self, verb, who):
            self.attempt(getattr(actions, verb), who)

        @rule(verb=SAID, who=WHO)
        def say(self, verb, who):
            self.attempt(getattr(actions, verb), who, "Darum.")

        @rule()
        def offer(self):
            self.attempt(terms.offer, "maria")

        @rule()
        def agree(self):
            for who in ("andrea", "emre", "sara"):
                version = max(
                    (t.version for t in self.order.versions if not t.withdrawn), default=0
                )
                self.attempt(terms.accept, who, terms=version, free_of_charge=True)

        @rule(who=WHO, version=st.integers(0, 3))
        def accept(self, who, version):
            self.attempt(terms.accept, who, terms=version, free_of_charge=True)

        @rule(who=WHO, price=st.decimals("0.0001", "99", places=4))
        def amend(self, who, price):
            rows = rows_of(self.order)
            dear = (*rows.lines[:-1], dataclasses.replace(rows.lines[-1], price=price))
            head = {n: getattr(self.order, n) for n in ("starts_on", "due_on", "title", "product")}
            draft = self.story.terms(lines=dear, parties=rows.parties, **head)
            self.attempt(terms.amend, who, draft)

        @rule(who=WHO)
        def refuse(self, who):
            self.attempt(terms.refuse_amendment, who, "Nein.")

        @rule(who=WHO, line=st.integers(0, 2), arrived=st.floats(0, 500))
        def hand_over(self, who, line, arrived):
            if self.order.state not in policy.BEING_CARRIED_OUT:
                return
            draft = DeliveryDraft(
                line_id=self.order.lines[line].id, planned_on=TODAY, expected=100.0
            )
            made = deliveries.plan(self.session, self.order, draft, actor=self.story.maria, now=NOW)
            said = HandOver(done_on=TODAY, arrived=arrived)
            self.attempt(deliveries.hand_over, who, made.id, said)

        @rule(who=WHO, quantity=st.floats(1, 300))
        def call_off(self, who, quantity):
            draft = CallOffDraft(line_id=self.order.lines[-1].id, quantity=quantity, due_on=TODAY)
            self.attempt(call_offs.ask, who, draft)

        @invariant()
        def sums_add_up(self):
            found = sums(self.order.lines)
            paid = sum((b.pays for b in found.parties.values()), Amount())
            received = sum((b.receives for b in found.parties.values()), Amount())
            assert paid == received == found.total
            assert found.total.net >= Decimal("90.00"), "the client pays for sorting"

        @invariant()
        def what_runs_was_accepted_by_all_three_as_it_stands(self):
            if self.order.state in {*RUNNING, *STOPPED, OrderState.COMPLETED}:
                assert len(policy.standing(self.order)) == 3
                (said,) = [t for t in self.order.versions if t.version == self.order.terms]
                agreed = [line.price for line in read(said.snapshot).lines]
                assert [line.price for line in self.order.lines] == agreed

        @invariant()
        def counts_are_true_for_both_workshops(self):
            opened = int(self.order.state in OPEN)
            committed = 180.0 if self.order.state in COMMITTING else 0.0
            for enterprise, able in (
                (self.story.enterprise, self.story.capability),
                (self.story.sorter, self.story.sorting),
            ):
                self.session.refresh(enterprise)
                self.session.refresh(able)
                assert (enterprise.open_orders, able.committed_kg_per_month) == (opened, committed)

        @invariant()
        def no_more_is_called_off_than_there_is(self):
            for line in self.order.lines:
                assert call_offs.asked_for(self.session, line) <= line.quantity

        @invariant()
        def whoever_confirmed_confirmed_these_amounts(self):
            for row in deliveries.of_order(self.session, self.order):
                if row.giver_at or row.taker_at:
                    assert row.arrived is not None

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12 if sessions.kw["bind"].dialect.name == "postgresql" else 20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
