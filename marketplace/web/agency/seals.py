"""The agency's side of the seal: certificates, complaints, criteria and settings."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.refusals import sentence
from marketplace.seals import catalogue, certifying, complaints, settings, versions
from marketplace.seals.criteria import Strength
from marketplace.seals.lifecycle import CERTIFICATE, CertificateAction
from marketplace.seals.models import ProductGroup
from marketplace.seals.register import Standing
from marketplace.seals.settings import SettingsDraft
from marketplace.seals.versions import CriterionDraft
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.fields import (
    DayField,
    EnumField,
    NumberField,
    TextField,
    WholeNumberField,
    blame,
)
from marketplace.web.pages import Pages
from marketplace.web.seals import words
from marketplace.web.session import actor, now, reading, today, transaction
from marketplace.wording import label

SIZE = 20


class CertificateForm(FlaskForm):
    """Why, for the record; and what everybody reads."""

    reason = TextAreaField(_l("Reason, for the record"))
    public_text = TextAreaField(_l("What everybody reads"))


@bp.get("/seals")
@AGENCY
def certificates() -> ResponseReturnValue:
    page = Pages.asked()
    asked = request.args.get("standing", "")
    wanted = catalogue.Filter(
        words=clean(request.args.get("q", ""))[:100],
        standing=Standing(asked) if asked in set(Standing) else None,
    )
    with reading() as session:
        rows, total = catalogue.register(session, wanted, today=today(), page=page, size=SIZE)
        return render_template(
            "seals/agency_certificates.html",
            rows=[(row, row.standing(today())) for row in rows],
            wanted=wanted,
            badges=words.BADGES,
            pages=Pages(page, total, SIZE),
            standings=list(Standing),
        )


@bp.route("/seals/<number>", methods=["GET", "POST"])
@AGENCY
def certificate(number: str) -> ResponseReturnValue:
    form, status = CertificateForm(), 200
    if request.method == "POST":
        if _move(form, number):
            return redirect(url_for(".certificate", number=number))
        status = 422
    with reading() as session:
        found = catalogue.by_number(session, number)
        page = render_template(
            "seals/agency_certificate.html",
            form=form,
            certificate=found,
            standing=found.standing(today()),
            badges=words.BADGES,
            actions=[a for a in CertificateAction if a in CERTIFICATE.open_to(found.state)],
        )
    return page, status


def _move(form: CertificateForm, number: str) -> bool:
    asked = request.form.get("do", "")
    if asked not in set(CertificateAction):
        form.form_errors.append(sentence(Problem("do", "not_a_choice")))
        return False
    try:
        with transaction() as session:
            certifying.move(
                session,
                catalogue.by_number(session, number),
                CertificateAction(asked),
                form.reason.data or "",
                form.public_text.data or "",
                today=today(),
                actor=actor(),
                now=now(),
            )
    except Invalid as refusal:
        blame(form, refusal.problems)
        return False
    flash(_("Put down. The public page says so from now on."), "yes")
    return True


class AnswerForm(FlaskForm):
    text = TextAreaField(_l("How it was answered"))


@bp.get("/complaints")
@AGENCY
def complaint_list() -> ResponseReturnValue:
    page = Pages.asked()
    with reading() as session:
        rows, total = complaints.listed(session, actor=actor(), page=page, size=SIZE)
        return render_template(
            "seals/agency_complaints.html",
            rows=rows,
            form=AnswerForm(formdata=None),
            days_left=words.days_left,
            waiting=complaints.waiting(session, today=today()),
            today=today(),
            pages=Pages(page, total, SIZE),
        )


@bp.post("/complaints/<int:complaint_id>")
@AGENCY
def answer_complaint(complaint_id: int) -> ResponseReturnValue:
    form = AnswerForm()
    try:
        with transaction() as session:
            complaints.answer(session, complaint_id, form.text.data or "", actor=actor(), now=now())
        flash(_("Answered. Who left an address is written to."), "yes")
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".complaint_list"))


class CriterionForm(FlaskForm):
    strength = EnumField(_l("Strength"), Strength)
    threshold = NumberField(_l("Threshold"), digits=2)
    de = TextAreaField("Deutsch")
    hu = TextAreaField("Magyar")
    en = TextAreaField("English")

    def draft(self) -> CriterionDraft:
        """Return the change; raise ``Invalid`` with every problem."""
        return CriterionDraft(
            strength=self.strength.data or Strength.MUST,
            threshold=self.threshold.data,
            de=clean(self.de.data),
            hu=clean(self.hu.data),
            en=clean(self.en.data),
        )


class PublishForm(FlaskForm):
    valid_from = DayField(_l("In force from"))
    note = TextField(_l("What is new"))


@bp.get("/criteria")
@AGENCY
def criteria() -> ResponseReturnValue:
    return _criteria(PublishForm(formdata=None))


def _criteria(form: PublishForm) -> str:
    with reading() as session:
        return render_template(
            "seals/agency_criteria.html",
            form=form,
            draft=versions.draft(session),
            in_force=versions.in_force(session, today=today()),
            threshold=words.threshold,
            history=versions.history(session),
        )


@bp.post("/criteria/begin")
@AGENCY
def begin_criteria() -> ResponseReturnValue:
    with transaction() as session:
        versions.begin(session, today=today(), actor=actor(), now=now())
    return redirect(url_for(".criteria"))


@bp.route("/criteria/<code>", methods=["GET", "POST"])
@AGENCY
def edit_criterion(code: str) -> ResponseReturnValue:
    form, status = CriterionForm(), 200
    if request.method == "POST":
        form.validate()
        if not form.errors:
            try:
                with transaction() as session:
                    versions.edit(session, code, form.draft(), actor=actor(), now=now())
                return redirect(url_for(".criteria"))
            except Invalid as refusal:
                blame(form, refusal.problems)
        status = 422
    with reading() as session:
        row = versions.drafted(session, code)
        if request.method == "GET":
            for name in ("strength", "threshold", "de", "hu", "en"):
                form[name].data = getattr(row, name)
        page = render_template("seals/agency_criterion.html", form=form, criterion=row)
    return page, status


@bp.post("/criteria/publish")
@AGENCY
def publish_criteria() -> ResponseReturnValue:
    form = PublishForm()
    form.validate()
    if not form.errors:
        try:
            day: date | None = form.valid_from.data
            with transaction() as session:
                made = versions.publish(
                    session, day, form.note.data or "", actor=actor(), now=now()
                ).version
            flash(_("Version %(n)s of the criteria is published.", n=made), "yes")
            return redirect(url_for(".criteria"))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _criteria(form), 422


class SettingsForm(FlaskForm):
    """Empty means: it does not count."""

    pass_mark = NumberField(_l("Points needed"), digits=1)
    years = WholeNumberField(_l("Years of validity"), digits=0, default=3)
    appeal_days = WholeNumberField(_l("Days to appeal"), digits=0, default=28)

    def draft(self) -> SettingsDraft:
        """Return the settings; raise ``Invalid`` with every problem."""
        fees: dict[ProductGroup, tuple[Decimal, Decimal]] = {}
        for group in ProductGroup:
            amounts = [self[f"{part}_{group.value}"].data for part in ("once", "yearly")]
            if any(amount is not None for amount in amounts):
                once, yearly = (Decimal(str(amount or 0)) for amount in amounts)
                fees[group] = (once, yearly)
        typed = {name: self[name].data for name in ("years", "appeal_days")}
        given = {name: value for name, value in typed.items() if value is not None}
        return SettingsDraft(pass_mark=self.pass_mark.data, fees=fees, **given)


for _group in ProductGroup:
    for _part in ("once", "yearly"):
        setattr(SettingsForm, f"{_part}_{_group.value}", NumberField("", digits=2))


@bp.route("/seal-settings", methods=["GET", "POST"])
@AGENCY
def seal_settings() -> ResponseReturnValue:
    form, status = SettingsForm(), 200
    for group in ProductGroup:
        form[f"once_{group.value}"].label.text = _("%(group)s: once", group=label(group))
        form[f"yearly_{group.value}"].label.text = _("%(group)s: a year", group=label(group))
    if request.method == "POST":
        form.validate()
        if not form.errors and _change(form):
            flash(_("Saved."), "yes")
            return redirect(url_for(".seal_settings"))
        status = 422
    else:
        _show_settings(form)
    return render_template(
        "seals/agency_settings.html", form=form, groups=list(ProductGroup)
    ), status


def _change(form: SettingsForm) -> bool:
    try:
        with transaction() as session:
            settings.change(session, form.draft(), actor=actor(), now=now())
    except Invalid as refusal:
        blame(form, refusal.problems)
        return False
    return True


def _show_settings(form: Any) -> None:
    with reading() as session:
        known = settings.load(session)
        form.pass_mark.data, form.years.data = known.pass_mark, known.years
        form.appeal_days.data = known.appeal_days
        for group in ProductGroup:
            fee = known.fee(group)
            if fee is not None:
                form[f"once_{group.value}"].data = float(fee[0])
                form[f"yearly_{group.value}"].data = float(fee[1])
