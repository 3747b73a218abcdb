"""What is not disclosed occurs nowhere: pages, calendars, names of files, mails, notifications."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.cases import appointments, attempts, diary, files, needs, parties, trials
from marketplace.cases.disclosure import veil
from marketplace.cases.drafts import IdeaDraft
from marketplace.cases.models import Disclosure, Verdict
from marketplace.core.storage import ObjectStorage
from marketplace.jobs import worker
from marketplace.notifications.models import Mail, Notification
from marketplace.photos.attachments import check
from tests.builders import NOW, a_company, a_person, sign_in
from tests.cases.case_stories import a_story, a_trial, an_appointment
from tests.cases.case_stories import needs as some_needs

WHO = ["Spedition Koller", "Andrea Koller", "heimlich@koller.example", "+43 660 7777777"]
WHERE = ["Geheimgasse", "Eisenstadt", "7000"]
PRIVATE = ["Nur für Vermittler", "Anruf bei der Bank", "Interner Termin"]


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    return out.getvalue()


def chatter(name):
    """Somebody who was careless: the text names who it is and where."""
    return f"{name} aus Eisenstadt, Geheimgasse 77, Andrea Koller, heimlich@koller.example"


@pytest.fixture
def story(session, settings, time_machine):
    time_machine.move_to(NOW, tick=False)
    story = a_story(session)
    act = {"actor": story.maria, "now": NOW}
    case, storage = story.case, ObjectStorage(settings.STORAGE_URL)
    case.title = "Taschen für Spedition Koller"
    case.description = "Wir sind die Spedition Koller aus Eisenstadt."
    case.contact_name, case.contact_email = "Andrea Koller", "heimlich@koller.example"
    text = chatter("Spedition Koller")
    needs.write(session, story.case, some_needs(what=text, why=text), seen=0, **act)
    idea = needs.add_idea(session, story.case, IdeaDraft(title=text, description=text), **act)
    needs.judge_idea(session, story.case, idea, Verdict.PASSED, text, seen=Verdict.OPEN, **act)
    trial = trials.try_out(
        session, story.case, story.case.attempts[0], a_trial(story, what=text), **act
    )
    trials.judge(session, story.case, trial, Verdict.PASSED, text, "", **act)
    attempts.add(session, story.case, "Spedition Koller allein", **act)
    diary.note(session, story.case, "Nur für Vermittler", **act)
    appointments.make(
        session,
        story.case,
        an_appointment(title=text[:150], place="Eisenstadt, Geheimgasse 77"),
        **act,
    )
    appointments.make(
        session, story.case, an_appointment(title="Interner Termin", for_parties=False), **act
    )
    for shown in (True, False):
        kept = check("Spedition Koller Eisenstadt.png", a_picture())
        files.store(session, storage, story.case, kept, for_parties=shown, **act)
    kept = check("Koller Skizze.png", a_picture())
    files.store(session, storage, story.case, kept, idea=idea, for_parties=True, **act)
    session.commit()
    return story


def everything_said_to(app, session, story, user):
    """Every byte that somebody gets: pages, what they link to below /cases, mails, notifications."""
    worker.work_off(app, clock=lambda: NOW + timedelta(minutes=5))
    client = sign_in(app.test_client(), user)
    pages = [
        "/cases/",
        f"/cases/{story.case_id}",
        "/notifications",
        "/profile/data.json",
        "/messages/",
    ]
    heard, seen = [], set()
    while pages:
        path = pages.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        body = answer.get_data()
        headers = "\n".join(f"{k}: {v}" for k, v in answer.headers.items())
        heard.append(headers + body.decode("utf-8", "replace"))
        if answer.mimetype == "text/html":
            pages += re.findall(rf'(?:href|src)="(/cases/{story.case_id}/[^"#]+)"', heard[-1])
    assert sum(".ics" in path for path in seen) == 1, (
        "the appointment for parties, not the other one"
    )
    assert sum("/files/" in path for path in seen) == 2
    mails = session.scalars(select(Mail).where(Mail.recipient == user.email)).all()
    assert mails, "there is mail to look at"
    heard += [f"{m.subject}\n{m.text}\n{m.html}" for m in mails]
    told = session.scalars(select(Notification).where(Notification.user_id == user.id)).all()
    heard += [f"{n.params} {n.path}" for n in told]
    return "\n".join(heard)


def found(secrets, heard):
    unfolded = heard.replace("\r\n ", "")
    return [s for s in secrets if s.lower() in unfolded.lower()]


@pytest.mark.parametrize("stage", ["anonymous", "region"])
def test_nothing_tells_who_it_is_before_its_time(app, session, story, stage):
    if stage == "region":
        story.show(story.company, Disclosure.REGION)
        session.commit()
    heard = everything_said_to(app, session, story, story.emre_user)
    assert found([*WHO, *WHERE, *PRIVATE], heard) == []
    region = "Burgenland" in heard.replace("Servicestelle", "")
    assert region is (stage == "region")
    assert "•••" in heard, "what was carelessly written is made unreadable"
    assert f'"/materials/{story.listing.id}"' not in heard, "the listing's page says where it is"


def test_with_name_and_contact_all_is_there_but_what_is_for_brokers(app, session, story):
    story.show(story.company, Disclosure.IDENTITY)
    session.commit()
    heard = everything_said_to(app, session, story, story.emre_user)
    assert found(WHO, heard) == WHO
    assert "LOCATION:Eisenstadt\\, Geheimgasse 77" in heard
    assert "Spedition%20Koller%20Eisenstadt.webp" in heard
    assert found(PRIVATE, heard) == []


def test_taking_it_back_hides_it_again(app, session, story):
    story.show(story.company, Disclosure.IDENTITY)
    story.show(story.company, Disclosure.ANONYMOUS, seen=Disclosure.IDENTITY, reason="Zu früh.")
    session.commit()
    client = sign_in(app.test_client(), story.emre_user)
    page = client.get(f"/cases/{story.case_id}").get_data(as_text=True)
    assert found([*WHO, *WHERE], page) == []


def test_who_asked_sees_their_own_and_not_the_workshop(app, session, story):
    client = sign_in(app.test_client(), story.andrea_user)
    page = client.get(f"/cases/{story.case_id}").get_data(as_text=True)
    assert "Taschen für Spedition Koller" in page
    assert f'"/materials/{story.listing.id}"' in page
    secret = ["Nähwerk", "Emre Yıldız", "still@naehwerk.example", "+43 699", "Nadelgasse", *PRIVATE]
    assert found(secret, page) == []


def test_those_who_take_no_part_see_nothing(app, session, story):
    stranger = a_person(session, a_company(session, name="Fremd AG"))
    session.commit()
    case = story.case
    paths = [f"/cases/{case.id}", f"/cases/{case.id}/appointments/{case.appointments[0].id}.ics",
             f"/cases/{case.id}/files/{case.files[0].id}"]  # fmt: skip
    client = sign_in(app.test_client(), stranger)
    assert [client.get(path).status_code for path in paths] == [404] * 3
    assert str(case.id) not in re.findall(r"/cases/(\d+)", client.get("/cases/").text)
    maria = sign_in(app.test_client(), story.maria_user)
    assert maria.get(paths[0]).status_code == 403, "brokers have the desk"


def test_parties_get_only_what_is_for_them(app, session, story):
    case = story.case
    inside = next(a for a in case.appointments if not a.for_parties)
    hidden = next(f for f in case.files if not f.for_parties)
    client = sign_in(app.test_client(), story.andrea_user)
    for path in (
        f"appointments/{inside.id}.ics",
        f"files/{hidden.id}",
        "appointments/999999.ics",
        "files/0",
    ):
        assert client.get(f"/cases/{case.id}/{path}").status_code == 404, path
    for path in ("", "/edit", "/notes", f"/files/{hidden.id}"):
        assert client.get(f"/desk/cases/{case.id}{path}").status_code == 403


def test_a_trial_of_others_concerns_only_them(app, session, story):
    other = a_company(session, name="Zweite Firma")
    user = a_person(session, other)
    parties.add(session, story.case, other.id, actor=story.maria, now=NOW)
    session.commit()
    page = sign_in(app.test_client(), user).get(f"/cases/{story.case_id}").get_data(as_text=True)
    assert "Fünf" not in page
    assert found([*WHO, *WHERE, "Nähwerk"], page) == []


def test_the_veil_hides_words_not_parts_of_words(session, story):
    hide = veil(story.case, actor=story.emre)
    assert hide("Kollerich und Eisenstädter") == "Kollerich und Eisenstädter"
    assert hide("spedition koller, EISENSTADT") == "•••, •••"
    assert veil(story.case, actor=story.maria)("Spedition Koller") == "Spedition Koller"
