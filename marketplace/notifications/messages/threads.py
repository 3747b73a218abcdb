"""Reading threads: one with its latest messages, all of mine, how much is unread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.cases.disclosure import veil
from marketplace.cases.models import Case
from marketplace.cases.queries import with_sight
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.notifications.messages import attachments, seats
from marketplace.notifications.messages.models import (
    Fate,
    Message,
    ReceivedMail,
    Seat,
    Thread,
)
from marketplace.notifications.messages.subjects import (
    Kind,
    Sender,
    Subject,
    find,
    is_broker,
    sender,
    visible_to,
)
from marketplace.orders.models import Order

SHOWN = 30
EXCERPT = 160


@dataclass(frozen=True)
class File:
    """An attachment as a reader sees it; ``size`` is in bytes."""

    id: int
    name: str
    size: int
    picture: bool


@dataclass(frozen=True)
class Said:
    """A message as one reader sees it: what is not disclosed to them is left out."""

    id: int
    sender: Sender
    own: bool
    new: bool
    at: datetime
    language: str
    text: str
    files: Sequence[File]


@dataclass(frozen=True)
class Aside:
    """A mail that was not posted since it came from an address of nobody here."""

    id: int
    sender: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Conversation:
    """A thread as one reader sees it; ``id`` is None before anybody has written.

    ``about_id`` is the key of the case or order. ``earlier`` asks for the messages before those shown,
    0 where there are none; ``mediates``: the reader sees it as a broker; ``hides`` tells that others
    are not fully disclosed; ``aside`` are mails that were not posted, for who mediates.
    """

    kind: Kind
    about_id: int
    number: str
    id: int | None
    title: str
    said: Sequence[Said]
    earlier: int
    may_write: bool
    mediates: bool
    hides: bool
    aside: Sequence[Aside] = ()


def view(
    session: Session,
    *,
    case_id: int | None = None,
    order_id: int | None = None,
    before: int = 0,
    actor: Actor,
) -> Conversation:
    """Return the latest messages about a case or an order, or those before one, oldest first.

    Raises ``NotFound`` where the actor must not know of it.
    """
    subject = find(session, case_id=case_id, order_id=order_id, actor=actor)
    thread = seats.existing(session, subject)
    until = subject.read_until(actor)
    rows = _messages(session, thread.id, before, until) if thread is not None else []
    seat = seats.of(session, thread.id).get(actor.user_id or 0) if thread is not None else None
    more = len(rows) > SHOWN
    shown = [_said(row, subject, seat, actor) for row in reversed(rows[:SHOWN])]
    aside = _aside(session, thread.id) if thread is not None and is_broker(actor, subject) else []
    return Conversation(
        kind=subject.kind,
        about_id=subject.about.id,
        number=subject.about.number,
        id=thread.id if thread is not None else None,
        title=subject.title(actor),
        said=shown,
        earlier=shown[0].id if more else 0,
        may_write=subject.can_write(actor),
        mediates=subject.mediates(actor),
        hides=subject.hides(actor),
        aside=aside,
    )


def view_thread(session: Session, thread_id: int, *, before: int = 0, actor: Actor) -> Conversation:
    """Return the same, by the key of the thread."""
    thread = session.get(Thread, thread_id)
    if thread is None:
        raise NotFound
    about = {"case_id": thread.case_id, "order_id": thread.order_id}
    return view(session, **about, before=before, actor=actor)


def _messages(
    session: Session, thread_id: int, before: int, until: datetime | None
) -> Sequence[Message]:
    wanted = select(Message).where(Message.thread_id == thread_id)
    if before:
        wanted = wanted.where(Message.id < before)
    if until is not None:
        wanted = wanted.where(Message.at <= until)
    return session.scalars(
        wanted.options(joinedload(Message.organisation), selectinload(Message.attachments))
        .order_by(Message.id.desc())
        .limit(SHOWN + 1)
    ).all()


def _said(message: Message, subject: Subject, seat: Seat | None, actor: Actor) -> Said:
    own = message.author_id is not None and message.author_id == actor.user_id
    return Said(
        id=message.id,
        sender=sender(message, subject, actor=actor),
        own=own,
        new=not own and message.id > (seat.read_to if seat is not None else 0),
        at=message.at,
        language=message.language,
        text=text_for(message, subject, actor=actor),
        files=[
            File(
                file.id,
                attachments.shown_name(file, subject, actor=actor),
                file.size,
                file.media_type.startswith("image/"),
            )
            for file in message.attachments
        ],
    )


def text_for(message: Message, subject: Subject, *, actor: Actor) -> str:
    """Return what was written, with what is not disclosed to the actor made unreadable."""
    return message.text if subject.case is None else veil(subject.case, actor=actor)(message.text)


def _aside(session: Session, thread_id: int) -> list[Aside]:
    here = (ReceivedMail.thread_id == thread_id, ReceivedMail.fate == Fate.ASIDE)
    rows = session.scalars(select(ReceivedMail).where(*here).order_by(ReceivedMail.id))
    return [Aside(mail.id, mail.sender, mail.text, mail.at) for mail in rows]


@dataclass(frozen=True)
class Entry:
    """A line of the list of threads; ``sender`` and ``excerpt`` are of its last message."""

    id: int
    title: str
    sender: Sender
    own: bool
    excerpt: str
    language: str
    at: datetime
    unread: int


_THEIRS = or_(Message.author_id.is_(None), Message.author_id != Seat.user_id)
_NEW = and_(Message.thread_id == Seat.thread_id, Message.id > Seat.read_to, _THEIRS)


def unread_of(user_id: int | None) -> Select[int]:
    """Return the statement that counts the messages which a person has not seen yet."""
    return select(func.count(Message.id)).join(Seat, _NEW).where(Seat.user_id == user_id)


def mine(
    session: Session, *, actor: Actor, page: int = 1, size: int = 20
) -> tuple[list[Entry], int]:
    """Return one page of the threads in which the actor takes part, and how many there are.

    Those with something unread come first, then those that moved last.
    """
    here = (Seat.user_id == actor.user_id, visible_to(actor))
    joined = select(Thread).join(Seat, Seat.thread_id == Thread.id).where(*here)
    total = session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    count = select(func.count(Message.id)).where(_NEW).correlate(Seat).scalar_subquery()
    new = exists().where(_NEW).correlate(Seat)
    rows = session.execute(
        joined.add_columns(count)
        .order_by(new.desc(), Thread.last_at.desc(), Thread.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    subjects = _subjects(session, [row[0] for row in rows])
    last = _last(session, [row[0].id for row in rows])
    return [
        _entry(row[0], subjects[row[0].id], last[row[0].id], row[1], actor) for row in rows
    ], total


def forget_stale(session: Session, *, actor: Actor) -> None:
    """Give up the actor's seats in threads that they must no longer know of."""
    seen = select(Thread.id).where(visible_to(actor))
    session.execute(delete(Seat).where(Seat.user_id == actor.user_id, Seat.thread_id.not_in(seen)))


