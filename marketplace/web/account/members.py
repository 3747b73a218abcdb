"""Who belongs to the organisation: list, invite, change roles, remove."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import members, policy, queries
from marketplace.accounts.models import MemberRole
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.refusals import sentence
from marketplace.web.access import MANAGER, MEMBER
from marketplace.web.account import attempts
from marketplace.web.account.forms import InviteForm
from marketplace.web.account.organisation import home
from marketplace.web.fields import blame
from marketplace.web.session import actor, now, reading, transaction, visitor

bp = Blueprint("members", __name__, url_prefix="/organisation/members")


@bp.get("/")
@MEMBER
def index() -> ResponseReturnValue:
    return _page(InviteForm())


def _page(form: InviteForm) -> str:
    with reading() as session:
        organisation = home(session)
        may_manage = policy.can_manage_members(actor(), organisation)
        return render_template(
            "account/members.html",
            form=form,
            rows=queries.memberships(session, organisation.id),
            invitations=queries.open_invitations(session, organisation.id) if may_manage else [],
            may_manage=may_manage,
        )


@bp.post("/invite")
@MANAGER
def invite() -> ResponseReturnValue:
    form = InviteForm()
    form.validate()
    try:
        if not form.errors:
            email, role = clean(form.email.data), form.role.data or MemberRole.MEMBER
            attempts.count("invite", email)
            with transaction() as session:
                members.invite(session, home(session), email, role, actor=actor(), now=now())
            flash(_("The invitation is on its way to %(email)s.", email=email), "yes")
            return redirect(url_for(".index"))
    except Invalid as refusal:
        blame(form, refusal.problems)
    return _page(form), 422


@bp.post("/invitations/<int:invitation_id>/withdraw")
@MANAGER
def withdraw(invitation_id: int) -> ResponseReturnValue:
    with transaction() as session:
        members.withdraw_invitation(session, home(session), invitation_id, actor=actor(), now=now())
    flash(_("The invitation is withdrawn."), "yes")
    return redirect(url_for(".index"))


@bp.post("/<int:user_id>/role")
@MANAGER
def change_role(user_id: int) -> ResponseReturnValue:
    wanted = request.form.get("role", "")
    if wanted in set(MemberRole):
        try:
            with transaction() as session:
                members.change_role(
                    session, home(session), user_id, MemberRole(wanted), actor=actor(), now=now()
                )
            flash(_("Saved."), "yes")
        except Invalid as refusal:
            flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".index"))


@bp.post("/<int:user_id>/remove")
@MEMBER
def remove(user_id: int) -> ResponseReturnValue:
    """Remove somebody, or leave."""
    leaving = user_id == visitor().user_id
    try:
        with transaction() as session:
            members.remove_member(session, home(session), user_id, actor=actor(), now=now())
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for(".index"))
    flash(_("You have left the organisation.") if leaving else _("The person is removed."), "yes")
    return redirect(url_for("home.index") if leaving else url_for(".index"))
