"""Saved searches: what somebody wants to hear of when it is new, and what they were told of already."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment, choice
from marketplace.notifications.models import Frequency


class Subject(StrEnum):
    """What is searched for."""

    MATERIALS = auto()
    WORKSHOPS = auto()


class SavedSearch(Base):
    """``wanted`` is the filter in plain values; ``place`` is what was typed for the point.

    ``known_to``: everything that was shown first until then is known; ``due_at``: when to look again.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_whole"),
        CheckConstraint(
            "radius_km IS NULL OR (radius_km > 0 AND latitude IS NOT NULL)", name="radius_of_point"
        ),
        Index("ix_saved_searches_due_at", "due_at"),
    )

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    subject: Mapped[Subject] = mapped_column(choice(Subject, "known_subject"))
    name: Mapped[str] = mapped_column(String(120))
    wanted: Mapped[dict[str, object]] = mapped_column(JSON)
    place: Mapped[str] = mapped_column(String(100), default="")
    latitude: Mapped[float | None] = mapped_column(Float(53))
    longitude: Mapped[float | None] = mapped_column(Float(53))
    radius_km: Mapped[float | None] = mapped_column(Float(53))
    frequency: Mapped[Frequency] = mapped_column(choice(Frequency, "known_frequency"))
    known_to: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Find(Base):
    """Something that a person was told of, whichever of their searches found it first."""

    __tablename__ = "search_finds"
    __table_args__ = (
        CheckConstraint("(listing_id IS NULL) <> (capability_id IS NULL)", name="one_thing"),
        UniqueConstraint("user_id", "listing_id"),
        UniqueConstraint("user_id", "capability_id"),
        Index("ix_search_finds_search_id", "search_id", "id"),
    )

    search_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("saved_searches.id", ondelete="SET NULL")
    )
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id", ondelete="CASCADE"))
    listing_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("listings.id", ondelete="CASCADE"), index=True
    )
    capability_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("capabilities.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Moment)
