"""Who assesses an application, and what they found, asked and voted."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import CheckConstraint, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.seals.criteria import Criterion


class SealRole(StrEnum):
    """What somebody is appointed to in an application: each of them another person."""

    ADVISER = auto()
    ASSESSOR = auto()
    PANEL = auto()
    DECIDER = auto()


class Finding(StrEnum):
    """Whether a criterion holds."""

    HOLDS = auto()
    DOES_NOT = auto()
    NOT_APPLICABLE = auto()


def _application() -> Mapped[int]:
    return mapped_column(Key, ForeignKey("seal_applications.id", ondelete="CASCADE"))


class SealOffice(Base):
    """A person with one part in an application, never two: the database keeps it so.

    ``independent``: neither of the agency nor a broker. A decider whose decision was appealed against
    stays on record as ``ended``, and so cannot be appointed again.
    """

    __tablename__ = "seal_appointments"
    __table_args__ = (UniqueConstraint("application_id", "user_id"),)

    application_id: Mapped[int] = _application()
    role: Mapped[SealRole] = mapped_column(choice(SealRole, "known_role"))
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"), index=True)
    independent: Mapped[bool]
    ended: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment)

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class Judgement(Base):
    """A line of the assessment sheet."""

    __tablename__ = "seal_judgements"
    __table_args__ = (
        UniqueConstraint("application_id", "criterion_id"),
        CheckConstraint("points >= 0", name="points_counted"),
    )

    application_id: Mapped[int] = _application()
    criterion_id: Mapped[int] = mapped_column(Key, ForeignKey("seal_criteria.id"))
    finding: Mapped[Finding] = mapped_column(choice(Finding, "known_finding"))
    points: Mapped[float] = mapped_column(Float(53), default=0.0)
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)

    criterion: Mapped[Criterion] = relationship(lazy="raise_on_sql")


class SealEvidence(Base):
    """A file that shows a criterion; ``key`` is its name where files are kept."""

    __tablename__ = "seal_evidence"

    application_id: Mapped[int] = mapped_column(
        Key, ForeignKey("seal_applications.id", ondelete="CASCADE"), index=True
    )
    criterion_id: Mapped[int] = mapped_column(Key, ForeignKey("seal_criteria.id"))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    uploaded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)

    criterion: Mapped[Criterion] = relationship(lazy="raise_on_sql")


class Question(Base):
    """What adviser, assessor or panel want to know of the applicant."""

    __tablename__ = "seal_questions"

    application_id: Mapped[int] = mapped_column(
        Key, ForeignKey("seal_applications.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class Vote(Base):
    """One panel member's yes or no in one round, with the reason."""

    __tablename__ = "seal_votes"
    __table_args__ = (UniqueConstraint("application_id", "panel_round", "user_id"),)

    application_id: Mapped[int] = _application()
    round: Mapped[int] = mapped_column("panel_round")
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    yes: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
