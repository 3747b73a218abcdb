"""A case begins from an enquiry, a listing, a proposal or by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from marketplace.cases import opening, queries
from marketplace.cases.drafts import CaseDraft, EnquiryDraft, Subject
from marketplace.cases.events import CaseOpened
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Case, CaseParty, Origin, Part
from marketplace.core.actor import ANYBODY
from marketplace.core.errors import Invalid, NotAllowed
from marketplace.core.outbox import OutboxRow
from marketplace.listings.models import Kind
from tests.builders import NOW, a_service_point, actor_for, an_agency_person
from tests.cases.case_stories import a_story


def enquiry(point, **changes):
    known = {"subject": Subject.IDEA, "words": "Bänke für den Schulhof.\nOhne Tropenholz.",
             "name": "Eva Gruber", "email": "Eva@Pitten.example", "language": "de",
             "service_point_id": point.id, "agreed": True}  # fmt: skip
    return EnquiryDraft(**known | changes)


def problems(refusal):
    return {(p.field, p.code) for p in refusal.value.problems}


def test_a_mere_idea_becomes_a_case_that_nobody_mediates_yet(session):
    point = a_service_point(session)
    case = opening.enquire(session, enquiry(point), actor=ANYBODY, now=NOW)
    assert case.number == "F-2026-0001"
    assert (case.origin, case.phase, case.kind) == (Origin.ENQUIRY, Phase.CONSULTATION, None)
    assert case.title == "Bänke für den Schulhof."
    assert case.contact_email == "eva@pitten.example"
    assert case.broker_id is None
    session.refresh(case, ["needs", "parties", "steps"])
    assert [sheet.kind for sheet in case.needs] == [Kind.CSR_PRODUCT]
    assert case.parties == []
    assert [step.phase for step in case.steps] == [Phase.CONSULTATION]
    told = session.scalars(select(OutboxRow).where(OutboxRow.kind == CaseOpened.__name__)).one()
    assert told.payload == {"case_id": case.id, "user_id": None}


def test_whoever_is_signed_in_takes_part(session):
    story = a_story(session)
    case = opening.enquire(session, enquiry(story.point), actor=story.andrea, now=NOW)
    session.refresh(case, ["parties"])
    assert [(p.organisation_id, p.part) for p in case.parties] == [(story.company.id, Part.CLIENT)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"words": ""}, ("words", "required")),
        ({"name": ""}, ("name", "required")),
        ({"email": "eva"}, ("email", "email_not_valid")),
        ({"agreed": False}, ("agreed", "consent_required")),
        ({"budget": Decimal(0)}, ("budget", "not_positive")),
        ({"sdgs": (18,)}, ("sdgs", "not_a_choice")),
        ({"words": "x" * 5001}, ("words", "too_long")),
    ],
)
def test_what_is_missing_is_said(session, changes, problem):
    point = a_service_point(session)
    with pytest.raises(Invalid) as refusal:
        enquiry(point, **changes)
    assert problem in problems(refusal)


def test_a_service_point_that_is_none_is_refused(session):
    point = a_service_point(session)
    with pytest.raises(Invalid) as refusal:
        opening.enquire(
            session, enquiry(point, service_point_id=point.id + 1), actor=ANYBODY, now=NOW
        )
    assert problems(refusal) == {("service_point", "service_point_required")}


def test_a_proposal_brings_both_sides_and_an_attempt(session):
    case = a_story(session).case
    assert [p.part for p in case.parties] == [Part.CLIENT, Part.ENTERPRISE]
    assert {p.disclosure.value for p in case.parties} == {"anonymous"}
    assert [a.proposal_id is not None for a in case.attempts] == [True]
    assert case.origin is Origin.PROPOSAL


def test_a_second_beginning_leads_to_the_same_case(session):
    story = a_story(session)
    for begin, about in (("from_listing", story.listing), ("from_proposal", story.proposal)):
        again = getattr(opening, begin)(session, about, actor=story.maria, now=NOW)
        assert again.id == story.case_id
    other = opening.from_listing(session, story.listing, actor=story.katalin, now=NOW)
    assert other.id != story.case_id, "another service point has its own case"
    parties = session.scalars(
        select(CaseParty.organisation_id).where(CaseParty.case_id == other.id)
    )
    assert parties.all() == [story.company.id]


def test_by_hand_only_brokers_begin_a_case(session):
    story = a_story(session)
    draft = CaseDraft(title="Korken und Kapseln")
    case = opening.by_hand(session, draft, actor=story.maria, now=NOW)
    assert (case.broker_id, case.service_point_id) == (story.maria_user.id, story.point.id)
    with pytest.raises(NotAllowed):
        opening.by_hand(
            session, draft, service_point_id=story.point.id, actor=story.andrea, now=NOW
        )
    with pytest.raises(NotAllowed):
        opening.by_hand(
            session, draft, service_point_id=story.elsewhere.id, actor=story.maria, now=NOW
        )
    agency = actor_for(session, an_agency_person(session))
    with pytest.raises(Invalid):
        opening.by_hand(session, draft, actor=agency, now=NOW)
    made = opening.by_hand(session, draft, service_point_id=story.point.id, actor=agency, now=NOW)
    assert made.service_point_id == story.point.id


def test_numbers_count_within_a_year(session):
    story = a_story(session)
    draft = CaseDraft(title="Noch einer")
    assert opening.by_hand(session, draft, actor=story.maria, now=NOW).number == "F-2026-0002"
    later = NOW + timedelta(days=60)
    assert opening.by_hand(session, draft, actor=story.maria, now=later).number == "F-2027-0001"
    assert session.query(Case).count() == 3


def test_cases_that_follow_something_are_found_there(session):
    story = a_story(session)
    for about in ({"listing_id": story.listing.id}, {"proposal_id": story.proposal.id}):
        assert [c.id for c in queries.concerning(session, **about, actor=story.maria)] == [
            story.case_id
        ]
        assert queries.concerning(session, **about, actor=story.katalin) == []
