"""The value cluster: partners and what they offer each other, for everybody; joining, for members."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.models import OrganisationKind
from marketplace.cluster import cooperations, partners
from marketplace.cluster.lifecycle import PARTNER, PartnerAction
from marketplace.cluster.models import Cooperation, Direction, Partner, Theme
from marketplace.core.actor import require
from marketplace.core.errors import Invalid
from marketplace.web.access import ANYBODY, MANAGER
from marketplace.web.cluster.forms import CooperationForm, PartnerForm
from marketplace.web.fields import blame
from marketplace.web.listing_cards import area
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, today, transaction

bp = Blueprint("cluster", __name__, url_prefix="/cluster")
SIZE = 24


def chosen_theme() -> Theme | None:
    """Return the topic that the address asks for."""
    said = request.args.get("theme", "")
    return Theme(said) if said in set(Theme) else None


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    said, theme, page = request.args.get("kind", ""), chosen_theme(), Pages.asked()
    kind = OrganisationKind(said) if said in set(OrganisationKind) else None
    with reading() as session:
        rows, total = partners.directory(session, kind=kind, theme=theme, page=page, size=SIZE)
        news, _count = cooperations.current(session, today=today(), size=3)
        return render_template(
            "cluster/index.html",
            rows=rows,
            kind=kind,
            theme=theme,
            kinds=list(OrganisationKind),
            themes=list(Theme),
            news=news,
            own=partners.of_organisation(session, actor().organisation_id),
            pages=Pages(page, total, SIZE),
        )


@bp.get("/<int:organisation_id>")
@ANYBODY
def show(organisation_id: int) -> ResponseReturnValue:
    with reading() as session:
        partner = partners.public(session, organisation_id)
        offers, _count = cooperations.current(
            session, today=today(), organisation_id=organisation_id
        )
        return render_template(
            "cluster/partner.html",
            partner=partner,
            organisation=partner.organisation,
            area=area(partner.organisation.city),
            offers=offers,
            own=actor().belongs_to(organisation_id),
        )


@bp.route("/apply", methods=["GET", "POST"])
@MANAGER
def apply() -> ResponseReturnValue:
    """Apply, see how the application stands, change what one says of oneself."""
    form = PartnerForm()
    with reading() as session:
        own = partners.of_organisation(session, actor().organisation_id)
        if request.method == "GET":
            form.show(own) if own is not None else form.begin()
            return _apply_page(form, own)
    form.validate()
    if not form.errors:
        try:
            with transaction() as session:
                partners.apply(session, form.draft(), actor=actor(), now=now())
            flash(_("Saved."), "yes")
            return redirect(url_for(".apply"))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _apply_page(form, own), 422


def _apply_page(form: PartnerForm, own: Partner | None) -> str:
    return render_template(
        "cluster/apply.html",
        form=form,
        own=own,
        possible=PARTNER.open_to(own.state) if own is not None else {PartnerAction.APPLY},
    )


@bp.post("/leave")
@MANAGER
def leave() -> ResponseReturnValue:
    with transaction() as session:
        partners.leave(session, actor=actor(), now=now())
    flash(
        _("Your organisation is no longer in the cluster. You can apply again at any time."), "yes"
    )
    return redirect(url_for(".apply"))


@bp.get("/cooperation")
@ANYBODY
def offers() -> ResponseReturnValue:
    said, page = request.args.get("direction", ""), Pages.asked()
    direction = Direction(said) if said in set(Direction) else None
    with reading() as session:
        rows, total = cooperations.current(
            session, today=today(), direction=direction, page=page, size=SIZE
        )
        return render_template(
            "cluster/offers.html",
            rows=rows,
            direction=direction,
            may_post=partners.can_speak(actor()) and partners.is_partner(session, actor()),
            pages=Pages(page, total, SIZE),
        )


@bp.get("/cooperation/ours")
@MANAGER
def ours() -> ResponseReturnValue:
    with reading() as session:
        return render_template(
            "cluster/ours.html",
            rows=cooperations.of_mine(session, actor=actor()),
            may_post=partners.is_partner(session, actor()),
            today=today(),
        )


@bp.route("/cooperation/new", methods=["GET", "POST"])
@MANAGER
def post() -> ResponseReturnValue:
    with reading() as session:
        require(partners.is_partner(session, actor()))
    return _write(None)


@bp.route("/cooperation/<int:cooperation_id>/edit", methods=["GET", "POST"])
@MANAGER
def edit(cooperation_id: int) -> ResponseReturnValue:
    with reading() as session:
        row = cooperations.own(session, cooperation_id, actor=actor())
    return _write(row)


def _write(row: Cooperation | None) -> ResponseReturnValue:
    form = CooperationForm()
    if request.method == "GET":
        form.show(row) if row is not None else form.begin()
        return render_template("cluster/offer_form.html", form=form, row=row)
    form.validate()
    if not form.errors:
        try:
            _store(form, row)
            flash(_("Saved."), "yes")
            return redirect(url_for(".ours"))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return render_template("cluster/offer_form.html", form=form, row=row), 422


def _store(form: CooperationForm, row: Cooperation | None) -> None:
    draft, who, at = form.draft(today()), actor(), now()
    with transaction() as session:
        if row is None:
            cooperations.post(session, draft, actor=who, now=at)
        else:
            again = cooperations.own(session, row.id, actor=who)
            cooperations.edit(session, again, draft, actor=who, now=at)


@bp.post("/cooperation/<int:cooperation_id>/remove")
@MANAGER
def remove(cooperation_id: int) -> ResponseReturnValue:
    with transaction() as session:
        row = cooperations.own(session, cooperation_id, actor=actor())
        cooperations.remove(session, row, actor=actor(), now=now())
    flash(_("Removed."), "yes")
    return redirect(url_for(".ours"))
