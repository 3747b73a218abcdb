"""Materials for everybody: list and map in step, and the page of one listing."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import queries as organisations
from marketplace.core.errors import Invalid
from marketplace.core.text import clean, whole
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.geocoding.offline import gazetteer
from marketplace.listings import actions, map_tiles, policy, queries
from marketplace.listings.browse import Filter, browse
from marketplace.listings.models import Kind, Recurrence
from marketplace.proposals import preview
from marketplace.refusals import sentence
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tree import NO_WORDS, UnknownCode
from marketplace.web.access import ANYBODY, ENTERPRISE
from marketplace.web.fields import parse_number
from marketplace.web.language import language
from marketplace.web.listing_cards import amount, area, card, subject
from marketplace.web.pages import Onward
from marketplace.web.pictures import Picture
from marketplace.web.reasons import sentences, shut_out_sentences
from marketplace.web.session import actor, now, reading, today, transaction
from marketplace.web.vocabulary import own_materials

bp = Blueprint("materials", __name__, url_prefix="/materials")
RADII = (10, 30, 60, 100, 200)
SIZE = 20


@dataclass(frozen=True)
class Search:
    """The search as the page shows it: the filter, and what could not be understood."""

    wanted: Filter
    place_text: str
    radius: int
    problem: str = ""


def _members(kind: Any, name: str) -> list[Any]:
    known = {m.value for m in kind}
    return [kind(v) for v in request.args.getlist(name) if v in known]


def _material() -> str:
    text = clean(request.args.get("material", ""))[:120]
    try:
        return materials().get(text).code if text else ""
    except UnknownCode:
        return ""


def _mass() -> float | None:
    text = clean(request.args.get("mass", ""))[:20]
    try:
        return parse_number(text, "," if language() != "en" else ".") if text else None
    except ValueError:
        return None


def searched() -> Search:
    """Read the search from the address; what is not understood is said, not guessed."""
    text = clean(request.args.get("place", ""))[:100]
    radius = whole(request.args.get("km", ""))
    km = radius if radius and radius in RADII else 0
    near, problem = _near(text)
    words = clean(request.args.get("q", ""))[:100]
    return Search(
        Filter(
            words=words,
            kinds=_members(Kind, "kind"),
            material=_material(),
            conditions=_members(Condition, "condition"),
            recurrences=_members(Recurrence, "recurrence"),
            mass_at_least=_mass(),
            near=near,
            radius_km=km or None,
            nearest_first=request.args.get("sort") != "newest",
            own=own_materials() if words else NO_WORDS,
        ),
        text,
        km,
        problem,
    )


def _near(text: str) -> tuple[Coordinate | None, str]:
    if text:
        found = gazetteer().suggest(text, limit=1)
        if not found:
            return None, _(
                "We cannot find “%(text)s”. Try a postal code or a larger town.", text=text
            )
        return Coordinate(found[0].latitude, found[0].longitude), ""
    if request.args.get("near") == "home":
        with reading() as session:
            home = organisations.home(session, actor=actor())
        if home is not None:
            return Coordinate(home.latitude, home.longitude), ""
    return None, ""


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    search, after = searched(), Onward.asked()
    with reading() as session:
        found = browse(session, search.wanted, after=after, size=SIZE)
        return render_template(
            "public/materials.html",
            search=search,
            wanted=search.wanted,
            cards=[card(f.listing, f.km) for f in found.rows],
            found=found,
            onward=Onward(after, found.after),
            families=map_tiles.totals(session),
            tree=materials(),
            kinds=list(Kind),
            conditions=list(Condition),
            recurrences=list(Recurrence),
            radii=RADII,
            has_home=actor().organisation_id is not None,
            active=_active(search.wanted),
        )


def _active(wanted: Filter) -> int:
    groups: tuple[Any, ...] = (
        wanted.kinds,
        wanted.material,
        wanted.conditions,
        wanted.recurrences,
        wanted.mass_at_least,
    )
    return sum(1 for group in groups if group)


@bp.get("/<int:listing_id>")
@ANYBODY
def show(listing_id: int) -> ResponseReturnValue:
    with reading() as session:
        who = actor()
        listing = queries.get(session, listing_id, actor=who)
        fits = preview.fits_of_mine(session, listing, actor=who, today=today())
        return render_template(
            "public/material.html",
            listing=listing,
            card=card(listing),
            gallery=[Picture(photo) for photo in listing.photos],
            subject=subject(listing),
            amount=amount(listing),
            area=area(listing.city),
            exact=policy.sees_exact_place(who, listing),
            own=who.belongs_to(listing.organisation_id),
            actions=policy.actions_for(who, listing),
            can_edit=policy.can_edit(who, listing),
            can_delete=policy.can_delete(who, listing),
            can_interest=policy.can_show_interest(who, listing),
            interest=queries.my_interest(session, listing, actor=who),
            fits=[
                (
                    fit,
                    sentences(fit.reasons),
                    shut_out_sentences(fit.shut_out) if fit.shut_out else [],
                )
                for fit in fits
            ],
        )


@bp.post("/<int:listing_id>/interest")
@ENTERPRISE
def interest(listing_id: int) -> ResponseReturnValue:
    note = clean(request.form.get("note", ""))
    try:
        with transaction() as session:
            listing = queries.get(session, listing_id, actor=actor())
            actions.show_interest(session, listing, note, actor=actor(), now=now())
        flash(_("Your broker knows that you are interested and will be in touch."), "yes")
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".show", listing_id=listing_id))
