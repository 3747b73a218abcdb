"""Telling people something once, and keeping the mails until they have gone out."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import outbox
from marketplace.notifications.events import MailQueued, Told
from marketplace.notifications.models import Mail, Notification, Topic


def tell(
    session: Session,
    user: User,
    topic: Topic,
    params: Mapping[str, object],
    path: str,
    dedupe: str,
    *,
    digest_at: datetime | None = None,
    now: datetime,
) -> Notification | None:
    """Put a notification into the person's list and have a mail written; None where it was told.

    ``dedupe`` names the occasion: nobody hears of the same occasion twice. ``params`` fill the
    topic's sentence, ``path`` is where it leads. ``digest_at`` names the gathered mail that is to say
    it; otherwise the person's preferences decide.
    """
    key = f"{dedupe}:{user.id}"
    if session.scalar(select(Notification.id).where(Notification.dedupe == key)) is not None:
        return None
    told = Notification(
        user_id=user.id,
        topic=topic,
        params=dict(params),
        path=path,
        dedupe=key,
        at=now,
        digest_at=digest_at,
    )
    session.add(told)
    session.flush()
    if digest_at is None:
        outbox.record(session, Told(told.id), now=now)
    return told


def tell_all(
    session: Session,
    users: Iterable[User],
    topic: Topic,
    params: Mapping[str, object],
    path: str,
    dedupe: str,
    *,
    now: datetime,
) -> int:
    """Tell several people the same; return how many had not heard of it."""
    told = [tell(session, user, topic, params, path, dedupe, now=now) for user in users]
    return sum(one is not None for one in told)


def mark_read(
    session: Session, notification_id: int, *, user_id: int, now: datetime
) -> Notification | None:
    """Note that the person opened their notification; return it, or None where it is not theirs."""
    found = session.get(Notification, notification_id)
    if found is None or found.user_id != user_id:
        return None
    found.read_at = found.read_at or now
    return found


def mark_all_read(session: Session, *, user_id: int, now: datetime) -> None:
    """Note that the person has seen everything."""
    mine = (Notification.user_id == user_id, Notification.read_at.is_(None))
    session.execute(update(Notification).where(*mine).values(read_at=now))


def queue(session: Session, mail: Mail, *, now: datetime) -> Mail:
    """Keep a mail until the mail server has taken it."""
    session.add(mail)
    session.flush()
    outbox.record(session, MailQueued(mail.id), now=now)
    return mail


def sent(session: Session, mail_id: int, *, now: datetime) -> None:
    """Note that the mail server has taken the mail."""
    session.execute(update(Mail).where(Mail.id == mail_id).values(sent_at=now))


def forget_sent(session: Session, *, before: datetime) -> None:
    """Delete mails that went out long ago: they hold names and links."""
    session.execute(delete(Mail).where(Mail.sent_at < before))
