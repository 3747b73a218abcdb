"""Criteria in versions: applications keep theirs. Complaints: anybody's, with a clock."""

from datetime import timedelta

import pytest

from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.seals import applying, complaints, versions
from marketplace.seals.complaints import ComplaintDraft
from marketplace.seals.criteria import Strength
from marketplace.seals.versions import CriterionDraft
from tests.builders import NOW
from tests.seals.seal_stories import TODAY, a_story, head, later


@pytest.fixture
def story(session):
    return a_story(session)


def a_change(**changes):
    values = {"strength": Strength.MUST, "threshold": 40.0, "de": "d", "hu": "h", "en": "e"}
    return CriterionDraft(**values | changes)


def test_the_first_version_is_as_the_initiative_published_it():
    criteria = {c.code: c for c in versions.first().criteria}
    assert list(criteria) == [
        "S1a", "S1b", "S2", "S3", "S4", "E1", "E2", "E4", "E5", "R1", "R2", "R3", "I1", "Q1",
    ]  # fmt: skip
    assert {code for code, c in criteria.items() if c.computed} == {
        "S1a", "S1b", "E1", "E2", "R1", "R2",
    }  # fmt: skip
    thresholds = {code: c.threshold for code, c in criteria.items() if c.threshold is not None}
    assert thresholds == {"S1a": 30.0, "S1b": 50.0, "R1": 50.0, "R2": 150.0}
    assert all(c.de and c.hu and c.en for c in criteria.values())


def test_applications_keep_the_version_they_began_with(session, story):
    old = applying.begin(session, head(), today=TODAY, actor=story.emre, now=NOW)
    draft = versions.begin(session, today=TODAY, actor=story.agnes, now=NOW)
    assert versions.begin(session, today=TODAY, actor=story.agnes, now=NOW) is draft
    versions.edit(session, "S1a", a_change(), actor=story.agnes, now=NOW)
    begins = later(10).date()
    versions.publish(session, begins, "Strenger.", actor=story.agnes, now=NOW)
    assert versions.in_force(session, today=begins - timedelta(1)).version == 1
    assert versions.in_force(session, today=begins).version == 2
    new = applying.begin(session, head(), today=begins, actor=story.emre, now=NOW)
    assert (old.criteria_set.version, new.criteria_set.version) == (1, 2)
    assert [c.threshold for c in new.criteria_set.criteria][:1] == [40.0]
    assert [c.threshold for c in old.criteria_set.criteria][:1] == [30.0]
    assert [s.version for s in versions.history(session)] == [2, 1]


def test_what_is_published_is_not_changed(session, story):
    with pytest.raises(NotFound):
        versions.edit(session, "S1a", a_change(), actor=story.agnes, now=NOW)
    with pytest.raises(WrongState):
        versions.publish(session, TODAY, "x", actor=story.agnes, now=NOW)
    with pytest.raises(NotAllowed):
        versions.begin(session, today=TODAY, actor=story.emre, now=NOW)
    versions.begin(session, today=TODAY, actor=story.agnes, now=NOW)
    for day, note in ((None, "x"), (TODAY, ""), (TODAY - timedelta(1), "x")):
        with pytest.raises(Invalid):
            versions.publish(session, day, note, actor=story.agnes, now=NOW)
    with pytest.raises(Invalid):
        versions.edit(session, "S1a", a_change(threshold=None), actor=story.agnes, now=NOW)
    row = versions.edit(session, "S2", a_change(), actor=story.agnes, now=NOW)
    assert row.threshold is None, "what is judged has no threshold"


def test_complaints_wait_with_a_clock_and_are_answered_once(session, story):
    draft = ComplaintDraft(about="AT-2026-0118", text="Das ist gefälscht.")
    first = complaints.receive(session, draft, today=TODAY, now=NOW)
    second = complaints.receive(session, draft, today=TODAY, now=NOW)
    assert (first.number, first.answer_by) == ("B-2026-0001", TODAY + timedelta(weeks=4))
    with pytest.raises(NotAllowed):
        complaints.answer(session, first.id, "Danke", actor=story.emre, now=NOW)
    with pytest.raises(Invalid):
        complaints.answer(session, first.id, " ", actor=story.agnes, now=NOW)
    complaints.answer(session, first.id, "Danke", actor=story.agnes, now=NOW)
    with pytest.raises(WrongState):
        complaints.answer(session, first.id, "Danke", actor=story.agnes, now=NOW)
    assert complaints.listed(session, actor=story.agnes) == ([second, first], 2)
    with pytest.raises(NotAllowed):
        complaints.listed(session, actor=story.emre)


@pytest.mark.parametrize("wrong", [{"text": ""}, {"email": "nobody"}, {"about": "x" * 41}])
def test_a_complaint_says_something(wrong):
    with pytest.raises(Invalid):
        ComplaintDraft(**{"text": "x"} | wrong)
