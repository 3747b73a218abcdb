"""Moving an application on: appointments, judgements, questions, votes, the decision, an appeal."""

from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.text import clean
from marketplace.seals import certifying, policy, process, queries, separation
from marketplace.seals.assessment import SealRole
from marketplace.seals.criteria import Criterion
from marketplace.seals.models import SealApplication
from marketplace.seals.separation import role_of
from marketplace.web.access import AGENCY, MEMBER, SIGNED_IN
from marketplace.web.language import language
from marketplace.web.seals.blueprint import act, back, bp, signer, submitted
from marketplace.web.seals.forms import AppointmentForm, JudgementForm, TextForm, VoteForm
from marketplace.web.seals.rows import small_page
from marketplace.web.session import actor, now, reading, today

STEPS: dict[str, Callable[..., object]] = {
    "withdraw": process.withdraw,
    "begin": process.begin,
    "report": process.report,
    "convene": process.convene,
    "rehear": process.rehear,
}


@bp.post("/<int:application_id>/submit")
@MEMBER
def submit(application_id: int) -> ResponseReturnValue:
    if act(application_id, process.submit, today=today()):
        flash(_("Handed in. You hear from us within six weeks."), "yes")
    return back(application_id)


@bp.post("/<int:application_id>/<any(withdraw, begin, report, convene, rehear):step>")
@SIGNED_IN
def move(application_id: int, step: str) -> ResponseReturnValue:
    if act(application_id, STEPS[step]):
        flash(_("Put down. The others have been told."), "yes")
    return back(application_id)


@bp.post("/<int:application_id>/appointments")
@AGENCY
def appoint(application_id: int) -> ResponseReturnValue:
    form = AppointmentForm()
    role = form.role.data if isinstance(form.role.data, SealRole) else SealRole.PANEL
    if act(application_id, separation.appoint, role, form.email.data or ""):
        flash(_("Appointed."), "yes")
    return back(application_id, "h-people")


@bp.post("/<int:application_id>/appointments/<int:appointment_id>/dismiss")
@AGENCY
def dismiss(application_id: int, appointment_id: int) -> ResponseReturnValue:
    if act(application_id, separation.dismiss, appointment_id):
        flash(_("Dismissed."), "yes")
    return back(application_id, "h-people")


@bp.route("/<int:application_id>/sheet/<code>", methods=["GET", "POST"])
@SIGNED_IN
def judge(application_id: int, code: str) -> ResponseReturnValue:
    form, status = JudgementForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: process.judge(
                session, application, code, form.finding.data, form.points.data,
                clean(form.reason.data), actor=actor(), now=now(),
            ),
            application_id,
        ):  # fmt: skip
            return back(application_id, "h-sheet")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_judge(application, role_of(session, application, actor())))
        criterion = process.criterion_of(application, code)
        require(not criterion.computed)
        if request.method == "GET":
            _show_judgement(form, session, application, criterion)
        page = small_page(
            form,
            application,
            _("Criterion %(code)s", code=code),
            lead=criterion.text(language()),
            anchor="h-sheet",
        )
    return page, status


def _show_judgement(
    form: JudgementForm, session: Any, application: SealApplication, criterion: Criterion
) -> None:
    for row in queries.judgements(session, application):
        if row.criterion_id == criterion.id:
            form.finding.data, form.points.data, form.reason.data = (
                row.finding, row.points, row.reason,
            )  # fmt: skip


@bp.route("/<int:application_id>/questions/new", methods=["GET", "POST"])
@SIGNED_IN
def ask(application_id: int) -> ResponseReturnValue:
    form, status = TextForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: process.ask(
                session, application, form.text.data or "", actor=actor(), now=now()
            ),
            application_id,
        ):
            flash(_("Asked. The applicant has been told."), "yes")
            return back(application_id, "h-questions")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_ask(application, role_of(session, application, actor())))
        page = small_page(form, application, _("Ask the applicant"), anchor="h-questions")
    return page, status


@bp.route("/<int:application_id>/questions/<int:question_id>", methods=["GET", "POST"])
@MEMBER
def answer(application_id: int, question_id: int) -> ResponseReturnValue:
    form, status = TextForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: process.answer(
                session, application, question_id, form.text.data or "", actor=actor(), now=now()
            ),
            application_id,
        ):
            flash(_("Answered."), "yes")
            return back(application_id, "h-questions")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.is_applicant(actor(), application))
        asked = {row.id: row.text for row in queries.questions(session, application)}
        page = small_page(
            form, application, _("Answer"), lead=asked.get(question_id, ""), anchor="h-questions"
        )
    return page, status


@bp.post("/<int:application_id>/vote")
@SIGNED_IN
def vote(application_id: int) -> ResponseReturnValue:
    form = VoteForm()
    if act(application_id, process.vote, form.vote(), form.reason.data or ""):
        flash(_("Your vote is on record."), "yes")
    return back(application_id, "h-panel")


@bp.post("/<int:application_id>/<any(award, refuse):decision>")
@SIGNED_IN
def decide(application_id: int, decision: str) -> ResponseReturnValue:
    text = request.form.get("reason", "")
    if decision == "award":
        done = act(application_id, certifying.award, text, signer=signer(), today=today())
    else:
        done = act(application_id, process.refuse, text)
    if done:
        flash(_("Decided. The applicant has been told."), "yes")
    return back(application_id, "h-decision")


@bp.route("/<int:application_id>/appeal", methods=["GET", "POST"])
@MEMBER
def appeal(application_id: int) -> ResponseReturnValue:
    form, status = TextForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: process.appeal(
                session, application, form.text.data or "", today=today(), actor=actor(),
                now=now(),
            ),
            application_id,
        ):  # fmt: skip
            flash(_("Your appeal is in. Somebody else decides this time."), "yes")
            return back(application_id)
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.is_applicant(actor(), application))
        page = small_page(form, application, _("Appeal against the refusal"), anchor="h-decision")
    return page, status
