"""The value cluster: unlike partners who work together, and the EU calls that they answer together."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    cast,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.cluster.lifecycle import ConsortiumState, PartnerState, PlaceState
from marketplace.core.db import Base, Key, Moment, choice


class Theme(StrEnum):
    """What partners and calls are about."""

    CIRCULAR_ECONOMY = auto()
    LABOUR_MARKET = auto()
    SKILLS = auto()
    SOCIAL_INNOVATION = auto()
    DESIGN = auto()
    DIGITAL = auto()
    PROCUREMENT = auto()
    CROSS_BORDER = auto()
    CLIMATE = auto()
    RESEARCH = auto()


def about(themes: InstrumentedAttribute[list[str]], theme: Theme) -> ColumnElement[bool]:
    """Return whether a theme is in a list of them, in words that both databases understand."""
    return cast(themes, Text).contains(f'"{theme.value}"', autoescape=True)


class Direction(StrEnum):
    """Whether a partner offers something or looks for it."""

    OFFER = auto()
    SEEK = auto()


class ConsortiumRole(StrEnum):
    """As what an organisation takes part in a consortium."""

    COORDINATOR = auto()
    PARTNER = auto()
    ASSOCIATED = auto()


class Partner(Base):
    """An organisation of the value cluster, and what it says of itself there."""

    __tablename__ = "cluster_partners"
    __table_args__ = (
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refusal_has_reason"),
        Index("ix_cluster_partners_state", "state", "applied_at"),
    )

    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), unique=True)
    state: Mapped[PartnerState] = mapped_column(choice(PartnerState, "known_state"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    themes: Mapped[list[str]] = mapped_column(JSON)
    applied_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}


class Cooperation(Base):
    """What a partner offers to the others, or seeks; shown until the day it ends."""

    __tablename__ = "cluster_cooperations"
    __table_args__ = (
        Index("ix_cluster_cooperations_ends_on", "ends_on", "id"),
        Index("ix_cluster_cooperations_organisation_id", "organisation_id"),
    )

    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    direction: Mapped[Direction] = mapped_column(choice(Direction, "known_direction"))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    themes: Mapped[list[str]] = mapped_column(JSON)
    ends_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}


class Call(Base):
    """A call of an EU programme; ``budget`` is what it gives in all, in euro.

    ``reminded_on``: when those who have to do with it were last told that its deadline is near.
    """

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint("budget IS NULL OR budget > 0", name="budget_positive"),
        CheckConstraint(
            "funding_percent IS NULL OR funding_percent BETWEEN 1 AND 100", name="funding_in_range"
        ),
        CheckConstraint("opens_on IS NULL OR opens_on <= deadline_on", name="dates_in_order"),
        Index("ix_calls_deadline_on", "deadline_on", "id"),
    )

    title: Mapped[str] = mapped_column(String(200))
    programme: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    themes: Mapped[list[str]] = mapped_column(JSON)
    countries: Mapped[list[str]] = mapped_column(JSON)
    website: Mapped[str] = mapped_column(String(200), default="")
    budget: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    funding_percent: Mapped[int | None]
    opens_on: Mapped[date | None]
    deadline_on: Mapped[date]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    reminded_on: Mapped[date | None]
    created_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CallInterest(Base):
    """An organisation that would like to answer a call: what it brings, whom it looks for."""

    __tablename__ = "call_interests"
    __table_args__ = (UniqueConstraint("call_id", "organisation_id"),)

    call_id: Mapped[int] = mapped_column(Key, ForeignKey("calls.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    brings: Mapped[str] = mapped_column(Text)
    seeks: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class Consortium(Base):
    """Organisations that answer a call together."""

    __tablename__ = "consortia"
    __table_args__ = (UniqueConstraint("call_id", "name"),)

    call_id: Mapped[int] = mapped_column(Key, ForeignKey("calls.id"))
    name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[ConsortiumState] = mapped_column(choice(ConsortiumState, "known_state"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    call: Mapped[Call] = relationship(lazy="raise_on_sql")
    places: Mapped[list["ConsortiumPlace"]] = relationship(
        order_by="ConsortiumPlace.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}


class ConsortiumPlace(Base):
    """One organisation's place in a consortium: invited, taken, or declined."""

    __tablename__ = "consortium_places"
    __table_args__ = (
        UniqueConstraint("consortium_id", "organisation_id"),
        Index("ix_consortium_places_organisation_id", "organisation_id"),
    )

    consortium_id: Mapped[int] = mapped_column(Key, ForeignKey("consortia.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    role: Mapped[ConsortiumRole] = mapped_column(choice(ConsortiumRole, "known_role"))
    task: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[PlaceState] = mapped_column(choice(PlaceState, "known_state"))
    at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
