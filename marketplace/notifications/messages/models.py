"""Threads: what the parties of a case or an order and their brokers write to each other."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.core.db import Base, Key, Moment, choice


class Thread(Base):
    """One conversation, about one case or one order; it begins with its first message."""

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (order_id IS NULL)", name="about_one_thing"),
        Index("ix_threads_last_at", "last_at"),
    )

    case_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("cases.id", ondelete="CASCADE"), unique=True
    )
    order_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), unique=True
    )
    begun_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class Seat(Base):
    """One person in a thread: ``token`` is what a mail's answer address names, ``read_to`` the last
    message that they have seen, 0 for none."""

    __tablename__ = "thread_seats"
    __table_args__ = (
        UniqueConstraint("thread_id", "user_id"),
        Index("ix_thread_seats_user_id", "user_id", "thread_id", "read_to"),
    )

    thread_id: Mapped[int] = mapped_column(Key, ForeignKey("threads.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    token: Mapped[str] = mapped_column(String(40), unique=True)
    read_to: Mapped[int] = mapped_column(Key, default=0)

    thread: Mapped[Thread] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class Message(Base):
    """What one person wrote, for ``organisation_id`` or, without one, as a broker.

    ``mail_id`` is the Message-ID of the mail that it came by, where it came by mail.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_thread_id", "thread_id", "id"),)

    thread_id: Mapped[int] = mapped_column(Key, ForeignKey("threads.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(Text)
    mail_id: Mapped[str | None] = mapped_column(String(250), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    attachments: Mapped[list["Attachment"]] = relationship(
        order_by="Attachment.id", lazy="raise_on_sql"
    )


class Attachment(Base):
    """A file of a message; without one it waits for the form in which it was chosen to be sent."""

    __tablename__ = "message_attachments"

    message_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    uploaded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"), index=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)


class Fate(StrEnum):
    """What became of a mail that came in."""

    POSTED = auto()
    IGNORED = auto()
    UNKNOWN = auto()
    REFUSED = auto()
    ASIDE = auto()


class ReceivedMail(Base):
    """A mail that came in, so that it is taken once; of one that was set aside also what it said."""

    __tablename__ = "received_mails"
    __table_args__ = (Index("ix_received_mails_thread_id_fate", "thread_id", "fate"),)

    mail_id: Mapped[str] = mapped_column(String(250), unique=True)
    fate: Mapped[Fate] = mapped_column(choice(Fate, "known_fate"))
    thread_id: Mapped[int | None] = mapped_column(Key, ForeignKey("threads.id", ondelete="CASCADE"))
    sender: Mapped[str] = mapped_column(String(254), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
