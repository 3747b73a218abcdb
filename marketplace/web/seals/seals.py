"""Applications for the seal: the list, the page of one, and its head."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, NotAllowed, Problem
from marketplace.core.text import clean
from marketplace.refusals import sentence
from marketplace.seals import applying, catalogue, policy, process, queries, settings
from marketplace.seals.assessment import SealRole
from marketplace.seals.lifecycle import SealState
from marketplace.seals.models import SealApplication
from marketplace.seals.separation import appointed, role_of
from marketplace.web.access import MEMBER, SIGNED_IN
from marketplace.web.fields import blame
from marketplace.web.language import language
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.seals import assessing, papers, rows, words
from marketplace.web.seals.blueprint import bp
from marketplace.web.seals.forms import (
    ApplicationForm,
    AppointmentForm,
    JudgementForm,
    ReasonForm,
    VoteForm,
)
from marketplace.web.session import actor, now, reading, today, transaction

__all__ = ["assessing", "bp", "papers", "rows"]
SIZE = 20


@bp.get("/")
@SIGNED_IN
def index() -> ResponseReturnValue:
    page, asked = Pages.asked(), request.args.get("state", "")
    state = SealState(asked) if asked in set(SealState) else None
    text = clean(request.args.get("q", ""))[:100]
    with reading() as session:
        found, total = queries.listed(
            session, actor=actor(), state=state, words=text, page=page, size=SIZE
        )
        return render_template(
            "seals/index.html",
            rows=found,
            counts=queries.counts_by_state(session, actor=actor()),
            state=state,
            words=text,
            today=today(),
            days_left=words.days_left,
            pages=Pages(page, total, SIZE),
        )


@bp.get("/<int:application_id>")
@SIGNED_IN
def show(application_id: int) -> ResponseReturnValue:
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        return render_template("seals/show.html", **_page(session, application))


def _page(session: Any, application: SealApplication) -> dict[str, Any]:
    who = actor()
    role = role_of(session, application, who)
    found = process.sheet(session, application)
    inside = policy.sees_inside(who, role)
    decided = application.decided_at is not None
    return {
        "application": application,
        "role": role,
        "inside": inside,
        "applicant": policy.is_applicant(who, application),
        "editable": policy.can_edit(who, application),
        "may_attach": policy.can_attach(who, application, role),
        "may_ask": policy.can_ask(application, role),
        "may_judge": policy.can_judge(application, role),
        "may_vote": policy.can_vote(application, role),
        "may_appoint": policy.can_appoint(who, application),
        "actions": [a.value for a in policy.actions_for(who, application, role)],
        "lines": words.lines(found),
        "figures": queries.figures(application),
        "judgements": queries.judgements(session, application),
        "evidence": queries.evidence(session, application),
        "questions": queries.questions(session, application),
        "votes": {v.user_id: v for v in queries.votes(session, application)},
        "appointments": appointed(session, application) if inside else [],
        "obstacles": _obstacles(session, application, role),
        "certificate": catalogue.of_application(session, application),
        "appeal_until": process.appeal_until(session, application) if decided else None,
        "fee": settings.load(session).fee(application.group),
        "days_left": words.days_left(application.due_on, today()),
        "pictures": [Picture(row.photo) for row in application.pictures],
        "source": words.source,
        "today": today(),
        "appointing": AppointmentForm(formdata=None),
        "voting": VoteForm(formdata=None),
        "judging": JudgementForm(formdata=None),
        "deciding": ReasonForm(formdata=None),
    }


def _obstacles(session: Any, application: SealApplication, role: SealRole | None) -> list[str]:
    """Return what the decider still has to hear before an award."""
    if application.state is not SealState.AT_PANEL or role is not SealRole.DECIDER:
        return []
    found = process.standing_obstacles(session, application)
    return [sentence(Problem("reason", obstacle.value)) for obstacle in found]


@bp.route("/new", methods=["GET", "POST"])
@MEMBER
def new() -> ResponseReturnValue:
    return _edit(None)


@bp.route("/<int:application_id>/edit", methods=["GET", "POST"])
@MEMBER
def edit(application_id: int) -> ResponseReturnValue:
    return _edit(application_id)


def _edit(application_id: int | None) -> ResponseReturnValue:
    form = ApplicationForm()
    with reading() as session:
        form.offer(queries.possible_orders(session, actor=actor()))
        if application_id is not None:
            application = queries.get(session, application_id, actor=actor())
            require(policy.can_edit(actor(), application))
        if request.method == "GET":
            _fill(session, form, application_id)
    if request.method == "GET":
        return _form_page(form, application_id)
    problems = form.take_files()
    form.validate()
    if not problems and not form.errors:
        try:
            return _save(form, application_id)
        except Invalid as refusal:
            problems = refusal.problems
    blame(form, problems)
    return _form_page(form, application_id), 422


def _fill(session: Any, form: ApplicationForm, application_id: int | None) -> None:
    form.written_in.data = language()
    if application_id is not None:
        form.show(queries.get(session, application_id, actor=actor()))
        return
    number = clean(request.args.get("renews", ""))[:20]
    if number:
        earlier = catalogue.by_number(session, number)
        if not actor().belongs_to(earlier.organisation_id):
            raise NotAllowed
        mine = queries.get(session, earlier.application_id, actor=actor())
        form.show(mine)
        form.renews.data = number


def _save(form: ApplicationForm, application_id: int | None) -> ResponseReturnValue:
    draft = form.draft()
    with transaction() as session:
        form.name_photos(session)
        if application_id is None:
            made = applying.begin(session, draft, today=today(), actor=actor(), now=now())
            application_id = made.id
        else:
            application = queries.get(session, application_id, actor=actor())
            applying.edit(session, application, draft, actor=actor(), now=now())
    flash(_("Saved. Please look through materials, steps and evidence."), "yes")
    return redirect(url_for(".show", application_id=application_id))


def _form_page(form: ApplicationForm, application_id: int | None) -> str:
    with reading() as session:
        return render_template(
            "seals/form.html",
            form=form,
            application_id=application_id,
            photos=[Picture(photo) for photo in form.shown(session)],
        )
