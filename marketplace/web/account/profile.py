"""A person's own pages: profile, password, notifications, their data."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user
from sqlalchemy.orm import Session

from marketplace.accounts import actions, people
from marketplace.accounts.models import User
from marketplace.cases import enquirers
from marketplace.core.errors import Invalid, NotFound
from marketplace.notifications import actions as notifications
from marketplace.notifications import erasing, queries
from marketplace.topics import notification_sentence
from marketplace.web.access import SIGNED_IN
from marketplace.web.account import attempts
from marketplace.web.account.forms import EraseForm, PasswordForm, ProfileForm
from marketplace.web.account.people import bp as account
from marketplace.web.account.people import enter, remember_language
from marketplace.web.account.personal_data import everything
from marketplace.web.addresses import local_path
from marketplace.web.fields import blame
from marketplace.web.session import actor, now, reading, transaction, visitor

bp = Blueprint("profile", __name__, url_prefix="/profile")


def _me(session: Session) -> User:
    return session.get_one(User, visitor().user_id)


@account.route("/profile", methods=["GET", "POST"])
@SIGNED_IN
def profile() -> ResponseReturnValue:
    form = ProfileForm()
    if request.method == "GET":
        form.name.data, form.language.data = visitor().name, visitor().language
        return _page(form)
    form.validate()
    try:
        if form.errors:
            return _page(form), 422
        with transaction() as session:
            name, language = form.name.data or "", form.language.data or ""
            people.edit_person(session, _me(session), name=name, language=language)
    except Invalid as refusal:
        blame(form, refusal.problems)
        return _page(form), 422
    remember_language(form.language.data)
    flash(_("Saved."), "yes")
    return redirect(url_for("account.profile"))


def _page(form: ProfileForm, passwords: PasswordForm | None = None) -> str:
    with reading() as session:
        return render_template(
            "account/profile.html",
            form=form,
            passwords=passwords or PasswordForm(formdata=None),
            memberships_=people.memberships_of(session, _me(session)),
        )


@bp.post("/password")
@SIGNED_IN
def password() -> ResponseReturnValue:
    form = PasswordForm()
    attempts.count("password", visitor().email)
    try:
        with transaction() as session:
            user = _me(session)
            current, new = form.current.data or "", form.new_password.data or ""
            people.change_password(session, user, current=current, new=new)
            key = (user.id, user.epoch)
    except Invalid as refusal:
        blame(form, refusal.problems)
        shown = ProfileForm(
            formdata=None, data={"name": visitor().name, "language": visitor().language}
        )
        return _page(shown, form), 422
    enter(*key)
    flash(_("Your password is changed. On all other devices you are signed out."), "yes")
    return redirect(url_for("account.profile"))


@bp.post("/sign-out-everywhere")
@SIGNED_IN
def sign_out_everywhere() -> ResponseReturnValue:
    with transaction() as session:
        actions.sign_out_everywhere(session, _me(session))
    logout_user()
    flash(_("You are signed out on all devices."), "yes")
    return redirect(url_for("account.sign_in"))


@bp.get("/data.json")
@SIGNED_IN
def data() -> ResponseReturnValue:
    """Hand out everything that we hold on the person, as a file."""
    with reading() as session:
        response = jsonify(everything(session, _me(session)))
    response.headers["Content-Disposition"] = "attachment; filename=sopro-my-data.json"
    return response


@bp.route("/erase", methods=["GET", "POST"])
@SIGNED_IN
def erase() -> ResponseReturnValue:
    form = EraseForm()
    if request.method == "GET":
        return render_template("account/erase.html", form=form)
    attempts.count("password", visitor().email)
    try:
        with transaction() as session:
            user = _me(session)
            people.check_password(user, form.password.data or "", field="password")
            erasing.forget(session, user_id=user.id, email=user.email)
            enquirers.forget(session, email=user.email)
            people.erase(session, user, actor=actor(), now=now())
    except Invalid as refusal:
        blame(form, refusal.problems)
        return render_template("account/erase.html", form=form), 422
    logout_user()
    flash(_("Your account is deleted. Thank you for having been with us."), "yes")
    return redirect(url_for("home.index"))


@account.get("/notifications", endpoint="notifications")
@SIGNED_IN
def inbox() -> ResponseReturnValue:
    with reading() as session:
        found = queries.inbox(session, user_id=visitor().user_id or 0)
        rows = [(row, notification_sentence(row.topic, row.params)) for row in found]
        return render_template("account/notifications.html", rows=rows)


@account.get("/notifications/<int:notification_id>")
@SIGNED_IN
def open_notification(notification_id: int) -> ResponseReturnValue:
    """Note that it was opened and go where it leads."""
    with transaction() as session:
        told = notifications.mark_read(
            session, notification_id, user_id=visitor().user_id or 0, now=now()
        )
        if told is None:
            raise NotFound
        path = local_path(told.path)
    return redirect(path or url_for("account.notifications"))


@account.post("/notifications/read")
@SIGNED_IN
def read_all() -> ResponseReturnValue:
    with transaction() as session:
        notifications.mark_all_read(session, user_id=visitor().user_id or 0, now=now())
    return redirect(url_for("account.notifications"))
