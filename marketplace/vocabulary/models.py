"""The agency's own words for the nodes of the taxonomy."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment, choice


class Branch(StrEnum):
    """Which of the two trees."""

    MATERIALS = auto()
    TECHNIQUES = auto()


class TaxonomyWord(Base):
    """A word by which people find a node; ``spelled`` is how it is compared. Withdrawn ones stay."""

    __tablename__ = "taxonomy_words"
    __table_args__ = (
        Index(
            "ix_taxonomy_words_in_use",
            "tree",
            "spelled",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_taxonomy_words_code", "tree", "code"),
    )

    tree: Mapped[Branch] = mapped_column(choice(Branch, "known_tree"))
    code: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    word: Mapped[str] = mapped_column(String(80))
    spelled: Mapped[str] = mapped_column(String(240))
    added_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
