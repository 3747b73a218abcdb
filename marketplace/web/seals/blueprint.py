"""The blueprint of applications for the seal; its pages are modules beside this one."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from marketplace.core.errors import Invalid
from marketplace.refusals import sentence
from marketplace.seals import queries
from marketplace.seals.models import SealApplication
from marketplace.seals.signing import Signer
from marketplace.web.fields import blame
from marketplace.web.session import actor, now, transaction

bp = Blueprint("seals", __name__, url_prefix="/seals")


def signer() -> Signer:
    """Return who signs certificates here."""
    return Signer.of(current_app.config["SEAL_SIGNING_KEY"])


def act(application_id: int, action: Callable[..., Any], *things: Any, **answers: Any) -> bool:
    """Do one thing to an application; say what is missing where something is."""
    try:
        with transaction() as session:
            application = queries.get(session, application_id, actor=actor())
            action(session, application, *things, **answers, actor=actor(), now=now())
    except Invalid as refusal:
        for text in dict.fromkeys(sentence(problem) for problem in refusal.problems):
            flash(text, "no")
        return False
    return True


def submitted(
    form: FlaskForm, save: Callable[[Any, SealApplication], object], application_id: int
) -> bool:
    """Save what was sent; where it cannot be, put each problem beside its field."""
    form.validate()
    if form.errors:
        return False
    try:
        with transaction() as session:
            save(session, queries.get(session, application_id, actor=actor()))
    except Invalid as refusal:
        blame(form, refusal.problems)
        return False
    return True


def back(application_id: int, anchor: str = "") -> ResponseReturnValue:
    """Return to the part of the application's page where the change is to be seen."""
    return redirect(url_for("seals.show", application_id=application_id, _anchor=anchor or None))
