"""A company's own listings."""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import queries as organisations
from marketplace.core.errors import Invalid
from marketplace.listings import actions, policy, queries
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Kind
from marketplace.proposals import preview
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.waste import waste_codes
from marketplace.web.access import COMPANY
from marketplace.web.addresses import next_or
from marketplace.web.company.forms import ListingForm
from marketplace.web.fields import blame
from marketplace.web.language import language, number
from marketplace.web.listing_cards import cards
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, now, reading, today, transaction, visitor

bp = Blueprint("listings", __name__, url_prefix="/listings")

DONE = {
    ListingAction.PUBLISH: lambda: _("Published. The search for near workshops has begun."),
    ListingAction.PAUSE: lambda: _("Paused. Nobody else sees it for now."),
    ListingAction.RESUME: lambda: _("Shown again."),
    ListingAction.GIVE: lambda: _("Marked as given. Thank you for passing it on."),
    ListingAction.RENEW: lambda: _("Renewed."),
}


@bp.get("/")
@COMPANY
def index() -> ResponseReturnValue:
    state = request.args.get("state", "")
    chosen = ListingState(state) if state in set(ListingState) else None
    page = Pages.asked()
    with reading() as session:
        who = actor()
        rows, total = queries.mine(session, actor=who, state=chosen, page=page)
        counts = queries.counts_by_state(session, organisation_id=who.organisation_id or 0)
        return render_template(
            "company/listings.html",
            rows=[(row, policy.actions_for(who, row)) for row in rows],
            cards=cards([(row, None) for row in rows]),
            counts=counts,
            chosen=chosen,
            states=list(ListingState),
            pages=Pages(page, total, 20),
        )


@bp.route("/new", methods=["GET", "POST"])
@COMPANY
def new() -> ResponseReturnValue:
    form = ListingForm()
    if request.method == "GET":
        if not request.args.get("kind"):
            return render_template("company/kind.html", kinds=list(Kind))
        _begin(form)
    return _edit(form, None)


def _begin(form: ListingForm) -> None:
    form.kind.data = request.args.get("kind")
    form.written_in.data = language()
    form.available_from.data = today()
    with reading() as session:
        form.show_place(organisations.home(session, actor=actor()))


@bp.route("/<int:listing_id>/edit", methods=["GET", "POST"])
@COMPANY
def edit(listing_id: int) -> ResponseReturnValue:
    return _edit(ListingForm(), listing_id)


def _edit(form: ListingForm, listing_id: int | None) -> ResponseReturnValue:
    with reading() as session:
        form.offer_sites(organisations.sites(session, actor=actor()))
        if listing_id is not None:
            listing = queries.get(session, listing_id, actor=actor())
            if not policy.can_edit(actor(), listing):
                return redirect(url_for("materials.show", listing_id=listing_id))
            form.kept = {listing.material_code, *listing.techniques}
            if request.method == "GET":
                form.show(listing)
        elif request.method == "GET" and form.site.data is None:
            form.show_place(organisations.home(session, actor=actor()))
    if request.method == "POST":
        problems = form.take_files()
        form.validate()
        if not problems and not form.errors:
            try:
                return _save(form, listing_id)
            except Invalid as refusal:
                problems = refusal.problems
        blame(form, problems)
        return _form_page(form, listing_id), 422
    return _form_page(form, listing_id)


def _save(form: ListingForm, listing_id: int | None) -> ResponseReturnValue:
    publish = request.form.get("do") == "publish"
    draft = form.draft()
    if publish:
        draft.fit_to_publish(today())
        if draft.kind is Kind.RESIDUAL and draft.condition is None:
            raise Invalid.one("condition", "condition_required")
    with transaction() as session:
        form.name_photos(session)
        if listing_id is None:
            listing = actions.create(session, draft, actor=actor(), now=now())
        else:
            listing = queries.get(session, listing_id, actor=actor())
            actions.update(session, listing, draft, actor=actor(), now=now())
        if publish and listing.state is ListingState.DRAFT:
            _move(session, listing, ListingAction.PUBLISH)
        else:
            flash(_("Saved."), "yes")
        listing_id = listing.id
    return redirect(url_for("materials.show", listing_id=listing_id))


