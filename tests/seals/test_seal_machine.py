"""Whoever tries whatever in whatever order, no seal is awarded but by the rules of its process."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from marketplace.accounts.models import MemberRole, Membership
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.seals import catalogue, certifying, process, queries, separation
from marketplace.seals.assessment import Finding, SealRole
from marketplace.seals.criteria import Strength
from marketplace.seals.lifecycle import CertificateAction, CertificateState, SealState
from marketplace.seals.models import SealApplication, SealStep
from marketplace.seals.policy import is_independent
from tests.builders import NOW, actor_for, an_agency_person
from tests.seals.seal_stories import SIGNER, TODAY, a_story

NAMES = ["ada", "bela", "cora", "dan", "eva", "fay"]
AWAY = [[], ["bela", "cora"], NAMES]
"""Who of the panel does not vote: nobody, the independent ones, all of them."""
WHO = st.sampled_from([*NAMES, "agnes", "emre"])
AGNES = st.sampled_from(["agnes", "agnes", "agnes", "emre", "bela"])
ROLES = [SealRole.ADVISER, SealRole.ASSESSOR, *[SealRole.PANEL] * 3, SealRole.DECIDER]
FAILS = st.sampled_from(["", "", "S2", "E5"])
SEED = st.integers(0, 10**9)
REFUSED = (Invalid, NotAllowed, NotFound, WrongState)


class Machine(RuleBasedStateMachine):
    sessions = None

    def __init__(self):
        super().__init__()
        self.session = self.sessions()
        self.story = a_story(self.session)
        fay = an_agency_person(self.session, name="Fay Agentur")
        self.story.users["fay"], self.story.actors["fay"] = fay, actor_for(self.session, fay)
        self.key = self.story.submitted().id
        self.certificate = None
        self.ends = set()
        self.loaded = None
        self.session.flush()

    def teardown(self):
        self.session.rollback()
        self.session.close()

    @property
    def application(self):
        wanted = select(SealApplication).where(SealApplication.id == self.key)
        return self.session.scalars(wanted.options(*queries.with_everything())).one()

    @property
    def row(self):
        return self.session.get(SealApplication, self.key)

    def actor(self, who):
        known = {"agnes": self.story.agnes, "emre": self.story.emre}
        return (known | self.story.actors)[who]

    def attempt(self, verb, who, *rest, **more):
        """Do it, or be refused; tell what came of it."""
        made, application = None, self.loaded or self.application
        self.loaded = application
        with self.session.begin_nested() as savepoint:
            try:
                made = verb(
                    self.session, application, *rest, **more, actor=self.actor(who), now=NOW
                )
            except REFUSED:
                savepoint.rollback()
                self.session.expire_all()
                self.loaded = None
        return made

    def holder(self, role):
        rows = separation.serving(separation.appointed(self.session, self.row), role)
        by_id = {user.id: name for name, user in self.story.users.items()}
        return [by_id[row.user_id] for row in rows]

    @initialize(seed=SEED)
    def begin_somewhere(self, seed):
        self.go_on(seed)

    @rule(seed=SEED)
    def go_on(self, seed):
        """Do what the state asks for, some times over, not always well."""
        luck = Random(seed)
        order, steps = luck.sample(NAMES, len(NAMES)), luck.randint(1, 6)
        fails, away = luck.choice(["", "S2"]), luck.choice(AWAY)
        for _step in range(steps):
            state = self.row.state
            if state is SealState.SUBMITTED:
                self.appoint("agnes", order, 6)
                self.begin("agnes")
            elif state is SealState.IN_ASSESSMENT:
                self.judge(fails, 2.5, None, "")
            elif state in (SealState.ASSESSED, SealState.APPEALED):
                self.convene("agnes")
            elif state is SealState.AT_PANEL:
                self.vote(True, away, None)
                self.award(None)

    @rule(by=AGNES, order=st.permutations(NAMES), some=st.integers(4, 6))
    def appoint(self, by, order, some):
        for role, name in [*zip(ROLES, order, strict=True)][:some]:
            email = self.story.users[name].email
            self.attempt(separation.appoint, by, role, email)

    @rule(by=AGNES, role=st.sampled_from(SealRole), name=st.sampled_from(NAMES))
    def appoint_one(self, by, role, name):
        self.attempt(separation.appoint, by, role, self.story.users[name].email)

    @rule(by=AGNES, which=st.integers(0, 5))
    def dismiss(self, by, which):
        for row in separation.appointed(self.session, self.row)[which : which + 1]:
            self.attempt(separation.dismiss, by, row.id)

    @rule(by=AGNES)
    def begin(self, by):
        self.attempt(process.begin, by)

    @rule(
        fails=FAILS,
        points=st.sampled_from([0.0, 2.5, 9.0]),
        stranger=st.sampled_from([None, None, "ada", "eva", "emre"]),
        skips=st.sampled_from(["", "", "S3"]),
    )
    def judge(self, fails, points, stranger, skips):
        def judged(session, application, **by):
            for criterion in queries.applicable(application):
                if not criterion.computed and criterion.code not in ("R3", skips):
                    finding = Finding.DOES_NOT if criterion.code == fails else Finding.HOLDS
                    process.judge(
                        session, application, criterion.code, finding, points, "Gesehen.", **by
                    )

        for who in [stranger] if stranger else self.holder(SealRole.ASSESSOR):
            self.attempt(judged, who)
            self.attempt(process.report, who)

    @rule(by=AGNES)
    def convene(self, by):
        self.attempt(process.convene, by)
        self.attempt(process.rehear, by)

    @rule(
        yes=st.booleans(), away=st.sampled_from(AWAY), stranger=st.sampled_from([None, None, "eva"])
    )
    def vote(self, yes, away, stranger):
        panel = [name for name in self.holder(SealRole.PANEL) if name not in away]
        for who in [stranger] if stranger else panel:
            self.attempt(process.vote, who, yes, "Überzeugt.")

    @rule(stranger=st.sampled_from([None, None, None, "agnes", "bela", "emre"]))
    def award(self, stranger):
        for who in [stranger] if stranger else self.holder(SealRole.DECIDER):
            made = self.attempt(certifying.award, who, "Erfüllt.", signer=SIGNER, today=TODAY)
            if made is not None:
                assert self.certificate is None, "one certificate at most"
                self.certificate = made.number
                self.awarded_by_the_rules(made)

    @rule()
    def refuse_and_appeal(self):
        for who in self.holder(SealRole.DECIDER):
            self.attempt(process.refuse, who, "Noch nicht.")
            self.attempt(process.appeal, "emre", "Doch.", today=TODAY + timedelta(1))

    @rule(who=WHO, sure=st.integers(0, 5))
    def withdraw(self, who, sure):
        if not sure:
            self.attempt(process.withdraw, who)

    @rule(name=st.sampled_from(NAMES), sure=st.integers(0, 7))
    def join_the_maker(self, name, sure):
        user = self.story.users[name]
        mine = select(Membership).where(
            Membership.user_id == user.id, Membership.organisation_id == self.story.maker.id
        )
        if not sure and self.session.scalars(mine).first() is None:
            self.session.add(
                Membership(
                    user_id=user.id, organisation_id=self.story.maker.id, role=MemberRole.MEMBER
                )
            )
            self.session.flush()

    @rule(by=AGNES, action=st.sampled_from(CertificateAction))
    def move(self, by, action):
        if self.certificate is not None:
            found = catalogue.by_number(self.session, self.certificate)

            def moved(session, application, **who):
                certifying.move(session, found, action, "Darum.", "Darum.", today=TODAY, **who)

            self.attempt(moved, by)

    def awarded_by_the_rules(self, certificate):
        application = self.application
        steps = self.session.scalars(
            select(SealStep).where(SealStep.application_id == self.key).order_by(SealStep.id)
        ).all()
        reported = next(s.user_id for s in steps if s.state is SealState.ASSESSED)
        decided = steps[-1].user_id
        offices = separation.appointed(self.session, application)
        advisers = {o.user_id for o in offices if o.role is SealRole.ADVISER and not o.ended}
        voted = {v.user_id: v.yes for v in queries.votes(self.session, application)}
        judged = {j.user_id for j in queries.judgements(self.session, application)}
        panel = {o.user_id: o for o in offices if o.role is SealRole.PANEL and not o.ended}
        assert advisers
        assert len({reported, decided, *advisers}) == 2 + len(advisers), "three people at least"
        assert not {decided, *advisers} & (voted.keys() | judged)
        assert not voted.keys() & judged
        assert 2 * sum(voted.values()) > len(voted)
        assert 2 * len(panel.keys() & voted.keys()) > len(panel)
        independent = [panel[key].user for key in voted if key in panel and panel[key].independent]
        assert any(is_independent(user) for user in independent)
        own = set(
            self.session.scalars(
                select(Membership.user_id).where(Membership.organisation_id == self.story.maker.id)
            )
        )
        assert decided not in own
        for outcome in process.sheet(self.session, application):
            if outcome.criterion.strength is Strength.MUST and outcome.asked:
                assert outcome.excused or outcome.finding is Finding.HOLDS, outcome.criterion.code
        assert certificate.state is CertificateState.VALID

    @invariant()
    def a_certificate_stands_for_an_award(self):
        application = self.row
        found = catalogue.of_application(self.session, application)
        assert (found is not None) == (application.state is SealState.AWARDED)

    @invariant()
    def what_is_withdrawn_stays_withdrawn(self):
        application = self.row
        found = catalogue.of_application(self.session, application)
        now = {
            state
            for state in (application.state, found.state if found is not None else None)
            if state in (SealState.WITHDRAWN, CertificateState.WITHDRAWN)
        }
        assert self.ends <= now
        self.ends = now

    @invariant()
    def points_add_up(self):
        application = self.row
        if application.reported_at is not None:
            rows = queries.judgements(self.session, application)
            assert application.points == sum(row.points for row in rows)
            assert all(row.points >= 0 for row in rows)

    @invariant()
    def nobody_has_two_parts(self):
        offices = separation.appointed(self.session, self.row)
        assert len({o.user_id for o in offices}) == len(offices)
        for role in (SealRole.ADVISER, SealRole.ASSESSOR, SealRole.DECIDER):
            assert len(separation.serving(offices, role)) <= 1


@pytest.fixture
def machine(sessions):
    Machine.sessions = staticmethod(sessions)
    return Machine


def test_no_path_leads_around_the_rules(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nor_do_those_that_go_on_to_the_end(machine):
    awarded = []
    for seed in range(24):
        walk = machine()
        walk.go_on(seed)
        walk.go_on(seed + 1000)
        walk.a_certificate_stands_for_an_award()
        walk.points_add_up()
        walk.nobody_has_two_parts()
        awarded.append(walk.certificate)
        walk.teardown()
    assert 2 <= sum(number is not None for number in awarded) < len(awarded)
