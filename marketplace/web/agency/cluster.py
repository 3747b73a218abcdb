"""The agency: who may join the value cluster, and which calls there are."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.cluster import calls, partners
from marketplace.cluster.lifecycle import PartnerAction
from marketplace.cluster.models import Call, Partner
from marketplace.core.errors import Invalid
from marketplace.refusals import sentence
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.cluster.forms import CallForm
from marketplace.web.fields import blame
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, today, transaction

SIZE = 30


@bp.get("/cluster")
@AGENCY
def cluster() -> ResponseReturnValue:
    with reading() as session:
        return _applications(partners.waiting(session))


def _applications(rows: list[Partner], refused: int = 0, typed: str = "", wrong: str = "") -> str:
    return render_template(
        "agency/cluster.html", rows=rows, refused=refused, typed=typed, wrong=wrong
    )


@bp.post("/cluster/<int:partner_id>/decide")
@AGENCY
def decide_partner(partner_id: int) -> ResponseReturnValue:
    admit = request.form.get("action") == "admit"
    action = PartnerAction.ADMIT if admit else PartnerAction.REFUSE
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            partners.decide(
                session, partner_id, action, "" if admit else reason, actor=actor(), now=now()
            )
        flash(
            _("Admitted. Its page is public now.") if admit else _("Refused, with your reason."),
            "yes",
        )
        return redirect(url_for(".cluster"))
    except Invalid as refusal:
        wrong = sentence(refusal.problems[0])
    with reading() as session:
        return _applications(partners.waiting(session), partner_id, reason, wrong), 422


@bp.get("/calls")
@AGENCY
def calls_list() -> ResponseReturnValue:
    ended, page = request.args.get("ended") == "yes", Pages.asked()
    with reading() as session:
        rows, total = calls.listed(
            session, today=today(), ended=ended, withdrawn=True, page=page, size=SIZE
        )
        return render_template(
            "agency/calls.html",
            rows=rows,
            ended=ended,
            pages=Pages(page, total, SIZE),
        )


@bp.route("/calls/new", methods=["GET", "POST"])
@AGENCY
def call_new() -> ResponseReturnValue:
    return _write(None)


@bp.route("/calls/<int:call_id>/edit", methods=["GET", "POST"])
@AGENCY
def call_edit(call_id: int) -> ResponseReturnValue:
    with reading() as session:
        return _write(calls.get(session, call_id, actor=actor()))


def _write(call: Call | None) -> ResponseReturnValue:
    form = CallForm()
    if request.method == "GET":
        form.show(call) if call is not None else form.begin()
        return render_template("agency/call_form.html", form=form, call=call)
    form.validate()
    if not form.errors:
        try:
            call_id = _store(form, call)
            flash(_("Saved."), "yes")
            return redirect(url_for("calls.show", call_id=call_id))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return render_template("agency/call_form.html", form=form, call=call), 422


def _store(form: CallForm, call: Call | None) -> int:
    draft, who, at = form.draft(), actor(), now()
    with transaction() as session:
        if call is None:
            return calls.write(session, draft, actor=who, now=at).id
        again = calls.get(session, call.id, actor=who)
        calls.edit(session, again, draft, actor=who, now=at)
        return again.id


@bp.post("/calls/<int:call_id>/withdraw")
@AGENCY
def call_withdraw(call_id: int) -> ResponseReturnValue:
    again = request.form.get("again") == "yes"
    with transaction() as session:
        call = calls.get(session, call_id, actor=actor())
        calls.withdraw(session, call, again=again, actor=actor(), now=now())
    flash(_("On the list again.") if again else _("Taken off the list."), "yes")
    return redirect(url_for(".calls_list"))
