"""A complaint reaches the agency, waits with a clock, and its answer goes to who complained."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.notifications.models import Group, Mail, Notification, Topic
from marketplace.seals import complaints
from marketplace.seals.complaints import ComplaintDraft
from marketplace.seals.register import Complaint
from marketplace.topics import TOPICS
from tests.builders import NOW, sign_in
from tests.jobs.mail_stories import work
from tests.seals.seal_stories import TODAY, a_story

EMAIL = "zsuzsa@vevo.example"


@pytest.fixture
def story(session):
    story = a_story(session)
    session.commit()
    return story


def complained(session, **changes):
    words = {"text": "Ez hamis.", "email": EMAIL, "name": "Zsuzsa", "language": "hu"} | changes
    made = complaints.receive(session, ComplaintDraft(**words), today=TODAY, now=NOW)
    session.commit()
    return made


def test_the_agency_is_told_once(app, session, story):
    made = complained(session)
    work(app, session)
    work(app, session)
    told = session.scalars(
        select(Notification).where(Notification.topic == Topic.COMPLAINT_RECEIVED)
    ).all()
    agency = {story.agnes_user.id, story.users["dan"].id, story.users["eva"].id}
    assert {one.user_id for one in told} == agency
    assert {(one.path, one.params["number"]) for one in told} == {
        ("/agency/complaints", made.number),
    }  # fmt: skip
    assert len(told) == len(agency)
    assert {TOPICS[t].group for t in (Topic.COMPLAINT_RECEIVED, Topic.SEAL_MOVED)} == {Group.SEALS}


def test_who_complained_gets_a_receipt_with_number_and_day(app, session, story):
    made, _quiet = complained(session), complained(session, email="", name="")
    work(app, session)
    work(app, session)
    (mail,) = session.scalars(select(Mail).where(Mail.recipient == EMAIL))
    assert mail.language == "hu"
    assert made.number in mail.subject
    assert made.number in mail.text
    assert "2026. december 21" in mail.text
    assert "hamis" not in mail.text + mail.html, "nobody sends their words to others through us"
    assert "" not in session.scalars(select(Mail.recipient)).all()


def test_the_answer_goes_to_who_complained_in_their_language(app, session, story):
    made, quiet = complained(session), complained(session, email="", name="")
    for one in (made, quiet):
        complaints.answer(
            session, one.id, "Utánajártunk.\n\n<b>Visszavontuk.</b>", actor=story.agnes, now=NOW
        )
    work(app, session)
    _receipt, mail = session.scalars(select(Mail).where(Mail.recipient == EMAIL).order_by(Mail.id))
    assert mail.language == "hu"
    assert made.number in mail.subject
    assert "Visszavontuk." in mail.text
    assert "&lt;b&gt;Visszavontuk." in mail.html
    assert "List-Unsubscribe" not in mail.headers
    everybody = session.scalars(select(Mail.recipient)).all()
    assert everybody.count(EMAIL) == 2
    assert "" not in everybody


def test_what_is_late_comes_first_and_is_counted(app, session, story):
    soon = complained(session)
    late = complained(session)
    late.answer_by = TODAY - timedelta(1)
    done = complained(session)
    complaints.answer(session, done.id, "Danke.", actor=story.agnes, now=NOW)
    session.commit()
    rows, _total = complaints.listed(session, actor=story.agnes)
    assert rows == [late, soon, done]
    assert complaints.waiting(session, today=TODAY) == (2, 1)
    assert complaints.waiting(session, today=TODAY - timedelta(2)) == (2, 0)
    client = sign_in(app.test_client(), story.agnes_user)
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    page = client.get("/agency/complaints").get_data(as_text=True)
    assert "2 complaints wait for an answer." in page
    assert "This is sent by mail to the address given." in page


def test_a_complaint_remembers_the_language_of_the_page(app, session):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["lang"] = "hu"
    client.post("/seal/complaint", data={"text": "Hamis.", "email": EMAIL})
    assert session.scalars(select(Complaint)).one().language == "hu"
