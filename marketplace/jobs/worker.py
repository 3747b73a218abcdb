"""The worker: takes facts from the outbox one by one and does what they ask for."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from marketplace.core import outbox
from marketplace.core.db import reading, transaction
from marketplace.jobs import delivery, digests, incoming, schedule
from marketplace.jobs.handlers import HANDLERS
from marketplace.jobs.job import Job
from marketplace.jobs.runs import Hand
from marketplace.vocabulary import editions

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.5
SCHEDULE_SECONDS = 60.0
Clock = Callable[[], datetime]


class UnknownFact(Exception):
    """The outbox holds a fact that nobody handles."""


def wall_clock() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def run(app: Flask, stop: Event, *, clock: Clock = wall_clock) -> None:
    """Work until ``stop`` is set; the row in hand is finished first."""
    due, hand = 0.0, Hand(app.extensions["sessions"], clock)
    while not stop.is_set():
        if time.monotonic() >= due:
            on_schedule(app, clock=clock)
            due = time.monotonic() + SCHEDULE_SECONDS
        try:
            found = work_one(app, clock=clock) or hand.work_one()
        except Exception:
            log.exception("the worker could not reach its rows and tries again")
            found = False
        if not found:
            stop.wait(IDLE_SECONDS)


def work_off(app: Flask, *, clock: Clock = wall_clock) -> int:
    """Work until nothing that is due is left; return how many rows and parts of runs were taken."""
    count, hand = 0, Hand(app.extensions["sessions"], clock)
    while work_one(app, clock=clock) or hand.work_one():
        count += 1
    return count


def on_schedule(app: Flask, *, clock: Clock = wall_clock) -> None:
    """Do what happens by itself: listings end, searches look again, gathered mails and answers go."""
    now, sessions, storage = (
        _local(app, clock()),
        app.extensions["sessions"],
        app.extensions["storage"],
    )
    zone = app.config["TIMEZONE"]
    with reading(sessions) as session:
        editions.refresh(session)
    schedule.run(sessions, storage, today=now.date(), now=now)
    schedule.look_through_searches(sessions, zone=zone, now=now)
    with app.app_context():
        digests.send_due(sessions, now=now)
        incoming.take_in(sessions, storage, now=now)


def _local(app: Flask, moment: datetime) -> datetime:
    """Return a moment as clocks show it at the service points; features take its day and year."""
    return moment.astimezone(ZoneInfo(app.config["TIMEZONE"]))


def work_one(app: Flask, *, clock: Clock = wall_clock) -> bool:
    """Take the oldest row that is due, and do it; False where there is none.

    What goes wrong is noted on the row, which is tried again later.
    """
    sessions: sessionmaker[Session] = app.extensions["sessions"]
    with transaction(sessions) as session:
        row = outbox.claim_next(session, now=clock())
        if row is None:
            return False
        row_id, kind, payload, attempts = row.id, row.kind, dict(row.payload), row.attempts
    try:
        with app.app_context():
            _do(sessions, row_id, kind, payload, now=_local(app, clock()))
    except Exception as error:
        log.exception("%s (row %s) failed at attempt %s", kind, row_id, attempts)
        with transaction(sessions) as session:
            outbox.fail(session, row_id, f"{type(error).__name__}: {error}", now=clock())
    return True


def _do(
    sessions: sessionmaker[Session],
    row_id: int,
    kind: str,
    payload: dict[str, object],
    *,
    now: datetime,
) -> None:
    if kind == delivery.KIND:
        delivery.deliver(sessions, row_id, mail_id=int(str(payload["mail_id"])), now=now)
        return
    handler = HANDLERS.get(kind)
    if handler is None:
        raise UnknownFact(kind)
    with transaction(sessions) as session:
        editions.refresh(session)
        handler(session, Job(row_id, now, now.date()), **payload)
        outbox.finish(session, row_id, now=now)
