"""What all pages about a single case have in common: buttons that act, forms that ask."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.cases import policy, queries
from marketplace.cases.models import Case
from marketplace.core.actor import require
from marketplace.core.errors import Invalid, Outrun, WrongState
from marketplace.refusals import sentence
from marketplace.web.fields import blame
from marketplace.web.session import actor, reading, transaction

Work = Callable[[Session, Case], object]
Page = Callable[[Session, Case], dict[str, Any]]


def back(case_id: int, anchor: str = "") -> ResponseReturnValue:
    """Return to the case's page, at one of its sections."""
    return redirect(url_for("desk.cases_show", case_id=case_id, _anchor=anchor or None))


def act(case_id: int, work: Work, *, done: str, anchor: str = "") -> ResponseReturnValue:
    """Do one thing to a case that asks nothing; say what is wrong where something is."""
    try:
        with transaction() as session:
            work(session, queries.get(session, case_id, actor=actor()))
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    except (WrongState, StaleDataError):
        flash(_("Somebody else was faster. This is how the case stands now."), "wait")
    else:
        flash(done, "yes")
    return back(case_id, anchor)


def ask(
    case_id: int,
    form: FlaskForm,
    work: Work,
    page: Page,
    *,
    done: str,
    anchor: str = "",
    fill: Callable[[Case], None] = lambda case: None,
    see: Callable[[Case], object] | None = None,
) -> ResponseReturnValue:
    """Show a form about a case, and do what it says; nothing that was typed is lost.

    ``page`` gives the words of the page and fills choices, ``fill`` the stored answers, ``see`` what the
    form's ``seen`` stands for. Whoever is outrun reads that, and may save once more, knowing it.
    """
    outrun = False
    if request.method == "POST":
        form.validate()
        if not form.errors:
            try:
                with transaction() as session:
                    work(session, queries.get(session, case_id, actor=actor()))
            except Invalid as refusal:
                blame(form, refusal.problems)
            except (WrongState, StaleDataError) as refusal:
                outrun = isinstance(refusal, Outrun | StaleDataError)
                form.form_errors.append(_outrun() if outrun else _too_late())
            else:
                flash(done, "yes")
                return back(case_id, anchor)
    with reading() as session:
        case = queries.get(session, case_id, actor=actor())
        require(policy.works_on(actor(), case) or request.endpoint == "desk.cases_answer")
        if request.method == "GET":
            fill(case)
        if see is not None and (outrun or request.method == "GET"):
            form["seen"].data = str(see(case))
        shown = page(session, case)
        html = render_template("broker/case_form.html", form=form, case=case, **shown)
    return html, 422 if request.method == "POST" else 200


def _outrun() -> str:
    return str(
        _(
            "Somebody else has changed this since you opened it. What you typed is still here; "
            "look at the case's page, and save once more if it is to stand."
        )
    )


def _too_late() -> str:
    return str(
        _(
            "This is no longer possible: the case has moved on since you opened it. "
            "What you typed is still here; look at the case's page."
        )
    )


def words(title: str, button: str, **more: Any) -> Page:
    """Return a page that needs nothing but its words."""
    return lambda session, case: {"title": title, "button": button, **more}
