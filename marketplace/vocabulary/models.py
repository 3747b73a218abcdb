"""The agency's own words for the nodes of the taxonomy, and its editions of the trees."""

from datetime import datetime

from sqlalchemy import JSON, Float, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment, choice
from marketplace.taxonomy.tables import Branch


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


class TaxonomyEdition(Base):
    """One edition of both trees; the highest number that was put into force is in force.

    The next number is the draft, of which there is at most one: ``put_at`` is empty until it comes into
    force. ``revision`` rises with each of its changes. ``went_back_to`` is the earlier edition whose
    entries it began with.
    """

    __tablename__ = "taxonomy_editions"

    number: Mapped[int] = mapped_column(unique=True)
    comment: Mapped[str] = mapped_column(String(200), default="")
    went_back_to: Mapped[int | None]
    begun_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    begun_at: Mapped[datetime] = mapped_column(Moment)
    revision: Mapped[int] = mapped_column(default=0)
    put_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    put_at: Mapped[datetime | None] = mapped_column(Moment)


class TaxonomyNode(Base):
    """An entry that an edition says otherwise than the release, or beside it; with the reason why.

    The columns are those of ``taxonomy.tables.Entry``, of which an edition has every one that differs.
    """

    __tablename__ = "taxonomy_nodes"
    __table_args__ = (UniqueConstraint("edition_id", "tree", "code"),)

    edition_id: Mapped[int] = mapped_column(
        Key, ForeignKey("taxonomy_editions.id", ondelete="CASCADE")
    )
    tree: Mapped[Branch] = mapped_column(choice(Branch, "known_tree"))
    code: Mapped[str] = mapped_column(String(120))
    name_de: Mapped[str] = mapped_column(String(80))
    name_hu: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    synonyms_de: Mapped[list[str]] = mapped_column(JSON)
    synonyms_hu: Mapped[list[str]] = mapped_column(JSON)
    synonyms_en: Mapped[list[str]] = mapped_column(JSON)
    bulk_density_kg_m3: Mapped[float | None] = mapped_column(Float(53))
    areal_density_kg_m2: Mapped[float | None] = mapped_column(Float(53))
    linear_density_kg_m: Mapped[float | None] = mapped_column(Float(53))
    piece_mass_kg: Mapped[float | None] = mapped_column(Float(53))
    waste_code: Mapped[str | None] = mapped_column(String(6))
    factor_group: Mapped[str | None] = mapped_column(String(80))
    factor_material: Mapped[str | None] = mapped_column(String(120))
    value_retention: Mapped[float | None] = mapped_column(Float(53))
    retired: Mapped[bool] = mapped_column(default=False)
    successor: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(500), default="")