def _form_page(form: ListingForm, listing_id: int | None) -> str:
    with reading() as session:
        return render_template(
            "company/listing_form.html",
            form=form,
            kind=form.chosen_kind(),
            photos=[Picture(photo) for photo in form.shown(session)],
            listing_id=listing_id,
            live_url=url_for(".nearby"),
        )


@bp.post("/<int:listing_id>/<any(publish,pause,resume,give,renew):action>")
@COMPANY
def move(listing_id: int, action: str) -> ResponseReturnValue:
    with transaction() as session:
        listing = queries.get(session, listing_id, actor=actor())
        try:
            _move(session, listing, ListingAction(action))
        except Invalid:
            session.rollback()
            flash(_("Something is still missing before this can be published."), "no")
            return redirect(url_for(".edit", listing_id=listing_id))
    return redirect(next_or(".index"))


def _move(session: Any, listing: Any, action: ListingAction) -> None:
    days = current_app.config["LISTING_DAYS"]
    actions.move(session, listing, action, actor=actor(), now=now(), days=days)
    if action is ListingAction.PUBLISH and not visitor().verified:
        flash(_("Published as soon as your service point has verified your organisation."), "wait")
    else:
        flash(DONE[action](), "yes")


@bp.post("/<int:listing_id>/copy")
@COMPANY
def copy(listing_id: int) -> ResponseReturnValue:
    """Post again: a new draft with the same words, photos and place, from today."""
    with transaction() as session:
        listing = queries.get(session, listing_id, actor=actor())
        if not actor().belongs_to(listing.organisation_id):
            return redirect(url_for("materials.show", listing_id=listing_id))
        again = actions.post_again(session, listing, actor=actor(), now=now(), today=today())
        again_id = again.id
    flash(_("A new draft from your earlier listing. Check amount and dates, then publish."), "yes")
    return redirect(url_for(".edit", listing_id=again_id))


@bp.post("/<int:listing_id>/delete")
@COMPANY
def delete(listing_id: int) -> ResponseReturnValue:
    with transaction() as session:
        listing = queries.get(session, listing_id, actor=actor())
        actions.remove(session, listing, actor=actor(), now=now())
    flash(_("The draft is deleted."), "yes")
    return redirect(url_for(".index"))


@bp.get("/nearby")
@COMPANY
def nearby() -> ResponseReturnValue:
    """Answer a form that is being filled: how many could use it, what it weighs, which waste code."""
    form = ListingForm(request.args, meta={"csrf": False})
    form.available_from.data = form.available_from.data or today()
    form.title.data = form.title.data or "…"
    with reading() as session:
        form.offer_sites(organisations.sites(session, actor=actor()))
        try:
            draft = form.draft()
        except Invalid:
            return jsonify(count=None, text="", mass_text="", waste_code="", hazardous=False)
        if draft.material_code is None and not draft.techniques:
            return jsonify(count=None, text="", mass_text="", waste_code="", hazardous=False)
        near = preview.who_could_use(session, draft, actor=actor(), today=today())
    mass, estimated = draft.mass()
    usual = materials().get(draft.material_code).usual_waste_code if draft.material_code else None
    return jsonify(
        count=near.count,
        text=(
            _("The nearest is %(km)s km away.", km=number(near.nearest_km))
            if near.count
            else _("Nobody near by yet. Brokers also look further away.")
        ),
        mass_text=(
            _("About %(kg)s kg, estimated from the material.", kg=number(mass, 1))
            if estimated
            else ""
        ),
        waste_code=waste_codes().get(usual).pretty if usual else "",
        hazardous=waste_codes().get(usual).hazardous if usual else False,
    )
