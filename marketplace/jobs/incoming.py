"""Mails that come in: answers to messages are posted, everything else changes nothing."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from marketplace.accounts.models import User
from marketplace.core.actor import SYSTEM, Actor, Role
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, Problem
from marketplace.core.storage import Storage
from marketplace.core.text import clean
from marketplace.jobs import mails
from marketplace.jobs.mails import Letter, path_to
from marketplace.notifications.actions import queue, tell
from marketplace.notifications.channels import mailboxes
from marketplace.notifications.messages import attachments, posting, seats
from marketplace.notifications.messages.mails import Received, read
from marketplace.notifications.messages.models import Fate, ReceivedMail, Seat, Thread
from marketplace.notifications.messages.seats import thread_path
from marketplace.notifications.messages.subjects import Subject, actor_in, find, participants
from marketplace.notifications.models import Topic
from marketplace.refusals import sentence

log = logging.getLogger(__name__)
MOST_KEPT_ASIDE = 10_000


@dataclass(frozen=True)
class Wrong:
    """What of a mail could not be posted: a file by its name, or the text where that is empty."""

    name: str
    problem: Problem


def take_in(sessions: sessionmaker[Session], storage: Storage, *, now: datetime) -> int:
    """Take every mail that waits in the box that ``INCOMING_URL`` names; return how many.

    A mail leaves the box only when what became of it is committed. Needs an application context.
    """
    url, count = current_app.config["INCOMING_URL"], 0
    if not url:
        return 0
    try:
        with mailboxes.opened(url) as box:
            for mail in box.waiting():
                if _taken(sessions, storage, mail, now=now):
                    box.taken(mail.name)
                    count += 1
    except mailboxes.Unreachable as error:
        log.warning("the mailbox cannot be read and is tried again: %s", error)
    return count


def _taken(
    sessions: sessionmaker[Session], storage: Storage, mail: mailboxes.Waiting, *, now: datetime
) -> bool:
    if mail.raw is None:
        log.warning("mail %s is too large and was left out", mail.name)
        return True
    try:
        with transaction(sessions) as session:
            fate = take(session, storage, mail.raw, now=now)
    except Exception:
        log.exception("mail %s could not be taken and is tried again", mail.name)
        return False
    log.info("mail %s: %s", mail.name, fate.value)
    return True


def take(session: Session, storage: Storage, raw: bytes, *, now: datetime) -> Fate:
    """Do what a mail asks for, once however often it comes; return what became of it."""
    config = current_app.config
    mail = read(raw, domain=config["MAIL_DOMAIN"], own_address=config["MAIL_FROM"])
    known = session.scalars(
        select(ReceivedMail).where(ReceivedMail.mail_id == mail.mail_id)
    ).first()
    if known is not None:
        return known.fate
    kept = ReceivedMail(mail_id=mail.mail_id, fate=Fate.UNKNOWN, at=now)
    session.add(kept)
    seat = seats.by_token(session, mail.tokens) if mail.tokens else None
    if mail.automatic:
        kept.fate = Fate.IGNORED
    elif seat is not None:
        kept.thread_id = seat.thread_id
        kept.fate = _answer(session, storage, kept, mail, seat, now=now)
    session.flush()
    return kept.fate


def _answer(
    session: Session,
    storage: Storage,
    kept: ReceivedMail,
    mail: Received,
    seat: Seat,
    *,
    now: datetime,
) -> Fate:
    thread = session.get_one(Thread, seat.thread_id)
    subject = find(session, case_id=thread.case_id, order_id=thread.order_id, actor=SYSTEM)
    user = session.get_one(User, seat.user_id)
    if mail.sender != user.email.lower():
        kept.sender, kept.text = clean(mail.sender)[:254], clean(mail.text)[:MOST_KEPT_ASIDE]
        _tell_brokers(session, kept, thread, subject, now=now)
        return Fate.ASIDE
    actor = actor_in(session, subject, user)
    if actor is None or not subject.can_write(actor):
        wrong = [Wrong("", Problem("text", "not_part_any_more"))]
        _write_back(session, user, mail, wrong, posted=False, now=now)
        return Fate.REFUSED
    return _post(session, storage, mail, subject, user, actor, now=now)


def _post(
    session: Session,
    storage: Storage,
    mail: Received,
    subject: Subject,
    user: User,
    actor: Actor,
    *,
    now: datetime,
) -> Fate:
    """Post what the mail says, with those of its files that may be kept; name the others."""
    ids, wrong = [], list[Wrong]()
    for name, data in mail.files[: posting.MOST_FILES]:
        try:
            ids.append(attachments.keep(session, storage, name, data, actor=actor, now=now).id)
        except Invalid as refusal:
            wrong.append(Wrong(name, refusal.problems[0]))
    many = Problem("files", "too_many_files", {"most": posting.MOST_FILES})
    wrong += [Wrong(name, many) for name, _data in mail.files[posting.MOST_FILES :]]
    try:
        posting.post(
            session,
            subject,
            text=mail.text,
            attachment_ids=ids,
            mail_id=mail.mail_id,
            actor=actor,
            now=now,
        )
        posted = True
    except Invalid as refusal:
        wrong.append(Wrong("", refusal.problems[0]))
        posted = False
    if wrong:
        _write_back(session, user, mail, wrong, posted=posted, now=now)
    return Fate.POSTED if posted else Fate.REFUSED


def _write_back(
    session: Session,
    user: User,
    mail: Received,
    wrong: Sequence[Wrong],
    *,
    posted: bool,
    now: datetime,
) -> None:
    """Tell the sender what of their mail did not arrive, and why."""
    answer = mails.to_user(user, lambda: not_arrived(wrong, posted=posted), now=now)
    answer.headers = {
        "Auto-Submitted": "auto-replied",
        "In-Reply-To": mail.mail_id,
        "References": mail.mail_id,
    }
    queue(session, answer, now=now)


def not_arrived(wrong: Sequence[Wrong], *, posted: bool) -> Letter:
    """Say what of a mail was not posted; it names no text of anybody."""
    reasons = [f"{w.name}: {sentence(w.problem)}" if w.name else sentence(w.problem) for w in wrong]
    if posted:
        subject = _("Not every file of your mail has arrived")
        said = [_("Your message is posted, but without these files:"), *reasons]
    else:
        subject = _("Your mail was not posted")
        said = [_("Your answer could not be posted:"), *reasons]
    return Letter(
        subject,
        [*said, _("You can also write and attach files on the page.")],
        _("To your messages"),
        path_to("messages.index"),
        reason=_("You receive this mail because you answered a message by mail."),
    )


def _tell_brokers(
    session: Session, kept: ReceivedMail, thread: Thread, subject: Subject, *, now: datetime
) -> None:
    session.flush()
    for user_id, actor in participants(session, subject).items():
        if actor.has(Role.BROKER, Role.AGENCY):
            tell(
                session,
                session.get_one(User, user_id),
                Topic.MAIL_SET_ASIDE,
                {"about": subject.title(actor)},
                thread_path(thread.id),
                f"aside:{kept.id}",
                now=now,
            )
