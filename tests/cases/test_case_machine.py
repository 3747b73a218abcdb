"""Whatever people do in whatever order, a case stays consistent, and its history says how it went."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from marketplace.cases import (
    appointments,
    attempts,
    diary,
    disclosure,
    needs,
    parties,
    phases,
    policy,
    queries,
    referrals,
    trials,
)
from marketplace.cases.lifecycle import ATTEMPT, CASE, AttemptState, CaseAction, Phase
from marketplace.cases.models import Case, CaseStep, Disclosure, Outcome, Verdict
from marketplace.core.actor import SYSTEM
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from tests.builders import NOW
from tests.cases.case_stories import a_second_workshop, a_story, a_task, a_trial, an_appointment
from tests.cases.case_stories import needs as some_needs

WHO = st.sampled_from(["maria", "maria", "katalin", "andrea"])
REASONS = st.sampled_from(["", "Darum."])


def follows(before, after, lifecycle):
    return after in {target for (source, _), target in lifecycle.moves.items() if source is before}


def test_cases_stay_consistent(sessions):  # noqa: C901
    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.session = sessions()
            self.story = a_story(self.session)
            a_second_workshop(self.session, self.story)
            self.session.flush()
            self.now = NOW
            self.phases = [Phase.CONSULTATION]
            self.states = {}

        def teardown(self):
            self.session.rollback()
            self.session.close()

        @property
        def case(self):
            return queries.get(self.session, self.story.case_id, actor=SYSTEM)

        def attempt(self, verb, who, *rest, **more):
            """Do it or be refused; either way note where the case and its attempts are now."""
            self.now += timedelta(minutes=1)
            with self.session.begin_nested() as savepoint:
                try:
                    verb(self.session, self.case, *rest, **more,
                         actor=getattr(self.story, who), now=self.now)  # fmt: skip
                except (Invalid, NotAllowed, NotFound, WrongState):
                    savepoint.rollback()
            self.session.expire_all()
            if self.case.phase is not self.phases[-1]:
                self.phases.append(self.case.phase)
            for one in self.case.attempts:
                past = self.states.setdefault(one.id, [AttemptState.OPEN])
                if one.state is not past[-1]:
                    past.append(one.state)

        @rule(who=WHO, action=st.sampled_from(CaseAction))
        def move(self, who, action):
            self.attempt(phases.move, who, action)

        @rule(who=WHO, outcome=st.sampled_from(Outcome), reason=REASONS, settle=st.booleans())
        def close(self, who, outcome, reason, settle):
            self.attempt(phases.close, who, outcome, reason, settle=settle)

        @rule(who=WHO, reason=REASONS)
        def reopen(self, who, reason):
            self.attempt(phases.reopen, who, reason)

        @rule(who=WHO)
        def keep(self, who):
            self.attempt(diary.add_task, who, a_task())
            self.attempt(appointments.make, who, an_appointment())
            self.attempt(needs.write, who, some_needs(), seen=0)

        @rule(who=WHO, which=st.integers(0, 2))
        def try_out(self, who, which):
            for one in self.case.attempts[which : which + 1]:
                self.attempt(trials.try_out, who, one, a_trial(self.story))

        @rule(who=WHO, verdict=st.sampled_from(Verdict), reason=REASONS)
        def judge(self, who, verdict, reason):
            for one in self.case.trials[-1:]:
                self.attempt(trials.judge, who, one, verdict, "", reason)

        @rule(who=WHO)
        def next_best(self, who):
            for found in queries.next_best(
                self.session, self.case, actor=self.story.maria
            ).values():
                self.attempt(attempts.add, who, proposal=found[0])

        @rule(who=WHO, which=st.integers(0, 2), reason=REASONS)
        def drop(self, who, which, reason):
            for one in self.case.attempts[which : which + 1]:
                self.attempt(attempts.drop, who, one, reason)

        @rule(who=WHO, which=st.integers(0, 2))
        def resume(self, who, which):
            for one in self.case.attempts[which : which + 1]:
                self.attempt(attempts.resume, who, one)

        @rule(who=st.sampled_from(["maria", "katalin"]))
        def order(self, who):
            def ordered(session, case, *, actor, now):
                attempts.ordered(session, self.story.proposal, actor=actor, now=now)

            self.attempt(ordered, who)

        @rule(
            who=WHO,
            stage=st.sampled_from(Disclosure),
            seen=st.sampled_from(Disclosure),
            reason=REASONS,
        )
        def disclose(self, who, stage, seen, reason):
            for party in self.case.parties[:1]:
                before = party.disclosure
                self.attempt(parties.disclose, who, party, stage, reason, seen=seen)
                self.session.refresh(party)
                stages = disclosure.STAGES
                if stages.index(party.disclosure) < stages.index(before):
                    assert reason, "nothing is hidden again without a reason"
                if party.disclosure is not before:
                    assert seen is before

        @rule(who=WHO, there=st.booleans())
        def refer(self, who, there):
            point = self.story.elsewhere if there else self.story.point
            self.attempt(referrals.refer, who, point.id, "Näher.")

        @rule(who=WHO, taken=st.booleans(), words=REASONS)
        def answer(self, who, taken, words):
            for one in self.case.referrals[-1:]:
                self.attempt(referrals.answer, who, one, taken, words)

        @rule(who=WHO)
        def withdraw(self, who):
            for one in self.case.referrals[-1:]:
                self.attempt(referrals.withdraw, who, one)

        @invariant()
        def moves_follow_the_table(self):
            for past, table in [(self.phases, CASE), *((p, ATTEMPT) for p in self.states.values())]:
                for before, after in pairwise(past):
                    assert follows(before, after, table), (before, after)

        @invariant()
        def what_is_closed_is_settled(self):
            case = self.case
            closed = case.phase is Phase.CLOSED
            assert closed == (case.outcome is not None) == bool(case.closed_reason)
            if closed:
                assert all(task.done_at for task in case.tasks)
                assert all(one.state not in attempts.LIVE for one in case.attempts)
                assert all(r.answered_at for r in case.referrals)

        @invariant()
        def trials_agree_with_their_attempts(self):
            case = self.case
            for one in case.attempts:
                under_way = [
                    t for t in case.trials if t.attempt_id == one.id and t.verdict is Verdict.OPEN
                ]
                assert len(under_way) == int(one.state is AttemptState.TRIAL)
            assert all(t.reason for t in case.trials if t.verdict is Verdict.FAILED)

        @invariant()
        def one_service_point_works_on_it_and_all_others_at_most_read(self):
            case, story = self.case, self.story
            working = [a for a in (story.maria, story.katalin) if policy.works_on(a, case)]
            assert len(working) == 1
            assert case.broker_id is None or case.broker_id == working[0].user_id
            assert sum(r.answered_at is None for r in case.referrals) <= 1
            seen = self.session.scalars(
                select(Case.id).where(policy.visible_to_brokers(story.katalin))
            )
            assert (case.id in seen.all()) == (policy.sight(story.katalin, case) is not None)

        @invariant()
        def the_history_ends_with_the_phase_and_the_last_word(self):
            last = self.session.scalars(
                select(CaseStep)
                .where(CaseStep.case_id == self.story.case_id)
                .order_by(CaseStep.id.desc())
                .limit(1)
            ).one()
            assert last.phase is self.case.phase
            assert last.at <= self.case.last_word_at <= self.now

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=4 if sessions.kw["bind"].dialect.name == "postgresql" else 8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
