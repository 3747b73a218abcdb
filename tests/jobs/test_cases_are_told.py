"""Who hears of what in a case, in their own language and once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.events import PersonErased
from marketplace.cases import appointments, diary, opening, referrals
from marketplace.cases.models import CaseNote, CaseStep, Disclosure
from marketplace.core import outbox
from marketplace.jobs import worker
from marketplace.notifications.models import Notification, Topic
from tests.builders import NOW, a_broker
from tests.cases.case_stories import a_story, an_appointment
from tests.cases.test_beginning_a_case import enquiry


@pytest.fixture
def story(app, session):
    story = a_story(session)
    work(app, session)
    return story


def work(app, session):
    session.commit()
    worker.work_off(app, clock=lambda: NOW + timedelta(minutes=1))
    session.expire_all()


def told(session, user):
    rows = select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
    return [(row.topic, row.path) for row in session.scalars(rows) if "CASE" in row.topic.name
            or "APPOINTMENT" in row.topic.name]  # fmt: skip


def test_an_enquiry_reaches_the_brokers_but_not_whoever_sent_it(app, session, story):
    jonas = a_broker(session, story.point, name="Jonas")
    case = opening.enquire(session, enquiry(story.point), actor=story.maria, now=NOW)
    work(app, session)
    assert told(session, jonas) == [(Topic.CASE_OPENED, f"/desk/cases/{case.id}")]
    assert told(session, story.maria_user) == []
    assert told(session, story.katalin_user) == []


def test_an_offer_and_its_answer(app, session, story):
    asked = referrals.refer(
        session, story.case, story.elsewhere.id, "x", actor=story.maria, now=NOW
    )
    work(app, session)
    path = f"/desk/cases/{story.case_id}"
    assert told(session, story.katalin_user) == [(Topic.CASE_REFERRED, path)]
    referrals.answer(session, story.case, asked, False, "Zu weit.", actor=story.katalin, now=NOW)
    work(app, session)
    assert told(session, story.maria_user) == [(Topic.CASE_NOT_TAKEN_OVER, path)]
    assert len(told(session, story.katalin_user)) == 1


def test_the_others_hear_of_a_disclosure(app, session, story):
    story.show(story.company, Disclosure.REGION)
    work(app, session)
    assert told(session, story.emre_user)[-1] == (Topic.CASE_DISCLOSED, f"/cases/{story.case_id}")
    assert Topic.CASE_DISCLOSED not in [topic for topic, _ in told(session, story.andrea_user)]


@pytest.mark.parametrize("for_parties", [True, False])
def test_appointments_reach_whom_they_concern(app, session, story, for_parties):
    jonas = a_broker(session, story.point, name="Jonas")
    story.case.broker_id = jonas.id
    draft = an_appointment(for_parties=for_parties)
    made = appointments.make(session, story.case, draft, actor=story.maria, now=NOW)
    work(app, session)
    appointments.cancel(session, story.case, made, actor=story.maria, now=NOW)
    work(app, session)
    both = [Topic.APPOINTMENT_SET, Topic.APPOINTMENT_CANCELLED]
    assert [topic for topic, _ in told(session, jonas)] == both
    heard = [topic for topic, _ in told(session, story.emre_user)]
    assert (heard[-2:] == both) is for_parties
    assert Topic.APPOINTMENT_SET not in [topic for topic, _ in told(session, story.maria_user)]


def test_whoever_is_erased_leaves_no_name_in_the_history(app, session, story):
    diary.note(session, story.case, "Notiz", actor=story.maria, now=NOW)
    outbox.record(session, PersonErased(story.maria_user.id), now=NOW)
    work(app, session)
    assert set(session.scalars(select(CaseStep.name))) == {""}
    assert set(session.scalars(select(CaseNote.name))) == {""}
