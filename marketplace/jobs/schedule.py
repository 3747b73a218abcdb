"""What happens by itself as time passes."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, delete, select
from sqlalchemy.orm import Session, sessionmaker

from marketplace.accounts.models import Organisation
from marketplace.cluster import calls
from marketplace.core.db import Base, transaction
from marketplace.core.outbox import OutboxRow
from marketplace.core.storage import Storage
from marketplace.listings.actions import expire_due
from marketplace.notifications.actions import forget_sent
from marketplace.notifications.messages.attachments import remove_loose
from marketplace.notifications.searches.looking import look_through
from marketplace.photos.models import Photo, Size
from marketplace.proposals import runs
from marketplace.seals import renewing

log = logging.getLogger(__name__)
LOOSE_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
AT_ONCE = 200


def run(sessions: sessionmaker[Session], storage: Storage, *, today: date, now: datetime) -> None:
    """Do each thing in a transaction of its own; one that fails does not keep the others back."""
    tasks: tuple[Callable[[Session], object], ...] = (
        lambda session: expire_due(session, today=today, now=now),
        lambda session: match_daily(session, today=today, now=now),
        lambda session: calls.remind(session, today=today, now=now),
        lambda session: renewing.remind(session, today=today, now=now),
        lambda session: remove_loose_photos(session, storage, now=now),
        lambda session: remove_loose(session, storage, now=now),
        lambda session: forget_old(session, now=now),
    )
    for task in tasks:
        try:
            with transaction(sessions) as session:
                task(session)
        except Exception:
            log.exception("a scheduled task failed and will be tried again")


def look_through_searches(sessions: sessionmaker[Session], *, zone: str, now: datetime) -> int:
    """Look for what is new to saved searches, some at a time; return how many looked."""
    count = 0
    try:
        while True:
            with transaction(sessions) as session:
                looked = look_through(session, zone=zone, now=now)
            count += looked
            if not looked:
                return count
    except Exception:
        log.exception("the saved searches failed and will be tried again")
        return count


def match_daily(session: Session, *, today: date, now: datetime) -> None:
    """Begin a run over everything once a day: windows open and close as time passes."""
    if not runs.ran_on(session, today):
        runs.start(session, as_of=today, now=now)


def remove_loose_photos(session: Session, storage: Storage, *, now: datetime) -> int:
    """Delete photos that were uploaded a week ago and hang on nothing; return how many."""
    loose = session.scalars(
        select(Photo)
        .where(
            Photo.created_at < now - LOOSE_FOR,
            *(Photo.id.not_in(select(column).where(column.is_not(None))) for column in _hung_by()),
            Photo.key.not_in(
                select(Organisation.logo_key).where(Organisation.logo_key.is_not(None))
            ),
        )
        .order_by(Photo.id)
        .limit(AT_ONCE)
    ).all()
    names = [photo.file(size) for photo in loose for size in Size]
    for photo in loose:
        session.delete(photo)
    session.flush()
    for name in names:
        storage.delete(name)
    return len(loose)


def _hung_by() -> list[Column[Any]]:
    """Return every column that names a photo, whichever table it is of; an empty one names none."""
    return [
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is Photo.__table__.c.id
    ]


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what was done a month ago: mails that went out, and finished rows of the outbox."""
    forget_sent(session, before=now - KEPT_FOR)
    session.execute(delete(OutboxRow).where(OutboxRow.done_at < now - KEPT_FOR))
