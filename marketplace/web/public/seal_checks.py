"""Checking a certificate and complaining about one; keys and revocations for those who check alone."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, FileField, StringField, TextAreaField

from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.seals import catalogue, complaints, signing
from marketplace.seals.complaints import ComplaintDraft
from marketplace.seals.signing import Check
from marketplace.web.access import ANYBODY
from marketplace.web.account import attempts
from marketplace.web.fields import TextField, blame
from marketplace.web.language import language
from marketplace.web.seals.blueprint import signer
from marketplace.web.session import now, reading, today, transaction

bp = Blueprint("seal", __name__, url_prefix="/seal")
RECEIVED = "complaint"


class VerifyForm(FlaskForm):
    """A signed certificate, pasted or as a file."""

    document = TextAreaField(_l("Signed certificate (JSON)"))
    file = FileField(_l("or as a file"))

    def text(self) -> str | bytes:
        """Return what is to be checked."""
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            return upload.read(signing.MOST_BYTES + 1)
        return self.document.data or ""


@bp.route("/verify", methods=["GET", "POST"])
@ANYBODY
def verify() -> ResponseReturnValue:
    """Tell a genuine certificate from a forged or altered one; a number leads to its page."""
    number = catalogue.spelled(request.args.get("number", ""))
    if number:
        return redirect(url_for(".show", number=number))
    form, found, content = VerifyForm(), None, None
    if request.method == "POST":
        found, content = _checked(form.text())
    page = render_template(
        "seals/verify.html",
        form=form,
        found=found,
        content=content,
        valid_from=date.fromisoformat(content["valid_from"]) if content else None,
    )
    return page, 422 if found is Check.UNREADABLE else 200


def _checked(text: str | bytes) -> tuple[Check, dict[str, Any] | None]:
    try:
        document = signing.read(text)
    except signing.Unreadable:
        return Check.UNREADABLE, None
    with reading() as session:
        keys = catalogue.keys(session, signer())
        listed = catalogue.revocations(session, signer(), now=now())
    revoked = signing.revoked_of(listed, keys)
    found = signing.check(document, keys, today=today().isoformat(), revoked=revoked)
    return found, document["content"] if found in signing.AUTHENTIC else None


def _open_data(content: object) -> Response:
    response = jsonify(content)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get("/keys.json")
@ANYBODY
def keys() -> ResponseReturnValue:
    with reading() as session:
        known = catalogue.keys(session, signer())
    rows = [{"id": name, "algorithm": "Ed25519", "public": key} for name, key in known.items()]
    return _open_data({"keys": rows})


@bp.get("/revocations.json")
@ANYBODY
def revocations() -> ResponseReturnValue:
    with reading() as session:
        return _open_data(catalogue.revocations(session, signer(), now=now()))


@bp.get("/<number>.json")
@ANYBODY
def document(number: str) -> ResponseReturnValue:
    with reading() as session:
        return _open_data(catalogue.by_number(session, number).document)


class ComplaintForm(FlaskForm):
    """``website`` is for machines: people do not see it."""

    about = TextField(_l("Number of the seal, if there is one"))
    text = TextAreaField(_l("What is wrong?"))
    name = TextField(_l("Your name"))
    email = EmailField(_l("E-mail"))
    website = StringField(_l("Please leave this empty"))

    def draft(self) -> ComplaintDraft:
        """Return the complaint; raise ``Invalid`` with every problem."""
        return ComplaintDraft(
            about=self.about.data or "",
            text=clean(self.text.data),
            name=self.name.data or "",
            email=clean(self.email.data),
            language=language(),
        )


@bp.route("/complaint", methods=["GET", "POST"])
@ANYBODY
def complain() -> ResponseReturnValue:
    form = ComplaintForm()
    if request.method == "GET":
        form.about.data = clean(request.args.get("about", ""))[:40]
        return render_template("seals/complaint.html", form=form)
    attempts.count("complaint", form.email.data or "")
    form.validate()
    if form.website.data:
        return redirect(url_for(".complaint_received"))
    if not form.errors:
        try:
            with transaction() as session:
                made = complaints.receive(session, form.draft(), today=today(), now=now())
                cookie[RECEIVED] = made.number
            return redirect(url_for(".complaint_received"))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return render_template("seals/complaint.html", form=form), 422


@bp.get("/complaint/received")
@ANYBODY
def complaint_received() -> ResponseReturnValue:
    return render_template("seals/complaint_received.html", number=cookie.get(RECEIVED, ""))
