"""The agency reads what is still to be done in words, not in the names of the code."""

import pytest

from marketplace.core import outbox
from marketplace.jobs.handlers import HANDLERS
from marketplace.listings.events import ListingChanged
from marketplace.notifications.events import MailQueued
from marketplace.web.agency.errands import ERRANDS
from tests.builders import NOW, an_agency_person, sign_in
from tests.web.case_desk import text


def test_every_kind_of_job_has_words():
    assert set(ERRANDS) == {*HANDLERS, MailQueued.__name__}


@pytest.mark.parametrize("language", ["en", "de", "hu"])
def test_the_page_says_what_waits(app, session, language):
    client = sign_in(app.test_client(), an_agency_person(session))
    outbox.record(session, ListingChanged(1), now=NOW)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["lang"] = language
    page = text(client.get("/agency/outbox"))
    assert "ListingChanged" not in page
    assert ("Match a listing anew" in page) or language != "en"


def test_what_an_older_release_left_keeps_its_name(app, session):
    client = sign_in(app.test_client(), an_agency_person(session))
    session.add(outbox.OutboxRow(kind="FormerFact", payload={}, recorded_at=NOW, due_at=NOW))
    session.commit()
    assert "FormerFact" in text(client.get("/agency/outbox"))
