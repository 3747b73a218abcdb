"""The rows of an application: materials, steps, people, evidence; each a small form of its own."""

from typing import Any

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, NotFound
from marketplace.seals import applying, policy, proofs, queries
from marketplace.seals.models import SealApplication
from marketplace.seals.separation import role_of
from marketplace.web.access import MEMBER, SIGNED_IN
from marketplace.web.downloads import download
from marketplace.web.seals.blueprint import act, back, bp, submitted
from marketplace.web.seals.forms import (
    EvidenceForm,
    InputForm,
    PeopleForm,
    StepForm,
    fields_of,
)
from marketplace.web.session import actor, now, reading


def small_page(form: FlaskForm, application: SealApplication, title: str, **more: Any) -> str:
    """Return the page of a form that belongs to an application."""
    return render_template(
        "seals/small_form.html",
        form=form,
        fields=fields_of(form),
        application=application,
        title=title,
        **more,
    )


@bp.route("/<int:application_id>/inputs/new", methods=["GET", "POST"])
@MEMBER
def new_input(application_id: int) -> ResponseReturnValue:
    return _input(application_id, None)


@bp.route("/<int:application_id>/inputs/<int:row_id>", methods=["GET", "POST"])
@MEMBER
def edit_input(application_id: int, row_id: int) -> ResponseReturnValue:
    return _input(application_id, row_id)


def _input(application_id: int, row_id: int | None) -> ResponseReturnValue:
    form, status = InputForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: applying.put_input(
                session,
                application,
                row_id,
                form.draft({row.material_code for row in application.inputs}),
                actor=actor(),
                now=now(),
            ),
            application_id,
        ):
            return back(application_id, "h-inputs")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_edit(actor(), application))
        if row_id is not None and request.method == "GET":
            form.show(_row(application.inputs, row_id))
        page = render_template("seals/input_form.html", form=form, application=application)
    return page, status


@bp.route("/<int:application_id>/steps/new", methods=["GET", "POST"])
@MEMBER
def new_step(application_id: int) -> ResponseReturnValue:
    return _step(application_id, None)


@bp.route("/<int:application_id>/steps/<int:row_id>", methods=["GET", "POST"])
@MEMBER
def edit_step(application_id: int, row_id: int) -> ResponseReturnValue:
    return _step(application_id, row_id)


def _step(application_id: int, row_id: int | None) -> ResponseReturnValue:
    form, status = StepForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: applying.put_step(
                session, application, row_id, form.draft(), actor=actor(), now=now()
            ),
            application_id,
        ):
            return back(application_id, "h-steps")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_edit(actor(), application))
        form.offer(application.makers)
        if row_id is not None and request.method == "GET":
            form.show(_row(application.steps, row_id))
        page = small_page(form, application, _("A step of making it"), anchor="h-steps")
    return page, status


def _row(rows: list[Any], row_id: int) -> Any:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound
    return found


@bp.post("/<int:application_id>/inputs/<int:row_id>/remove")
@MEMBER
def remove_input(application_id: int, row_id: int) -> ResponseReturnValue:
    act(application_id, applying.remove_input, row_id)
    return back(application_id, "h-inputs")


@bp.post("/<int:application_id>/steps/<int:row_id>/remove")
@MEMBER
def remove_step(application_id: int, row_id: int) -> ResponseReturnValue:
    act(application_id, applying.remove_step, row_id)
    return back(application_id, "h-steps")


@bp.route("/<int:application_id>/makers/<int:maker_id>", methods=["GET", "POST"])
@MEMBER
def people(application_id: int, maker_id: int) -> ResponseReturnValue:
    form, status = PeopleForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, application: applying.count_people(
                session, application, maker_id, form.draft(), actor=actor(), now=now()
            ),
            application_id,
        ):
            return back(application_id, "h-makers")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_edit(actor(), application))
        maker = _row(application.makers, maker_id)
        if request.method == "GET":
            form.employees.data, form.disadvantaged.data = maker.employees, maker.disadvantaged
        hint = _("Counts only. Attach what shows them, such as a seal for social enterprises.")
        page = small_page(
            form,
            application,
            _("People at %(name)s", name=maker.organisation.name),
            hints={"disadvantaged": hint},
            anchor="h-makers",
        )
    return page, status


@bp.route("/<int:application_id>/evidence/new", methods=["GET", "POST"])
@SIGNED_IN
def new_evidence(application_id: int) -> ResponseReturnValue:
    form, status = EvidenceForm(), 200
    if request.method == "POST":
        if submitted(form, lambda session, found: _attach(form, session, found), application_id):
            flash(_("Attached."), "yes")
            return back(application_id, "h-evidence")
        status = 422
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        require(policy.can_attach(actor(), application, role_of(session, application, actor())))
        form.offer(queries.applicable(application))
        page = small_page(form, application, _("Attach evidence"), files=True, anchor="h-evidence")
    return page, status


def _attach(form: EvidenceForm, session: Any, application: SealApplication) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid.one("file", "file_required")
    proofs.attach(
        session,
        current_app.extensions["storage"],
        application,
        str(form.code.data or ""),
        upload.filename,
        upload.read(),
        actor=actor(),
        now=now(),
    )


@bp.get("/<int:application_id>/evidence/<int:evidence_id>")
@SIGNED_IN
def show_evidence(application_id: int, evidence_id: int) -> ResponseReturnValue:
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        row = proofs.get(session, application, evidence_id, actor=actor())
        return download(row.key, row.name)
