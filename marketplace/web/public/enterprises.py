"""Social enterprises for everybody: directory with map, profiles with capabilities."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import policy
from marketplace.accounts import queries as organisations
from marketplace.capabilities import queries
from marketplace.core.text import clean
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.geocoding.offline import gazetteer
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.tree import NO_WORDS
from marketplace.web.access import ANYBODY
from marketplace.web.language import language
from marketplace.web.listing_cards import area
from marketplace.web.pages import Onward
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, reading
from marketplace.web.vocabulary import own_materials, own_techniques

bp = Blueprint("enterprises", __name__, url_prefix="/enterprises")
SIZE = 20


@dataclass(frozen=True)
class WorkshopCard:
    """A workshop as the card macro shows it."""

    url: str
    title: str
    photo: Picture | None
    material: str
    place: str
    quantity: str
    rhythm: str
    km: float | None
    lat: float
    lon: float
    note: str
    badge: tuple[str, str] | None
    kind_of_pin: str = "rule"


def workshop_card(row: queries.Workshop) -> WorkshopCard:
    """Build the card of one enterprise."""
    lang, organisation = language(), row.organisation
    pictures = [photo for c in row.capabilities for photo in c.photos]
    skills = list(dict.fromkeys(t for c in row.capabilities for t in c.techniques))
    accepted = list(dict.fromkeys(m for c in row.capabilities for m in c.materials))
    seeking = any(c.seeking_work for c in row.capabilities)
    return WorkshopCard(
        url=url_for("enterprises.show", organisation_id=organisation.id),
        title=organisation.name,
        photo=Picture(pictures[0]) if pictures else None,
        material=", ".join(materials().name(code, lang) for code in accepted[:3]),
        place=area(organisation.city),
        quantity=", ".join(techniques().name(code, lang) for code in skills[:4]),
        rhythm="",
        km=row.km,
        lat=organisation.public_latitude,
        lon=organisation.public_longitude,
        note="",
        badge=("wait", _("looking for work")) if seeking else None,
    )


def searched() -> tuple[queries.Filter, str]:
    """Read the search from the address: the filter, and the place as it was typed."""
    place = clean(request.args.get("place", ""))[:100]
    towns = gazetteer().suggest(place, limit=1) if place else []
    near = Coordinate(towns[0].latitude, towns[0].longitude) if towns else None
    words = clean(request.args.get("q", ""))[:100]
    wanted = queries.Filter(
        words=words,
        material=_code(materials(), "material"),
        technique=_code(techniques(), "technique"),
        seeking_work=request.args.get("seeking") == "yes",
        near=near,
        own_materials=own_materials() if words else NO_WORDS,
        own_techniques=own_techniques() if words else NO_WORDS,
    )
    return wanted, place


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    (wanted, place), after = searched(), Onward.asked()
    with reading() as session:
        found = queries.directory(session, wanted, after=after, size=SIZE)
        return render_template(
            "public/enterprises.html",
            cards=[workshop_card(row) for row in found.rows],
            wanted=wanted,
            place=place,
            lost=bool(place) and wanted.near is None,
            found=found,
            onward=Onward(after, found.after),
            families=materials().offered(),
            skills=techniques().offered(),
        )


def _code(tree, name: str) -> str:  # type: ignore[no-untyped-def]
    code = request.args.get(name, "")
    return code if code in tree else ""


@bp.get("/<int:organisation_id>")
@ANYBODY
def show(organisation_id: int) -> ResponseReturnValue:
    with reading() as session:
        organisation = organisations.get(session, organisation_id, actor=actor())
        return render_template(
            "public/enterprise.html",
            organisation=organisation,
            capabilities=[
                (c, [Picture(photo) for photo in c.photos])
                for c in queries.of(session, organisation.id, actor=actor())
            ],
            area=area(organisation.city),
            contact=policy.sees_contact(actor(), organisation),
            own=actor().belongs_to(organisation.id),
        )
