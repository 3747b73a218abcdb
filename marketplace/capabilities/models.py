"""A capability: what a social enterprise accepts and can do, how far and how much."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.accounts.places import Placed, on_earth
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.photos.models import Photo


class CapabilityState(StrEnum):
    DRAFT = auto()
    ACTIVE = auto()
    PAUSED = auto()


class Capability(Placed, Base):
    """Serves either a radius around its place or an area drawn on the map.

    Capacities are per month; ``committed_*`` is what open orders already take of them per month.
    ``revision`` rises when a field that matching reads changes.
    """

    __tablename__ = "capabilities"
    __table_args__ = (
        *on_earth(),
        UniqueConstraint("organisation_id", "ref"),
        CheckConstraint(
            "(service_radius_km IS NULL) <> (service_area IS NULL)", name="radius_or_area"
        ),
        CheckConstraint(
            "service_radius_km IS NULL OR service_radius_km >= 0", name="radius_not_negative"
        ),
        CheckConstraint(
            "available_from IS NULL OR available_until IS NULL"
            " OR available_from <= available_until",
            name="window_in_order",
        ),
        Index("ix_capabilities_state", "state"),
    )

    ref: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    created_by: Mapped[int | None] = mapped_column(Key)
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    materials: Mapped[list[str]] = mapped_column(JSON, default=list)
    techniques: Mapped[list[str]] = mapped_column(JSON, default=list)
    conditions: Mapped[list[str]] = mapped_column(JSON, default=list)
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity_kg_per_month: Mapped[float | None] = mapped_column(Float(53))
    capacity_pieces_per_month: Mapped[float | None] = mapped_column(Float(53))
    capacity_hours_per_month: Mapped[float | None] = mapped_column(Float(53))
    committed_kg_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_pieces_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_hours_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    min_batch_kg: Mapped[float | None] = mapped_column(Float(53))
    lead_time_days: Mapped[int | None]
    service_radius_km: Mapped[float | None] = mapped_column(Float(53))
    service_area: Mapped[str | None] = mapped_column(Text)
    accepts_hazardous: Mapped[bool] = mapped_column(default=False)
    on_site: Mapped[bool] = mapped_column(default=False)
    pickup: Mapped[bool] = mapped_column(default=False)
    storage_m2: Mapped[float | None] = mapped_column(Float(53))
    cooling: Mapped[bool] = mapped_column(default=False)
    seeking_work: Mapped[bool] = mapped_column(default=False)
    seeking_from: Mapped[date | None]
    available_from: Mapped[date | None]
    available_until: Mapped[date | None]
    state: Mapped[CapabilityState] = mapped_column(
        choice(CapabilityState, "known_state"), default=CapabilityState.DRAFT
    )
    created_at: Mapped[datetime] = mapped_column(Moment)
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    pictures: Mapped[list["CapabilityPhoto"]] = relationship(
        order_by="CapabilityPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def photos(self) -> list[Photo]:
        return [p.photo for p in self.pictures]


class CapabilityPhoto(Base):
    """A photo's place in a capability's gallery."""

    __tablename__ = "capability_photos"
    __table_args__ = (UniqueConstraint("capability_id", "photo_id"),)

    capability_id: Mapped[int] = mapped_column(
        Key, ForeignKey("capabilities.id", ondelete="CASCADE")
    )
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")
