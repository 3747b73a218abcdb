"""Seats: who takes part in a thread, where their answers by mail go, and how far they have read."""

import secrets
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core.actor import Actor
from marketplace.notifications.messages.models import Message, Seat, Thread
from marketplace.notifications.messages.subjects import Kind, Subject, actor_in, participants
from marketplace.notifications.models import Notification, Topic


def thread_path(thread_id: int) -> str:
    """Return the part of every notification's path that names a thread."""
    return f"/messages/{thread_id}"


def existing(session: Session, subject: Subject) -> Thread | None:
    """Return the thread about a case or an order, if anybody has written yet."""
    about = Thread.case_id if subject.kind is Kind.CASE else Thread.order_id
    return session.scalars(select(Thread).where(about == subject.about.id)).one_or_none()


def thread_for(session: Session, subject: Subject, *, now: datetime) -> Thread:
    """Return the thread, begun where there was none; who comes second at the same moment joins."""
    found = existing(session, subject)
    if found is not None:
        return found
    about = {f"{subject.kind}_id": subject.about.id}
    try:
        with session.begin_nested():
            begun = Thread(**about, begun_at=now, last_at=now)
            session.add(begun)
            session.flush()
            return begun
    except IntegrityError:
        session.expire_all()
        joined = existing(session, subject)
        assert joined is not None
        return joined


def of(session: Session, thread_id: int) -> dict[int, Seat]:
    """Return a thread's seats by user."""
    rows = session.scalars(select(Seat).where(Seat.thread_id == thread_id))
    return {seat.user_id: seat for seat in rows}


def settle(session: Session, thread: Thread, subject: Subject) -> dict[int, tuple[Seat, Actor]]:
    """Give everybody who takes part a seat, and take it from who no longer may; return all by user."""
    taken, wanted = of(session, thread.id), participants(session, subject)
    seated: dict[int, tuple[Seat, Actor]] = {}
    for user_id, seat in taken.items():
        actor = wanted.get(user_id) or actor_in(session, subject, session.get_one(User, user_id))
        if actor is None:
            session.delete(seat)
        else:
            seated[user_id] = seat, actor
    for user_id, actor in wanted.items():
        if user_id not in seated:
            seated[user_id] = take(session, thread, user_id), actor
    session.flush()
    return seated


def take(session: Session, thread: Thread, user_id: int) -> Seat:
    """Give one person a seat, with an address of their own to answer to."""
    seat = Seat(thread_id=thread.id, user_id=user_id, token=secrets.token_hex(16), read_to=0)
    session.add(seat)
    return seat


def by_token(session: Session, tokens: list[str]) -> Seat | None:
    """Return the seat that one of the tokens belongs to."""
    return session.scalars(select(Seat).where(Seat.token.in_(tokens)).limit(1)).first()


def read(session: Session, thread_id: int, *, user_id: int, now: datetime) -> None:
    """Note that somebody has seen a thread to its end, and what told them of it."""
    last = session.scalar(select(func.max(Message.id)).where(Message.thread_id == thread_id)) or 0
    mine = (Seat.thread_id == thread_id, Seat.user_id == user_id)
    moved = session.scalars(
        update(Seat)
        .where(*mine, Seat.read_to < last)
        .values(read_to=last)
        .returning(Seat.id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is not None:
        session.execute(
            update(Notification)
            .where(
                Notification.user_id == user_id,
                Notification.topic == Topic.MESSAGE_WRITTEN,
                Notification.path == thread_path(thread_id),
                Notification.read_at.is_(None),
            )
            .values(read_at=now)
        )
