"""Figures come by themselves: the worker books what happened in an order."""

import pytest
from sqlalchemy import select

from marketplace.core.outbox import OutboxRow
from marketplace.impact.models import Measure
from marketplace.jobs.handlers import HANDLERS
from marketplace.jobs.job import Job
from marketplace.orders import work_log
from tests.builders import NOW
from tests.impact.impact_stories import SYSTEM, a_world, sum_of
from tests.orders.order_stories import TODAY


@pytest.fixture(autouse=True)
def addresses(app):
    """Who is told is led to a page, so an application has to be there."""
    with app.app_context():
        yield


def work_off(session):
    """Do what every open fact about orders asks for."""
    rows = session.scalars(
        select(OutboxRow).where(
            OutboxRow.done_at.is_(None), OutboxRow.kind.in_(["OrderMoved", "WorkLogged"])
        )
    )
    for row in rows.all():
        HANDLERS[row.kind](session, Job(row.id, NOW, TODAY), **row.payload)
        row.done_at = NOW
    session.flush()


def test_a_hand_over_is_booked(session):
    world = a_world(session)
    world.bring(100.0)
    work_off(session)
    assert sum_of(session, Measure.MASS_GIVEN_KG, world) == 100.0


def test_hours_are_booked_and_taken_out(session):
    world = a_world(session)
    entry = world.work(hours=50.0)
    work_off(session)
    assert sum_of(session, Measure.HOURS, world) == 50.0
    work_log.strike(session, world.order, entry.id, actor=SYSTEM, now=NOW)
    work_off(session)
    assert sum_of(session, Measure.HOURS, world) == 0.0


def test_a_fact_of_an_order_that_is_gone_does_no_harm(session):
    HANDLERS["WorkLogged"](session, Job(1, NOW, TODAY), order_id=987654)
