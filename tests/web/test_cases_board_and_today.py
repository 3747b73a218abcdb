"""The broker's board, list, and first page of the day."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from marketplace.cases import diary, opening
from marketplace.cases.drafts import CaseDraft
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import (
    Appointment,
)
from marketplace.core.actor import ANYBODY
from tests.builders import NOW, an_agency_person
from tests.cases.case_stories import TODAY, a_story, a_task, an_appointment
from tests.cases.test_beginning_a_case import enquiry
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


def test_the_board_shows_cards_and_moves_them(maria, session, story):
    diary.add_task(
        session, story.case, a_task(due_on=TODAY - timedelta(days=3)), actor=story.maria, now=NOW
    )
    session.commit()
    page = text(maria.get("/desk/cases/"))
    assert page.count("data-lane=") == 4
    assert "Spedition Koller" in page
    assert "Rückruf bei der Spedition, late for 3 days" in page
    assert 'data-to="matching"' in page
    moved = maria.post(url(story, "/move"), data={"action": "match", "from": "consultation",
                                                  "board": "show=all&evil=1"})  # fmt: skip
    assert moved.location == f"/desk/cases/?show=all&moved={story.case_id}"
    page = text(maria.get(moved.location))
    assert "“Lkw-Planen, bedruckt” is in Matching now." in page
    assert "autofocus" in page
    maria.post(url(story, "/move"), data={"action": "develop", "from": "consultation"})
    assert "Somebody else was faster" in text(maria.get(url(story)))
    assert story.case.phase is Phase.MATCHING
    assert maria.post(url(story, "/move"), data={"action": "close"}).status_code == 404


def test_the_last_view_and_choice_come_again(maria, story):
    maria.get("/desk/cases/list?show=silent")
    assert maria.get("/desk/cases/").location == "/desk/cases/list"
    page = text(maria.get("/desk/cases/list"))
    assert re.search(r'chip--on" href="[^"]*show=silent', page)
    maria.get("/desk/cases/?show=all")
    assert 'show=all" aria-current="true"' in text(maria.get("/desk/cases/"))


def test_choices_show_what_they_say(maria, session, story):
    page = text(maria.get("/desk/cases/?show=mine"))
    for count in ("mine 1", "all of the service point 1", "due this week 0", "across the border 0"):
        assert count in page, count
    assert "no word for 7 days 0" in page
    case = story.case
    case.last_word_at = NOW - timedelta(days=9)
    diary.add_task(
        session, case, a_task(due_on=TODAY), actor=story.maria, now=NOW - timedelta(days=20)
    )
    story.company.country = "HU"
    session.commit()
    page = text(maria.get("/desk/cases/?show=across"))
    for count in ("due this week 1", "no word for 7 days 1", "across the border 1"):
        assert count in page, count
    assert "Nothing matches" not in page


def test_the_list_searches_and_finds_closed_ones(maria, session, story):
    closing = {"outcome": "no_partner", "reason": "Niemand fand sich.", "settle": "y"}
    assert maria.post(url(story, "/close"), data=closing).status_code == 302
    for query in (
        "phase=closed",
        "outcome=no_partner",
        f"phase=closed&broker={story.maria_user.id}",
        "phase=closed&q=Koller",
        "phase=closed&kind=residual&order=title",
    ):
        assert "no partner was found" in text(maria.get(f"/desk/cases/list?show=all&{query}")), (
            query
        )
    for query in ("", "phase=closed&q=Unfug", "outcome=order", "phase=closed&broker=nobody"):
        assert "Nothing matches this choice" in text(
            maria.get(f"/desk/cases/list?show=all&{query}")
        )
    assert text(
        maria.get("/desk/cases/list?phase=x&kind=y&outcome=z&broker=q&order=w&page=x&show=v")
    )


def test_silence_is_a_setting_of_everybody(maria, session, story):
    case = story.case
    case.last_word_at = NOW - timedelta(days=5)
    session.commit()
    assert "F-2026-0001" not in text(maria.get("/desk/today"))
    maria.post("/desk/today/silence", data={"days": "3"})
    assert "F-2026-0001" in text(maria.get("/desk/today"))
    for wrong in ("0", "61", "x", ""):
        maria.post("/desk/today/silence", data={"days": wrong})
        assert "Between 1 and 60 days" in text(maria.get("/desk/today"))


def statements(session, call):
    heard, engine = [], session.get_bind().engine

    def listen(*args):
        if not args[2].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            heard.append(args[2])

    event.listen(engine, "before_cursor_execute", listen)
    try:
        page = call()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len(heard), page


def fill(session, story, many):
    """As many cases as a busy service point has: tasks, appointments, silence, enquiries."""
    for n in range(many):
        case = opening.by_hand(
            session,
            CaseDraft(title=f"Fall {n}"),
            actor=story.maria,
            now=NOW - timedelta(days=n % 20),
        )
        if n % 3 == 0:
            task, then = a_task(due_on=TODAY - timedelta(days=n % 5)), NOW - timedelta(days=n % 20)
            diary.add_task(session, case, task, actor=story.maria, now=then)
        if n % 5 == 0:
            from_now = an_appointment(starts_at=NOW + timedelta(hours=1 + n % 8))
            session.add(_appointment(case, from_now, n))
        if n % 7 == 0:
            opening.enquire(session, enquiry(story.point), actor=ANYBODY, now=NOW)
    session.commit()


def _appointment(case, draft, n):
    return Appointment(case_id=case.id, uid=f"{n}-{case.id}@test", **vars(draft))


@pytest.mark.parametrize(
    "path", ["/desk/today", "/desk/cases/?show=all", "/desk/cases/list?show=all"]
)
def test_pages_ask_as_often_for_five_cases_as_for_five_hundred(maria, session, story, path):
    fill(session, story, 5)
    few, _ = statements(session, lambda: text(maria.get(path)))
    fill(session, story, 495)
    many, page = statements(session, lambda: text(maria.get(path)))
    assert few == many
    assert many <= 15, many
    assert len(page) < 300_000


def test_today_counts_everything_and_shows_the_first(maria, session, story):
    fill(session, story, 40)
    page = text(maria.get("/desk/today"))
    tasks = re.search(r'id="h-tasks">Tasks <span class="muted">(\d+)', page)[1]
    assert int(tasks) == 14
    assert page.count("Rückruf bei der Spedition") == 5
    for group in ("appointments", "new", "silent"):
        assert int(re.search(rf'id="h-{group}">[^<]*<span class="muted">(\d+)', page)[1]) > 0, group


def test_the_agency_mediates_everywhere(app, session, story):
    agnes = desk(app, an_agency_person(session))
    session.commit()
    assert "Move the case" in text(agnes.get(url(story)))
    assert text(agnes.get("/desk/today"))
    made = {"title": "Vom Agenturtisch", "language": "de", "service_point": str(story.elsewhere.id)}
    assert "has begun" in after(agnes, agnes.post("/desk/cases/new", data=made))
