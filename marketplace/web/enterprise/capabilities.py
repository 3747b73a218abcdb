"""A social enterprise's own capabilities, and what fits them best."""

from collections.abc import Collection, Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import queries as organisations
from marketplace.capabilities import actions, policy, queries
from marketplace.capabilities.lifecycle import CapabilityAction
from marketplace.capabilities.models import CapabilityState
from marketplace.core.errors import Invalid
from marketplace.proposals import preview
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tree import Material
from marketplace.web.access import ENTERPRISE
from marketplace.web.enterprise.forms import CapabilityForm
from marketplace.web.fields import blame
from marketplace.web.language import language
from marketplace.web.listing_cards import card
from marketplace.web.pictures import Picture
from marketplace.web.reasons import sentences, shut_out_sentences
from marketplace.web.session import actor, now, reading, today, transaction

bp = Blueprint("capabilities", __name__, url_prefix="/capabilities")


@bp.get("/")
@ENTERPRISE
def index() -> ResponseReturnValue:
    with reading() as session:
        mine = queries.mine(session, actor=actor())
        return render_template(
            "enterprise/capabilities.html",
            rows=[(row, policy.actions_for(actor(), row)) for row in mine],
            today=today(),
        )


@bp.get("/for-you")
@ENTERPRISE
def matches() -> ResponseReturnValue:
    """Show, for each active capability, the listings that suit it best, with their reasons."""
    with reading() as session:
        shown = [
            (
                capability,
                preview.best_for(session, capability, today=today()),
                preview.just_missed(session, capability, today=today(), nearest=3),
            )
            for capability in queries.mine(session, actor=actor())
            if capability.state is CapabilityState.ACTIVE
        ]
        return render_template(
            "enterprise/matches.html",
            groups=[
                (
                    capability,
                    [(fit, card(fit.listing, fit.km), sentences(fit.reasons)) for fit in fits],
                    [
                        (near.listing, near.out.distance_km, shut_out_sentences(near.out))
                        for near in missed
                    ],
                )
                for capability, fits, missed in shown
            ],
        )


@bp.route("/new", methods=["GET", "POST"])
@ENTERPRISE
def new() -> ResponseReturnValue:
    return _edit(CapabilityForm(), None)


@bp.route("/<int:capability_id>/edit", methods=["GET", "POST"])
@ENTERPRISE
def edit(capability_id: int) -> ResponseReturnValue:
    return _edit(CapabilityForm(), capability_id)


def _edit(form: CapabilityForm, capability_id: int | None) -> ResponseReturnValue:
    with reading() as session:
        form.offer_sites(organisations.sites(session, actor=actor()))
        capability = None
        if capability_id is not None:
            capability = queries.get(session, capability_id, actor=actor())
            if not policy.can_edit(actor(), capability):
                return redirect(
                    url_for("enterprises.show", organisation_id=capability.organisation_id)
                )
            form.kept = {*capability.materials, *capability.techniques}
        if request.method == "GET":
            if capability is not None:
                form.show(capability)
            else:
                form.written_in.data = language()
                form.show_place(organisations.home(session, actor=actor()))
    if request.method == "GET":
        return _form_page(form, capability_id)
    problems = form.take_files()
    form.validate()
    if not problems and not form.errors:
        try:
            return _save(form, capability_id)
        except Invalid as refusal:
            problems = refusal.problems
    blame(form, problems)
    return _form_page(form, capability_id), 422


def _save(form: CapabilityForm, capability_id: int | None) -> ResponseReturnValue:
    show = request.form.get("do") == "publish"
    draft = form.draft()
    if show:
        draft.fit_to_show()
    with transaction() as session:
        form.name_photos(session)
        if capability_id is None:
            capability = actions.create(session, draft, actor=actor(), now=now())
        else:
            capability = queries.get(session, capability_id, actor=actor())
            actions.update(session, capability, draft, actor=actor(), now=now())
        if show and capability.state is not CapabilityState.ACTIVE:
            actions.move(session, capability, CapabilityAction.ACTIVATE, actor=actor(), now=now())
            flash(_("Shown. Fitting materials are being looked for."), "yes")
        else:
            flash(_("Saved."), "yes")
    return redirect(url_for(".index"))


def _form_page(form: CapabilityForm, capability_id: int | None) -> str:
    with reading() as session:
        return render_template(
            "enterprise/capability_form.html",
            form=form,
            photos=[Picture(photo) for photo in form.shown(session)],
            nodes=nodes(materials().roots, form.materials.data),
            capability_id=capability_id,
        )


def nodes(some: Iterable[Material], chosen: Collection[str]) -> list[dict[str, Any]]:
    """Return materials and all below them as the tree macro wants them; retired ones where chosen."""
    lang, tree = language(), materials()
    return [
        {
            "value": material.code,
            "label": material.name(lang),
            "words": " ".join(material.synonyms(lang)),
            "children": nodes(tree.children(material.code), chosen),
        }
        for material in some
        if not material.retired
        or any(each.code in chosen for each in tree.descendants(material.code))
    ]


@bp.post("/<int:capability_id>/<any(activate,pause):action>")
@ENTERPRISE
def move(capability_id: int, action: str) -> ResponseReturnValue:
    with transaction() as session:
        capability = queries.get(session, capability_id, actor=actor())
        try:
            actions.move(session, capability, CapabilityAction(action), actor=actor(), now=now())
        except Invalid:
            session.rollback()
            flash(_("Something is still missing before this can be shown."), "no")
            return redirect(url_for(".edit", capability_id=capability_id))
    flash(
        _("Shown again.") if action == "activate" else _("Paused. Nobody else sees it for now."),
        "yes",
    )
    return redirect(url_for(".index"))


@bp.post("/<int:capability_id>/seeking-work")
@ENTERPRISE
def seek_work(capability_id: int) -> ResponseReturnValue:
    """Tell companies near by that hands are free, or no longer."""
    seeking = request.form.get("seeking") == "yes"
    with transaction() as session:
        capability = queries.get(session, capability_id, actor=actor())
        actions.seek_work(
            session, capability, seeking=seeking, since=today(), actor=actor(), now=now()
        )
    if seeking:
        flash(_("Companies near you are told that you are looking for work."), "yes")
    else:
        flash(_("You are no longer shown as looking for work."), "yes")
    return redirect(url_for(".index"))
