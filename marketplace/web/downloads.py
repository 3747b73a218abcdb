"""Files that people attached, on their way out: pictures are looked at, all else only to be kept."""

from urllib.parse import quote

from flask import Response, current_app

from marketplace.core.errors import NotFound
from marketplace.photos.attachments import PDF, PICTURE

TYPES = {"pdf": PDF, "webp": PICTURE}
"""By the endings that the one check of attached files gives."""


def download(key: str, name: str, media_type: str = "", *, inline: bool = False) -> Response:
    """Return what is kept under ``key`` as a file of this name; the headers keep browsers from guessing
    or running anything. Without ``media_type`` the name's ending tells it. ``inline``: a picture is
    shown."""
    try:
        data = current_app.extensions["storage"].get(key)
    except FileNotFoundError:
        raise NotFound from None
    media_type = media_type or TYPES[name.rpartition(".")[2]]
    way = "inline" if inline and media_type == PICTURE else "attachment"
    return Response(
        data,
        mimetype=media_type,
        headers={
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
