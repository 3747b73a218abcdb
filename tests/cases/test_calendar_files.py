"""Appointments as calendars read them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from marketplace.cases import appointments
from marketplace.cases.drafts import AppointmentDraft
from marketplace.core.errors import Invalid, Outrun, WrongState
from tests.builders import NOW
from tests.cases.case_stories import a_story, an_appointment

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture
def story(session):
    return a_story(session)


def file_of(made, **changes):
    known = {
        "title": made.title,
        "place": made.place,
        "organiser": ("Ost", "ost@sopro.example"),
        "now": NOW,
    }
    return appointments.calendar(made, **known | changes)


def test_a_file_says_when_in_utc_summer_and_winter(session, story):
    for month, hours in ((7, 2), (12, 1)):
        starts = datetime(2026, month, 6, 14, 30, tzinfo=VIENNA)
        draft = an_appointment(starts_at=starts, minutes=90)
        made = appointments.make(session, story.case, draft, actor=story.maria, now=NOW)
        lines = file_of(made).split("\r\n")
        assert f"DTSTART:2026{month:02}06T{14 - hours}3000Z" in lines
        assert f"DTEND:2026{month:02}06T{16 - hours}0000Z" in lines
        assert lines[:5] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//SoPro//Marketplace//EN",
                             "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]  # fmt: skip
        assert "STATUS:CONFIRMED" in lines
        assert 'ORGANIZER;CN="Ost":mailto:ost@sopro.example' in lines


def test_changes_count_and_keep_the_uid(session, story):
    made = appointments.make(session, story.case, an_appointment(), actor=story.maria, now=NOW)
    uid = made.uid
    later = an_appointment(starts_at=NOW + timedelta(days=3))
    appointments.change(session, story.case, made, later, seen=0, actor=story.maria, now=NOW)
    with pytest.raises(Outrun):
        appointments.change(session, story.case, made, later, seen=0, actor=story.maria, now=NOW)
    appointments.cancel(session, story.case, made, actor=story.maria, now=NOW)
    text = file_of(made)
    assert "SEQUENCE:2" in text
    assert "STATUS:CANCELLED" in text
    assert f"UID:{uid}" in text
    with pytest.raises(WrongState):
        appointments.cancel(session, story.case, made, actor=story.maria, now=NOW)
    with pytest.raises(WrongState):
        appointments.change(session, story.case, made, later, seen=2, actor=story.maria, now=NOW)


def test_no_text_breaks_out_of_its_line(session, story):
    nasty = "Muster, ansehen; dann\nBEGIN:VALARM \\ " + "ő" * 90
    made = appointments.make(
        session, story.case, an_appointment(title=nasty[:160]), actor=story.maria, now=NOW
    )
    text = file_of(made, organiser=('A"B\nX', "a@b.c"))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:Muster\\, ansehen\\; dann\\nBEGIN:VALARM \\\\ ő" in unfolded
    assert "\nBEGIN:VALARM" not in unfolded
    assert 'CN="A\'B X"' in unfolded


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"minutes": 4}, {"minutes": 1441}, {"place": "x" * 201}]
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(Invalid):
        AppointmentDraft(**{"title": "x", "starts_at": NOW} | changes)
