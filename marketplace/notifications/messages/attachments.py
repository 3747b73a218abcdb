"""Files of messages: kept before the message is sent, so that nothing uploaded is lost."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core.actor import Actor, require
from marketplace.core.errors import NotFound
from marketplace.core.storage import Storage
from marketplace.notifications.messages.models import Attachment, Message, Thread
from marketplace.notifications.messages.subjects import Subject, find
from marketplace.photos.attachments import check

LOOSE_FOR = timedelta(days=7)
AT_ONCE = 200


def keep(
    session: Session, storage: Storage, name: str, data: bytes, *, actor: Actor, now: datetime
) -> Attachment:
    """Check a file and keep it for a message still to be sent.

    Pictures are drawn anew, PDFs are looked through; raises ``Invalid`` on ``file`` otherwise.
    """
    require(actor.user_id is not None)
    checked = check(name, data)
    kept = Attachment(
        uploaded_by=actor.user_id,
        key=f"message-{secrets.token_hex(18)}",
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.data),
        at=now,
    )
    storage.put(kept.key, checked.data)
    session.add(kept)
    session.flush()
    return kept


def waiting(session: Session, ids: Sequence[int], *, actor: Actor) -> list[Attachment]:
    """Return those of the files that the actor uploaded and that belong to no message yet."""
    mine = (Attachment.message_id.is_(None), Attachment.uploaded_by == actor.user_id)
    wanted = select(Attachment).where(Attachment.id.in_(ids), *mine).order_by(Attachment.id)
    return list(session.scalars(wanted))


def get(session: Session, attachment_id: int, *, actor: Actor) -> tuple[Attachment, str]:
    """Return a file and the name under which the actor may have it.

    Raises ``NotFound`` unless the actor takes part in its thread, or has uploaded it just now.
    """
    found = session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound
    if found.message_id is None:
        if actor.user_id is None or found.uploaded_by != actor.user_id:
            raise NotFound
        return found, found.name
    thread, at = session.execute(
        select(Thread, Message.at)
        .join(Message, Message.thread_id == Thread.id)
        .where(Message.id == found.message_id)
    ).one()
    subject = find(session, case_id=thread.case_id, order_id=thread.order_id, actor=actor)
    until = subject.read_until(actor)
    if until is not None and at > until:
        raise NotFound
    return found, shown_name(found, subject, actor=actor)


def shown_name(attachment: Attachment, subject: Subject, *, actor: Actor) -> str:
    """Return a file's name; one without meaning where it could tell who somebody is."""
    if not subject.hides(actor):
        return attachment.name
    return f"{attachment.id}.{attachment.name.rpartition('.')[2]}"


def remove_loose(session: Session, storage: Storage, *, now: datetime) -> int:
    """Delete files that were uploaded a week ago and never sent; return how many."""
    loose = session.scalars(
        select(Attachment)
        .where(Attachment.message_id.is_(None), Attachment.at < now - LOOSE_FOR)
        .order_by(Attachment.id)
        .limit(AT_ONCE)
    ).all()
    keys = [attachment.key for attachment in loose]
    for attachment in loose:
        session.delete(attachment)
    session.flush()
    for key in keys:
        storage.delete(key)
    return len(keys)
