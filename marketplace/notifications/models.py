"""What people are told, in the application and by mail."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment, choice


class Topic(StrEnum):
    """What a notification is about; each has a sentence in ``wording``."""

    ORGANISATION_TO_VERIFY = auto()
    ORGANISATION_VERIFIED = auto()
    ORGANISATION_REFUSED = auto()
    PROPOSALS_FOUND = auto()
    INTEREST_SHOWN = auto()
    LISTING_EXPIRING = auto()
    LISTING_EXPIRED = auto()
    WORK_SOUGHT = auto()
    ORDER_OFFERED = auto()
    ORDER_RETURNED = auto()
    ORDER_ACCEPTED = auto()
    ORDER_AGREED = auto()
    ORDER_MOVED = auto()
    ORDER_CANCELLED = auto()


class Notification(Base):
    """``path`` is where it leads; ``dedupe`` keeps anybody from being told the same thing twice."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_user_id_read_at", "user_id", "read_at"),)

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    topic: Mapped[Topic] = mapped_column(choice(Topic, "known_topic"))
    params: Mapped[dict[str, object]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))
    dedupe: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class Mail(Base):
    """A mail as it goes out; it waits here until the mail server has taken it."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_sent_at", "sent_at"),)

    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
