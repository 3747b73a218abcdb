"""Who handed a case over reads the messages up to that moment, and none that were written later."""

from datetime import timedelta

import pytest

from marketplace.cases import referrals
from marketplace.core.errors import NotAllowed, NotFound
from marketplace.notifications.messages import attachments, threads
from tests.builders import NOW, sign_in
from tests.cases import case_stories
from tests.jobs.mail_stories import mails_to, work, write

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj"
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def story(session):
    return case_stories.a_story(session)


@pytest.fixture
def storage(app):
    return app.extensions["storage"]


def handed_over(session, story, *, now=LATER):
    asked = referrals.refer(
        session, story.case, story.elsewhere.id, "Näher.", actor=story.maria, now=NOW
    )
    referrals.answer(session, story.case, asked, True, "Gerne.", actor=story.katalin, now=now)
    session.flush()
    session.expire_all()


def texts(session, story, actor):
    session.expire_all()
    return [one.text for one in threads.view(session, case_id=story.case_id, actor=actor).said]


def test_the_page_ends_where_it_was_handed_over(session, story, storage):
    early = attachments.keep(session, storage, "vor.pdf", PDF, actor=story.emre, now=NOW)
    write(session, story.emre, "Vorher.", case_id=story.case_id, attachment_ids=[early.id])
    handed_over(session, story)
    assert texts(session, story, story.maria) == ["Vorher."]
    after = LATER + timedelta(minutes=1)
    late = attachments.keep(session, storage, "nach.pdf", PDF, actor=story.emre, now=after)
    write(
        session, story.emre, "Nachher.", now=after, case_id=story.case_id, attachment_ids=[late.id]
    )
    assert texts(session, story, story.maria) == ["Vorher."]
    assert texts(session, story, story.katalin) == ["Vorher.", "Nachher."]
    assert texts(session, story, story.emre) == ["Vorher.", "Nachher."]
    assert attachments.get(session, early.id, actor=story.maria)
    assert attachments.get(session, late.id, actor=story.katalin)
    with pytest.raises(NotFound):
        attachments.get(session, late.id, actor=story.maria)
    with pytest.raises(NotAllowed):
        write(session, story.maria, "Noch etwas.", now=after, case_id=story.case_id)
    back = referrals.refer(
        session, story.case, story.point.id, "Zurück.", actor=story.katalin, now=after
    )
    assert texts(session, story, story.maria) == ["Vorher.", "Nachher."], "asked to take it back"
    referrals.withdraw(session, story.case, back, actor=story.katalin, now=after)
    assert texts(session, story, story.maria) == ["Vorher."]


def test_no_list_no_count_and_no_mail_tells_of_it(app, session, story):
    write(session, story.emre, "Vorher.", case_id=story.case_id)
    work(app, session)
    handed_over(session, story)
    work(app, session, now=LATER)
    before = len(mails_to(session, story.maria_user))
    after = LATER + timedelta(minutes=1)
    write(session, story.emre, "Sehr geheim.", now=after, case_id=story.case_id)
    work(app, session, now=after)
    rows, _total = threads.mine(session, actor=story.maria)
    assert all("geheim" not in row.excerpt for row in rows)
    assert session.scalar(threads.unread_of(story.maria_user.id)) == 0
    assert len(mails_to(session, story.maria_user)) == before
    assert "geheim" in threads.mine(session, actor=story.katalin)[0][0].excerpt
    client = sign_in(app.test_client(), story.maria_user)
    for path in (f"/desk/cases/{story.case_id}", "/messages/", "/notifications"):
        assert "geheim" not in client.get(path, follow_redirects=True).get_data(as_text=True), path
