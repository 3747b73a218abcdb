"""The map of the materials, section by section, as GeoJSON."""

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.text import whole
from marketplace.geo.tiles import View, view_of
from marketplace.listings.viewport import Shown, in_view
from marketplace.web.access import ANYBODY
from marketplace.web.pictures import photo_url
from marketplace.web.public.materials import searched
from marketplace.web.session import reading

bp = Blueprint("material_map", __name__, url_prefix="/materials")
MOST_ZOOM = 22
FOR_A_MINUTE = "private, max-age=60"


@bp.get("/map")
@ANYBODY
def show() -> ResponseReturnValue:
    try:
        view, zoom = _asked()
    except ValueError:
        sentence = _(
            "The map needs west, south, east and north in degrees and a zoom from 0 to 22."
        )
        return jsonify(error=sentence), 400
    with reading() as session:
        shown = in_view(session, searched().wanted, view, zoom)
        response = jsonify(type="FeatureCollection", features=_features(shown), more=shown.more)
    response.mimetype = "application/geo+json"
    response.headers["Cache-Control"] = FOR_A_MINUTE
    return response


def _asked() -> tuple[View, int]:
    """Return the view and the zoom of the address; raise ValueError where they are none."""
    bounds = (float(request.args.get(name, "")) for name in ("west", "south", "east", "north"))
    zoom = whole(request.args.get("zoom", ""))
    if zoom is None or zoom > MOST_ZOOM:
        raise ValueError("no zoom")
    return view_of(*bounds), zoom


def _features(shown: Shown) -> list[dict[str, Any]]:
    groups = [
        _feature(group.latitude, group.longitude, {"count": group.count})
        for group in shown.clusters
    ]
    singles = [
        _feature(
            listing.public_latitude,
            listing.public_longitude,
            {
                "title": listing.title,
                "url": url_for("materials.show", listing_id=listing.id),
                "thumb": photo_url(listing.photos[0], "t") if listing.photos else None,
            },
        )
        for listing in shown.listings
    ]
    return groups + singles


def _feature(latitude: float, longitude: float, properties: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(longitude, 5), round(latitude, 5)]}
    return {"type": "Feature", "geometry": point, "properties": properties}
