"""Messages in the browser: the list, the thread on the order page, writing with files."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
from PIL import Image
from sqlalchemy import event, select

from marketplace.notifications.messages.models import Attachment, Message
from tests.builders import NOW, a_company, a_person, sign_in
from tests.cases import case_stories
from tests.jobs.mail_stories import write
from tests.orders import order_stories

PDF = b"%PDF-1.4 ok"


@pytest.fixture
def deal(session):
    story = order_stories.a_story(session)
    story.order_ = story.offered()
    session.commit()
    return story


@pytest.fixture
def emre(app, deal):
    return sign_in(app.test_client(), deal.emre_user)


@pytest.fixture
def andrea(app, deal):
    return sign_in(app.test_client(), deal.andrea_user)


def messages(session):
    session.expire_all()
    return session.scalars(select(Message).order_by(Message.id)).all()


def picture():
    data = BytesIO()
    Image.new("RGB", (64, 48), "green").save(data, "PNG")
    return data.getvalue()


def files(*some):
    return [(BytesIO(data), name) for name, data in some]


def test_it_is_written_on_the_order_s_page_and_read_there(session, deal, emre, andrea):
    page = f"/orders/{deal.order_.id}"
    assert f'action="/messages/orders/{deal.order_.id}"' in emre.get(page).text
    sent = emre.post(
        f"/messages/orders/{deal.order_.id}",
        data={"text": "Die Nadeln\nhalten.", "language": "de", "next": f"{page}#messages"},
    )
    assert sent.location.endswith(f"{page}#messages")
    shown = andrea.get(page).text
    assert "Die Nadeln<br>halten." in shown
    assert 'lang="de"' in shown
    assert "Emre Yıldız, Nähwerk" in shown


def test_the_envelope_counts_until_one_has_looked(session, deal, emre, andrea):
    write(session, deal.emre, "Hallo", order_id=deal.order_.id)
    session.commit()
    counted = re.compile(
        r'href="/messages/"><svg.*?</svg><span class="bell__n" aria-hidden="true">1<'
    )
    assert counted.search(andrea.get("/").text)
    assert not counted.search(emre.get("/").text)
    listed = andrea.get("/messages/").text
    assert "badge--wait" in listed
    andrea.get(f"/orders/{deal.order_.id}")
    assert not counted.search(andrea.get("/").text)
    assert "badge--wait" not in andrea.get("/messages/").text


def test_the_list_is_empty_at_first_and_comes_in_pages(app, session, deal, andrea, monkeypatch):
    monkeypatch.setattr("marketplace.web.messages.messages.SIZE", 1)
    assert 'class="empty"' in andrea.get("/messages/").text
    write(session, deal.emre, "Hallo", order_id=deal.order_.id)
    session.commit()
    assert "Hallo" in andrea.get("/messages/").text
    assert "Hallo" not in andrea.get("/messages/?page=2").text


def test_a_thread_has_a_page_with_all_of_it(session, deal, andrea):
    for number in range(35):
        write(session, deal.emre, f"Nummer {number}.", order_id=deal.order_.id)
    session.commit()
    thread = messages(session)[0].thread_id
    page = andrea.get(f"/messages/{thread}").text
    assert "Nummer 34." in page
    assert "Nummer 4." not in page
    earlier = re.search(rf"/messages/{thread}\?before=\d+", page)[0]
    assert "Nummer 4." in andrea.get(earlier).text
    assert andrea.get(f"/messages/{thread}?before=nonsense").status_code == 200


def test_files_go_along_and_come_back_as_downloads(session, deal, emre, andrea):
    data = {"text": "Anbei", "files": files(("Muster.png", picture()), ("Tervő.pdf", PDF))}
    assert emre.post(f"/messages/orders/{deal.order_.id}", data=data).status_code == 302
    shown = andrea.get(f"/orders/{deal.order_.id}").text
    for number, (name, kind) in enumerate(
        [("Muster.webp", "image/webp"), ("Tervő.pdf", "application/pdf")]
    ):
        assert name in shown
        key = session.scalars(select(Attachment.id).order_by(Attachment.id)).all()[number]
        answer = andrea.get(f"/messages/files/{key}")
        assert answer.mimetype == kind
        assert (
            answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(name)}"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_typed_or_uploaded_is_lost(session, deal, emre):
    data = {
        "text": "Anbei der Plan",
        "language": "hu",
        "files": files(("Plan.pdf", PDF), ("virus.exe", b"MZ")),
    }
    refused = emre.post(f"/messages/orders/{deal.order_.id}", data=data)
    assert refused.status_code == 422
    assert "virus.exe" in refused.text
    assert "Anbei der Plan</textarea>" in refused.text
    assert '<option value="hu" selected>' in refused.text
    kept = re.search(r'name="attachment" value="(\d+)"', refused.text)[1]
    assert messages(session) == []
    again = {"text": "Anbei der Plan", "attachment": kept}
    assert emre.post(f"/messages/orders/{deal.order_.id}", data=again).status_code == 302
    assert session.get(Attachment, int(kept)).message_id == messages(session)[0].id


def test_a_kept_file_can_be_left_out_again(session, deal, emre):
    url = f"/messages/orders/{deal.order_.id}"
    refused = emre.post(url, data={"text": "x" * 10_001, "files": files(("Plan.pdf", PDF))})
    assert refused.status_code == 422
    kept = re.search(r'name="attachment" value="(\d+)"', refused.text)[1]
    sent = emre.post(url, data={"text": "Ohne", "attachment": kept, "remove-attachment": kept})
    assert sent.status_code == 302
    assert session.get(Attachment, int(kept)).message_id is None


def test_too_many_files_are_refused_with_what_fits_kept(session, deal, emre):
    many = files(*[(f"{n}.pdf", PDF) for n in range(12)])
    refused = emre.post(f"/messages/orders/{deal.order_.id}", data={"text": "x", "files": many})
    assert refused.status_code == 422
    assert refused.text.count('name="attachment"') == 10


@pytest.mark.parametrize("data", [{}, {"text": "  "}, {"text": "x", "attachment": ["a", "9" * 30]}])
def test_nonsense_is_no_fault_of_ours(session, deal, emre, data):
    assert emre.post(f"/messages/orders/{deal.order_.id}", data=data).status_code in {302, 422}


def test_others_find_nothing(app, session, deal):
    write(session, deal.emre, "Geheim", order_id=deal.order_.id)
    thread = messages(session)[0].thread_id
    other = sign_in(app.test_client(), a_person(session, a_company(session)))
    session.commit()
    assert other.get(f"/messages/{thread}").status_code == 404
    assert other.post(f"/messages/orders/{deal.order_.id}", data={"text": "x"}).status_code == 404
    assert other.post("/messages/cases/1", data={"text": "x"}).status_code == 404
    assert "Geheim" not in other.get("/messages/").text
    assert len(messages(session)) == 1


def test_nobody_is_led_elsewhere(deal, emre):
    data = {"text": "x", "next": "https://evil.example/"}
    assert emre.post(f"/messages/orders/{deal.order_.id}", data=data).location.startswith(
        "/messages/"
    )


def test_what_is_written_is_text_and_nothing_else(session, deal, andrea):
    write(session, deal.emre, "<script>alert(1)</script>", order_id=deal.order_.id)
    session.commit()
    page = andrea.get(f"/orders/{deal.order_.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


class TestCases:
    @pytest.fixture
    def story(self, session):
        story = case_stories.a_story(session)
        session.commit()
        return story

    def test_parties_write_to_each_other_without_names(self, app, session, story):
        url = f"/messages/cases/{story.case_id}"
        emre = sign_in(app.test_client(), story.emre_user)
        andrea = sign_in(app.test_client(), story.andrea_user)
        text = "Emre Yıldız vom Nähwerk, Nadelgasse 3"
        data = {"text": text, "files": files(("Nähwerk.pdf", PDF))}
        assert emre.post(url, data=data).status_code == 302
        thread = messages(session)[0].thread_id
        for path in (f"/messages/{thread}", "/messages/"):
            page = andrea.get(path).text
            assert "•••" in page
            for secret in ("Yıldız", "Nähwerk", "Nadelgasse"):
                assert secret not in page, path
        key = session.scalar(select(Attachment.id))
        assert "hwerk" not in andrea.get(f"/messages/files/{key}").headers["Content-Disposition"]
        maria = sign_in(app.test_client(), story.maria_user)
        assert "Nadelgasse" in maria.get(f"/messages/{thread}").text

    def test_the_broker_s_and_the_parties_page_have_it(self, app, session, story):
        write(session, story.emre, "Wir hätten Zeit.", case_id=story.case_id)
        session.commit()
        for user, page in ((story.maria_user, "/desk/cases/"), (story.andrea_user, "/cases/")):
            shown = sign_in(app.test_client(), user).get(f"{page}{story.case_id}").text
            assert "Wir hätten Zeit." in shown


def test_the_list_asks_no_more_for_many(app, session, deal, andrea):
    counted = []
    engine = session.get_bind().engine
    listener = lambda *args: counted.append(args[2])  # noqa: E731
    write(session, deal.emre, "Hallo", order_id=deal.order_.id)
    session.commit()
    event.listen(engine, "before_cursor_execute", listener)
    andrea.get("/messages/")
    event.remove(engine, "before_cursor_execute", listener)
    assert len([text for text in counted if text.startswith("SELECT")]) <= 12


def test_opening_a_thread_notes_the_notification_too(session, deal, andrea):
    write(session, deal.emre, "Hallo", order_id=deal.order_.id, now=NOW + timedelta(hours=1))
    session.commit()
    andrea.get(f"/messages/{messages(session)[0].thread_id}")
    assert (
        "bell__n"
        not in andrea.get("/messages/").text.split("/notifications")[0].rpartition("/messages/")[2]
    )
