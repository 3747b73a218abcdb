"""What people are told, in the application and by mail."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment, choice


class Topic(StrEnum):
    """What a notification is about; each has its words in ``topics``."""

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
    ORDER_PAUSED = auto()
    ORDER_DISPUTED = auto()
    ORDER_COMPLETED = auto()
    ORDER_CANCELLED = auto()
    CASE_OPENED = auto()
    CASE_JOINED = auto()
    CASE_DISCLOSED = auto()
    CASE_REFERRED = auto()
    CASE_TAKEN_OVER = auto()
    CASE_NOT_TAKEN_OVER = auto()
    CASE_FILES_ATTACHED = auto()
    ORDER_FILES_ATTACHED = auto()
    APPOINTMENT_SET = auto()
    APPOINTMENT_CANCELLED = auto()
    MESSAGE_WRITTEN = auto()
    MAIL_SET_ASIDE = auto()
    MATERIALS_FOUND = auto()
    WORKSHOPS_FOUND = auto()
    SEAL_MOVED = auto()
    SEAL_ENDING = auto()
    COMPLAINT_RECEIVED = auto()
    PARTNER_APPLIED = auto()
    PARTNER_ADMITTED = auto()
    PARTNER_REFUSED = auto()
    CONSORTIUM_INVITED = auto()
    CONSORTIUM_ANSWERED = auto()
    CALL_DEADLINE = auto()


class Group(StrEnum):
    """Topics between which people choose how soon they hear of them."""

    MESSAGES = auto()
    PROPOSALS = auto()
    LISTINGS = auto()
    ORDERS = auto()
    CASES = auto()
    SEARCHES = auto()
    SEALS = auto()
    CLUSTER = auto()
    ACCOUNT = auto()


class Frequency(StrEnum):
    """How soon somebody wants a mail: at once, gathered, or not at all (the list has it anyway)."""

    AT_ONCE = auto()
    DAILY = auto()
    WEEKLY = auto()
    NEVER = auto()


class Notification(Base):
    """``path`` is where it leads; ``dedupe`` keeps anybody from being told the same thing twice.

    ``digest_at``: when a mail that gathers several is to say it; empty where none waits for that.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_user_id_read_at", "user_id", "read_at"),
        Index("ix_notifications_digest_at", "digest_at", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    topic: Mapped[Topic] = mapped_column(choice(Topic, "known_topic"))
    params: Mapped[dict[str, object]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))
    dedupe: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    digest_at: Mapped[datetime | None] = mapped_column(Moment)


class Preference(Base):
    """How soon somebody wants to hear of a group; where they said nothing, the default holds."""

    __tablename__ = "preferences"
    __table_args__ = (UniqueConstraint("user_id", "topics"),)

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    group: Mapped[Group] = mapped_column("topics", choice(Group, "known_group"))
    frequency: Mapped[Frequency] = mapped_column(choice(Frequency, "known_frequency"))


class Mail(Base):
    """A mail as it goes out; it waits here until the mail server has taken it.

    ``headers`` are header fields beyond the usual ones; ``sender_name`` is shown beside our address.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_sent_at", "sent_at"),)

    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    sender_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
