"""A case moves, is closed and opened again; nothing is settled silently, nobody's change is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from marketplace.cases import appointments, attempts, diary, needs, phases
from marketplace.cases.drafts import CaseDraft, IdeaDraft
from marketplace.cases.lifecycle import AttemptState, CaseAction, Phase
from marketplace.cases.models import Case, Outcome, Verdict
from marketplace.core import audit
from marketplace.core.errors import Invalid, NotAllowed, Outrun, WrongState
from marketplace.listings.models import Kind
from tests.builders import NOW, a_broker, an_agency_person
from tests.cases.case_stories import a_story, a_task, an_appointment
from tests.cases.case_stories import needs as some_needs

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def story(session):
    return a_story(session)


def test_a_case_moves_and_the_history_says_who(session, story):
    phases.move(
        session, story.case, CaseAction.DEVELOP, "Zwei Entwürfe", actor=story.maria, now=LATER
    )
    case = story.case
    assert (case.phase, case.phase_since, case.last_word_at) == (Phase.DEVELOPMENT, LATER, LATER)
    last = case.steps[-1]
    assert (last.phase, last.name, last.comment) == (
        Phase.DEVELOPMENT,
        "Maria Reisinger",
        "Zwei Entwürfe",
    )
    assert audit.trail(session, case)[-1].action == "develop"


def test_only_the_service_point_that_has_it_moves_it(session, story):
    for stranger in (story.katalin, story.andrea, story.emre):
        with pytest.raises(NotAllowed):
            phases.move(session, story.case, CaseAction.MATCH, actor=stranger, now=NOW)


def test_a_move_that_came_second_is_told(session, story):
    phases.move(session, story.case, CaseAction.MATCH, actor=story.maria, now=NOW)
    with pytest.raises(Outrun):
        phases.move(session, story.case, CaseAction.DEVELOP, seen=Phase.CONSULTATION,
                    actor=story.maria, now=NOW)  # fmt: skip
    with pytest.raises(WrongState):
        phases.move(session, story.case, CaseAction.MATCH, actor=story.maria, now=NOW)
    for needs_an_answer in (CaseAction.CLOSE, CaseAction.REOPEN):
        with pytest.raises(WrongState):
            phases.move(session, story.case, needs_an_answer, actor=story.maria, now=NOW)


def test_closing_asks_for_outcome_reason_and_what_is_open(session, story):
    diary.add_task(session, story.case, a_task(), actor=story.maria, now=NOW)
    meeting = appointments.make(session, story.case, an_appointment(), actor=story.maria, now=NOW)
    assert vars(phases.loose_ends(session, story.case, now=NOW)) == {
        "tasks": 1, "attempts": 1, "appointments": 1,
    }  # fmt: skip
    for outcome, reason, settle, field in (
        (None, "Aus.", True, "outcome"),
        (Outcome.ADVICE, " ", True, "reason"),
        (Outcome.ADVICE, "Genügt.", False, "settle"),
    ):
        with pytest.raises(Invalid) as refusal:
            phases.close(
                session, story.case, outcome, reason, settle=settle, actor=story.maria, now=NOW
            )
        assert refusal.value.problems[0].field == field
    assert story.case.phase is Phase.CONSULTATION
    phases.close(
        session, story.case, Outcome.ADVICE, "Genügt.", settle=True, actor=story.maria, now=LATER
    )
    case = story.case
    assert (case.phase, case.outcome, case.closed_reason) == (
        Phase.CLOSED,
        Outcome.ADVICE,
        "Genügt.",
    )
    assert [t.done_at for t in case.tasks] == [LATER]
    assert [(a.state, a.reason) for a in case.attempts] == [(AttemptState.DROPPED, "Genügt.")]
    session.refresh(meeting)
    assert (meeting.cancelled_at, meeting.sequence) == (LATER, 1)


def test_a_closed_case_rests_until_it_is_opened_again(session, story):
    attempts.drop(session, story.case, story.case.attempts[0], "Nein.", actor=story.maria, now=NOW)
    phases.close(session, story.case, Outcome.NO_PARTNER, "Niemand.", actor=story.maria, now=NOW)
    for change in (
        lambda: diary.note(session, story.case, "Doch?", actor=story.maria, now=NOW),
        lambda: phases.move(session, story.case, CaseAction.MATCH, actor=story.maria, now=NOW),
        lambda: phases.close(session, story.case, Outcome.ADVICE, "x", actor=story.maria, now=NOW),
    ):
        with pytest.raises(WrongState):
            change()
    with pytest.raises(Invalid):
        phases.reopen(session, story.case, "", actor=story.maria, now=NOW)
    with pytest.raises(NotAllowed):
        phases.reopen(session, story.case, "Doch!", actor=story.katalin, now=NOW)
    phases.reopen(session, story.case, "Neuer Betrieb.", actor=story.maria, now=NOW)
    case = story.case
    assert (case.phase, case.outcome, case.closed_at) == (Phase.CONSULTATION, None, None)
    assert [s.comment for s in case.steps][-2:] == ["Niemand.", "Neuer Betrieb."]
    with pytest.raises(WrongState):
        phases.reopen(session, story.case, "Noch einmal.", actor=story.maria, now=NOW)


def test_who_mediates_is_one_of_the_service_point_or_the_agency(session, story):
    jonas = a_broker(session, story.point, name="Jonas Tauber")
    agency = an_agency_person(session)
    maria = story.maria_user.id
    phases.assign(session, story.case, jonas.id, seen=maria, actor=story.maria, now=NOW)
    assert story.case.broker_id == jonas.id
    with pytest.raises(Outrun):
        phases.assign(session, story.case, maria, seen=maria, actor=story.maria, now=NOW)
    phases.assign(session, story.case, agency.id, seen=jonas.id, actor=story.maria, now=NOW)
    for wrong in (story.katalin_user.id, story.andrea_user.id, 10**9):
        with pytest.raises(Invalid):
            phases.assign(session, story.case, wrong, seen=agency.id, actor=story.maria, now=NOW)
    phases.assign(session, story.case, None, seen=agency.id, actor=story.maria, now=NOW)
    assert story.case.broker_id is None


def test_two_who_write_at_once_lose_nothing(session, story):
    version = story.case.version
    draft = CaseDraft(title="Taschen aus Planen", kind=Kind.RESIDUAL)
    needs.edit(session, story.case, draft, seen=version, actor=story.maria, now=NOW)
    assert story.case.title == "Taschen aus Planen"
    with pytest.raises(Outrun):
        needs.edit(session, story.case, draft, seen=version, actor=story.maria, now=NOW)
    sheet = needs.write(session, story.case, some_needs(), seen=0, actor=story.maria, now=NOW)
    with pytest.raises(Outrun):
        needs.write(session, story.case, some_needs(), seen=0, actor=story.maria, now=NOW)
    better = some_needs(what="Rucksäcke", sdgs=(12, 8))
    needs.write(session, story.case, better, seen=sheet.version, actor=story.maria, now=NOW)
    assert [(s.what, s.sdgs) for s in story.case.needs] == [("Rucksäcke", [12, 8])]


def test_a_note_outruns_nobody(session, story):
    version = story.case.version
    diary.note(session, story.case, "Ruft morgen an.", actor=story.maria, now=LATER)
    case = story.case
    assert (case.version, case.last_word_at) == (version, LATER)
    diary.note(session, case, "Nachgetragen.", actor=story.maria, now=NOW)
    assert story.case.last_word_at == LATER, "the last word is the latest one"


def test_ideas_have_a_verdict_and_a_reason_where_they_fail(session, story):
    idea = needs.add_idea(
        session, story.case, IdeaDraft(title="Kuriertasche"), actor=story.maria, now=NOW
    )
    judge = {"seen": Verdict.OPEN, "actor": story.maria, "now": NOW}
    for verdict, reason in ((Verdict.FAILED, ""), (None, "x")):
        with pytest.raises(Invalid):
            needs.judge_idea(session, story.case, idea, verdict, reason, **judge)
    needs.judge_idea(session, story.case, idea, Verdict.PASSED, "", **judge)
    with pytest.raises(Outrun):
        needs.judge_idea(session, story.case, idea, Verdict.FAILED, "Zu teuer.", **judge)
    assert story.case.ideas[0].verdict is Verdict.PASSED


def test_tasks_are_done_once_and_may_be_undone(session, story):
    task = diary.add_task(session, story.case, a_task(assignee_id=story.maria_user.id),
                          actor=story.maria, now=NOW)  # fmt: skip
    diary.finish_task(session, story.case, task, actor=story.maria, now=NOW)
    diary.finish_task(session, story.case, task, actor=story.maria, now=LATER)
    assert (task.done_at, task.done_by) == (NOW, story.maria_user.id)
    diary.undo_task(session, story.case, task, actor=story.maria, now=NOW)
    assert task.done_at is None
    with pytest.raises(Invalid):
        diary.add_task(session, story.case, a_task(assignee_id=story.andrea_user.id),
                       actor=story.maria, now=NOW)  # fmt: skip


def test_the_database_repeats_the_invariants(session, story):
    for wrong in ({"phase": "closed"}, {"outcome": "order"}, {"closed_at": NOW}):
        with pytest.raises(Exception, match=r"(?i)check|constraint"), session.begin_nested():
            session.execute(update(Case).where(Case.id == story.case_id).values(**wrong))
