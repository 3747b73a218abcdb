"""Reading notifications."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from marketplace.notifications.messages.threads import unread_of
from marketplace.notifications.models import Mail, Notification, Topic


@dataclass(frozen=True)
class Unread:
    """How much somebody has not seen yet; what tells of a message counts as the message only."""

    notifications: int = 0
    messages: int = 0


def unread(session: Session, *, user_id: int | None) -> Unread:
    """Return how many notifications and messages this person has not opened yet."""
    mine = (*_listed(user_id), Notification.read_at.is_(None))
    notifications = select(func.count()).select_from(Notification).where(*mine)
    counts = notifications.scalar_subquery(), unread_of(user_id).scalar_subquery()
    return Unread(*session.execute(select(*counts)).one())


def inbox(session: Session, *, user_id: int, limit: int = 100) -> list[Notification]:
    """Return this person's notifications, newest first; messages stand in their threads."""
    return list(
        session.scalars(
            select(Notification)
            .where(*_listed(user_id))
            .order_by(Notification.id.desc())
            .limit(limit)
        )
    )


def _listed(user_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return Notification.user_id == user_id, Notification.topic != Topic.MESSAGE_WRITTEN


def mails(session: Session, *, limit: int = 200) -> list[Mail]:
    """Return the latest mails, newest first."""
    return list(session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit)))
