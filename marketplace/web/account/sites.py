"""The places of an organisation, offered wherever a form asks for one."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import actions, queries
from marketplace.core.errors import Invalid
from marketplace.web.access import MANAGER, MEMBER
from marketplace.web.account.forms import SiteForm
from marketplace.web.account.organisation import home
from marketplace.web.fields import blame
from marketplace.web.session import actor, reading, transaction

bp = Blueprint("sites", __name__, url_prefix="/organisation/places")


@bp.get("/")
@MEMBER
def index() -> ResponseReturnValue:
    return _page(SiteForm())


def _page(form: SiteForm) -> str:
    with reading() as session:
        found = queries.sites(session, actor=actor())
        return render_template("account/sites.html", form=form, sites=found)


@bp.post("/")
@MANAGER
def add() -> ResponseReturnValue:
    form = SiteForm()
    form.validate()
    try:
        if not form.errors:
            place = form.place()
            with transaction() as session:
                name = form.name.data
                actions.add_site(session, home(session), name, place, actor=actor())
            flash(_("The place is added."), "yes")
            return redirect(url_for(".index"))
    except Invalid as refusal:
        blame(form, refusal.problems)
    return _page(form), 422


@bp.post("/<int:site_id>/remove")
@MANAGER
def remove(site_id: int) -> ResponseReturnValue:
    with transaction() as session:
        actions.remove_site(session, home(session), site_id, actor=actor())
    flash(_("The place is removed."), "yes")
    return redirect(url_for(".index"))
