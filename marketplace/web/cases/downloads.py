"""Files of a case on their way out: pictures to look at, everything else only to be kept."""

from urllib.parse import quote

from flask import Response, current_app

from marketplace.cases.models import CaseFile
from marketplace.core.errors import NotFound
from marketplace.photos.attachments import PICTURE


def download(kept: CaseFile, name: str) -> Response:
    """Return the bytes under a name; the headers keep browsers from guessing or running anything."""
    try:
        data = current_app.extensions["storage"].get(kept.key)
    except FileNotFoundError:
        raise NotFound from None
    way = "inline" if kept.media_type == PICTURE else "attachment"
    return Response(
        data,
        mimetype=kept.media_type,
        headers={
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
