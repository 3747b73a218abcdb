"""A co-production order: who makes what of which leftover, with whom, for how much, until when."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.capabilities.models import Capability
from marketplace.cases.models import Case
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.listings.models import Listing, Recurrence, Unit, WorkPlace
from marketplace.orders.lifecycle import OrderState
from marketplace.proposals.models import Proposal


class Part(StrEnum):
    """As what an organisation is party to an order."""

    CLIENT = auto()
    ENTERPRISE = auto()


class LineRole(StrEnum):
    """What a line of an order is about: what comes in, what is done, what comes out."""

    MATERIAL_IN = auto()
    SERVICE = auto()
    PRODUCT_OUT = auto()


class Order(Base):
    """``terms`` is the version in force or on offer; an amendment waits as a later one in ``versions``.

    ``state_before`` is where a pause or a dispute leads back to.
    A standing order is a frame for call-offs until ``due_on``, in the rhythm of ``recurrence``.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("starts_on <= due_on", name="dates_in_order"),
        CheckConstraint(
            "(state IN ('cancelled', 'paused', 'disputed')) = (reason IS NOT NULL)",
            name="stop_has_reason",
        ),
        CheckConstraint(
            "(state IN ('paused', 'disputed')) = (state_before IS NOT NULL)",
            name="stop_leads_back",
        ),
        Index("ix_orders_state_due_on", "state", "due_on"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[int | None] = mapped_column(Key, ForeignKey("cases.id"), index=True)
    broker_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(160))
    product: Mapped[str] = mapped_column(Text, default="")
    work_place: Mapped[WorkPlace] = mapped_column(
        choice(WorkPlace, "known_work_place"), default=WorkPlace.WORKSHOP
    )
    standing: Mapped[bool] = mapped_column(default=False)
    recurrence: Mapped[Recurrence] = mapped_column(choice(Recurrence, "known_recurrence"))
    starts_on: Mapped[date]
    due_on: Mapped[date]
    terms: Mapped[int] = mapped_column(default=0)
    state: Mapped[OrderState] = mapped_column(
        choice(OrderState, "known_state"), default=OrderState.DRAFT
    )
    state_before: Mapped[OrderState | None] = mapped_column(
        choice(OrderState, "known_state_before")
    )
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    case: Mapped[Case | None] = relationship(lazy="raise_on_sql")
    broker: Mapped[User] = relationship(lazy="raise_on_sql")
    parties: Mapped[list["OrderParty"]] = relationship(
        order_by="OrderParty.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    pairings: Mapped[list["OrderPairing"]] = relationship(
        order_by="OrderPairing.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    lines: Mapped[list["OrderLine"]] = relationship(
        order_by="OrderLine.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    versions: Mapped[list["OrderTerms"]] = relationship(
        order_by="OrderTerms.version", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    acceptances: Mapped[list["Acceptance"]] = relationship(
        order_by="Acceptance.at", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    milestones: Mapped[list["Milestone"]] = relationship(
        order_by="Milestone.planned_on, Milestone.id",
        cascade="all, delete-orphan",
        lazy="raise_on_sql",
    )
    steps: Mapped[list["OrderStep"]] = relationship(
        order_by="OrderStep.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def clients(self) -> list["OrderParty"]:
        return [party for party in self.parties if party.part is Part.CLIENT]

    @property
    def enterprises(self) -> list["OrderParty"]:
        return [party for party in self.parties if party.part is Part.ENTERPRISE]

    @property
    def bound(self) -> list["OrderPairing"]:
        """What still holds a listing or a capability for this order."""
        return [pairing for pairing in self.pairings if not pairing.released]

    @property
    def free_lines(self) -> list["OrderLine"]:
        return [line for line in self.lines if line.payer_id is None]


class OrderParty(Base):
    """One organisation in an order. Enterprises with rising ``position`` work one after the other.

    ``sells``: the product is sold by this one.
    """

    __tablename__ = "order_parties"
    __table_args__ = (
        UniqueConstraint("order_id", "organisation_id"),
        Index("ix_order_parties_organisation_id", "organisation_id", "order_id"),
        Index("ix_order_parties_service_point_id", "service_point_id", "order_id"),
    )

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    part: Mapped[Part] = mapped_column(choice(Part, "known_part"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    service_point_id: Mapped[int | None] = mapped_column(Key, ForeignKey("service_points.id"))
    sells: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    service_point: Mapped[ServicePoint | None] = relationship(lazy="raise_on_sql")


class OrderPairing(Base):
    """Which listing goes to which capability, and what that takes of it a month while it runs.

    ``listing_id`` is empty where an enterprise goes on with what another one made; ``released``
    where the order was called off and the proposal is free again.
    """

    __tablename__ = "order_pairings"
    __table_args__ = (
        Index(
            "uq_order_pairings_proposal",
            "proposal_id",
            unique=True,
            sqlite_where=text("NOT released"),
            postgresql_where=text("NOT released"),
        ),
    )

    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    proposal_id: Mapped[int | None] = mapped_column(Key, ForeignKey("proposals.id"))
    listing_id: Mapped[int | None] = mapped_column(Key, ForeignKey("listings.id"), index=True)
    capability_id: Mapped[int] = mapped_column(Key, ForeignKey("capabilities.id"), index=True)
    distance_km: Mapped[float] = mapped_column(Float(53))
    mass_kg: Mapped[float | None] = mapped_column(Float(53))
    committed_kg_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_pieces_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_hours_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    released: Mapped[bool] = mapped_column(default=False)

    proposal: Mapped[Proposal | None] = relationship(lazy="raise_on_sql")
    listing: Mapped[Listing | None] = relationship(lazy="raise_on_sql")
    capability: Mapped[Capability] = relationship(lazy="raise_on_sql")


class OrderLine(Base):
    """What one party gives and another takes.

    ``price`` is in euro without VAT, of one unit or, as a ``lump_sum``, of all. Either of them may
    pay; where nobody does, both say so with the terms.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(payer_id IS NULL) = (price IS NULL)", name="price_or_free_of_charge"),
        CheckConstraint("price IS NULL OR price > 0", name="price_positive"),
        CheckConstraint("payer_id IS NULL OR payer_id IN (giver_id, taker_id)", name="payer_known"),
        CheckConstraint("giver_id <> taker_id", name="two_parties"),
        CheckConstraint("vat_percent BETWEEN 0 AND 100", name="vat_in_range"),
    )

    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    role: Mapped[LineRole] = mapped_column(choice(LineRole, "known_role"))
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[float] = mapped_column(Float(53))
    unit: Mapped[Unit] = mapped_column(choice(Unit, "known_unit"))
    mass_kg: Mapped[float | None] = mapped_column(Float(53))
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    lump_sum: Mapped[bool] = mapped_column(default=False)
    vat_percent: Mapped[Decimal] = mapped_column(Numeric(4, 1), default=Decimal(0))
    giver_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id"))
    taker_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id"))
    payer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("order_parties.id"))
    listing_id: Mapped[int | None] = mapped_column(Key, ForeignKey("listings.id"), index=True)
    waste_code: Mapped[str | None] = mapped_column(String(6))

    giver: Mapped[OrderParty] = relationship(foreign_keys=[giver_id], lazy="raise_on_sql")
    taker: Mapped[OrderParty] = relationship(foreign_keys=[taker_id], lazy="raise_on_sql")
    listing: Mapped[Listing | None] = relationship(lazy="raise_on_sql")


class OrderTerms(Base):
    """The terms as they were offered: canonical JSON, and its SHA-256 in hexadecimal digits.

    ``withdrawn`` amendments were refused by a party or taken back.
    """

    __tablename__ = "order_terms"
    __table_args__ = (UniqueConstraint("order_id", "version"),)

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    version: Mapped[int]
    snapshot: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    offered_at: Mapped[datetime] = mapped_column(Moment)
    offered_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    withdrawn: Mapped[bool] = mapped_column(default=False)


class Acceptance(Base):
    """One party's yes to one version of the terms: who, when, and whether free of charge was said."""

    __tablename__ = "order_acceptances"
    __table_args__ = (UniqueConstraint("order_id", "party_id", "terms"),)

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id", ondelete="CASCADE"))
    party_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id", ondelete="CASCADE"))
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


class Milestone(Base):
    """A day that the terms plan for, and the day on which it was reached."""

    __tablename__ = "order_milestones"

    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(160))
    planned_on: Mapped[date]
    reached_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
