"""Photos that a row names: files beside the table are taken in, addresses are not fetched."""

from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from marketplace.core.actor import SYSTEM
from marketplace.core.errors import Invalid
from marketplace.exchange.cells import Cells
from marketplace.exchange.rows import Circumstances, Remarks
from marketplace.photos import actions
from marketplace.photos.models import Photo


def named(
    cells: Cells, line: int, folder: Path, known: list[Photo], remarks: Remarks
) -> list[Path]:
    """Return the files that the column ``photos`` names.

    What it names and nobody can read is a problem; an address is a remark, unless it is one of the
    photos that the thing has already.
    """
    ours = {photo.key for photo in known}
    files = []
    for name in cells.many("photos"):
        if urlsplit(name).scheme in {"http", "https"}:
            if Path(urlsplit(name).path).name.rpartition("-")[0] not in ours:
                remarks.add(line, "photos", "photo_not_fetched", text=name)
            continue
        path = folder / name
        if path.is_file():
            files.append(path)
        else:
            cells.blame("photos", "photo_file_missing", text=name)
    if len(files) > actions.MOST_PHOTOS:
        cells.blame("photos", "too_many_photos", most=actions.MOST_PHOTOS)
    return files


def taken_in(
    session: Session, files: list[Path], alt: str, organisation_id: int, around: Circumstances
) -> list[int]:
    """Store the files for their owner and return the photos' keys; a known file is not stored twice."""
    if around.storage is None:
        raise Invalid.one("photos", "photo_not_stored")
    return [
        actions.store(
            session,
            around.storage,
            path.read_bytes(),
            alt=alt,
            actor=SYSTEM,
            organisation_id=organisation_id,
            now=around.now,
        ).id
        for path in files
    ]
