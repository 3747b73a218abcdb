"""Service points for everybody: where they are, what they do, whom to ask from other countries."""

from dataclasses import dataclass

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts import queries
from marketplace.accounts.models import ServicePoint
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.regions import centre_of, outline_of, regions
from marketplace.web.access import ANYBODY
from marketplace.web.language import language
from marketplace.web.session import reading

bp = Blueprint("service_points", __name__, url_prefix="/service-points")


@dataclass(frozen=True)
class Shown:
    """A service point as its pages show it; ``about`` with the language that it is in."""

    point: ServicePoint
    at: Coordinate | None
    regions: list[str]
    about: str
    language: str


def shown(point: ServicePoint) -> Shown:
    """Return a service point in the reader's language, or in one that it has a text in."""
    names = [regions()[code].names[language()] for code in point.regions if code in regions()]
    tongue = language() if language() in point.about else next(iter(point.about), language())
    return Shown(point, centre_of(point.regions), names, point.about.get(tongue, ""), tongue)


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    with reading() as session:
        rows = [shown(point) for point in queries.service_points(session)]
        return render_template(
            "public/service_points.html", rows=rows, abroad=queries.contact_abroad(session)
        )


@bp.get("/outlines.json")
@ANYBODY
def outlines() -> ResponseReturnValue:
    """Return the regions of all service points as GeoJSON (RFC 7946), for the maps."""
    with reading() as session:
        shapes = [(p.id, p.name, outline_of(p.regions)) for p in queries.service_points(session)]
    features = [
        {"type": "Feature", "id": key, "properties": {"name": name}, "geometry": shape}
        for key, name, shape in shapes
        if shape is not None
    ]
    answer = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    answer.cache_control.max_age = 300
    return answer


@bp.get("/<int:point_id>")
@ANYBODY
def show(point_id: int) -> ResponseReturnValue:
    with reading() as session:
        point = queries.service_point(session, point_id)
        return render_template(
            "public/service_point.html",
            row=shown(point),
            point=point,
            enterprises=queries.enterprises_of(session, point.id),
            verified=queries.verified_count(session, point.id),
        )