def _entry(thread: Thread, subject: Subject, last: Message, new: int, actor: Actor) -> Entry:
    return Entry(
        id=thread.id,
        title=subject.title(actor),
        sender=sender(last, subject, actor=actor),
        own=last.author_id == actor.user_id,
        excerpt=" ".join(text_for(last, subject, actor=actor).split())[:EXCERPT],
        language=last.language,
        at=thread.last_at,
        unread=new,
    )


def _subjects(session: Session, threads: Sequence[Thread]) -> dict[int, Subject]:
    case_ids = [thread.case_id for thread in threads if thread.case_id is not None]
    order_ids = [thread.order_id for thread in threads if thread.order_id is not None]
    cases = {
        case.id: case
        for case in session.scalars(
            select(Case).where(Case.id.in_(case_ids)).options(*with_sight())
        )
    }
    orders = {
        order.id: order
        for order in session.scalars(
            select(Order).where(Order.id.in_(order_ids)).options(selectinload(Order.parties))
        )
    }
    return {
        thread.id: Subject(cases.get(thread.case_id or 0), orders.get(thread.order_id or 0))
        for thread in threads
    }


def _last(session: Session, thread_ids: Sequence[int]) -> dict[int, Message]:
    newest = (
        select(func.max(Message.id))
        .where(Message.thread_id.in_(thread_ids))
        .group_by(Message.thread_id)
    )
    rows = session.scalars(
        select(Message).where(Message.id.in_(newest)).options(joinedload(Message.organisation))
    )
    return {message.thread_id: message for message in rows}
