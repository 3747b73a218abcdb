"""An application for the seal: one product or service, its makers, materials and steps."""

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
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.orders.models import Order
from marketplace.photos.models import Photo
from marketplace.seals.criteria import CriteriaSet, ProductKind
from marketplace.seals.lifecycle import SealState


class ProductGroup(StrEnum):
    """Groups of products by which the agency sets its fees."""

    TEXTILE = auto()
    WOOD = auto()
    METAL = auto()
    PAPER = auto()
    PLASTIC = auto()
    FOOD = auto()
    ELECTRONICS = auto()
    SERVICE = auto()
    OTHER = auto()


class Route(StrEnum):
    """Why a material is good enough, or is not: the first three stand out."""

    LEFTOVER = auto()
    RENEWABLE = auto()
    CERTIFIED = auto()
    ACCEPTABLE = auto()
    NOT_ACCEPTABLE = auto()


def _application() -> Mapped[int]:
    """Return the column that says to which application a row belongs."""
    return mapped_column(Key, ForeignKey("seal_applications.id", ondelete="CASCADE"), index=True)


class SealApplication(Base):
    """``figures`` are the computed criteria as the test report found them; ``round`` rises with an
    appeal, so that the panel votes anew. ``renews`` is the number of the certificate to be renewed."""

    __tablename__ = "seal_applications"
    __table_args__ = (
        Index("ix_seal_applications_state_due_on", "state", "due_on"),
        CheckConstraint("points >= 0", name="points_counted"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    set_id: Mapped[int] = mapped_column(Key, ForeignKey("seal_criteria_sets.id"))
    kind: Mapped[ProductKind] = mapped_column(choice(ProductKind, "known_kind"))
    name: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    group: Mapped[ProductGroup] = mapped_column(
        "product_group", choice(ProductGroup, "known_group")
    )
    renews: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[SealState] = mapped_column(
        choice(SealState, "known_state"), default=SealState.DRAFT
    )
    round: Mapped[int] = mapped_column("panel_round", default=1)
    points: Mapped[float] = mapped_column(Float(53), default=0.0)
    figures: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    due_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    criteria_set: Mapped[CriteriaSet] = relationship(lazy="raise_on_sql")
    makers: Mapped[list["SealMaker"]] = relationship(
        order_by="SealMaker.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    orders: Mapped[list["SealOrder"]] = relationship(
        order_by="SealOrder.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    inputs: Mapped[list["SealInput"]] = relationship(
        order_by="SealInput.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    steps: Mapped[list["ProductionStep"]] = relationship(
        order_by="ProductionStep.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    pictures: Mapped[list["SealPhoto"]] = relationship(
        order_by="SealPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    course: Mapped[list["SealStep"]] = relationship(
        order_by="SealStep.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}


class SealMaker(Base):
    """Who makes it; the two counts are stated by the applicant and shown by evidence."""

    __tablename__ = "seal_makers"
    __table_args__ = (
        UniqueConstraint("application_id", "organisation_id"),
        CheckConstraint("employees > 0", name="employees_counted"),
        CheckConstraint("disadvantaged BETWEEN 0 AND employees", name="disadvantaged_counted"),
    )

    application_id: Mapped[int] = _application()
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    employees: Mapped[int | None]
    disadvantaged: Mapped[int | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class SealOrder(Base):
    """A co-production order that the product comes from."""

    __tablename__ = "seal_orders"
    __table_args__ = (UniqueConstraint("application_id", "order_id"),)

    application_id: Mapped[int] = _application()
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id"), index=True)

    order: Mapped[Order] = relationship(lazy="raise_on_sql")


class SealInput(Base):
    """A row of the bill of materials: kilograms for one unit of the product, and where they come from.

    ``order_number`` and ``order_line`` (0: its pairing) name the source; without them the applicant
    stated it.
    """

    __tablename__ = "seal_inputs"
    __table_args__ = (
        CheckConstraint("mass_kg > 0", name="mass_positive"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
    )

    application_id: Mapped[int] = _application()
    name: Mapped[str] = mapped_column(String(200))
    material_code: Mapped[str | None] = mapped_column(String(80))
    mass_kg: Mapped[float] = mapped_column(Float(53))
    origin: Mapped[str] = mapped_column(String(160), default="")
    latitude: Mapped[float] = mapped_column(Float(53))
    longitude: Mapped[float] = mapped_column(Float(53))
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    route: Mapped[Route] = mapped_column(choice(Route, "known_route"))
    order_number: Mapped[str | None] = mapped_column(String(20))
    order_line: Mapped[int | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class ProductionStep(Base):
    """A row of the list of steps: hours for one unit, and who does it.

    With an ``order_number`` it comes from that order: from its work log where ``order_line`` is empty.
    """

    __tablename__ = "seal_production_steps"
    __table_args__ = (CheckConstraint("hours >= 0", name="hours_counted"),)

    application_id: Mapped[int] = _application()
    name: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    hours: Mapped[float | None] = mapped_column(Float(53))
    disadvantaged: Mapped[bool]
    order_number: Mapped[str | None] = mapped_column(String(20))
    order_line: Mapped[int | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class SealPhoto(Base):
    """A photo's place in an application."""

    __tablename__ = "seal_photos"
    __table_args__ = (UniqueConstraint("application_id", "photo_id"),)

    application_id: Mapped[int] = _application()
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")


class SealStep(Base):
    """One move of an application, for its history."""

    __tablename__ = "seal_steps"

    application_id: Mapped[int] = _application()
    state: Mapped[SealState] = mapped_column(choice(SealState, "known_state"))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
