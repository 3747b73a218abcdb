"""The criteria of the seal as data: versions, each with its criteria in three languages."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Key, Moment, choice


class Dimension(StrEnum):
    SOCIAL = auto()
    ECOLOGICAL = auto()
    REGIONAL = auto()
    INNOVATION = auto()
    QUALITY = auto()


class Strength(StrEnum):
    """What a criterion demands: a must has to hold; an exception excuses another one."""

    MUST = auto()
    AIM = auto()
    JUDGED = auto()
    EXCEPTION = auto()


class Subject(StrEnum):
    """What a criterion looks at."""

    MAKER = auto()
    PRODUCT = auto()
    BOTH = auto()


class ProductKind(StrEnum):
    """What is sealed: never an organisation."""

    PRODUCT = auto()
    SERVICE = auto()


class CriteriaSet(Base):
    """One version of the criteria; without ``published_at`` it is the draft of the next one."""

    __tablename__ = "seal_criteria_sets"

    version: Mapped[int] = mapped_column(unique=True)
    valid_from: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text, default="")

    criteria: Mapped[list["Criterion"]] = relationship(
        order_by="Criterion.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )


class Criterion(Base):
    """One demand of one version. ``threshold`` is in ``unit``; ``computed`` ones follow from the bill
    of materials and the list of steps, all others are judged by the assessor."""

    __tablename__ = "seal_criteria"
    __table_args__ = (
        UniqueConstraint("set_id", "code"),
        CheckConstraint("threshold IS NULL OR threshold >= 0", name="threshold_counted"),
    )

    set_id: Mapped[int] = mapped_column(Key, ForeignKey("seal_criteria_sets.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(8))
    dimension: Mapped[Dimension] = mapped_column(choice(Dimension, "known_dimension"))
    strength: Mapped[Strength] = mapped_column(choice(Strength, "known_strength"))
    subject: Mapped[Subject] = mapped_column(choice(Subject, "known_subject"))
    threshold: Mapped[float | None] = mapped_column(Float(53))
    unit: Mapped[str] = mapped_column(String(4), default="")
    computed: Mapped[bool]
    kinds: Mapped[list[str]] = mapped_column(JSON)
    de: Mapped[str] = mapped_column(Text)
    hu: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)

    def text(self, language: str) -> str:
        """Return the criterion in a language, German where there is no such."""
        found: str = getattr(self, language if language in {"de", "hu", "en"} else "de")
        return found
