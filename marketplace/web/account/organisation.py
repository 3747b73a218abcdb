"""The profile of the organisation that somebody acts for."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.accounts import actions, policy, queries
from marketplace.accounts.models import Organisation
from marketplace.core.actor import require
from marketplace.core.errors import Invalid, NotFound
from marketplace.photos.actions import store
from marketplace.web.access import MEMBER
from marketplace.web.account.forms import OrganisationForm
from marketplace.web.fields import blame
from marketplace.web.pictures import photo_url
from marketplace.web.session import actor, now, reading, transaction

bp = Blueprint("organisation", __name__, url_prefix="/organisation")


def home(session: Session) -> Organisation:
    """Return the organisation that the actor acts for."""
    found = queries.home(session, actor=actor())
    if found is None:
        raise NotFound
    return found


@bp.route("/", methods=["GET", "POST"])
@MEMBER
def edit() -> ResponseReturnValue:
    form = OrganisationForm()
    if request.method == "GET":
        with reading() as session:
            form.show(home(session))
        return _page(form)
    form.validate()
    try:
        if not form.errors:
            _save(form)
            flash(_("Saved."), "yes")
            return redirect(url_for(".edit"))
    except Invalid as refusal:
        blame(form, refusal.problems)
    return _page(form), 422


def _save(form: OrganisationForm) -> None:
    with transaction() as session:
        organisation = home(session)
        require(policy.can_edit(actor(), organisation))
        draft = form.draft(organisation.kind)
        actions.edit_organisation(session, organisation, draft, actor=actor(), now=now())
        if form.remove_logo.data:
            organisation.logo_key = None
        upload = request.files.get("logo")
        if upload is not None and upload.filename:
            photo = store(
                session,
                current_app.extensions["storage"],
                upload.read(),
                alt=organisation.name,
                actor=actor(),
                now=now(),
            )
            organisation.logo_key = photo.key


def _page(form: OrganisationForm) -> str:
    with reading() as session:
        organisation = home(session)
        session.refresh(organisation, ["service_point"])
        return render_template(
            "account/organisation.html",
            form=form,
            organisation=organisation,
            logo=photo_url(organisation.logo_key) if organisation.logo_key else "",
            may_edit=policy.can_edit(actor(), organisation),
        )
