"""How brokers begin a case, and say what it is about."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import queries as accounts
from marketplace.cases import needs, opening
from marketplace.core.actor import Role
from marketplace.core.errors import Invalid
from marketplace.core.text import whole
from marketplace.listings import queries as listings
from marketplace.proposals import queries as proposals
from marketplace.refusals import sentence
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import CaseForm, NewCaseForm
from marketplace.web.broker.cases_pages import ask, words
from marketplace.web.fields import blame, options
from marketplace.web.language import language
from marketplace.web.session import actor, now, reading, transaction


@bp.route("/cases/new", methods=["GET", "POST"])
@BROKER
def cases_new() -> ResponseReturnValue:
    form = NewCaseForm()
    with reading() as session:
        points = accounts.service_points(session) if actor().has(Role.AGENCY) else []
        form.service_point.choices = options((str(p.id), p.name) for p in points)
        if not points:
            del form.service_point
    if request.method == "GET":
        form.language.data = language()
        return _new_page(form)
    form.validate()
    if not form.errors:
        try:
            return _begin(form)
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _new_page(form), 422


def _new_page(form: NewCaseForm) -> str:
    title, button = _("New case"), _("Begin the case")
    return render_template(
        "broker/case_form.html", form=form, case=None, title=title, button=button
    )


def _begin(form: NewCaseForm) -> ResponseReturnValue:
    point = whole(form.service_point.data or "") if "service_point" in form else None
    with transaction() as session:
        case = opening.by_hand(
            session, form.draft(), service_point_id=point, actor=actor(), now=now()
        )
        case_id, number = case.id, case.number
    flash(_("Case %(number)s has begun. Who takes part?", number=number), "yes")
    return redirect(url_for(".cases_show", case_id=case_id, _anchor="parties"))


@bp.post("/cases/from-listing/<int:listing_id>")
@BROKER
def cases_from_listing(listing_id: int) -> ResponseReturnValue:
    try:
        with transaction() as session:
            listing = listings.get(session, listing_id, actor=actor())
            case = opening.from_listing(session, listing, actor=actor(), now=now())
            case_id = case.id
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for("materials.show", listing_id=listing_id))
    return redirect(url_for(".cases_show", case_id=case_id))


@bp.post("/cases/from-proposal/<int:proposal_id>")
@BROKER
def cases_from_proposal(proposal_id: int) -> ResponseReturnValue:
    try:
        with transaction() as session:
            proposal = proposals.get(session, proposal_id, actor=actor())
            case = opening.from_proposal(session, proposal, actor=actor(), now=now())
            case_id = case.id
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for(".proposal", proposal_id=proposal_id))
    return redirect(url_for(".cases_show", case_id=case_id))


@bp.route("/cases/<int:case_id>/edit", methods=["GET", "POST"])
@BROKER
def cases_edit(case_id: int) -> ResponseReturnValue:
    form = CaseForm()
    return ask(
        case_id,
        form,
        lambda session, case: needs.edit(
            session, case, form.draft(), seen=form.seen_number(), actor=actor(), now=now()
        ),
        words(_("What the case is about"), _("Save")),
        done=_("Saved."),
        fill=form.show,
        see=lambda case: case.version,
    )
