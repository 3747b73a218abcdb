"""A case goes to another service point with its history; the giving side reads on, nobody else does."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace.cases import (
    appointments,
    attempts,
    diary,
    needs,
    phases,
    policy,
    queries,
    referrals,
    trials,
)
from marketplace.cases.drafts import IdeaDraft, NeedsDraft
from marketplace.cases.events import CaseReferred
from marketplace.cases.lifecycle import AttemptState, CaseAction
from marketplace.cases.models import Outcome, Verdict
from marketplace.cases.policy import Sight
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.listings.models import Kind
from tests.builders import NOW, a_broker, actor_for
from tests.cases.case_stories import a_story, a_task, a_trial, an_appointment
from tests.cases.case_stories import needs as some_needs

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def story(session):
    story = a_story(session)
    diary.note(session, story.case, "Vertraulich.", actor=story.maria, now=NOW)
    return story


def offer(session, story, reason="Näher bei Sopron."):
    return referrals.refer(
        session, story.case, story.elsewhere.id, reason, actor=story.maria, now=NOW
    )


def sees(session, story, actor):
    try:
        return policy.sight(actor, queries.get(session, story.case_id, actor=actor))
    except NotFound:
        return None


def test_nobody_else_sees_it_before_and_after(session, story):
    stranger = actor_for(session, a_broker(session, name="Ferne"))
    assert sees(session, story, story.katalin) is None
    asked = offer(session, story)
    session.expire_all()
    assert sees(session, story, story.katalin) is Sight.READER
    assert sees(session, story, stranger) is None
    assert asked.handed_over == {"parties": 2, "attempts": 1, "notes": 1}
    referrals.answer(session, story.case, asked, True, "Gerne.", actor=story.katalin, now=NOW)
    session.flush()
    session.expire_all()
    assert sees(session, story, story.katalin) is Sight.BROKER
    assert sees(session, story, story.maria) is Sight.READER
    assert sees(session, story, stranger) is None
    case = queries.get(session, story.case_id, actor=story.katalin)
    assert (case.service_point_id, case.broker_id) == (story.elsewhere.id, story.katalin_user.id)
    assert case.steps[-1].comment == "Gerne."
    with pytest.raises(NotAllowed):
        diary.note(session, case, "Noch etwas.", actor=story.maria, now=NOW)


def test_whoever_declines_no_longer_sees_it(session, story):
    asked = offer(session, story)
    with pytest.raises(Invalid):
        referrals.answer(session, story.case, asked, False, "", actor=story.katalin, now=NOW)
    referrals.answer(session, story.case, asked, False, "Zu weit.", actor=story.katalin, now=NOW)
    session.flush()
    session.expire_all()
    assert sees(session, story, story.katalin) is None
    assert story.case.service_point_id == story.point.id
    with pytest.raises(WrongState):
        referrals.answer(session, story.case, asked, True, "Doch.", actor=story.katalin, now=NOW)
    offer(session, story, "Noch einmal gefragt.")


def test_one_offer_at_a_time_to_another_service_point_with_a_reason(session, story):
    refer = {"actor": story.maria, "now": NOW}
    for point, reason in (
        (story.point.id, "x"),
        (None, "x"),
        (10**9, "x"),
        (story.elsewhere.id, " "),
    ):
        with pytest.raises(Invalid):
            referrals.refer(session, story.case, point, reason, **refer)
    with pytest.raises(NotAllowed):
        referrals.refer(session, story.case, story.point.id, "x", actor=story.katalin, now=NOW)
    asked = offer(session, story)
    with pytest.raises(WrongState):
        offer(session, story)
    with pytest.raises(NotAllowed):
        referrals.answer(session, story.case, asked, True, "Ich.", actor=story.maria, now=NOW)
    with pytest.raises(NotAllowed):
        referrals.withdraw(session, story.case, asked, actor=story.katalin, now=NOW)
    referrals.withdraw(session, story.case, asked, actor=story.maria, now=NOW)
    assert story.case.referrals[0].accepted is False


def test_a_case_is_not_closed_over_an_offer(session, story):
    offer(session, story)
    with pytest.raises(Invalid) as refusal:
        phases.close(
            session, story.case, Outcome.ADVICE, "x", settle=True, actor=story.maria, now=NOW
        )
    assert refusal.value.problems[0].code == "referral_waits"


def test_both_sides_are_told(session, story):
    asked = offer(session, story)
    referrals.answer(session, story.case, asked, True, "Gerne.", actor=story.katalin, now=NOW)
    told = session.query(OutboxRow).filter_by(kind=CaseReferred.__name__).all()
    assert [row.payload["user_id"] for row in told] == [story.maria_user.id, story.katalin_user.id]


def test_the_giving_side_sees_what_went_along_and_nothing_from_later_on(session, story):
    at_katalin, later = {"actor": story.katalin, "now": LATER}, LATER + timedelta(hours=1)
    appointments.make(session, story.case, an_appointment(), actor=story.maria, now=NOW)
    asked = offer(session, story)
    referrals.answer(session, story.case, asked, True, "Gerne.", actor=story.katalin, now=LATER)
    after = {"actor": story.katalin, "now": later}
    case = story.case
    diary.note(session, case, "Intern.", **after)
    diary.add_task(session, case, a_task(), **after)
    appointments.make(session, case, an_appointment(title="Besuch"), **after)
    attempts.add(session, case, "Ein zweiter Weg", **after)
    phases.move(session, case, CaseAction.MATCH, **after)
    session.flush()

    def parts(actor):
        session.expire_all()
        case = queries.get(session, story.case_id, actor=actor)
        return [len(getattr(case, name)) for name in ("notes", "tasks", "appointments", "attempts")]

    assert parts(story.katalin) == [2, 1, 2, 2]
    assert parts(story.maria) == [1, 0, 1, 1]
    assert queries.get(session, story.case_id, actor=story.maria).steps[-1].comment == "Gerne."
    back = referrals.refer(session, queries.get(session, story.case_id, actor=story.katalin),
                           story.point.id, "Doch bei euch.", **at_katalin)  # fmt: skip
    assert parts(story.maria) == [2, 1, 2, 2], "who is asked to take it over sees it all"
    referrals.withdraw(session, story.case, back, **after)
    assert parts(story.maria) == [1, 0, 1, 1]


def test_the_giving_side_reads_what_stood_and_not_what_was_written_later(session, story):
    given = some_needs(deadline=NOW.date(), budget=Decimal("6500.50"), sdgs=(4, 12))
    at_maria = {"actor": story.maria, "now": NOW}
    needs.write(session, story.case, given, seen=0, **at_maria)
    needs.write(
        session, story.case, some_needs(kind=Kind.SERVICE, what="Abholen"), seen=0, **at_maria
    )
    idea = needs.add_idea(session, story.case, IdeaDraft(title="Tasche"), **at_maria)
    trial = trials.try_out(session, story.case, story.case.attempts[0], a_trial(story), **at_maria)
    asked = offer(session, story)
    referrals.answer(session, story.case, asked, True, "Gerne.", actor=story.katalin, now=LATER)
    at_katalin = {"actor": story.katalin, "now": LATER + timedelta(hours=1)}
    case = story.case
    seen = needs.sheet_of(session, case, Kind.RESIDUAL).version
    needs.write(session, case, some_needs(what="Etwas anderes"), seen=seen, **at_katalin)
    needs.remove(session, case, Kind.SERVICE, **at_katalin)
    needs.write(session, case, some_needs(kind=Kind.CSR_PRODUCT, what="Neu"), seen=0, **at_katalin)
    judged = {"seen": Verdict.OPEN, **at_katalin}
    needs.judge_idea(session, case, idea, Verdict.FAILED, "Zu teuer.", **judged)
    trials.judge(session, case, trial, Verdict.FAILED, "Reißt.", "Zu dünn.", **at_katalin)

    session.flush()
    session.expire_all()
    case = queries.get(session, story.case_id, actor=story.maria)
    first, second = case.needs
    assert NeedsDraft(**{f.name: getattr(first, f.name) for f in fields(NeedsDraft)}) == replace(
        given, sdgs=[4, 12]
    )
    assert (second.kind, second.what) == (Kind.SERVICE, "Abholen")
    assert (case.ideas[0].verdict, case.ideas[0].verdict_reason) == (Verdict.OPEN, "")
    assert (case.trials[0].verdict, case.trials[0].result) == (Verdict.OPEN, "")
    assert case.attempts[0].state is AttemptState.TRIAL
    assert not session.dirty
    assert not session.new
    session.expire_all()
    now_ = queries.get(session, story.case_id, actor=story.katalin)
    assert {sheet.what for sheet in now_.needs} == {"Etwas anderes", "Neu"}
    assert now_.ideas[0].verdict is Verdict.FAILED
