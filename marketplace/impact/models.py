"""The impact ledger: factors and their versions, what became of the mass, and every booked figure."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.orders.carrying import TargetGroup
from marketplace.orders.models import Order, OrderParty


class Path(StrEnum):
    """What became of a kilogram; one that is passed on goes its further way in another order."""

    RE_USED = auto()
    MADE_INTO_PRODUCTS = auto()
    RECYCLED = auto()
    DISPOSED_OF = auto()
    PASSED_ON = auto()


ENDS = (Path.RE_USED, Path.MADE_INTO_PRODUCTS, Path.RECYCLED, Path.DISPOSED_OF)
KEPT = (Path.RE_USED, Path.MADE_INTO_PRODUCTS, Path.RECYCLED)
"""Where it ends, and where it ends without being thrown away."""


class Measure(StrEnum):
    """What is counted; the unit is part of the name."""

    VALUE_EUR = auto()
    MASS_GIVEN_KG = auto()
    MASS_LOST_KG = auto()
    MASS_KG = auto()
    CO2E_AVOIDED_KG = auto()
    CO2E_TRANSPORT_KG = auto()
    DISTANCE_KG_KM = auto()
    HOURS = auto()
    PEOPLE = auto()
    QUALIFICATIONS = auto()


class Source(StrEnum):
    """Of which fact of an order a figure comes."""

    LINE = auto()
    DELIVERY = auto()
    FATE = auto()
    WORK = auto()
    PARTY = auto()


class ImpactFactor(Base):
    """What a figure is multiplied by; ``key`` says what for, ``unit`` what it gives per what."""

    __tablename__ = "impact_factors"

    key: Mapped[str] = mapped_column(String(120), unique=True)
    unit: Mapped[str] = mapped_column(String(40))

    versions: Mapped[list["FactorVersion"]] = relationship(
        back_populates="factor", order_by="FactorVersion.version", lazy="raise_on_sql"
    )


class FactorVersion(Base):
    """A factor as one source gives it; versions are added and never changed."""

    __tablename__ = "impact_factor_versions"
    __table_args__ = (
        UniqueConstraint("factor_id", "version"),
        CheckConstraint("low <= value AND value <= high", name="range_holds_value"),
    )

    factor_id: Mapped[int] = mapped_column(Key, ForeignKey("impact_factors.id"))
    version: Mapped[int]
    value: Mapped[float] = mapped_column(Float(53))
    low: Mapped[float] = mapped_column(Float(53))
    high: Mapped[float] = mapped_column(Float(53))
    source: Mapped[str] = mapped_column(String(300))
    year: Mapped[int]
    valid_from: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Moment)

    factor: Mapped[ImpactFactor] = relationship(back_populates="versions", lazy="raise_on_sql")


class Fate(Base):
    """What an enterprise says became of a part of the mass that came to an order.

    ``to_order_id`` is where it is passed on to.
    """

    __tablename__ = "impact_fates"
    __table_args__ = (
        CheckConstraint("mass_kg > 0", name="mass_positive"),
        CheckConstraint("(path = 'passed_on') = (to_order_id IS NOT NULL)", name="passed_on_to"),
        CheckConstraint("to_order_id IS NULL OR to_order_id <> order_id", name="to_another"),
    )

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id"), index=True)
    party_id: Mapped[int] = mapped_column(Key, ForeignKey("order_parties.id"))
    path: Mapped[Path] = mapped_column(choice(Path, "known_path"))
    mass_kg: Mapped[float] = mapped_column(Float(53))
    to_order_id: Mapped[int | None] = mapped_column(Key, ForeignKey("orders.id"), index=True)
    happened_on: Mapped[date]
    stated_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    stated_at: Mapped[datetime] = mapped_column(Moment)

    party: Mapped[OrderParty] = relationship(lazy="raise_on_sql")
    to_order: Mapped[Order | None] = relationship(foreign_keys=[to_order_id], lazy="raise_on_sql")


class Entry(Base):
    """One booked figure: ``result`` = ``amount`` x the factor's value, or the amount itself.

    ``key`` names within its order what the figure is of. ``giver_id`` hands over or pays,
    ``taker_id`` gets it or does the work; ``service_point_id`` is the giver's, of work the taker's:
    each figure belongs to one, so that they add up to the whole. ``km`` lie between the two.
    """

    __tablename__ = "impact_entries"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        Index("ix_impact_entries_measure_happened_on", "measure", "happened_on"),
        Index("ix_impact_entries_giver_id", "giver_id", "happened_on"),
        Index("ix_impact_entries_taker_id", "taker_id", "happened_on"),
        Index("ix_impact_entries_service_point_id", "service_point_id", "happened_on"),
        Index("ix_impact_entries_happened_on", "happened_on", "id"),
        Index(
            "ix_impact_entries_sums",
            *("service_point_id", "measure", "path", "result", "amount", "low", "high"),
        ),
    )

    order_id: Mapped[int] = mapped_column(Key, ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(255))
    source: Mapped[Source] = mapped_column(choice(Source, "known_source"))
    source_id: Mapped[int] = mapped_column(Key)
    measure: Mapped[Measure] = mapped_column(choice(Measure, "known_measure"))
    path: Mapped[Path | None] = mapped_column(choice(Path, "known_path"))
    target_group: Mapped[TargetGroup | None] = mapped_column(
        choice(TargetGroup, "known_target_group")
    )
    material_code: Mapped[str | None] = mapped_column(String(120), index=True)
    waste_code: Mapped[str | None] = mapped_column(String(6))
    amount: Mapped[float] = mapped_column(Float(53))
    unit: Mapped[str] = mapped_column(String(10))
    km: Mapped[float | None] = mapped_column(Float(53))
    factor_version_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("impact_factor_versions.id"), index=True
    )
    result: Mapped[float] = mapped_column(Float(53))
    low: Mapped[float] = mapped_column(Float(53))
    high: Mapped[float] = mapped_column(Float(53))
    happened_on: Mapped[date]
    giver_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    taker_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    service_point_id: Mapped[int | None] = mapped_column(Key, ForeignKey("service_points.id"))

    order: Mapped[Order] = relationship(lazy="raise_on_sql")
    giver: Mapped[Organisation | None] = relationship(foreign_keys=[giver_id], lazy="raise_on_sql")
    taker: Mapped[Organisation | None] = relationship(foreign_keys=[taker_id], lazy="raise_on_sql")
    factor_version: Mapped[FactorVersion | None] = relationship(lazy="raise_on_sql")
