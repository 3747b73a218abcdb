"""Registering, confirming, signing in and out, a forgotten password, language and organisation."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import login_user, logout_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.accounts import actions, people, tokens
from marketplace.accounts.models import OrganisationKind, User
from marketplace.accounts.tokens import Purpose
from marketplace.core.errors import Invalid
from marketplace.web.access import ANYBODY, SIGNED_IN
from marketplace.web.account import attempts
from marketplace.web.account.forms import ForgotForm, NewPasswordForm, RegisterForm, SignInForm
from marketplace.web.addresses import local_path, next_or
from marketplace.web.fields import blame
from marketplace.web.language import LANGUAGES, language
from marketplace.web.people import load
from marketplace.web.session import actor, now, transaction, visitor

bp = Blueprint("account", __name__)
HOME = "home.index"


def enter(user_id: int, epoch: int, *, remember: bool = False) -> None:
    """Sign a person in on this device; call after the transaction that changed them."""
    who = load(f"{user_id}:{epoch}")
    if who is not None:
        cookie.pop("organisation_id", None)
        login_user(who, remember=remember)


def holder(session: Session, purpose: Purpose, token: str) -> User | None:
    """Return the person whom a mail's link belongs to, while it works."""
    found = tokens.opened(purpose, token, secret=current_app.config["SECRET_KEY"], now=now())
    user = session.get(User, found[0]) if found else None
    if found is None or user is None or not user.active:
        return None
    return user if tokens.fingerprint(user) == found[1] else None


@bp.route("/register", methods=["GET", "POST"])
@ANYBODY
def register() -> ResponseReturnValue:
    if visitor().signed_in:
        return redirect(url_for(HOME))
    form = RegisterForm()
    if request.method == "GET":
        form.language.data = language()
        kind = request.args.get("kind", "")
        if kind in set(OrganisationKind):
            form.kind.data = OrganisationKind(kind)
        return render_template("account/register.html", form=form)
    attempts.count("register", form.email.data or "")
    form.validate()
    try:
        if not form.errors:
            return _register(form)
    except Invalid as refusal:
        blame(form, refusal.problems)
    return render_template("account/register.html", form=form), 422


def _register(form: RegisterForm) -> ResponseReturnValue:
    person, organisation = form.drafts()
    try:
        with transaction() as session:
            actions.register(session, person, organisation, actor=actor(), now=now())
    except IntegrityError:
        current_app.logger.info("somebody registered twice at the same moment")
    return redirect(url_for(".registered"))


@bp.get("/registered")
@ANYBODY
def registered() -> ResponseReturnValue:
    return render_template("account/registered.html")


@bp.get("/confirm/<token>")
@ANYBODY
def confirm(token: str) -> ResponseReturnValue:
    with transaction() as session:
        user = holder(session, Purpose.CONFIRM, token)
        if user is None:
            return render_template("account/link_expired.html", purpose="confirm"), 410
        actions.confirm(session, user, now=now())
    flash(_("Your address is confirmed. You can sign in now."), "yes")
    return redirect(url_for(".sign_in"))


@bp.route("/sign-in", methods=["GET", "POST"])
@ANYBODY
def sign_in() -> ResponseReturnValue:
    if visitor().signed_in:
        return redirect(next_or(HOME))
    form = SignInForm()
    if request.method == "GET":
        form.next.data = local_path(request.args.get("next")) or ""
        return render_template("account/sign_in.html", form=form)
    attempts.count("sign_in", form.email.data or "")
    with transaction() as session:
        user = actions.sign_in(session, form.email.data or "", form.password.data or "")
        known = (user.id, user.epoch) if user is not None else None
        unconfirmed = user is not None and user.confirmed_at is None
        if user is not None and unconfirmed:
            actions.ask_confirmation(session, user, now=now())
    if known is None or unconfirmed:
        return _stay(form, unconfirmed=unconfirmed)
    enter(*known, remember=bool(form.remember.data))
    return redirect(next_or(HOME))


def _stay(form: SignInForm, *, unconfirmed: bool) -> ResponseReturnValue:
    page = render_template("account/sign_in.html", form=form, refused=True, unconfirmed=unconfirmed)
    return page, 422


@bp.post("/sign-out")
@ANYBODY
def sign_out() -> ResponseReturnValue:
    logout_user()
    cookie.pop("organisation_id", None)
    flash(_("You are signed out."), "yes")
    return redirect(url_for(HOME))


@bp.route("/password/forgot", methods=["GET", "POST"])
@ANYBODY
def forgot() -> ResponseReturnValue:
    form = ForgotForm()
    if request.method == "GET":
        return render_template("account/forgot.html", form=form, asked="asked" in request.args)
    attempts.count("forgot", form.email.data or "")
    with transaction() as session:
        actions.ask_reset(session, form.email.data or "", now=now())
    return redirect(url_for(".forgot", asked=1))


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@ANYBODY
def reset(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    try:
        with transaction() as session:
            user = holder(session, Purpose.RESET, token)
            if user is None:
                return render_template("account/link_expired.html", purpose="reset"), 410
            if request.method == "GET":
                return render_template("account/reset.html", form=form, email=user.email)
            actions.set_password(session, user, form.password.data or "", now=now())
    except Invalid as refusal:
        blame(form, refusal.problems)
        return render_template("account/reset.html", form=form, email=""), 422
    logout_user()
    flash(_("Your new password is set. Please sign in with it."), "yes")
    return redirect(url_for(".sign_in"))


@bp.post("/language", endpoint="language")
@ANYBODY
def choose_language() -> ResponseReturnValue:
    chosen = request.form.get("lang", "")
    if chosen in LANGUAGES:
        remember_language(chosen)
    return redirect(next_or(HOME))


def remember_language(chosen: str) -> None:
    """Show pages in this language from now on, and write to the person in it."""
    cookie["lang"] = chosen
    refresh()
    if visitor().signed_in:
        with transaction() as session:
            people.choose_language(session.get_one(User, visitor().user_id), chosen)


@bp.post("/switch")
@SIGNED_IN
def switch() -> ResponseReturnValue:
    """Act for another of one's organisations."""
    wanted = request.form.get("organisation_id", "")
    with transaction() as session:
        user = session.get_one(User, visitor().user_id)
        if wanted.isdecimal() and len(wanted) < 12:
            chosen = int(wanted)
            if people.choose_organisation(session, user, chosen):
                cookie["organisation_id"] = chosen
    return redirect(url_for(HOME))
