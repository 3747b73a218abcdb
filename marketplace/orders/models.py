"""A co-production order: who makes what of which leftover, for how much, until when."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.capabilities.models import Capability
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.listings.models import Listing, Recurrence, Unit
from marketplace.orders.lifecycle import OrderState
from marketplace.proposals.models import Proposal


class Payer(StrEnum):
    """Which way the price runs."""

    CLIENT = auto()
    ENTERPRISE = auto()
    NOBODY = auto()


class Party(StrEnum):
    CLIENT = auto()
    ENTERPRISE = auto()


class Order(Base):
    """``price`` is in euro for the whole order, without VAT; ``terms`` counts the versions offered."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("(payer = 'nobody') = (price IS NULL)", name="price_or_free_of_charge"),
        CheckConstraint("price IS NULL OR price > 0", name="price_positive"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("starts_on <= due_on", name="dates_in_order"),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_reason IS NOT NULL)", name="cancelled_has_reason"
        ),
        Index("ix_orders_client_id_state", "client_id", "state"),
        Index("ix_orders_enterprise_id_state", "enterprise_id", "state"),
        Index("ix_orders_service_point_id_state", "service_point_id", "state"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    proposal_id: Mapped[int] = mapped_column(Key, ForeignKey("proposals.id"), unique=True)
    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id"), index=True)
    capability_id: Mapped[int] = mapped_column(Key, ForeignKey("capabilities.id"), index=True)
    client_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    enterprise_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    service_point_id: Mapped[int | None] = mapped_column(Key, ForeignKey("service_points.id"))
    partner_service_point_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("service_points.id")
    )
    broker_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(160))
    product: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[float] = mapped_column(Float(53))
    unit: Mapped[Unit] = mapped_column(choice(Unit, "known_unit"))
    mass_kg: Mapped[float | None] = mapped_column(Float(53))
    recurrence: Mapped[Recurrence] = mapped_column(choice(Recurrence, "known_recurrence"))
    payer: Mapped[Payer] = mapped_column(choice(Payer, "known_payer"))
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    starts_on: Mapped[date]
    due_on: Mapped[date]
    distance_km: Mapped[float] = mapped_column(Float(53))
    committed_kg_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_pieces_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_hours_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    terms: Mapped[int] = mapped_column(default=0)
    state: Mapped[OrderState] = mapped_column(
        choice(OrderState, "known_state"), default=OrderState.DRAFT
    )
    cancelled_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    proposal: Mapped[Proposal] = relationship(lazy="raise_on_sql")
    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    capability: Mapped[Capability] = relationship(lazy="raise_on_sql")
    client: Mapped[Organisation] = relationship(foreign_keys=[client_id], lazy="raise_on_sql")
    enterprise: Mapped[Organisation] = relationship(
        foreign_keys=[enterprise_id], lazy="raise_on_sql"
    )
    service_point: Mapped[ServicePoint | None] = relationship(
        foreign_keys=[service_point_id], lazy="raise_on_sql"
    )
    broker: Mapped[User] = relationship(lazy="raise_on_sql")
    acceptances: Mapped[list["Acceptance"]] = relationship(
        order_by="Acceptance.at", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    steps: Mapped[list["OrderStep"]] = relationship(
        order_by="OrderStep.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}


class Acceptance(Base):
    """One party's yes to one version of the terms: who, when, and whether free of charge was said."""

    __tablename__ = "order_acceptances"
    __table_args__ = (UniqueConstraint("order_id", "party", "terms"),)

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    party: Mapped[Party] = mapped_column(choice(Party, "known_party"))
    terms: Mapped[int]
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120))
    free_of_charge: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment)


class OrderStep(Base):
    """One move of an order, for its history page."""

    __tablename__ = "order_steps"

    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[OrderState] = mapped_column(choice(OrderState, "known_state"))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
