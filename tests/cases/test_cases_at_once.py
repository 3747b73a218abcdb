"""Several brokers at the same moment, each with a connection of their own, on a real database."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from marketplace.cases import diary, needs, opening, phases, queries, referrals
from marketplace.cases.drafts import CaseDraft
from marketplace.cases.lifecycle import CaseAction, Phase
from marketplace.cases.models import Attempt, Case, CaseNote, CaseStep, NeedsSheet, Referral
from marketplace.core.db import transaction
from marketplace.core.errors import NotAllowed, WrongState
from marketplace.proposals.models import Proposal
from tests.at_once import in_sessions
from tests.builders import NOW
from tests.cases.case_stories import a_story
from tests.cases.case_stories import needs as some_needs


@pytest.fixture
def story(real):
    with transaction(real) as session:
        story = a_story(session)
        story.proposal_id, story.elsewhere_id = story.proposal.id, story.elsewhere.id
    return story


def at_once(real, story, *works):
    """Run the works on the story's case together; return what each gave or raised."""

    def on_case(work):
        return lambda session: work(session, queries.get(session, story.case_id, actor=story.maria))

    return in_sessions(
        real, [on_case(work) for work in works], (WrongState, NotAllowed, StaleDataError)
    )


def refused(outcomes):
    return sum(isinstance(one, Exception) for one in outcomes)


def test_one_of_two_moves_wins_and_the_other_hears_of_it(real, story):
    def to(action):
        return lambda session, case: phases.move(
            session, case, action, seen=Phase.CONSULTATION, actor=story.maria, now=NOW
        )

    outcomes = at_once(
        real, story, to(CaseAction.DEVELOP), to(CaseAction.MATCH), to(CaseAction.ACCOMPANY)
    )
    assert refused(outcomes) == 2, outcomes
    with real() as session:
        steps = session.scalars(select(CaseStep.phase).order_by(CaseStep.id)).all()
        assert len(steps) == 2
        assert session.get_one(Case, story.case_id).phase is steps[-1]


def test_notes_of_several_are_all_kept_and_outrun_no_edit(real, story):
    with real() as session:
        seen = session.get_one(Case, story.case_id).version

    def note(text):
        return lambda session, case: diary.note(session, case, text, actor=story.maria, now=NOW).id

    def edit(session, case):
        needs.edit(session, case, CaseDraft(title="Neu"), seen=seen, actor=story.maria, now=NOW)

    assert refused(at_once(real, story, *map(note, "abcd"), edit)) == 0
    with real() as session:
        assert sorted(session.scalars(select(CaseNote.text))) == ["a", "b", "c", "d"]
        assert session.get_one(Case, story.case_id).title == "Neu"


def test_two_who_write_the_same_sheet_do_not_lose_one_another(real, story):
    def write(what):
        return lambda session, case: (
            needs.write(session, case, some_needs(what=what), seen=0, actor=story.maria, now=NOW).id
        )

    assert refused(at_once(real, story, write("Taschen"), write("Säcke"))) == 1
    with real() as session:
        assert len(session.scalars(select(NeedsSheet)).all()) == 1


def test_closing_and_noting_cross(real, story):
    def close(session, case):
        phases.close(session, case, "advice", "Aus.", settle=True, actor=story.maria, now=NOW)

    def note(session, case):
        diary.note(session, case, "Noch etwas", actor=story.maria, now=NOW)

    outcomes = at_once(real, story, close, note)
    assert refused(outcomes[:1]) == 0
    with real() as session:
        assert session.get_one(Case, story.case_id).phase is Phase.CLOSED


def test_an_offer_is_answered_once(real, story):
    with transaction(real) as session:
        case = queries.get(session, story.case_id, actor=story.maria)
        asked = referrals.refer(
            session, case, story.elsewhere_id, "x", actor=story.maria, now=NOW
        ).id

    def answer(taken, actor):
        def work(session, case):
            offer = session.get_one(Referral, asked)
            referrals.answer(session, case, offer, taken, "So.", actor=actor, now=NOW)

        return work

    def withdraw(session, case):
        referrals.withdraw(
            session, case, session.get_one(Referral, asked), actor=story.maria, now=NOW
        )

    outcomes = at_once(
        real, story, answer(True, story.katalin), answer(False, story.katalin), withdraw
    )
    assert refused(outcomes) == 2, outcomes
    with real() as session:
        answered = session.get_one(Referral, asked)
        moved = session.get_one(Case, story.case_id).service_point_id == story.elsewhere_id
        assert moved is answered.accepted


def test_one_proposal_begins_one_case(real, story):
    with transaction(real) as session:
        case = queries.get(session, story.case_id, actor=story.maria)
        phases.close(session, case, "advice", "Aus.", settle=True, actor=story.maria, now=NOW)

    def begin(session, case):
        proposal = session.get_one(Proposal, story.proposal_id)
        return opening.from_proposal(session, proposal, actor=story.maria, now=NOW).number

    numbers = at_once(real, story, begin, begin, begin)
    assert len(set(numbers)) == 1, numbers
    with real() as session:
        assert len(session.scalars(select(Attempt)).all()) == 2
