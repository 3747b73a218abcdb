"""Reading notifications."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.notifications.models import Mail, Notification


def unread(session: Session, *, user_id: int | None) -> int:
    """Return how many notifications this person has not opened yet."""
    mine = (Notification.user_id == user_id, Notification.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(Notification).where(*mine)) or 0


def inbox(session: Session, *, user_id: int, limit: int = 100) -> list[Notification]:
    """Return this person's notifications, newest first."""
    mine = Notification.user_id == user_id
    return list(
        session.scalars(
            select(Notification).where(mine).order_by(Notification.id.desc()).limit(limit)
        )
    )


def mails(session: Session, *, limit: int = 200) -> list[Mail]:
    """Return the latest mails, newest first."""
    return list(session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit)))
