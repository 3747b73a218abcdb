"""Certificates as everybody may see them, the keys that sign them, and complaints about them."""

from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.seals.lifecycle import CertificateState
from marketplace.seals.models import ProductGroup, SealApplication

RENEWAL = timedelta(days=183)


class Standing(StrEnum):
    """What a certificate is worth on a day."""

    VALID = auto()
    UPCOMING = auto()
    EXPIRED = auto()
    SUSPENDED = auto()
    WITHDRAWN = auto()


class Certificate(Base):
    """``document`` is the signed certificate as it can be checked offline; ``figures`` are those of the
    test report. ``public_text`` says why it is suspended or withdrawn, and ``since`` when.
    ``reminded_days`` tells at how many days before the end its holder was last reminded."""

    __tablename__ = "seal_certificates"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_until", name="days_in_order"),
        Index("ix_seal_certificates_issued_on", "issued_on"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    decision: Mapped[str] = mapped_column(String(20), unique=True)
    application_id: Mapped[int] = mapped_column(
        Key, ForeignKey("seal_applications.id"), unique=True
    )
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    product: Mapped[str] = mapped_column(String(160))
    group: Mapped[ProductGroup] = mapped_column(
        "product_group", choice(ProductGroup, "known_group")
    )
    country: Mapped[str] = mapped_column(String(2))
    makers: Mapped[list[str]] = mapped_column(JSON)
    figures: Mapped[dict[str, object]] = mapped_column(JSON)
    issued_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    renews: Mapped[str | None] = mapped_column(String(20), index=True)
    state: Mapped[CertificateState] = mapped_column(
        choice(CertificateState, "known_state"), default=CertificateState.VALID
    )
    since: Mapped[date | None]
    reminded_days: Mapped[int | None]
    public_text: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column()

    application: Mapped[SealApplication] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}

    def standing(self, today: date) -> Standing:
        """Return what it is worth on this day: what was decided first, then the calendar."""
        if self.state is not CertificateState.VALID:
            return Standing(self.state.value)
        if today > self.valid_until:
            return Standing.EXPIRED
        return Standing.UPCOMING if today < self.valid_from else Standing.VALID

    def may_be_renewed(self, today: date) -> bool:
        """Tell whether an application to renew it is in time: in the half year before it ends."""
        ends = self.valid_until - RENEWAL <= today <= self.valid_until
        return ends and self.state is CertificateState.VALID


class SigningKey(Base):
    """A public key that has signed something, base64 of its 32 bytes; it stays published for ever."""

    __tablename__ = "seal_keys"

    key_id: Mapped[str] = mapped_column(String(32), unique=True)
    public: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(Moment)


class Complaint(Base):
    """What somebody complains about; it is to be answered by ``answer_by``, in ``language``."""

    __tablename__ = "seal_complaints"
    __table_args__ = (Index("ix_seal_complaints_answered_at", "answered_at", "answer_by"),)

    number: Mapped[str] = mapped_column(String(20), unique=True)
    about: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(2), default="de", server_default="de")
    received_at: Mapped[datetime] = mapped_column(Moment)
    answer_by: Mapped[date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
