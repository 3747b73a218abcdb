"""People, organisations, their sites, and the service points that look after them."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.places import Placed, on_earth
from marketplace.core.db import Base, Key, Moment, choice


class OrganisationKind(StrEnum):
    COMPANY = auto()
    PUBLIC_BODY = auto()
    SOCIAL_ENTERPRISE = auto()
    CONSULTANCY = auto()
    PARTNER = auto()


class Verification(StrEnum):
    PENDING = auto()
    VERIFIED = auto()
    REFUSED = auto()


class MemberRole(StrEnum):
    MANAGER = auto()
    MEMBER = auto()


class ServicePoint(Base):
    """A national or regional office of brokers; ``regions`` are the ISO 3166-2 codes it holds.

    ``learns_from_refusals``: what its brokers refused moves the order at the desk. ``about`` is what its
    public page says, by language; ``contact_abroad``: it answers for all countries that none holds.
    """

    __tablename__ = "service_points"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    country: Mapped[str] = mapped_column(String(2))
    regions: Mapped[list[str]] = mapped_column(JSON)
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    about: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    contact_abroad: Mapped[bool] = mapped_column(default=False, server_default=false())
    learns_from_refusals: Mapped[bool] = mapped_column(default=True, server_default=true())


class Organisation(Placed, Base):
    """A company, public body, social enterprise, consultancy or partner."""

    __tablename__ = "organisations"
    __table_args__ = (
        *on_earth(),
        CheckConstraint(
            "market_tier IS NULL OR (market_tier IN (2, 3) AND kind = 'social_enterprise')",
            name="tier_of_enterprises",
        ),
        CheckConstraint("open_orders >= 0", name="open_orders_counted"),
        Index("ix_organisations_kind_verification", "kind", "verification"),
        Index("ix_organisations_kind_band", "kind", "public_band", "public_longitude"),
    )

    ref: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[OrganisationKind] = mapped_column(choice(OrganisationKind, "known_kind"))
    market_tier: Mapped[int | None]
    vat_id: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    description: Mapped[str] = mapped_column(Text, default="")
    description_language: Mapped[str] = mapped_column(String(2), default="de")
    logo_key: Mapped[str | None] = mapped_column(String(40))
    verification: Mapped[Verification] = mapped_column(
        choice(Verification, "known_verification"), default=Verification.PENDING
    )
    verification_reason: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    active: Mapped[bool] = mapped_column(default=True)
    service_point_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("service_points.id"), index=True
    )
    open_orders: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    service_point: Mapped[ServicePoint | None] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_enterprise(self) -> bool:
        return self.kind is OrganisationKind.SOCIAL_ENTERPRISE

    @property
    def takes_part(self) -> bool:
        """Verified and active: what it posts is shown and matched."""
        return self.active and self.verification is Verification.VERIFIED


class Site(Placed, Base):
    """A place of an organisation, named so that a form can offer it."""

    __tablename__ = "sites"
    __table_args__ = (*on_earth(), UniqueConstraint("organisation_id", "name"))

    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))


class User(Base):
    """A person who signs in. ``epoch`` rises to sign them out everywhere.

    ``silent_days``: after how many days without a word a broker wants to be told of a case.
    """

    __tablename__ = "users"
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="de")
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    agency: Mapped[bool] = mapped_column(default=False)
    service_point_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("service_points.id"), index=True
    )
    last_organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    silent_days: Mapped[int] = mapped_column(default=7, server_default=text("7"))
    created_at: Mapped[datetime] = mapped_column(Moment)

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", lazy="raise_on_sql"
    )


class Membership(Base):
    """A person's role in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "known_role"))

    user: Mapped[User] = relationship(back_populates="memberships", lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class Invitation(Base):
    """A mail that lets somebody join an organisation, once, while it is fresh."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "known_role"))
    invited_by: Mapped[int] = mapped_column(Key)
    invited_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
