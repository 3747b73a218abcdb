"""At New Year's Eve the day and the year are those of the service points, not those of Greenwich."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.core import outbox
from marketplace.jobs import handlers, worker
from marketplace.orders.events import WorkLogged
from marketplace.orders.models import Order
from marketplace.web.session import now, today
from tests.builders import sign_in
from tests.impact.impact_stories import a_world

NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
"""In Vienna it is half past midnight, and 2027."""


def test_a_request_is_in_the_new_year(app, time_machine):
    time_machine.move_to(NEW_YEAR, tick=False)
    with app.test_request_context():
        assert now() == NEW_YEAR
        assert (now().date(), now().year, today()) == (date(2027, 1, 1), 2027, date(2027, 1, 1))


def test_today_is_not_in_the_future(app, session, time_machine):
    """The form fills in today; half an hour after midnight that was refused as tomorrow."""
    world = a_world(session)
    world.bring(100.0)
    session.commit()
    time_machine.move_to(NEW_YEAR, tick=False)
    emre = sign_in(app.test_client(), world.story.emre_user)
    page = f"/impact/orders/{world.order_id}/fates/new"
    said = {"party_id": world.party.id, "path": "re_used", "mass_kg": "10"}
    tomorrow = emre.post(page, data=said | {"happened_on": "2027-01-02"})
    assert tomorrow.status_code == 422
    assert emre.post(page, data=said | {"happened_on": "2027-01-01"}).status_code == 302


@pytest.mark.parametrize("hours", [0, -1])
def test_the_worker_is_in_the_same_year(app, session, monkeypatch, hours):
    seen = []
    monkeypatch.setitem(
        handlers.HANDLERS, "WorkLogged", lambda session, job, **fact: seen.append(job)
    )
    moment = NEW_YEAR + timedelta(hours=hours)
    outbox.record(session, WorkLogged(order_id=a_world(session).order_id), now=moment)
    session.query(outbox.OutboxRow).filter(outbox.OutboxRow.kind != "WorkLogged").delete()
    session.commit()
    assert worker.work_off(app, clock=lambda: moment) == 1
    (job,) = seen
    assert (job.now, job.today) == (moment, job.now.date())
    assert job.now.year == 2027 + hours
    assert session.query(Order).count() == 1
