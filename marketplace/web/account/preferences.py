"""How soon a person wants to hear of what."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.notifications import preferences
from marketplace.notifications.models import Frequency, Group
from marketplace.web.access import SIGNED_IN
from marketplace.web.session import reading, transaction, visitor

bp = Blueprint("preferences", __name__, url_prefix="/notifications/preferences")


@bp.get("")
@SIGNED_IN
def show() -> ResponseReturnValue:
    with reading() as session:
        chosen = preferences.of(session, visitor().user_id or 0)
    return render_template(
        "account/preferences.html",
        chosen=chosen,
        groups=list(Group),
        frequencies=list(Frequency),
        hints=_hints(),
        email=visitor().email,
    )


def _hints() -> dict[Group, str]:
    return {
        Group.MESSAGES: _("what the others write to you"),
        Group.PROPOSALS: _("new proposals, interest shown, workshops that look for work"),
        Group.LISTINGS: _("when a listing is about to end, and when it has"),
        Group.CLUSTER: _("applications, consortia, deadlines of calls"),
        Group.ORDERS: _("offers, acceptances, every step"),
        Group.SEALS: _("applications, certificates that end, complaints"),
        Group.CASES: _("enquiries, referrals, appointments"),
        Group.SEARCHES: _("Each search says how often it writes; “only in the app” stops all."),
        Group.ACCOUNT: _("verification of organisations"),
    }


@bp.post("")
@SIGNED_IN
def save() -> ResponseReturnValue:
    """Store what is one of the choices; what is none of them changes nothing."""
    answers = {group: request.form.get(group.value, "") for group in Group}
    known = set(Frequency)
    chosen = {group: Frequency(said) for group, said in answers.items() if said in known}
    with transaction() as session:
        preferences.choose(session, visitor().user_id or 0, chosen)
    flash(_("Saved."), "yes")
    return redirect(url_for(".show"))
