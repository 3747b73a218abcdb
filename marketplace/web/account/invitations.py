"""The link of an invitation: who is signed in joins, a stranger registers and joins."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.accounts import actions, members, queries, tokens
from marketplace.accounts.models import Invitation, User
from marketplace.accounts.tokens import Purpose
from marketplace.core.errors import Invalid, WrongState
from marketplace.web.access import ANYBODY
from marketplace.web.account.forms import JoinForm
from marketplace.web.account.people import enter
from marketplace.web.fields import blame
from marketplace.web.language import language
from marketplace.web.session import actor, now, reading, transaction, visitor

bp = Blueprint("invitations", __name__, url_prefix="/invitations")


def _invitation(session: Session, token: str) -> Invitation | None:
    secret = current_app.config["SECRET_KEY"]
    found = tokens.opened(Purpose.INVITATION, token, secret=secret, now=now())
    invitation = queries.invitation(session, found[0]) if found else None
    if found is None or invitation is None or invitation.accepted_at is not None:
        return None
    return invitation if tokens.fingerprint(invitation) == found[1] else None


def _gone() -> ResponseReturnValue:
    return render_template("account/link_expired.html", purpose="invitation"), 410


def _page(form: JoinForm, token: str, status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        invitation = _invitation(session, token)
        if invitation is None:
            return _gone()
        return (
            render_template(
                "account/invitation.html",
                form=form,
                token=token,
                organisation=invitation.organisation,
                email=invitation.email,
                known=actions.find_user(session, invitation.email) is not None,
            ),
            status,
        )


@bp.get("/<token>")
@ANYBODY
def show(token: str) -> ResponseReturnValue:
    form = JoinForm()
    form.language.data = language()
    return _page(form, token)


@bp.post("/<token>")
@ANYBODY
def join(token: str) -> ResponseReturnValue:
    form = JoinForm()
    try:
        with transaction() as session:
            invitation = _invitation(session, token)
            if invitation is None:
                return _gone()
            user = _joiner(session, form, invitation)
            members.accept_invitation(session, invitation, user, now=now())
            key, organisation_id = (user.id, user.epoch), invitation.organisation_id
            name = invitation.organisation.name
    except Invalid as refusal:
        blame(form, refusal.problems)
        return _page(form, token, 422)
    except (IntegrityError, WrongState):
        return redirect(url_for(".show", token=token))
    if not visitor().signed_in:
        enter(*key)
    cookie["organisation_id"] = organisation_id
    flash(_("Welcome to %(organisation)s.", organisation=name), "yes")
    return redirect(url_for("home.index"))


def _joiner(session: Session, form: JoinForm, invitation: Invitation) -> User:
    """Return who joins; a stranger is registered, and the mail has proved the address."""
    if visitor().signed_in:
        return session.get_one(User, visitor().user_id)
    person = form.person(email=invitation.email)
    user = actions.register(session, person, None, actor=actor(), now=now())
    if user is None:
        raise WrongState("this address has an account")
    actions.confirm(session, user, now=now())
    return user
