"""Photos: stored once as three WebP sizes under a random key, attached to listings and capabilities."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Key, Moment


class Size(StrEnum):
    """The stored sizes; the value is the letter in the file's name."""

    LARGE = "l"
    SMALL = "s"
    THUMB = "t"


class Photo(Base):
    """A picture that somebody uploaded; it hangs on nothing until a form that names it is saved."""

    __tablename__ = "photos"

    key: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    uploaded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[str] = mapped_column(String(200), default="")
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)

    def file(self, size: str) -> str:
        """Return the file's name in that size."""
        return f"{self.key}-{size}.webp"
