"""Several people at the same moment, each with a connection of their own, on a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from marketplace.core import audit
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.seals import (
    applying,
    catalogue,
    certifying,
    complaints,
    process,
    queries,
    separation,
    settings,
    versions,
)
from marketplace.seals.assessment import SealRole, Vote
from marketplace.seals.complaints import ComplaintDraft
from marketplace.seals.lifecycle import CertificateAction, CertificateState, SealState
from marketplace.seals.models import SealApplication
from marketplace.seals.register import Certificate, Complaint, SigningKey
from marketplace.seals.settings import SealSettings, SettingsDraft
from tests.at_once import in_sessions
from tests.builders import NOW
from tests.seals.seal_stories import SIGNER, TODAY, a_story, an_input, head
from tests.seals.test_versions_and_complaints import a_change


def at_once(real, *works):
    return in_sessions(
        real, works, (Invalid, NotAllowed, NotFound, WrongState, StaleDataError, IntegrityError)
    )


def done(outcomes):
    return [one for one in outcomes if not isinstance(one, Exception)]


def after(action, story, key, *things, who, **answers):
    """Return the work of somebody who opens the application and acts."""

    def work(session):
        application = queries.get(session, key, actor=who)
        action(session, application, *things, **answers, actor=who, now=NOW)
        return True

    return work


def test_awarded_and_refused_at_once_is_one_decision(real):
    with transaction(real) as session:
        story = a_story(session)
        made = story.at_panel()
        story.vote(made)
        key, eva = made.id, story.actors["eva"]
    award = after(certifying.award, story, key, "Ja.", who=eva, signer=SIGNER, today=TODAY)
    refuse = after(process.refuse, story, key, "Nein.", who=eva)
    outcomes = at_once(real, award, refuse, award, refuse)
    assert len(done(outcomes)) == 1, outcomes
    with real() as session:
        made = session.get_one(SealApplication, key)
        awarded = made.state is SealState.AWARDED
        assert session.scalar(select(func.count()).select_from(Certificate)) == awarded
        decided = [r.action for r in audit.trail(session, made) if r.action in ("award", "refuse")]
        assert decided == (["award"] if awarded else ["refuse"])


def test_certificates_awarded_at_once_have_numbers_of_their_own(real):
    with transaction(real) as session:
        story = a_story(session)
        keys = []
        for n in range(4):
            made = story.at_panel(name=f"Tasche {n}")
            story.vote(made)
            keys.append(made.id)
        eva = story.actors["eva"]
    works = [
        after(certifying.award, story, key, "Ja.", who=eva, signer=SIGNER, today=TODAY)
        for key in keys
    ]
    outcomes = at_once(real, *works)
    assert outcomes == [True] * 4
    with real() as session:
        rows = session.scalars(select(Certificate).order_by(Certificate.number)).all()
        assert [row.number for row in rows] == [f"AT-2026-000{n}" for n in range(1, 5)]
        assert all(row.document["content"]["number"] == row.number for row in rows)
        assert len(session.scalars(select(SigningKey)).all()) == 1


def test_one_renewal_is_handed_in_and_awarded(real):
    with transaction(real) as session:
        story = a_story(session)
        first = story.awarded()
        first.valid_until = TODAY + timedelta(days=30)
        keys = [story.draft(renews=first.number).id for _ in range(2)]
        emre = story.emre
    works = [after(process.submit, story, key, who=emre, today=TODAY) for key in keys]
    outcomes = at_once(real, *works)
    assert len(done(outcomes)) == 1
    (refused,) = [one for one in outcomes if isinstance(one, Invalid)]
    assert refused.problems[0].code == "seal_renewal_begun"


def test_the_same_vote_twice_is_one_vote(real):
    with transaction(real) as session:
        story = a_story(session)
        key, cora = story.at_panel().id, story.actors["cora"]
    votes = [after(process.vote, story, key, yes, "x", who=cora) for yes in (True, False) * 3]
    assert len(done(at_once(real, *votes))) == 6, "one may think again"
    with real() as session:
        assert session.scalar(select(func.count()).select_from(Vote)) == 1


def test_suspended_withdrawn_and_lifted_at_once_ends_withdrawn(real):
    with transaction(real) as session:
        story = a_story(session)
        number, agnes = story.awarded().number, story.agnes

    def move(action):
        def work(session):
            found = catalogue.by_number(session, number)
            certifying.move(
                session, found, action, "Grund", "Für alle", today=TODAY, actor=agnes, now=NOW
            )
            return action

        return work

    suspend, withdraw = move(CertificateAction.SUSPEND), move(CertificateAction.WITHDRAW)
    outcomes = at_once(real, suspend, withdraw, suspend, withdraw)
    assert outcomes.count(CertificateAction.WITHDRAW) == 1, outcomes
    assert outcomes.count(CertificateAction.SUSPEND) <= 1
    with real() as session:
        row = session.scalars(select(Certificate)).one()
        assert row.state is CertificateState.WITHDRAWN
        noted = [r.before["state"] for r in audit.trail(session, row) if r.action == "withdraw"]
        assert len(noted) == 1


def test_nobody_gets_two_parts_by_appointing_twice(real):
    with transaction(real) as session:
        story = a_story(session)
        key, agnes, ada = story.submitted().id, story.agnes, story.users["ada"].email
    works = [
        after(separation.appoint, story, key, role, ada, who=agnes)
        for role in (*SealRole, *SealRole)
    ]
    assert len(done(at_once(real, *works))) == 1


def test_a_material_does_not_slip_away_while_it_is_handed_in(real):
    with transaction(real) as session:
        story = a_story(session)
        made = story.draft()
        key, row_id, emre = made.id, made.inputs[0].id, story.emre
    outcomes = at_once(
        real,
        after(applying.remove_input, story, key, row_id, who=emre),
        after(process.submit, story, key, who=emre, today=TODAY),
        after(applying.put_input, story, key, row_id, an_input(mass_kg=3.0), who=emre),
    )
    with real() as session:
        made = queries.get(session, key, actor=emre)
        assert (made.state is SealState.DRAFT) or made.inputs, outcomes


def test_a_complaint_is_answered_once(real):
    with transaction(real) as session:
        story = a_story(session)
        draft = ComplaintDraft(text="Gefälscht.")
        key, agnes = complaints.receive(session, draft, today=TODAY, now=NOW).id, story.agnes

    def answer(text):
        def work(session):
            return complaints.answer(session, key, text, actor=agnes, now=NOW).answer

        return work

    outcomes = done(at_once(real, *(answer(f"Antwort {n}") for n in range(4))))
    assert len(outcomes) == 1
    with real() as session:
        assert session.get_one(Complaint, key).answer == outcomes[0]


def test_a_published_version_is_not_changed_by_who_was_still_writing(real):
    with transaction(real) as session:
        story = a_story(session)
        applying.begin(session, head(), today=TODAY, actor=story.emre, now=NOW)
        versions.begin(session, today=TODAY, actor=story.agnes, now=NOW)
        agnes = story.agnes

    def publish(session):
        return versions.publish(session, TODAY, "Neu.", actor=agnes, now=NOW).version

    def edit(session):
        return versions.edit(session, "S1a", a_change(), actor=agnes, now=NOW).threshold

    outcomes = at_once(real, publish, edit, publish)
    assert outcomes.count(2) == 1
    with real() as session:
        (row,) = [c for c in versions.version(session, 2).criteria if c.code == "S1a"]
        assert row.threshold == (40.0 if 40.0 in outcomes else 30.0)


def test_two_first_settings_are_one_row_and_each_is_on_record(real):
    with transaction(real) as session:
        agnes = a_story(session).agnes

    def save(years):
        def work(session):
            settings.change(session, SettingsDraft(years=years), actor=agnes, now=NOW)
            return years

        return work

    assert done(at_once(real, save(4), save(5))) == [4, 5]
    with real() as session:
        row = session.scalars(select(SealSettings)).one()
        first, second = audit.trail(session, row)
        assert (first.before["years"], second.before["years"]) == (3, first.after["years"])
        assert row.years == second.after["years"]


def test_the_database_takes_no_second_row_of_settings(session):
    session.add(SealSettings(id=2))
    with pytest.raises(IntegrityError):
        session.flush()
