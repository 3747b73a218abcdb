"""Files of a case: taken in with a sentence on what is wrong, given out so that nothing runs."""

import io

import pytest
from PIL import Image

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
