"""Taking a photo in: checked, turned upright, stripped of its metadata, stored in three sizes."""

import hashlib
import io
import secrets
import warnings
from datetime import datetime

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, Problem
from marketplace.core.storage import Storage
from marketplace.core.text import clean
from marketplace.photos.models import Photo, Size

pi_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
Rendered = tuple[dict[Size, bytes], tuple[int, int]]
MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 64_000_000
MOST_PHOTOS = 12
LONG_EDGE = {Size.LARGE: 1600, Size.SMALL: 640, Size.THUMB: 240}


def render(data: bytes) -> Rendered:
    """Return the WebP bytes of each size, and width and height of the largest in pixels.

    Raises ``Invalid`` on the field ``photos``: not a picture, broken, too many bytes or pixels.
    """
    if len(data) > MOST_BYTES:
        raise Invalid.one("photos", "photo_too_heavy", most=MOST_BYTES // 1024 // 1024)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Invalid.one("photos", "photo_too_large", most=MOST_PIXELS // 1_000_000)
        if image.width < 16 or image.height < 16:
            raise Invalid.one("photos", "photo_too_small")
        image.draft("RGB", (LONG_EDGE[Size.LARGE],) * 2)
        image = ImageOps.exif_transpose(image)
        image = _on_white(image)
    except Image.DecompressionBombError:
        raise Invalid.one("photos", "photo_too_large", most=MOST_PIXELS // 1_000_000) from None
    except UnidentifiedImageError:
        raise Invalid.one("photos", "photo_not_a_picture") from None
    except (OSError, SyntaxError, ValueError, RuntimeError):
        raise Invalid.one("photos", "photo_broken") from None
    files: dict[Size, bytes] = {}
    largest = (0, 0)
    for size, edge in LONG_EDGE.items():
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        largest = largest if any(largest) else image.size
        out = io.BytesIO()
        image.save(out, "WEBP", quality=80, method=2)
        files[size] = out.getvalue()
    return files, largest


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        sheet = Image.new("RGBA", image.size, "white")
        sheet.alpha_composite(image.convert("RGBA"))
        return sheet.convert("RGB")
    return image.convert("RGB")


def store(
    session: Session,
    storage: Storage,
    data: bytes,
    *,
    alt: str = "",
    actor: Actor,
    organisation_id: int | None = None,
    rendered: Rendered | None = None,
    now: datetime,
) -> Photo:
    """Keep a picture for the actor's organisation; the same file twice is one photo.

    ``rendered`` spares the work where the same file was rendered before for somebody else.
    """
    owner = organisation_id or actor.organisation_id
    if owner is None:
        require(False)
    digest = hashlib.sha256(data).hexdigest()
    known = session.scalars(
        select(Photo).where(Photo.organisation_id == owner, Photo.source_hash == digest)
    ).first()
    if known is not None:
        return known
    files, (width, height) = rendered or render(data)
    photo = Photo(
        key=secrets.token_urlsafe(18),
        organisation_id=owner,
        uploaded_by=actor.user_id,
        width=width,
        height=height,
        alt=clean(alt)[:200],
        source_hash=digest,
        created_at=now,
    )
    for size, content in files.items():
        storage.put(photo.file(size), content)
    session.add(photo)
    session.flush()
    return photo


def chosen(session: Session, ids: list[int], *, organisation_id: int) -> list[Photo]:
    """Return the photos with these ids, in this order; only those that the organisation uploaded.

    Raises ``Invalid`` on ``photos`` where there are more than ``MOST_PHOTOS``.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_PHOTOS:
        raise Invalid([Problem("photos", "too_many_photos", {"most": MOST_PHOTOS})])
    if not wanted:
        return []
    found = session.scalars(
        select(Photo).where(Photo.id.in_(wanted), Photo.organisation_id == organisation_id)
    )
    by_id = {photo.id: photo for photo in found}
    return [by_id[i] for i in wanted if i in by_id]
