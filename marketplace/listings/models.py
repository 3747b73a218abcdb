"""A listing: what a company or public body offers or asks for, where it is and how much of it."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.accounts.places import Placed, on_earth
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.listings.lifecycle import ListingState
from marketplace.photos.models import Photo
from marketplace.taxonomy.conditions import Condition


class Kind(StrEnum):
    """The four mediation kinds."""

    RESIDUAL = auto()
    PRODUCTION_STEP = auto()
    SERVICE = auto()
    CSR_PRODUCT = auto()


class Unit(StrEnum):
    PIECE = "piece"
    KG = "kg"
    T = "t"
    L = "l"
    M3 = "m3"
    M2 = "m2"
    M = "m"
    PALLET = "pallet"


class Recurrence(StrEnum):
    ONCE = auto()
    WEEKLY = auto()
    MONTHLY = auto()
    QUARTERLY = auto()
    YEARLY = auto()


class PriceDirection(StrEnum):
    FREE = auto()
    GIVER_PAYS = auto()
    TAKER_PAYS = auto()
    OPEN = auto()


class WorkPlace(StrEnum):
    WORKSHOP = auto()
    CLIENT_SITE = auto()


PUBLIC_POINT = ("public_band", "public_longitude", "public_x", "public_y", "public_z")


class Listing(Placed, Base):
    """``revision`` rises when a field that matching reads changes; ``mass_kg`` is one delivery's.

    ``family`` is the root of its material, and ``sought`` the root under which matching looks for it
    (see ``sought_of``), both kept by the mapper. ``counted_*`` say as what the map counts it now.
    """

    __tablename__ = "listings"
    __table_args__ = (
        *on_earth(),
        UniqueConstraint("organisation_id", "ref"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity_positive"),
        CheckConstraint("mass_kg IS NULL OR mass_kg > 0", name="mass_positive"),
        CheckConstraint("work_hours IS NULL OR work_hours > 0", name="hours_positive"),
        CheckConstraint(
            "available_until IS NULL OR available_from <= available_until", name="window_in_order"
        ),
        CheckConstraint(
            "state = 'draft' OR kind <> 'residual' OR material_code IS NOT NULL",
            name="residual_named",
        ),
        Index("ix_listings_state_published_at", "state", "published_at"),
        Index("ix_listings_state_expires_on", "state", "expires_on"),
        Index("ix_listings_material_code", "material_code"),
        Index("ix_listings_sought_band", "sought", "band", "longitude", "x", "y", "z"),
        # SQLite's indexes hold the key by themselves; with it PostgreSQL's answer without the table too.
        Index("ix_listings_sought_public_band", "sought", *PUBLIC_POINT, postgresql_include=["id"]),
        Index("ix_listings_shown", "state", *PUBLIC_POINT, postgresql_include=["id"]),
        Index(
            "ix_listings_shown_family", "state", "family", *PUBLIC_POINT, postgresql_include=["id"]
        ),
    )

    ref: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    created_by: Mapped[int | None] = mapped_column(Key)
    kind: Mapped[Kind] = mapped_column(choice(Kind, "known_kind"))
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    material_code: Mapped[str | None] = mapped_column(String(120))
    family: Mapped[str | None] = mapped_column(String(120))
    sought: Mapped[str | None] = mapped_column(String(120))
    techniques: Mapped[list[str]] = mapped_column(JSON, default=list)
    quantity: Mapped[float | None] = mapped_column(Float(53))
    unit: Mapped[Unit] = mapped_column(choice(Unit, "known_unit"), default=Unit.PIECE)
    mass_kg: Mapped[float | None] = mapped_column(Float(53))
    mass_estimated: Mapped[bool] = mapped_column(default=False)
    work_hours: Mapped[float | None] = mapped_column(Float(53))
    recurrence: Mapped[Recurrence] = mapped_column(
        choice(Recurrence, "known_recurrence"), default=Recurrence.ONCE
    )
    available_from: Mapped[date]
    available_until: Mapped[date | None]
    condition: Mapped[Condition | None] = mapped_column(choice(Condition, "known_condition"))
    hazardous: Mapped[bool] = mapped_column(default=False)
    waste_code: Mapped[str | None] = mapped_column(String(6))
    price_direction: Mapped[PriceDirection] = mapped_column(
        choice(PriceDirection, "known_price_direction"), default=PriceDirection.OPEN
    )
    work_place: Mapped[WorkPlace] = mapped_column(
        choice(WorkPlace, "known_work_place"), default=WorkPlace.WORKSHOP
    )
    state: Mapped[ListingState] = mapped_column(
        choice(ListingState, "known_state"), default=ListingState.DRAFT
    )
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_on: Mapped[date | None]
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    counted_family: Mapped[str | None] = mapped_column(String(120))
    counted_latitude: Mapped[int | None]
    counted_longitude: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    pictures: Mapped[list["ListingPhoto"]] = relationship(
        order_by="ListingPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def photos(self) -> list[Photo]:
        return [p.photo for p in self.pictures]


def family_of(material_code: str | None) -> str | None:
    """Return the root of a material's code."""
    return material_code.split(".")[0] if material_code else None


def sought_of(kind: Kind, material_code: str | None, techniques: list[str]) -> str | None:
    """Return the family of the material that matching looks for, else that of a technique.

    A technique's begins with ``~``. Whoever is to offer all named techniques offers the first.
    """
    if material_code and kind is not Kind.SERVICE:
        return family_of(material_code)
    return "~" + techniques[0].split(".")[0] if techniques else None


@event.listens_for(Listing, "before_insert")
@event.listens_for(Listing, "before_update")
def _keep_roots(mapper: object, connection: object, listing: Listing) -> None:
    listing.family = family_of(listing.material_code)
    listing.sought = sought_of(listing.kind, listing.material_code, listing.techniques)


class ListingPhoto(Base):
    """A photo's place in a listing's gallery."""

    __tablename__ = "listing_photos"
    __table_args__ = (UniqueConstraint("listing_id", "photo_id"),)

    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")


class ListingWord(Base):
    """A stem that occurs in a listing's title or description; a word search reads only these."""

    __tablename__ = "listing_words"
    __table_args__ = (Index("ix_listing_words_word", "word", "listing_id", unique=True),)

    listing_id: Mapped[int] = mapped_column(
        Key, ForeignKey("listings.id", ondelete="CASCADE"), index=True
    )
    word: Mapped[str] = mapped_column(String(40))


class MapTile(Base):
    """How many listings the map shows in a tile, and the sums of their public coordinates.

    ``family`` is a root of the materials, or empty for all listings. Latitudes and longitudes are
    summed in ten-thousandths of a degree, so that what is added can be taken away without a trace.
    """

    __tablename__ = "map_tiles"
    __table_args__ = (UniqueConstraint("level", "family", "x", "y"),)

    family: Mapped[str] = mapped_column(String(120))
    level: Mapped[int]
    x: Mapped[int]
    y: Mapped[int]
    count: Mapped[int]
    latitude_sum: Mapped[int] = mapped_column(BigInteger)
    longitude_sum: Mapped[int] = mapped_column(BigInteger)


class Interest(Base):
    """A social enterprise says that it would like a listing; brokers see it."""

    __tablename__ = "interests"
    __table_args__ = (UniqueConstraint("listing_id", "organisation_id"),)

    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    user_id: Mapped[int] = mapped_column(Key, ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)

    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
