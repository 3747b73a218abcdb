"""A request that the database ended for another's sake is run again, or can be sent again as typed."""

import os
from threading import Barrier, BrokenBarrierError

import pytest
from flask import flash, request
from flask import session as cookie
from psycopg.errors import DeadlockDetected
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import OperationalError

from marketplace.accounts.models import Organisation
from marketplace.cases.models import Case
from marketplace.core.db import transaction as on
from marketplace.web.access import ANYBODY
from marketplace.web.session import transaction
from tests.at_once import together
from tests.builders import a_company, a_service_point

ON_POSTGRESQL = bool(os.environ.get("TEST_DATABASE_URL"))
DEADLOCK = OperationalError("UPDATE", {}, DeadlockDetected())
TYPED = {"subject": "idea", "words": 'Bänke für den "Schulhof"', "name": "Eva Gruber", "agreed": "y",
         "email": "eva@pitten.example", "city": "Eisenstadt", "country": "AT"}  # fmt: skip


@pytest.fixture
def as_view(app, monkeypatch):
    """Put a view in the place of the enquiry's."""

    def put(view):
        monkeypatch.setitem(app.view_functions, "enquiry.ask", ANYBODY(view))

    return put


def test_two_who_lock_crosswise_both_get_their_way(app, real, as_view):
    """PostgreSQL ends one of them, which runs again; of SQLite's writers the second one waits."""
    app.extensions["sessions"] = real
    with on(real) as session:
        first, second = a_company(session, name="A").id, a_company(session, name="B").id
    barrier, runs = Barrier(2), []

    def cross():
        mine, theirs = request.form.getlist("lock", type=int)
        runs.append(mine)
        with transaction() as session:
            if ON_POSTGRESQL:
                session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            for number, key in enumerate((mine, theirs)):
                more = Organisation.name + f"{mine}"
                session.execute(
                    update(Organisation).where(Organisation.id == key).values(name=more)
                )
                if ON_POSTGRESQL and not number and len(runs) < 3:
                    barrier.wait(5)
        return "done"

    as_view(cross)

    def ask(keys):
        return lambda: app.test_client().post("/enquiry", data={"lock": keys}).status_code

    assert together([ask([first, second]), ask([second, first])], BrokenBarrierError) == [200, 200]
    assert len(runs) == (3 if ON_POSTGRESQL else 2)
    with real() as session:
        names = session.scalars(select(Organisation.name)).all()
        assert sorted(sorted(name[1:]) for name in names) == [sorted(f"{first}{second}")] * 2


def test_what_is_always_in_the_way_is_a_503_that_keeps_what_was_typed(app, real, client):
    app.extensions["sessions"] = real
    with on(real) as session:
        a_service_point(session)
    engine = real.kw["bind"]
    hurried = "PRAGMA busy_timeout=20" if not ON_POSTGRESQL else "SET lock_timeout = '20ms'"
    engine.dispose()
    event.listen(engine, "connect", lambda raw, _: raw.cursor().execute(hurried))
    event.listen(engine, "checkout", lambda raw, *_: raw.cursor().execute(hurried))
    with client.session_transaction() as kept:
        kept["lang"] = "en"
    with on(real) as other:
        if ON_POSTGRESQL:
            other.execute(text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        answer = client.post("/enquiry?subject=idea", data=TYPED)
        script = client.post("/enquiry", data=TYPED, headers={"Accept": "application/json"})
    assert (answer.status_code, script.status_code) == (503, 503)
    assert "Somebody else was changing the same thing" in answer.text
    assert 'action="/enquiry?subject=idea"' in answer.text
    assert 'name="words" value="Bänke für den &#34;Schulhof&#34;"' in answer.text
    assert script.json["error"] == "busy"
    assert client.post("/enquiry", data=TYPED).location == "/enquiry/received"
    with real() as session:
        assert len(session.scalars(select(Case)).all()) == 1


def test_passwords_are_not_written_into_the_page(app, client, as_view):
    def refuse():
        raise DEADLOCK

    as_view(refuse)
    page = client.post("/enquiry", data={"password": "Werkbank-2026", "email": "a@b.example"}).text
    assert "a@b.example" in page
    assert "Werkbank-2026" not in page


def test_a_run_that_was_lost_said_nothing_and_reads_its_files_anew(client, as_view, tmp_path):
    runs = []

    def say():
        flash("Saved.", "yes")
        cookie["run"] = len(runs)
        runs.append(request.files["photo"].stream.read())
        if len(runs) < 3:
            raise DEADLOCK
        return "done"

    as_view(say)
    (tmp_path / "a.txt").write_bytes(b"abc")
    with (tmp_path / "a.txt").open("rb") as photo:
        assert client.post("/enquiry", data={"photo": photo}).status_code == 200
    assert runs == [b"abc"] * 3
    with client.session_transaction() as kept:
        assert kept["_flashes"] == [("yes", "Saved.")]
        assert kept["run"] == 2


def test_what_was_committed_is_not_done_twice(client, as_view):
    runs = []

    def commit_then_fail():
        with transaction():
            runs.append(1)
        raise DEADLOCK

    as_view(commit_then_fail)
    assert client.post("/enquiry").status_code == 503
    assert runs == [1]


def test_a_database_that_is_broken_is_still_our_mistake(app, client, as_view):
    def fail():
        raise OperationalError("SELECT", {}, Exception("no such table"))

    as_view(fail)
    with pytest.raises(OperationalError):
        client.post("/enquiry")
