"""Saved searches: save what is searched for now, see what is new, rename, write more or less often."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid
from marketplace.core.text import whole
from marketplace.geo.coordinates import Coordinate
from marketplace.listings import queries as listings
from marketplace.listings.models import Kind, Recurrence
from marketplace.notifications.models import Frequency
from marketplace.notifications.searches import finds, saving
from marketplace.notifications.searches.models import SavedSearch, Subject
from marketplace.notifications.searches.saving import SearchDraft
from marketplace.refusals import sentence
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.web.access import SIGNED_IN
from marketplace.web.language import language
from marketplace.web.listing_cards import card
from marketplace.web.public import enterprises
from marketplace.web.public import materials as browsing
from marketplace.web.session import actor, now, reading, transaction
from marketplace.wording import label

bp = Blueprint("searches", __name__, url_prefix="/searches")
WORKSHOP_RADIUS = 60
CHOICES: dict[str, type[StrEnum]] = {
    "kinds": Kind,
    "conditions": Condition,
    "recurrences": Recurrence,
}


@dataclass
class Form:
    """What the page for saving asks: proposed at first, then as it was typed, with what was wrong."""

    name: str
    frequency: Frequency = Frequency.DAILY
    radius: int = WORKSHOP_RADIUS
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def typed(cls) -> "Form":
        radius = whole(request.form.get("km", ""))
        return cls(
            request.form.get("name", ""),
            _frequency(),
            radius if radius in browsing.RADII else WORKSHOP_RADIUS,
        )


def _frequency() -> Frequency:
    said = request.form.get("frequency", "")
    return Frequency(said) if said in set(Frequency) else Frequency.DAILY


@bp.get("/")
@SIGNED_IN
def index() -> ResponseReturnValue:
    return _list()


def _list(refused: int = 0, form: Form | None = None) -> str:
    with reading() as session:
        rows = saving.mine(session, actor=actor())
        return render_template(
            "account/searches.html",
            rows=[(row, _described(row), _address(row)) for row in rows],
            frequencies=list(Frequency),
            refused=refused,
            form=form,
        )


@bp.get("/<int:search_id>")
@SIGNED_IN
def show(search_id: int) -> ResponseReturnValue:
    """Show what was new lately."""
    with reading() as session:
        search = saving.get(session, search_id, actor=actor())
        shown: list[object] = []
        if search.subject is Subject.MATERIALS:
            shown += [card(row) for row in finds.materials_of(session, search, actor=actor())]
        else:
            rows = finds.workshops_of(session, search)
            shown += [enterprises.workshop_card(row) for row in rows]
        return render_template(
            "account/search.html",
            search=search,
            described=_described(search),
            address=_address(search),
            cards=shown,
        )


@bp.route("/materials", methods=["GET", "POST"])
@SIGNED_IN
def materials_() -> ResponseReturnValue:
    """Save the search for materials that the address holds."""
    search = browsing.searched()
    wanted, near = saving.wanted_of(search.wanted), search.wanted.near
    place = search.place_text or (_("our own site") if near is not None else "")
    named = [search.wanted.words, material_words(search.wanted.material), place]
    title = ", ".join(filter(None, named)) or _("Materials")
    radius = search.wanted.radius_km
    return _save(Subject.MATERIALS, title, wanted, place, near, radius)


@bp.route("/workshops", methods=["GET", "POST"])
@SIGNED_IN
def workshops() -> ResponseReturnValue:
    """Save the search for workshops that the address holds."""
    wanted, place = enterprises.searched()
    kept = {"words": wanted.words, "material": wanted.material, "technique": wanted.technique}
    plain: dict[str, object] = {name: value for name, value in kept.items() if value}
    if wanted.seeking_work:
        plain["seeking_work"] = True
    return _save_workshops(plain, place, wanted.near)


@bp.route("/workshops/near/<int:listing_id>", methods=["GET", "POST"])
@SIGNED_IN
def near(listing_id: int) -> ResponseReturnValue:
    """Be told of new capabilities near a listing of one's own, for its material or techniques."""
    with reading() as session:
        listing = listings.get(session, listing_id, actor=actor())
        require(actor().belongs_to(listing.organisation_id))
        wanted: dict[str, object] = {}
        if listing.material_code:
            wanted["material"] = listing.material_code
        elif listing.techniques:
            wanted["technique"] = listing.techniques[0]
        place, point = listing.city, Coordinate(listing.latitude, listing.longitude)
    return _save_workshops(wanted, place, point)


def _save_workshops(
    wanted: dict[str, object], place: str, near: Coordinate | None
) -> ResponseReturnValue:
    said = [str(wanted.get("words", "")), *_codes(wanted)]
    title = _("Workshops: %(what)s", what=", ".join(filter(None, [*said, place])) or _("all"))
    return _save(Subject.WORKSHOPS, title, wanted, place, near, None)


