"""Files of a case: taken in with a sentence on what is wrong, given out so that nothing runs."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from marketplace.cases import queries
from tests.builders import NOW, a_company, a_person
from tests.cases.case_stories import a_story
from tests.web.case_desk import after, desk, text, url

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF"


@pytest.fixture
def story(session):
    story = a_story(session)
    session.commit()
    return story


@pytest.fixture
def maria(app, story):
    return desk(app, story.maria_user)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    return out.getvalue()


def upload(client, story, data, name, **more):
    return client.post(url(story, "/files"), data={"file": (io.BytesIO(data), name), **more})


def test_pictures_are_shown_and_pdfs_only_handed_out(maria, story):
    assert "The file is kept." in after(maria, upload(maria, story, picture(), "Skizze.png"))
    assert after(maria, upload(maria, story, PDF, "Angebot März.pdf", for_parties="y"))
    shown, kept = story.case.files
    answer = maria.get(url(story, f"/files/{shown.id}"))
    assert answer.mimetype == "image/webp"
    assert answer.headers["Content-Disposition"].startswith("inline")
    answer = maria.get(url(story, f"/files/{kept.id}"))
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename*=UTF-8''Angebot%20M%C3%A4rz.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.data == PDF
    for size in "lst":
        assert maria.get(f"/media/{kept.key}-{size}.webp").status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"MZ", "x.exe", "Only pictures and PDF files"),
        (PDF + b"/JavaScript ", "x.pdf", "carries scripts"),
        (b"", "", "Please choose a file."),
    ],
)
def test_what_is_not_taken_is_said(maria, story, data, name, sentence):
    assert sentence in text(upload(maria, story, data, name), 422)
    assert story.case.files == []


def test_the_parties_see_a_file_when_the_broker_says_so(app, maria, story):
    upload(maria, story, PDF, "Angebot.pdf")
    kept = story.case.files[0]
    emre = desk(app, story.emre_user)
    way = f"/cases/{story.case_id}/files/{kept.id}"
    assert emre.get(way).status_code == 404
    maria.post(url(story, f"/files/{kept.id}/show"))
    answer = emre.get(way)
    assert answer.data == PDF
    assert f"{story.case.number}-{kept.id}.pdf" in answer.headers["Content-Disposition"]
    maria.post(url(story, f"/files/{kept.id}/hide"))
    assert emre.get(way).status_code == 404


def test_what_is_removed_is_gone_from_the_storage_too(app, maria, story):
    upload(maria, story, PDF, "Angebot.pdf")
    kept = story.case.files[0]
    key = kept.key
    assert app.extensions["storage"].get(key) == PDF
    after(maria, maria.post(url(story, f"/files/{kept.id}/remove")))
    assert story.case.files == []
    with pytest.raises(FileNotFoundError):
        app.extensions["storage"].get(key)


def test_a_sketch_belongs_to_its_idea(maria, story):
    maria.post(url(story, "/ideas"), data={"title": "Kuriertasche"})
    idea = story.case.ideas[0]
    sent = {"file": (io.BytesIO(picture()), "Skizze.png")}
    maria.post(url(story, f"/files?idea={idea.id}"), data=sent)
    assert story.case.files[0].idea_id == idea.id
    wrong = {"file": (io.BytesIO(picture()), "Skizze.png")}
    assert maria.post(url(story, "/files?idea=999999"), data=wrong).status_code == 404


def hand_in(client, story, data=PDF, name="Koller Briefkopf.pdf"):
    return client.post(f"/cases/{story.case_id}/files", data={"file": (io.BytesIO(data), name)})


def test_a_party_s_file_waits_for_its_disclosure(app, maria, session, story):
    """Its letterhead may say who it is: brokers have it at once, the workshop once it knows."""
    andrea, emre = desk(app, story.andrea_user), desk(app, story.emre_user)
    assert "Your broker has the file." in after(andrea, hand_in(andrea, story))
    kept = story.case.files[0]
    way = f"/cases/{story.case_id}/files/{kept.id}"
    assert "Koller%20Briefkopf.pdf" in andrea.get(way).headers["Content-Disposition"]
    assert "attached by Spedition Koller" in text(maria.get(url(story)))
    assert maria.get(url(story, f"/files/{kept.id}")).data == PDF
    for stage, before in (("region", "anonymous"), ("identity", "region")):
        assert emre.get(way).status_code == 404
        assert "Briefkopf" not in text(emre.get(f"/cases/{story.case_id}"))
        story.show(story.company, stage, before)
        session.commit()
    assert emre.get(way).data == PDF
    assert "Koller Briefkopf.pdf" in text(emre.get(f"/cases/{story.case_id}"))
    maria.post(url(story, f"/files/{kept.id}/hide"))
    assert emre.get(way).status_code == 404, "the broker may keep it back"
    assert andrea.get(way).data == PDF


def test_what_a_party_cannot_attach_is_said(app, maria, session, story, monkeypatch):
    andrea = desk(app, story.andrea_user)
    assert "Only pictures and PDF files" in text(hand_in(andrea, story, b"MZ", "x.exe"), 422)
    assert "Please choose a file." in text(andrea.post(f"/cases/{story.case_id}/files"), 422)
    monkeypatch.setattr("marketplace.cases.files.MOST_OF_A_PARTY", 1)
    assert hand_in(andrea, story).status_code == 302
    assert "1" in text(hand_in(andrea, story), 422)
    stranger = desk(app, a_person(session, a_company(session, name="Fremd AG")))
    session.commit()
    assert hand_in(stranger, story).status_code == 404
    closing = {"outcome": "advice", "reason": "Erledigt.", "settle": "y"}
    assert maria.post(url(story, "/close"), data=closing).status_code == 302
    assert "The case is closed." in text(hand_in(andrea, story), 422)
    assert "Attach a file" not in text(andrea.get(f"/cases/{story.case_id}"))
    assert len(story.case.files) == 1


def test_who_gave_the_case_away_gets_nothing_from_later_on(app, session, story, time_machine):
    """On the page, as a download, as a calendar file."""
    time_machine.move_to(NOW, tick=False)
    maria, katalin = desk(app, story.maria_user), desk(app, story.katalin_user)
    upload(maria, story, PDF, "Angebot.pdf")
    offered = {"to_point": story.elsewhere.id, "reason": "Näher bei Sopron."}
    assert maria.post(url(story, "/refer"), data=offered).status_code == 302
    referral, before = story.case.referrals[0], story.case.files[0]
    time_machine.shift(timedelta(hours=1))
    katalin.post(
        url(story, f"/referrals/{referral.id}"), data={"accepted": "yes", "answer": "Gerne."}
    )
    time_machine.shift(timedelta(hours=1))
    upload(katalin, story, PDF, "Kalkulation intern.pdf")
    katalin.post(url(story, "/tasks"), data={"title": "Nachrechnen", "due_on": "2026-12-01"})
    meeting = {"title": "Besuch", "day": "2026-12-02", "time": "10:00", "minutes": "60"}
    assert katalin.post(url(story, "/appointments"), data=meeting).status_code == 302
    case = queries.get(session, story.case_id, actor=story.katalin)
    later, visit = case.files[-1], case.appointments[0]
    page = text(maria.get(url(story)))
    assert "Angebot.pdf" in page
    for hidden in ("Kalkulation", "Nachrechnen", "Besuch"):
        assert hidden in text(katalin.get(url(story)))
        assert hidden not in page
    assert maria.get(url(story, f"/files/{before.id}")).data == PDF
    assert maria.get(url(story, f"/files/{later.id}")).status_code == 404
    assert katalin.get(url(story, f"/appointments/{visit.id}.ics")).status_code == 200
    assert maria.get(url(story, f"/appointments/{visit.id}.ics")).status_code == 404
