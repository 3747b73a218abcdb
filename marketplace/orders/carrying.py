"""How an order is carried out: deliveries, work done, call-offs, and what all say at the end."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Key, Moment, choice
from marketplace.orders.models import OrderLine, OrderParty
from marketplace.photos.models import Photo


class TargetGroup(StrEnum):
    """For whom the work is; see the labour-market words of Austria and Hungary."""

    TRANSIT = auto()
    LONG_TERM_UNEMPLOYED = auto()
    DISABILITY = auto()
    CHANGED_WORK_ABILITY = auto()
    DISADVANTAGED = auto()
    CLIENT_OF_WORKSHOP = auto()
    KEY_STAFF = auto()


class CallOffState(StrEnum):
    ASKED = auto()
    CONFIRMED = auto()
    DELIVERED = auto()
    CANCELLED = auto()


class CallOffAction(StrEnum):
    CONFIRM = auto()
    CANCEL = auto()


class EvidenceKind(StrEnum):
    """What the law asks to be shown before waste changes hands."""

    ASSESSMENT = auto()
    PERMIT = auto()
    SHIPMENT = auto()


def _order() -> Mapped[int]:
    """Return the column that says to which order a row belongs."""
    return mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"), index=True)


class CallOff(Base):
    """What is asked for out of a standing order's frame."""

    __tablename__ = "order_call_offs"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(Key, ForeignKey("order_lines.id"))
    number: Mapped[int]
    quantity: Mapped[float] = mapped_column(Float(53))
    due_on: Mapped[date]
    state: Mapped[CallOffState] = mapped_column(
        choice(CallOffState, "known_state"), default=CallOffState.ASKED
    )
    asked_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    line: Mapped[OrderLine] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}


class Delivery(Base):
    """One way of one line's goods: announced, handed over, confirmed by both sides.

    ``token`` is the secret of the note's QR code. Quantities are in the line's unit, masses in kg.
    """

    __tablename__ = "order_deliveries"
    __table_args__ = (
        CheckConstraint("expected > 0", name="expected_positive"),
        CheckConstraint("arrived IS NULL OR arrived >= 0", name="arrived_counted"),
        CheckConstraint("lost >= 0", name="lost_counted"),
        CheckConstraint("(done_on IS NULL) = (arrived IS NULL)", name="done_has_amount"),
        Index("ix_order_deliveries_planned_on", "planned_on", "done_on"),
    )

    order_id: Mapped[int] = _order()
    line_id: Mapped[int] = mapped_column(Key, ForeignKey("order_lines.id"), index=True)
    call_off_id: Mapped[int | None] = mapped_column(Key, ForeignKey("order_call_offs.id"))
    number: Mapped[str] = mapped_column(String(20), unique=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    fetched: Mapped[bool] = mapped_column(default=False)
    planned_on: Mapped[date]
    done_on: Mapped[date | None]
    expected: Mapped[float] = mapped_column(Float(53))
    arrived: Mapped[float | None] = mapped_column(Float(53))
    lost: Mapped[float] = mapped_column(Float(53), default=0.0)
    mass_kg: Mapped[float | None] = mapped_column(Float(53))
    note: Mapped[str] = mapped_column(Text, default="")
    giver_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    giver_at: Mapped[datetime | None] = mapped_column(Moment)
    taker_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    taker_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    line: Mapped[OrderLine] = relationship(lazy="raise_on_sql")
    pictures: Mapped[list["DeliveryPhoto"]] = relationship(
        order_by="DeliveryPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}


class DeliveryPhoto(Base):
    """A photo of what was handed over."""

    __tablename__ = "order_delivery_photos"
    __table_args__ = (UniqueConstraint("delivery_id", "photo_id"),)

    delivery_id: Mapped[int] = mapped_column(
        Key, ForeignKey("order_deliveries.id", ondelete="CASCADE")
    )
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")


class WorkEntry(Base):
    """Hours planned and worked in one week or month by a group of people: counts, never persons."""

    __tablename__ = "order_work_log"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("hours_worked >= 0 AND hours_planned >= 0", name="hours_counted"),
        CheckConstraint("people >= 0 AND in_training BETWEEN 0 AND people", name="people_counted"),
        CheckConstraint("qualified BETWEEN 0 AND people", name="qualified_counted"),
    )

    order_id: Mapped[int] = _order()
    party_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    role: Mapped[str] = mapped_column(String(120), default="")
    target_group: Mapped[TargetGroup] = mapped_column(choice(TargetGroup, "known_target_group"))
    hours_planned: Mapped[float] = mapped_column(Float(53), default=0.0)
    hours_worked: Mapped[float] = mapped_column(Float(53), default=0.0)
    people: Mapped[int] = mapped_column(default=0)
    in_training: Mapped[int] = mapped_column(default=0)
    qualified: Mapped[int] = mapped_column(default=0)
    qualification: Mapped[str] = mapped_column(String(160), default="")
    recorded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)

    party: Mapped[OrderParty] = relationship(lazy="raise_on_sql")


class Evidence(Base):
    """A file that shows what the law asks for; ``key`` is its name where files are kept."""

    __tablename__ = "order_evidence"

    order_id: Mapped[int] = _order()
    line_id: Mapped[int] = mapped_column(Key, ForeignKey("order_lines.id", ondelete="CASCADE"))
    kind: Mapped[EvidenceKind] = mapped_column(choice(EvidenceKind, "known_kind"))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    uploaded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Feedback(Base):
    """What one party says at the end: three answers from 1 to 5 and a sentence.

    ``fair_price`` is empty in answers from before it was asked.
    """

    __tablename__ = "order_feedback"
    __table_args__ = (
        UniqueConstraint("order_id", "party_id"),
        CheckConstraint("fair_price BETWEEN 1 AND 5", name="fair_price_in_range"),
        CheckConstraint("quality BETWEEN 1 AND 5", name="quality_in_range"),
        CheckConstraint("again BETWEEN 1 AND 5", name="again_in_range"),
    )

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    party_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id", ondelete="CASCADE"))
    fair_price: Mapped[int | None]
    quality: Mapped[int]
    again: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Story(Base):
    """What came of an order, told to everybody once every party has consented to these words."""

    __tablename__ = "order_stories"

    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), unique=True
    )
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    written_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)

    consents: Mapped[list["StoryConsent"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    pictures: Mapped[list["StoryPhoto"]] = relationship(
        order_by="StoryPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )


class StoryConsent(Base):
    """One party's yes to the story as it stands; a change of the words takes it away again."""

    __tablename__ = "order_story_consents"
    __table_args__ = (UniqueConstraint("story_id", "party_id"),)

    story_id: Mapped[int] = mapped_column(Key, ForeignKey("order_stories.id", ondelete="CASCADE"))
    party_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class StoryPhoto(Base):
    """A photo's place in a story."""

    __tablename__ = "order_story_photos"
    __table_args__ = (UniqueConstraint("story_id", "photo_id"),)

    story_id: Mapped[int] = mapped_column(Key, ForeignKey("order_stories.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")
