"""Messages on their way to the others who take part: who is told, and the mail that brings them."""

from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.core.actor import SYSTEM, Actor
from marketplace.jobs import mails
from marketplace.jobs.job import Job
from marketplace.jobs.mails import Letter
from marketplace.notifications.actions import tell
from marketplace.notifications.channels.smtp import domain_of
from marketplace.notifications.messages import seats
from marketplace.notifications.messages.models import Message, Seat, Thread
from marketplace.notifications.messages.seats import thread_path
from marketplace.notifications.messages.subjects import Subject, actor_in, find, sender
from marketplace.notifications.messages.threads import text_for
from marketplace.notifications.models import Group, Mail, Notification, Topic
from marketplace.wording import sender_words

MOST_REFERENCES = 10


def message_written(session: Session, job: Job, *, message_id: int) -> None:
    """Tell everybody else who takes part, each of as much as is disclosed to them."""
    message = _message(session, message_id)
    if message is None:
        return
    thread = session.get_one(Thread, message.thread_id)
    subject = _subject(session, thread)
    for user_id, (_seat, actor) in seats.settle(session, thread, subject).items():
        user = session.get_one(User, user_id)
        if user_id == message.author_id or not user.active:
            continue
        with force_locale(user.language):
            who = sender_words(sender(message, subject, actor=actor))
        about = {"sender": who, "about": subject.title(actor), "message": message.id}
        path, occasion = thread_path(thread.id), f"message:{message.id}"
        tell(session, user, Topic.MESSAGE_WRITTEN, about, path, occasion, now=job.now)


def _message(session: Session, message_id: int) -> Message | None:
    return session.scalars(
        select(Message)
        .where(Message.id == message_id)
        .options(joinedload(Message.organisation), selectinload(Message.attachments))
    ).one_or_none()


def _subject(session: Session, thread: Thread) -> Subject:
    return find(session, case_id=thread.case_id, order_id=thread.order_id, actor=SYSTEM)


def mail_about(
    session: Session, user: User, notification: Notification, *, now: datetime
) -> Mail | None:
    """Return the mail that brings a message; None where the person takes part no longer."""
    message = _message(session, int(str(notification.params["message"])))
    if message is None:
        return None
    thread = session.get_one(Thread, message.thread_id)
    subject, seat = _subject(session, thread), seats.of(session, thread.id).get(user.id)
    actor = actor_in(session, subject, user)
    if seat is None or actor is None:
        return None
    mail = mails.to_user(
        user, lambda: letter(message, subject, actor), groups=[Group.MESSAGES], now=now
    )
    with force_locale(user.language):
        mail.sender_name = sender_words(sender(message, subject, actor=actor))[:120]
    mail.headers = {**mail.headers, **_threading(session, message, seat), **_answering(seat)}
    return mail


def letter(message: Message, subject: Subject, actor: Actor) -> Letter:
    """Say who wrote what, as far as the reader may know, and how to answer."""
    title, who = subject.title(actor), sender_words(sender(message, subject, actor=actor))
    answered = bool(current_app.config["MAIL_DOMAIN"])
    return Letter(
        title,
        [_("%(sender)s writes about “%(about)s”:", sender=who, about=title)],
        _("Read and answer"),
        thread_path(message.thread_id),
        quoted=text_for(message, subject, actor=actor),
        quoted_in=message.language,
        files=len(message.attachments),
        answer_here=answered,
    )


def answer_address(seat: Seat) -> str:
    """Return where a person's answers to a thread go, empty where no mail is read."""
    domain = current_app.config["MAIL_DOMAIN"]
    return f"reply+{seat.token}@{domain}" if domain else ""


def _answering(seat: Seat) -> dict[str, str]:
    address = answer_address(seat)
    return {"Reply-To": address} if address else {}


def _threading(session: Session, message: Message, seat: Seat) -> dict[str, str]:
    """Return the fields by which mail programs show a thread's mails together."""
    earlier = session.scalars(
        select(Message)
        .where(Message.thread_id == message.thread_id, Message.id < message.id)
        .order_by(Message.id.desc())
        .limit(MOST_REFERENCES)
    ).all()
    known = [_mail_id(one, seat) for one in reversed(earlier)]
    fields = {"Message-ID": _mail_id(message, seat)}
    if known:
        fields |= {"In-Reply-To": known[-1], "References": " ".join(known)}
    return fields


def _mail_id(message: Message, seat: Seat) -> str:
    """Return under which Message-ID a person knows a message: their own mail's, or ours to them."""
    if message.mail_id is not None and message.author_id == seat.user_id:
        return message.mail_id
    domain = domain_of(current_app.config["MAIL_FROM"])
    return f"<message-{message.id}-{seat.id}@{domain}>"
