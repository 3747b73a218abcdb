"""Gathered mails: one a day or a week with all that somebody has not read, and none where nothing is."""

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from marketplace.accounts.models import User
from marketplace.core.db import reading, transaction
from marketplace.jobs import mails
from marketplace.jobs.mails import Letter, path_to
from marketplace.notifications import preferences
from marketplace.notifications.actions import queue
from marketplace.notifications.models import Frequency, Group, Notification
from marketplace.topics import TOPICS, notification_sentence
from marketplace.wording import label

log = logging.getLogger(__name__)
ORDER = list(Group)
Row = tuple[Group, Notification]


def send_due(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Write to everybody for whom something was gathered and is due; return how many.

    Each person is done in a transaction of their own: what fails for one is tried again later.
    Needs an application context.
    """
    with reading(sessions) as session:
        due = session.scalars(
            select(Notification.user_id)
            .where(Notification.digest_at <= now)
            .distinct()
            .order_by(Notification.user_id)
        ).all()
    written = 0
    for user_id in due:
        try:
            with transaction(sessions) as session:
                written += write_to(session, user_id, now=now)
        except Exception:
            log.exception("the gathered mail to person %s failed and will be tried again", user_id)
    return written


def write_to(session: Session, user_id: int, *, now: datetime) -> bool:
    """Put what is due for one person into a mail; False where nothing of it is still new."""
    gathered = session.scalars(
        select(Notification)
        .where(Notification.user_id == user_id, Notification.digest_at <= now)
        .order_by(Notification.id)
        .with_for_update()
    ).all()
    for told in gathered:
        told.digest_at = None
    wanted = preferences.of(session, user_id)
    rows = [(TOPICS[told.topic].group, told) for told in gathered if told.read_at is None]
    rows = [row for row in rows if wanted[row[0]] is not Frequency.NEVER]
    user = session.get(User, user_id)
    if not rows or user is None or not user.active:
        return False
    rows.sort(key=lambda row: (ORDER.index(row[0]), row[1].id))
    groups = list(dict.fromkeys(group for group, _told in rows))
    queue(session, mails.to_user(user, lambda: digest(rows), groups=groups, now=now), now=now)
    return True


def digest(rows: Sequence[Row]) -> Letter:
    """Return one mail with a section for each group."""
    sections = [
        (
            label(group),
            [(notification_sentence(t.topic, t.params), t.path) for _group, t in together],
        )
        for group, together in groupby(rows, key=lambda row: row[0])
    ]
    subject = ngettext("One thing is new for you", "%(num)s things are new for you", len(rows))
    path = path_to("account.notifications")
    return Letter(
        subject,
        [_("Since the last mail this has happened:")],
        _("To your notifications"),
        path,
        sections=sections,
    )
