"""From the application to the certificate: every step, who may take it, and what stands against it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Verification
from marketplace.core import audit
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.seals import (
    applying,
    catalogue,
    certifying,
    process,
    proofs,
    queries,
    separation,
    settings,
)
from marketplace.seals.assessment import Finding, SealEvidence, SealRole
from marketplace.seals.drafts import MakerDraft
from marketplace.seals.lifecycle import SEAL, CertificateAction, SealAction, SealState
from marketplace.seals.models import ProductGroup
from marketplace.seals.register import Standing
from marketplace.seals.settings import SettingsDraft
from tests.builders import NOW, a_person, actor_for, an_agency_person, an_enterprise
from tests.seals.seal_stories import SIGNER, TODAY, a_story, an_input, head, later


@pytest.fixture
def story(session):
    return a_story(session)


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def test_the_whole_way(session, story):
    made = story.at_panel()
    assert (made.number, made.due_on) == ("G-2026-0001", TODAY + timedelta(weeks=6))
    story.vote(made)
    certificate = story.award(made)
    assert certificate.number == "AT-2026-0001"
    assert certificate.decision == "E-2026-0001"
    assert (certificate.valid_from, certificate.valid_until) == (TODAY, date(2029, 11, 22))
    assert made.points == 35.0, "seven judged criteria with five points each"
    actions = [row.action for row in audit.trail(session, made)]
    for action in ("submit", "appoint", "begin", "report", "convene", "award"):
        assert action in actions
    told = session.scalars(select(OutboxRow.kind).where(OutboxRow.kind == "SealMoved")).all()
    assert len(told) >= 6
    assert [step.state for step in _fresh(session, made, story.emre).course][-1] is (
        SealState.AWARDED
    )


def _fresh(session, made, actor):
    session.expire_all()
    return queries.get(session, made.id, actor=actor)


def test_nothing_is_submitted_before_it_is_complete(session, story):
    made = applying.begin(session, head(description=""), today=TODAY, actor=story.emre, now=NOW)
    with pytest.raises(Invalid) as refused:
        process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)
    assert codes(refused) == {
        "required", "seal_people_required", "seal_inputs_required", "seal_steps_required",
    }  # fmt: skip
    stranger = actor_for(session, a_person(session, an_enterprise(session)))
    with pytest.raises(NotAllowed):
        process.submit(session, made, today=TODAY, actor=stranger, now=NOW)
    with pytest.raises(NotFound):
        queries.get(session, made.id, actor=stranger)
    with pytest.raises(NotFound):
        queries.get(session, made.id, actor=story.agnes)


def test_what_was_submitted_stays_as_it_is(session, story):
    made = story.submitted()
    with pytest.raises(NotAllowed):
        applying.put_input(session, made, None, an_input(), actor=story.emre, now=NOW)
    assert queries.get(session, made.id, actor=story.agnes) is made


def test_begin_needs_adviser_and_assessor(session, story):
    made = story.submitted()
    story.appoint(made, "ada")
    with pytest.raises(Invalid) as refused:
        process.begin(session, made, actor=story.agnes, now=NOW)
    assert codes(refused) == {"seal_part_open"}
    with pytest.raises(NotAllowed):
        process.begin(session, made, actor=story.emre, now=NOW)


def test_the_assessor_judges_and_nobody_else(session, story):
    made = story.assessing()
    answer = (made, "S2", Finding.HOLDS, 4.0, "Gesehen.")
    for name in ("ada", "cora", "eva"):
        with pytest.raises(NotAllowed):
            process.judge(session, *answer, actor=story.actors[name], now=NOW)
    bela = story.actors["bela"]
    with pytest.raises(WrongState):
        process.judge(session, made, "E1", Finding.HOLDS, 1.0, "x", actor=bela, now=NOW)
    with pytest.raises(NotFound):
        process.judge(session, made, "X9", Finding.HOLDS, 1.0, "x", actor=bela, now=NOW)
    for wrong in ((None, 1.0, "x"), (Finding.HOLDS, -1.0, "x"), (Finding.HOLDS, 1.0, " ")):
        with pytest.raises(Invalid):
            process.judge(session, made, "S2", *wrong, actor=bela, now=NOW)
    with pytest.raises(Invalid) as refused:
        process.report(session, made, actor=bela, now=NOW)
    assert codes(refused) == {"seal_unjudged"}
    process.judge(session, *answer, actor=bela, now=NOW)
    process.judge(session, made, "S2", Finding.DOES_NOT, 0.0, "Doch.", actor=bela, now=NOW)
    (line,) = queries.judgements(session, made)
    assert (line.finding, line.reason) == (Finding.DOES_NOT, "Doch.")


@pytest.mark.parametrize(
    ("changes", "votes", "against"),
    [
        ({"fails": ("S2",)}, {}, {"must_fails"}),
        ({"fails": ("S4", "E4", "I1")}, {}, set()),
        ({}, {"cora": False}, {"panel_against"}),
        ({}, {"cora": None}, {"quorum_missing", "independent_missing"}),
        ({}, {"dan": None}, {"quorum_missing"}),
        ({}, {"cora": False, "dan": False}, {"panel_against"}),
        ({"disadvantaged": 5}, {}, set()),
    ],
)
def test_what_stands_against_the_seal(session, story, changes, votes, against):
    made = story.at_panel(**changes)
    story.vote(made, **votes)
    if not against:
        assert story.award(made).number
        return
    with pytest.raises(Invalid) as refused:
        story.award(made)
    assert codes(refused) == against
    assert made.state is SealState.AT_PANEL


def test_a_pass_mark_counts_once_the_agency_sets_one(session, story):
    settings.change(session, SettingsDraft(pass_mark=35.5), actor=story.agnes, now=NOW)
    made = story.at_panel()
    story.vote(made)
    with pytest.raises(Invalid) as refused:
        story.award(made)
    assert codes(refused) == {"points_missing"}
    settings.change(session, SettingsDraft(pass_mark=35, years=2), actor=story.agnes, now=NOW)
    assert story.award(made).valid_until == date(2028, 11, 22)
    with pytest.raises(NotAllowed):
        settings.change(session, SettingsDraft(), actor=story.emre, now=NOW)
    assert settings.load(session).fee(ProductGroup.WOOD) is None


def test_an_appeal_comes_before_another_decider(session, story):
    made = story.at_panel()
    eva = story.actors["eva"]
    with pytest.raises(Invalid) as refused:
        process.refuse(session, made, "Zu wenig.", actor=eva, now=NOW)
    assert codes(refused) <= {"quorum_missing", "independent_missing"}
    story.vote(made, cora=False)
    process.refuse(session, made, "Zu wenig.", actor=eva, now=NOW)
    late = later(29)
    with pytest.raises(Invalid) as refused:
        process.appeal(session, made, "Doch.", today=late.date(), actor=story.emre, now=late)
    assert codes(refused) == {"seal_appeal_late"}
    last = later(28)
    process.appeal(session, made, "Doch.", today=last.date(), actor=story.emre, now=last)
    with pytest.raises(Invalid) as refused:
        process.rehear(session, made, actor=story.agnes, now=last)
    assert codes(refused) == {"seal_part_open"}
    with pytest.raises(Invalid) as refused:
        story.appoint(made, "eva")
    assert codes(refused) == {"seal_second_part"}, "whoever decided does not decide again"
    fred = a_person(session)
    separation.appoint(session, made, SealRole.DECIDER, fred.email, actor=story.agnes, now=last)
    process.rehear(session, made, actor=story.agnes, now=last)
    assert queries.votes(session, made) == [], "the panel votes anew"
    story.vote(made)
    with pytest.raises(NotAllowed):
        story.award(made)
    story.actors["eva"] = actor_for(session, fred)
    assert story.award(made).number == "AT-2026-0001"


def test_withdrawn_by_the_applicant_only_and_not_after_the_decision(session, story):
    made = story.assessing()
    with pytest.raises(NotAllowed):
        process.withdraw(session, made, actor=story.agnes, now=NOW)
    process.withdraw(session, made, actor=story.emre, now=NOW)
    assert made.state is SealState.WITHDRAWN
    other = story.awarded()
    with pytest.raises(WrongState):
        process.withdraw(session, other.application, actor=story.emre, now=NOW)
    assert SealAction.WITHDRAW not in SEAL.open_to(SealState.AWARDED)


def test_questions_are_answered_once_by_the_applicant(session, story):
    made = story.assessing()
    with pytest.raises(NotAllowed):
        process.ask(session, made, "Warum?", actor=story.actors["eva"], now=NOW)
    asked = process.ask(session, made, "Woher?", actor=story.actors["bela"], now=NOW)
    with pytest.raises(NotAllowed):
        process.answer(session, made, asked.id, "Wien", actor=story.actors["bela"], now=NOW)
    process.answer(session, made, asked.id, "Wien", actor=story.emre, now=NOW)
    with pytest.raises(WrongState):
        process.answer(session, made, asked.id, "Graz", actor=story.emre, now=NOW)


class Shelf(dict):
    def put(self, name, data):
        self[name] = data


def test_evidence_is_for_those_who_assess(session, story):
    made = story.assessing()
    pdf = b"%PDF-1.4 nothing"
    row = proofs.attach(session, Shelf(), made, "S1a", "siegel.pdf", pdf, actor=story.emre, now=NOW)
    for actor in (story.emre, story.agnes, story.actors["cora"]):
        assert proofs.get(session, made, row.id, actor=actor) is row
    with pytest.raises(Invalid):
        proofs.attach(session, Shelf(), made, "S1a", "x.exe", b"MZ", actor=story.emre, now=NOW)
    with pytest.raises(NotAllowed):
        proofs.attach(
            session, Shelf(), made, "S1a", "x.pdf", pdf, actor=story.actors["cora"], now=NOW
        )
    stranger = actor_for(session, a_person(session, an_enterprise(session)))
    with pytest.raises(NotAllowed):
        proofs.get(session, made, row.id, actor=stranger)


def test_certificates_are_suspended_lifted_withdrawn_and_end(session, story):
    certificate = story.awarded()
    assert certificate.standing(TODAY) is Standing.VALID
    assert certificate.standing(certificate.valid_until) is Standing.VALID
    assert certificate.standing(certificate.valid_until + timedelta(1)) is Standing.EXPIRED

    def move(action, text="Grund", public="Für alle", actor=story.agnes):
        certifying.move(
            session, certificate, action, text, public, today=TODAY, actor=actor, now=NOW
        )

    for missing in ({"text": ""}, {"public": ""}):
        with pytest.raises(Invalid):
            move(CertificateAction.SUSPEND, **missing)
    with pytest.raises(NotAllowed):
        move(CertificateAction.SUSPEND, actor=story.emre)
    move(CertificateAction.SUSPEND)
    assert certificate.standing(TODAY) is Standing.SUSPENDED
    move(CertificateAction.LIFT)
    assert (certificate.standing(TODAY), certificate.public_text) == (Standing.VALID, "")
    move(CertificateAction.WITHDRAW)
    assert certificate.standing(certificate.valid_until + timedelta(1)) is Standing.WITHDRAWN
    with pytest.raises(WrongState):
        move(CertificateAction.LIFT)
    trail = [row.action for row in audit.trail(session, certificate)]
    assert trail == ["award", "suspend", "lift", "withdraw"]


def test_renewal_goes_on_where_the_old_one_ends(session, story):
    first = story.awarded()
    early = first.valid_until - timedelta(days=184)
    for day, why in ((early, "seal_not_due"), (first.valid_until + timedelta(1), "seal_not_due")):
        with pytest.raises(Invalid) as refused:
            applying.begin(session, head(renews=first.number), today=day, actor=story.emre, now=NOW)
        assert codes(refused) == {why}
    in_time = early + timedelta(days=1)
    someone = actor_for(session, a_person(session, an_enterprise(session)))
    with pytest.raises(Invalid) as refused:
        applying.begin(session, head(renews=first.number), today=in_time, actor=someone, now=NOW)
    assert codes(refused) == {"seal_not_yours"}
    first.valid_until = TODAY + timedelta(days=30)
    again = story.at_panel(renews=first.number)
    assert catalogue.renewal_asked(session, first)
    story.vote(again)
    second = story.award(again)
    assert second.valid_from == first.valid_until + timedelta(days=1)
    assert second.standing(TODAY) is Standing.UPCOMING
    assert catalogue.renewed_by(session, first) == second.number


def test_a_certificate_is_renewed_once(session, story):
    first = story.awarded()
    first.valid_until = TODAY + timedelta(days=30)
    two = [story.draft(renews=first.number) for _ in range(2)]
    process.submit(session, two[0], today=TODAY, actor=story.emre, now=NOW)
    with pytest.raises(Invalid) as refused:
        process.submit(session, two[1], today=TODAY, actor=story.emre, now=NOW)
    assert codes(refused) == {"seal_renewal_begun"}
    with pytest.raises(Invalid) as refused:
        applying.begin(session, head(renews=first.number), today=TODAY, actor=story.emre, now=NOW)
    assert codes(refused) == {"seal_renewal_begun"}
    process.withdraw(session, two[0], actor=story.emre, now=NOW)
    process.submit(session, two[1], today=TODAY, actor=story.emre, now=NOW)


def test_who_appeals_after_the_next_renewal_gets_no_second_one(session, story):
    first = story.awarded()
    first.valid_until = TODAY + timedelta(days=30)
    refused = story.at_panel(renews=first.number)
    story.vote(refused)
    process.refuse(session, refused, "Nein.", actor=story.actors["eva"], now=NOW)
    again = story.at_panel(renews=first.number)
    story.vote(again)
    story.award(again)
    process.appeal(session, refused, "Doch.", today=TODAY, actor=story.emre, now=NOW)
    eve = an_agency_person(session, name="Zweite Entscheidung")
    separation.appoint(session, refused, SealRole.DECIDER, eve.email, actor=story.agnes, now=NOW)
    process.rehear(session, refused, actor=story.agnes, now=NOW)
    story.vote(refused)
    with pytest.raises(WrongState):
        certifying.award(
            session, refused, "Ja.", signer=SIGNER, today=TODAY, actor=actor_for(session, eve),
            now=NOW,
        )  # fmt: skip


def test_what_renews_a_withdrawn_one_begins_at_once(session, story):
    first = story.awarded()
    first.valid_until = TODAY + timedelta(days=30)
    again = story.at_panel(renews=first.number)
    certifying.move(
        session, first, CertificateAction.WITHDRAW, "Grund", "Für alle", today=TODAY,
        actor=story.agnes, now=NOW,
    )  # fmt: skip
    story.vote(again)
    in_a_week = later(7).date()
    assert story.award(again, today=in_a_week).valid_from == in_a_week


def test_an_applicant_that_is_not_verified_waits(session, story):
    made = story.draft()
    story.maker.verification = Verification.PENDING
    with pytest.raises(Invalid) as refused:
        process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)
    assert codes(refused) == {"not_verified_yet"}
    story.maker.verification = Verification.VERIFIED
    before_the_panel = story.at_panel()
    story.vote(before_the_panel)
    story.maker.active = False
    with pytest.raises(WrongState):
        story.award(before_the_panel)


def test_evidence_questions_and_rows_are_those_of_their_application(session, story):
    """Whoever knows the number of something does not reach it through an application of their own."""
    theirs = story.assessing()
    bela = story.actors["bela"]
    question = process.ask(session, theirs, "Wie?", actor=bela, now=NOW)
    row = SealEvidence(
        application_id=theirs.id, criterion_id=theirs.criteria_set.criteria[0].id, key="seal-x",
        name="Nachweis.pdf", size=1, at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    rival = actor_for(session, a_person(session, an_enterprise(session, name="Fremdwerk")))
    own = applying.begin(session, head(), today=TODAY, actor=rival, now=NOW)
    maker, put = theirs.makers[0].id, theirs.inputs[0].id
    people = MakerDraft(employees=1, disadvantaged=1)
    for attempt in (
        lambda: process.answer(session, own, question.id, "x", actor=rival, now=NOW),
        lambda: proofs.get(session, own, row.id, actor=rival),
        lambda: applying.put_input(session, own, put, an_input(), actor=rival, now=NOW),
        lambda: applying.remove_input(session, own, put, actor=rival, now=NOW),
        lambda: applying.count_people(session, own, maker, people, actor=rival, now=NOW),
        lambda: queries.get(session, theirs.id, actor=rival),
    ):
        with pytest.raises(NotFound):
            attempt()
    for attempt in (
        lambda: proofs.get(session, theirs, row.id, actor=rival),
        lambda: process.withdraw(session, theirs, actor=rival, now=NOW),
        lambda: process.answer(session, theirs, question.id, "x", actor=story.agnes, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_last_day_of_three_years():
    assert certifying.last_day(date(2028, 2, 29), 3) == date(2031, 2, 28)
    assert certifying.last_day(date(2028, 2, 29), 4) == date(2032, 2, 28)
    assert certifying.last_day(date(2026, 11, 1), 2) == date(2028, 10, 31)