def _save(
    subject: Subject,
    title: str,
    wanted: dict[str, object],
    place: str,
    near: Coordinate | None,
    radius: float | None,
) -> ResponseReturnValue:
    """Show the form, or keep the search; without a radius of its own the form asks for one."""
    form = Form(title[: saving.NAME]) if request.method == "GET" else Form.typed()
    asks_radius = near is not None and radius is None
    if request.method == "POST":
        draft = SearchDraft(
            subject=subject,
            name=form.name,
            frequency=form.frequency,
            wanted=wanted,
            place=place,
            near=near,
            radius_km=float(form.radius) if asks_radius else radius,
        )
        try:
            with transaction() as session:
                saving.save(session, draft, zone=_zone(), actor=actor(), now=now())
            flash(_("Saved. We tell you when something new fits."), "yes")
            return redirect(url_for(".index"))
        except Invalid as refusal:
            form.wrong = [sentence(problem) for problem in refusal.problems]
    page = render_template(
        "account/search_form.html",
        form=form,
        asks_radius=asks_radius,
        radii=browsing.RADII,
        frequencies=list(Frequency),
        described=_words(subject, wanted, place if near is not None else "", radius),
    )
    return page, 422 if form.wrong else 200


def _zone() -> str:
    return str(current_app.config["TIMEZONE"])


@bp.post("/<int:search_id>/change")
@SIGNED_IN
def change(search_id: int) -> ResponseReturnValue:
    form = Form.typed()
    try:
        with transaction() as session:
            search = saving.get(session, search_id, actor=actor())
            name, frequency = form.name, form.frequency
            saving.change(session, search, name=name, frequency=frequency, zone=_zone(), now=now())
    except Invalid as refusal:
        form.wrong = [sentence(problem) for problem in refusal.problems]
        return _list(search_id, form), 422
    flash(_("Saved."), "yes")
    return redirect(url_for(".index"))


@bp.post("/<int:search_id>/delete")
@SIGNED_IN
def delete(search_id: int) -> ResponseReturnValue:
    with transaction() as session:
        session.delete(saving.get(session, search_id, actor=actor()))
    flash(_("The search is deleted."), "yes")
    return redirect(url_for(".index"))


def _address(search: SavedSearch) -> str:
    """Return the address of the page that searches like this."""
    kept = search.wanted
    args: dict[str, object] = {"q": kept.get("words"), "material": kept.get("material")}
    if search.subject is Subject.WORKSHOPS:
        seeking = "yes" if kept.get("seeking_work") else None
        args |= {"technique": kept.get("technique"), "seeking": seeking, "place": search.place}
        return url_for("enterprises.index", **_filled(args))
    home = search.place == _("our own site")
    args |= {
        "kind": kept.get("kinds"),
        "condition": kept.get("conditions"),
        "recurrence": kept.get("recurrences"),
        "mass": kept.get("mass_at_least"),
        "place": None if home else search.place,
        "near": "home" if home else None,
        "km": int(search.radius_km) if search.radius_km else None,
    }
    return url_for("materials.index", **_filled(args))


def _filled(args: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value}


def _described(search: SavedSearch) -> str:
    place = search.place if search.latitude is not None else ""
    return _words(search.subject, search.wanted, place, search.radius_km)


def material_words(code: str) -> str:
    """Return what a material is called, nothing for none."""
    return materials().name(code, language()) if code in materials() else ""


def _codes(wanted: dict[str, object]) -> list[str]:
    technique = str(wanted.get("technique", ""))
    return [
        material_words(str(wanted.get("material", ""))),
        techniques().name(technique, language()) if technique in techniques() else "",
    ]


def _words(subject: Subject, wanted: dict[str, object], place: str, radius: float | None) -> str:
    """Return what is searched for, in words."""
    what = _("Materials") if subject is Subject.MATERIALS else _("Workshops")
    words = wanted.get("words")
    said = [_("“%(words)s”", words=words) if words else "", *_codes(wanted)]
    for name, kind in CHOICES.items():
        values = wanted.get(name)
        if isinstance(values, list):
            said += [label(kind(value)) for value in values if value in set(kind)]
    if wanted.get("mass_at_least"):
        said.append(_("at least %(kg)s kg", kg=wanted["mass_at_least"]))
    if wanted.get("seeking_work"):
        said.append(_("looking for work"))
    if place and radius:
        said.append(_("within %(km)s km of %(place)s", km=int(radius), place=place))
    elif place:
        said.append(place)
    return ": ".join(filter(None, [what, ", ".join(filter(None, said))]))
