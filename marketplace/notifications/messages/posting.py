"""Writing in a thread."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.accounts.people import LANGUAGES
from marketplace.cases.steps import heard
from marketplace.core import outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.notifications.messages import attachments, seats
from marketplace.notifications.messages.events import MessageWritten
from marketplace.notifications.messages.models import Message
from marketplace.notifications.messages.subjects import Subject, writes_for

MOST_TEXT = 10_000
MOST_FILES = 10


def post(
    session: Session,
    subject: Subject,
    *,
    text: str,
    language: str = "",
    attachment_ids: Sequence[int] = (),
    mail_id: str | None = None,
    actor: Actor,
    now: datetime,
) -> Message:
    """Say something to everybody who takes part; they are told.

    ``attachment_ids`` name files that the actor has uploaded before. Raises ``NotAllowed`` for who
    only reads, and ``Invalid`` on ``text`` or ``files``.
    """
    require(subject.can_write(actor) and actor.user_id is not None)
    author = session.get_one(User, actor.user_id)
    said = _checked(text, attachment_ids)
    files = attachments.waiting(session, attachment_ids, actor=actor)
    thread = seats.thread_for(session, subject, now=now)
    message = Message(
        thread_id=thread.id,
        author_id=author.id,
        organisation_id=writes_for(actor, subject),
        name=author.name,
        language=language if language in LANGUAGES else author.language,
        text=said,
        mail_id=mail_id,
        at=now,
    )
    session.add(message)
    session.flush()
    for file in files:
        file.message_id = message.id
    thread.last_at = now
    mine = seats.settle(session, thread, subject).get(author.id)
    seat = mine[0] if mine is not None else seats.take(session, thread, author.id)
    seat.read_to = message.id
    if subject.case is not None:
        heard(session, subject.case, now=now)
    outbox.record(session, MessageWritten(message.id), now=now)
    return message


def _checked(text: str, attachment_ids: Sequence[int]) -> str:
    said = clean(text)
    if not said and not attachment_ids:
        raise Invalid.one("text", "required")
    if len(said) > MOST_TEXT:
        raise Invalid.one("text", "too_long", most=MOST_TEXT)
    if len(attachment_ids) > MOST_FILES:
        raise Invalid.one("files", "too_many_files", most=MOST_FILES)
    return said
