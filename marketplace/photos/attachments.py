"""Files that people attach: pictures are drawn anew, PDFs are looked through, nothing else is taken."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.photos.actions import render
from marketplace.photos.models import Size

PDF = "application/pdf"
PICTURE = "image/webp"
MOST_BYTES = 10 * 1024 * 1024
MOST_INFLATED = 40 * 1024 * 1024
NAME = 120
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"(?<!end)stream\r?\n")
ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|Encrypt)(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Checked:
    """What is kept of an upload: a name with the right ending, and bytes that do nothing."""

    name: str
    media_type: str
    data: bytes


def check(name: str, data: bytes) -> Checked:
    """Return what may be kept; raise ``Invalid`` on the field ``file`` with what is wrong."""
    stem = re.sub(r"[/\\:]", " ", clean(name)).rpartition(".")[0].strip(" .") or "file"
    if data.startswith(b"%PDF"):
        if len(data) > MOST_BYTES:
            raise Invalid.one("file", "file_too_heavy", most=MOST_BYTES // 1024 // 1024)
        if _is_active(data):
            raise Invalid.one("file", "pdf_active")
        return Checked(stem[: NAME - 4] + ".pdf", PDF, data)
    try:
        drawn = render(data)[0][Size.LARGE]
    except Invalid as refusal:
        codes = {"photo_not_a_picture": "file_not_taken"}
        raise Invalid(
            [Problem("file", codes.get(p.code, p.code), p.params) for p in refusal.problems]
        ) from None
    return Checked(stem[: NAME - 5] + ".webp", PICTURE, drawn)


def _is_active(data: bytes) -> bool:
    """Tell whether a PDF runs, launches or carries something, also where it hides that.

    Names may be written with escapes and lie in compressed streams; what is encrypted, or unpacks to
    more than ``MOST_INFLATED``, cannot be looked through and counts as active.
    """
    room = MOST_INFLATED
    for part in [data, *_inflated(data)]:
        room -= len(part) if part is not data else 0
        if room < 0 or ACTIVE.search(_plain(part)):
            return True
    return False


def _plain(part: bytes) -> bytes:
    """Return a piece of a PDF with the escapes in its names resolved."""
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def _inflated(data: bytes) -> Iterator[bytes]:
    """Yield what the objects' compressed containers hold; pictures and fonts are left packed."""
    for found in STREAM.finditer(data):
        head = _plain(data[max(0, found.start() - 400) : found.start()])
        if b"ObjStm" not in head[head.rfind(b" obj") :]:
            continue
        unpacking = zlib.decompressobj()
        packed = data[found.end() : data.find(b"endstream", found.end())]
        try:
            yield unpacking.decompress(packed, MOST_INFLATED + 1)
        except zlib.error:
            yield b"/Encrypt"
        if not unpacking.eof:
            yield b"/Encrypt"
