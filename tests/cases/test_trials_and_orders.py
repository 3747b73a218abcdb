"""Between proposal and order stands a trial; a failed one sends the case back with what is next best."""

import pytest

from marketplace.cases import attempts, phases, queries, trials
from marketplace.cases.lifecycle import AttemptState, CaseAction, Phase
from marketplace.cases.models import Verdict
from marketplace.core.errors import Invalid, NotAllowed, WrongState
from tests.builders import NOW, a_listing
from tests.cases.case_stories import a_second_workshop, a_story, a_trial


@pytest.fixture
def story(session):
    return a_story(session)


def begun(session, story):
    case = story.case
    return trials.try_out(
        session, case, case.attempts[0], a_trial(story), actor=story.maria, now=NOW
    )


def judge(session, story, trial, verdict, reason="", result=""):
    trials.judge(session, story.case, trial, verdict, result, reason, actor=story.maria, now=NOW)


def test_a_failed_trial_sends_the_case_back_with_its_reason(session, story):
    second = a_second_workshop(session, story)
    phases.move(session, story.case, CaseAction.ACCOMPANY, actor=story.maria, now=NOW)
    trial = begun(session, story)
    assert story.case.attempts[0].state is AttemptState.TRIAL
    assert queries.next_best(session, story.case, actor=story.maria) == {}
    with pytest.raises(Invalid) as refusal:
        judge(session, story, trial, Verdict.FAILED)
    assert refusal.value.problems[0].code == "reason_required"
    judge(session, story, trial, Verdict.FAILED, "Die Nähte reißen.", "Zwei von fünf hielten.")
    case = story.case
    assert (case.phase, case.steps[-1].comment) == (Phase.MATCHING, "Die Nähte reißen.")
    assert (case.attempts[0].state, case.attempts[0].reason) == (
        AttemptState.FAILED,
        "Die Nähte reißen.",
    )
    best = queries.next_best(session, case, actor=story.maria)[story.listing.id]
    assert [p.capability.organisation_id for p in best] == [second.id], "not the same one again"
    attempts.add(session, story.case, proposal=best[0], actor=story.maria, now=NOW)
    assert second.id in {p.organisation_id for p in story.case.parties}
    assert queries.next_best(session, story.case, actor=story.maria) == {}


def test_a_failure_in_matching_still_stands_in_the_history(session, story):
    phases.move(session, story.case, CaseAction.MATCH, actor=story.maria, now=NOW)
    judge(session, story, begun(session, story), Verdict.FAILED, "Kein Platz.")
    assert [(s.phase, s.comment) for s in story.case.steps][-1] == (Phase.MATCHING, "Kein Platz.")


def test_a_passed_trial_makes_the_attempt_ready(session, story):
    trial = begun(session, story)
    judge(session, story, trial, Verdict.PASSED, result="Alle fünf dicht.")
    case = story.case
    assert (case.attempts[0].state, case.phase) == (AttemptState.READY, Phase.CONSULTATION)
    assert case.trials[0].result == "Alle fünf dicht."
    with pytest.raises(WrongState):
        judge(session, story, trial, Verdict.FAILED, "Doch nicht.")


def test_one_trial_at_a_time_and_only_with_a_party(session, story):
    stranger = a_second_workshop(session, story)
    with_whom = a_trial(story, organisation_id=stranger.id)
    first = story.case.attempts[0]
    with pytest.raises(Invalid):
        trials.try_out(session, story.case, first, with_whom, actor=story.maria, now=NOW)
    begun(session, story)
    with pytest.raises(WrongState):
        begun(session, story)
    with pytest.raises(Invalid):
        judge(session, story, story.case.trials[0], Verdict.OPEN)
    with pytest.raises(NotAllowed):
        trials.judge(session, story.case, story.case.trials[0], Verdict.PASSED, "", "",
                     actor=story.emre, now=NOW)  # fmt: skip


def test_dropping_ends_the_trial_with_it(session, story):
    begun(session, story)
    with pytest.raises(Invalid):
        attempts.drop(session, story.case, story.case.attempts[0], "", actor=story.maria, now=NOW)
    attempts.drop(
        session, story.case, story.case.attempts[0], "Plane weg.", actor=story.maria, now=NOW
    )
    case = story.case
    assert (case.trials[0].verdict, case.trials[0].reason) == (Verdict.FAILED, "Plane weg.")
    attempts.resume(session, case, case.attempts[0], actor=story.maria, now=NOW)
    assert story.case.attempts[0].state is AttemptState.OPEN


def test_an_order_moves_every_case_of_the_service_point_that_follows_it(session, story):
    moved = attempts.ordered(session, story.proposal, actor=story.maria, now=NOW)
    assert [case.id for case in moved] == [story.case_id]
    case = story.case
    assert (case.attempts[0].state, case.phase) == (AttemptState.ORDERED, Phase.ACCOMPANIMENT)
    assert attempts.ordered(session, story.proposal, actor=story.maria, now=NOW) == []


def test_other_service_points_move_their_own_cases(session, story):
    assert attempts.ordered(session, story.proposal, actor=story.katalin, now=NOW) == []
    assert story.case.phase is Phase.CONSULTATION


def test_many_attempts_but_none_twice(session, story):
    add = {"actor": story.maria, "now": NOW}
    other = a_listing(session, story.company, title="Spanngurte")
    attempts.add(session, story.case, listing=other, **add)
    attempts.add(session, story.case, "Ein Geschenk zum Jubiläum", **add)
    assert [a.title for a in story.case.attempts][1:] == ["Spanngurte", "Ein Geschenk zum Jubiläum"]
    for wrong in ({"listing": other}, {"proposal": story.proposal}, {}, {"title": "x" * 161}):
        with pytest.raises(Invalid):
            attempts.add(session, story.case, **wrong, **add)
