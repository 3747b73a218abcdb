"""EU calls for everybody, and for organisations: interest, consortia."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.cluster import calls, consortia, partners
from marketplace.cluster.lifecycle import CONSORTIUM, ConsortiumAction, PlaceAction
from marketplace.cluster.models import Call, Consortium, Theme
from marketplace.core.calendars import calendar
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.refusals import sentence
from marketplace.web.access import ANYBODY, MANAGER, SIGNED_IN
from marketplace.web.cluster.cluster import chosen_theme
from marketplace.web.cluster.forms import ConsortiumForm, InterestForm, InviteForm
from marketplace.web.fields import blame
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, today, transaction

bp = Blueprint("calls", __name__, url_prefix="/calls")
SIZE = 20


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    words, theme = clean(request.args.get("q", ""))[:100], chosen_theme()
    ended, page = request.args.get("ended") == "yes", Pages.asked()
    with reading() as session:
        rows, total = calls.listed(
            session, today=today(), words=words, theme=theme, ended=ended, page=page, size=SIZE
        )
        return render_template(
            "cluster/calls.html",
            rows=rows,
            words=words,
            theme=theme,
            themes=list(Theme),
            ended=ended,
            today=today(),
            mine=consortia.mine(session, actor=actor()) if actor().organisation_id else [],
            pages=Pages(page, total, SIZE),
        )


@bp.get("/calendar.ics")
@ANYBODY
def feed() -> ResponseReturnValue:
    """Return the deadlines of all calls as a calendar to subscribe to."""
    with reading() as session:
        rows, _total = calls.listed(session, today=today(), withdrawn=True, size=500)
        entries = [
            calls.entry(
                row, url=url_for(".show", call_id=row.id, _external=True), host=request.host
            )
            for row in rows
        ]
    written = calendar(entries, now=now(), name=_("Calls for SoPro partners"))
    return Response(written, mimetype="text/calendar")


@bp.get("/<int:call_id>")
@ANYBODY
def show(call_id: int) -> ResponseReturnValue:
    with reading() as session:
        return _page(calls.get(session, call_id, actor=actor()), InterestForm())


def _page(call: Call, form: InterestForm, status: int = 200) -> ResponseReturnValue:
    who = actor()
    with reading() as session:
        own = calls.interest_of(session, call, actor=who)
        if status == 200:
            form.show(own)
        page = render_template(
            "cluster/call.html",
            call=call,
            form=form,
            own=own,
            interests=calls.interests(session, call),
            consortia=consortia.of_call(session, call, actor=who) if who.signed_in else [],
            is_open=calls.is_open(call, today=today()),
            speaks=partners.can_speak(who),
            today=today(),
        )
    return page, status


@bp.get("/<int:call_id>.ics")
@ANYBODY
def file(call_id: int) -> ResponseReturnValue:
    """Return one deadline as a file for the calendar."""
    with reading() as session:
        call = calls.get(session, call_id, actor=actor())
    url = url_for(".show", call_id=call.id, _external=True)
    written = calendar([calls.entry(call, url=url, host=request.host)], now=now())
    headers = {"Content-Disposition": f'attachment; filename="call-{call.id}.ics"'}
    return Response(written, mimetype="text/calendar", headers=headers)


@bp.post("/<int:call_id>/interest")
@MANAGER
def declare(call_id: int) -> ResponseReturnValue:
    form = InterestForm()
    form.validate()
    with reading() as session:
        call = calls.get(session, call_id, actor=actor())
    if not form.errors:
        try:
            with transaction() as session:
                again = calls.get(session, call_id, actor=actor())
                calls.declare(session, again, form.draft(), actor=actor(), now=now())
            flash(_("Your interest is shown to the others."), "yes")
            return redirect(url_for(".show", call_id=call_id))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _page(call, form, 422)


@bp.post("/<int:call_id>/interest/withdraw")
@MANAGER
def take_back(call_id: int) -> ResponseReturnValue:
    with transaction() as session:
        call = calls.get(session, call_id, actor=actor())
        calls.take_back(session, call, actor=actor(), now=now())
    flash(_("Your interest is withdrawn."), "yes")
    return redirect(url_for(".show", call_id=call_id))


@bp.route("/<int:call_id>/consortia/new", methods=["GET", "POST"])
@MANAGER
def found(call_id: int) -> ResponseReturnValue:
    form = ConsortiumForm()
    with reading() as session:
        call = calls.get(session, call_id, actor=actor())
    if request.method == "GET":
        return render_template("cluster/consortium_form.html", form=form, call=call)
    form.validate()
    if not form.errors:
        try:
            with transaction() as session:
                again = calls.get(session, call_id, actor=actor())
                made = consortia.found(session, again, form.draft(), actor=actor(), now=now())
                made_id = made.id
            return redirect(url_for(".consortium", consortium_id=made_id))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return render_template("cluster/consortium_form.html", form=form, call=call), 422


@bp.get("/consortia/<int:consortium_id>")
@SIGNED_IN
def consortium(consortium_id: int) -> ResponseReturnValue:
    with reading() as session:
        row = consortia.get(session, consortium_id, actor=actor())
    return _consortium_page(row, InviteForm())


def _consortium_page(row: Consortium, form: InviteForm, status: int = 200) -> ResponseReturnValue:
    who, words = actor(), clean(request.values.get("q", ""))[:100]
    leads = consortia.leads(who, row)
    with reading() as session:
        if leads:
            found = consortia.candidates(session, row, words) if words else []
            form.offer([(one.id, one.name) for one in found])
        interested = calls.interests(session, row.call) if leads else []
    there = {place.organisation_id for place in row.places}
    page = render_template(
        "cluster/consortium.html",
        row=row,
        call=row.call,
        form=form,
        words=words,
        leads=leads,
        place=consortia.place_of(who, row),
        speaks=partners.can_speak(who),
        interested=[one for one in interested if one.organisation_id not in there],
        possible=[one for one in ConsortiumAction if one in CONSORTIUM.open_to(row.state)],
    )
    return page, status


@bp.post("/consortia/<int:consortium_id>/invite")
@MANAGER
def invite(consortium_id: int) -> ResponseReturnValue:
    form = InviteForm()
    form.validate()
    with reading() as session:
        row = consortia.get(session, consortium_id, actor=actor())
    chosen = form.organisation_id.data or ""
    if not form.errors:
        try:
            with transaction() as session:
                consortia.invite(
                    session,
                    consortia.get(session, consortium_id, actor=actor()),
                    int(chosen) if chosen.isdigit() and len(chosen) < 18 else 0,
                    form.role.data,
                    form.task.data or "",
                    actor=actor(),
                    now=now(),
                )
            flash(_("Invited. We tell them."), "yes")
            return redirect(url_for(".consortium", consortium_id=consortium_id))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _consortium_page(row, form, 422)


@bp.post("/consortia/<int:consortium_id>/answer")
@MANAGER
def answer(consortium_id: int) -> ResponseReturnValue:
    action = PlaceAction.TAKE if request.form.get("action") == "take" else PlaceAction.DECLINE
    with transaction() as session:
        row = consortia.get(session, consortium_id, actor=actor())
        consortia.answer(session, row, action, actor=actor(), now=now())
    if action is PlaceAction.TAKE:
        flash(_("You take part."), "yes")
        return redirect(url_for(".consortium", consortium_id=consortium_id))
    flash(_("Declined. The coordinator hears of it."), "yes")
    return redirect(url_for(".index"))


@bp.post("/consortia/<int:consortium_id>/move")
@MANAGER
def move(consortium_id: int) -> ResponseReturnValue:
    said = request.form.get("action", "")
    try:
        if said not in set(ConsortiumAction):
            raise Invalid.one("", "not_a_choice")
        with transaction() as session:
            row = consortia.get(session, consortium_id, actor=actor())
            consortia.move(session, row, ConsortiumAction(said), actor=actor(), now=now())
        flash(_("Saved."), "yes")
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".consortium", consortium_id=consortium_id))
