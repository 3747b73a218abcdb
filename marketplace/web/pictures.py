"""Photos as pages show them."""

from dataclasses import dataclass

from flask import url_for

from marketplace.photos.models import Photo


def photo_url(photo: Photo | str, size: str = "s") -> str:
    """Return where a photo, or the photo with this key, lies in that size."""
    key = photo if isinstance(photo, str) else photo.key
    return url_for("media.show", name=f"{key}-{size}.webp")


@dataclass(frozen=True)
class Picture:
    """A photo with its addresses, as the picture macros want it."""

    photo: Photo

    def url(self, size: str = "s") -> str:
        return photo_url(self.photo, size)

    @property
    def id(self) -> int:
        return self.photo.id

    @property
    def alt(self) -> str:
        return self.photo.alt

    @property
    def width(self) -> int:
        return self.photo.width

    @property
    def height(self) -> int:
        return self.photo.height
