"""The page of a case at the desk, and every form behind it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.cases import diary, referrals
from marketplace.cases.lifecycle import AttemptState, Phase
from marketplace.cases.models import (
    Case,
    CaseNote,
    CaseTask,
    Disclosure,
    NeedsSheet,
    Trial,
)
from marketplace.orders.models import Order
from tests.builders import NOW, a_broker, a_listing
from tests.cases.case_stories import a_second_workshop, a_story
from tests.web.case_desk import after, desk, text, url


@pytest.fixture
def story(session, time_machine):
    time_machine.move_to(NOW, tick=False)
    story = a_story(session)
    session.commit()
    return story


@pytest.fixture
def maria(app, story):
    return desk(app, story.maria_user)


def test_a_case_by_hand_keeps_what_was_typed(maria, session, story):
    page = text(
        maria.post(
            "/desk/cases/new", data={"title": "", "description": "Viel Text", "language": "de"}
        ),
        422,
    )
    assert "Viel Text" in page
    assert "Please fill this in." in page
    page = after(maria, maria.post("/desk/cases/new", data={"title": "Korken", "kind": "residual",
                                                            "language": "de"}))  # fmt: skip
    assert "Case F-2026-0002 has begun" in page


def test_cases_begin_at_listing_and_proposal(maria, session, story):
    assert "Begin a case" in text(maria.get(f"/materials/{story.listing.id}"))
    other = a_listing(session, story.company, title="Spanngurte", material_code="glass")
    session.commit()
    assert "Begin a case" in text(maria.get("/desk/unmatched"))
    made = maria.post(f"/desk/cases/from-listing/{other.id}")
    assert "Spanngurte" in after(maria, made)
    again = maria.post(f"/desk/cases/from-proposal/{story.proposal.id}")
    assert again.location == url(story)
    page = text(maria.get(f"/desk/proposals/{story.proposal.id}"))
    assert url(story) in page, "the proposal leads to its case"


def test_outrun_keeps_what_was_typed_and_lets_one_save_knowingly(app, maria, session, story):
    form = text(maria.get(url(story, "/edit")))
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', form)[1]
    jonas = desk(app, a_broker(session, story.point, name="Jonas"))
    session.commit()
    first = {"title": "Taschen", "language": "de", "seen": seen}
    assert jonas.post(url(story, "/edit"), data=first).status_code == 302
    page = text(maria.post(url(story, "/edit"), data=first | {"title": "Rucksäcke"}), 422)
    assert "Somebody else has changed this" in page
    assert "Rucksäcke" in page
    assert story.case.title == "Taschen"
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', page)[1]
    assert (
        maria.post(
            url(story, "/edit"), data=first | {"title": "Rucksäcke", "seen": seen}
        ).status_code
        == 302
    )
    assert story.case.title == "Rucksäcke"


def test_needs_have_all_fields_and_the_goals_in_three_languages(maria, session, story):
    page = text(maria.get(url(story, "/needs/csr_product")))
    assert "12 Responsible consumption and production" in page
    assert page.count('name="sdgs"') == 17
    with maria.session_transaction() as cookie:
        cookie["lang"] = "hu"
    assert "12 Felelős fogyasztás és termelés" in text(maria.get(url(story, "/needs/csr_product")))
    with maria.session_transaction() as cookie:
        cookie["lang"] = "en"
    written = {
        "what": "Bänke",
        "budget": "6.500,50 €",
        "sdgs": ["4", "12"],
        "seen": "0",
        "deadline": "2027-06-01",
    }
    page = text(maria.post(url(story, "/needs/csr_product"), data=written), 422)
    assert "6.500,50 €" in page, "what was typed stays"
    page = after(
        maria, maria.post(url(story, "/needs/csr_product"), data=written | {"budget": "6,500.50"})
    )
    assert "4 Quality education" in page
    sheet = session.scalars(select(NeedsSheet)).one()
    assert (str(sheet.budget), sheet.sdgs) == ("6500.50", [4, 12])
    maria.post(url(story, "/needs/csr_product/remove"))
    assert session.scalars(select(NeedsSheet)).all() == []


def test_disclosing_says_exactly_what_the_others_will_see(maria, session, story):
    party = story.party(story.company)
    page = text(maria.get(url(story, f"/parties/{party.id}/region")))
    assert "From now on the others see" in page
    assert "Burgenland" in page
    assert "Andrea Koller" not in page
    page = text(maria.get(url(story, f"/parties/{party.id}/identity")))
    for shown in ("Andrea Koller", "heimlich@koller.example", "+43 660 7777777"):
        assert shown in page
    maria.post(url(story, f"/parties/{party.id}/identity"), data={"seen": "anonymous"})
    assert story.party(story.company).disclosure is Disclosure.IDENTITY
    back = text(
        maria.post(url(story, f"/parties/{party.id}/region"), data={"seen": "identity"}), 422
    )
    assert "Please give a reason." in back
    late = text(
        maria.post(
            url(story, f"/parties/{party.id}/region"), data={"seen": "anonymous", "reason": "x"}
        ),
        422,
    )
    assert "Somebody else has changed this" in late


def test_parties_are_searched_added_and_removed(maria, session, story):
    second = a_second_workshop(session, story)
    session.commit()
    found = maria.get(url(story, "/parties?q=taschen"))
    assert "Taschenwerk" in after(maria, found)
    maria.post(url(story, "/parties"), data={"organisation": second.id})
    assert {p.organisation_id for p in story.case.parties} >= {second.id}
    maria.post(url(story, "/parties"), data={"organisation": second.id})
    assert "already takes part" in text(maria.get(url(story)))
    maria.post(url(story, "/parties"), data={"organisation": "x"})
    assert "choose one of the organisations" in text(maria.get(url(story)))
    maria.post(url(story, f"/parties/{story.party(second).id}/remove"))
    assert second.id not in {p.organisation_id for p in story.case.parties}


def test_a_trial_fails_and_the_next_best_is_one_click_away(maria, session, story):
    a_second_workshop(session, story)
    session.commit()
    attempt = story.case.attempts[0]
    trial = {"what": "Fünf Taschen", "tried_on": "2026-11-23", "pieces": "5", "organisation": ""}
    maria.post(url(story, f"/attempts/{attempt.id}/trial"), data=trial)
    made = session.scalars(select(Trial)).one()
    page = text(
        maria.post(
            url(story, f"/trials/{made.id}"), data={"verdict": "failed", "result": "Zwei hielten"}
        ),
        422,
    )
    assert "Zwei hielten" in page
    failed = {"verdict": "failed", "result": "Zwei hielten", "reason": "Nähte reißen"}
    page = after(maria, maria.post(url(story, f"/trials/{made.id}"), data=failed))
    assert "The next best for it" in page
    assert "Taschenwerk" in page
    way = re.search(r'action="([^"]*/attempts/proposal/\d+)"', page)[1]
    assert "This one is followed now." in after(maria, maria.post(way))
    assert len(story.case.attempts) == 2
    late = text(maria.post(url(story, f"/trials/{made.id}"), data=failed), 422)
    assert "no longer possible" in late
    assert "Nähte reißen" in late


def test_an_order_from_the_case_and_from_the_proposal_moves_it(maria, session, story):
    attempt = story.case.attempts[0]
    made = maria.post(url(story, "/order"), data={"attempt": attempt.id})
    order = session.scalars(select(Order)).one()
    assert made.location == f"/orders/{order.id}/edit"
    case = story.case
    assert (case.phase, case.attempts[0].state) == (Phase.ACCOMPANIMENT, AttemptState.ORDERED)
    assert order.number in text(maria.get(url(story)))


def test_one_order_of_several_attempts(maria, session, story):
    """A listing that nobody is chosen for yet shows who could; the two chosen work in a row."""
    second = a_second_workshop(session, story)
    maria.post(url(story, "/attempts"), data={"listing": story.listing.id})
    page = text(maria.get(url(story)))
    assert "Proposed for it" in page
    assert 'id="one-order"' not in page, "one alone needs no choice"
    maria.post(re.search(r'action="([^"]*/attempts/proposal/\d+)"', page)[1])
    first, alone, other = story.case.attempts
    assert text(maria.get(url(story))).count('form="one-order"') == 2
    none = after(maria, maria.post(url(story, "/order")))
    assert "Choose at least one attempt." in none
    both = {"attempt": [first.id, other.id], "first": other.id}
    made = maria.post(url(story, "/order"), data=both)
    order = session.scalars(select(Order)).one()
    assert made.location == f"/orders/{order.id}/edit"
    session.refresh(order, ["parties"])
    assert [p.organisation_id for p in order.enterprises] == [second.id, story.enterprise.id]
    assert order.case_id == story.case_id
    late = after(maria, maria.post(url(story, "/order"), data=both))
    assert "Somebody else was faster" in late
    assert 'form="one-order"' not in late
    assert maria.post(url(story, "/order"), data={"attempt": [alone.id]}).status_code == 404
    assert maria.post(url(story, "/order"), data={"attempt": ["9999", "x"]}).status_code == 404


def test_an_order_drawn_up_elsewhere_moves_the_case_too(maria, session, story):
    maria.post(f"/desk/proposals/{story.proposal.id}/accept")
    case = story.case
    assert (case.phase, case.attempts[0].state) == (Phase.ACCOMPANIMENT, AttemptState.ORDERED)


def test_notes_tasks_and_appointments(maria, session, story):
    after(maria, maria.post(url(story, "/notes"), data={"text": "Nur für uns"}))
    assert text(maria.post(url(story, "/notes"), data={"text": " "}), 422)
    text(maria.post(url(story, "/tasks"), data={"title": "Anrufen"}), 422)
    after(
        maria, maria.post(url(story, "/tasks"), data={"title": "Anrufen", "due_on": "2026-11-20"})
    )
    page = text(maria.get(url(story)))
    assert "late since Nov 20" in page
    task = session.scalars(select(CaseTask)).one()
    for verb, done in (("done", True), ("undo", False)):
        maria.post(url(story, f"/tasks/{task.id}/{verb}"))
        session.refresh(task)
        assert (task.done_at is not None) is done
    meeting = {
        "title": "Erstgespräch",
        "day": "2026-11-25",
        "time": "14:30",
        "minutes": "45",
        "for_parties": "y",
    }
    wrong = text(maria.post(url(story, "/appointments"), data=meeting | {"time": "halb drei"}), 422)
    assert "Please write a time such as 14:30." in wrong
    assert "halb drei" in wrong
    page = after(maria, maria.post(url(story, "/appointments"), data=meeting))
    assert "Nov 25, 14:30 to 15:15" in page
    made = story.case.appointments[0]
    file = maria.get(url(story, f"/appointments/{made.id}.ics"))
    assert "DTSTART:20261125T133000Z" in text(file)
    assert file.headers["Content-Type"].startswith("text/calendar")
    maria.post(
        url(story, f"/appointments/{made.id}"), data=meeting | {"time": "15:00", "seen": "0"}
    )
    late = text(
        maria.post(url(story, f"/appointments/{made.id}"), data=meeting | {"seen": "0"}), 422
    )
    assert "Somebody else has changed this" in late
    maria.post(url(story, f"/appointments/{made.id}/cancel"))
    file = text(maria.get(url(story, f"/appointments/{made.id}.ics")))
    assert "STATUS:CANCELLED" in file
    assert "SEQUENCE:2" in file


def test_a_referral_lists_what_goes_along_and_is_answered(app, maria, session, story):
    page = text(maria.get(url(story, "/refer")))
    for counted in ("2 parties", "one attempt"):
        assert counted in page
    asked = {"to_point": str(story.elsewhere.id), "reason": "Näher bei Sopron."}
    after(maria, maria.post(url(story, "/refer"), data=asked))
    katalin = desk(app, story.katalin_user)
    assert "Servicestelle Ost: Näher bei Sopron." in text(katalin.get("/desk/today"))
    referral = story.case.referrals[0]
    assert katalin.get(url(story, "/edit")).status_code == 403
    answer = url(story, f"/referrals/{referral.id}")
    assert "2 parties" in text(katalin.get(answer))
    text(katalin.post(answer, data={"answer": "Gerne."}), 422)
    text(katalin.post(answer, data={"accepted": "yes"}), 422)
    katalin.post(answer, data={"accepted": "yes", "answer": "Gerne."})
    session.expire_all()
    assert session.get(Case, story.case_id).service_point_id == story.elsewhere.id
    page = text(maria.get(url(story)))
    assert "You read this case" in page
    assert "Move the case" not in page
    stranger = desk(app, a_broker(session, name="Ferne"))
    session.commit()
    assert stranger.get(url(story)).status_code == 404


def test_what_is_noted_after_the_handing_over_stays_with_the_new_side(app, maria, session, story):
    diary.note(session, story.case, "Vorher Vertrauliches", actor=story.maria, now=NOW)
    asked = referrals.refer(
        session, story.case, story.elsewhere.id, "x", actor=story.maria, now=NOW
    )
    referrals.answer(session, story.case, asked, True, "ja", actor=story.katalin, now=NOW)
    session.add(
        CaseNote(case_id=story.case_id, text="Nachher Vertrauliches", at=NOW + timedelta(hours=1))
    )
    session.commit()
    page = text(maria.get(url(story)))
    assert "Vorher Vertrauliches" in page
    assert "Nachher Vertrauliches" not in page
