"""The agency: service points with their regions and brokers."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import queries, service_points
from marketplace.core.errors import Invalid
from marketplace.geo.regions import regions
from marketplace.refusals import sentence
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.agency.forms import BrokerForm, ServicePointForm
from marketplace.web.fields import blame
from marketplace.web.session import actor, now, reading, transaction


@bp.get("/")
@AGENCY
def index() -> ResponseReturnValue:
    with reading() as session:
        return render_template(
            "agency/service_points.html",
            points=[
                (point, queries.brokers(session, point.id), counts)
                for point, counts in queries.service_points_with_counts(session)
            ],
            region_names={code: region.names for code, region in regions().items()},
            form=BrokerForm(),
        )


@bp.route("/service-points/new", methods=["GET", "POST"])
@AGENCY
def new() -> ResponseReturnValue:
    return _edit(None)


@bp.route("/service-points/<int:point_id>/edit", methods=["GET", "POST"])
@AGENCY
def edit(point_id: int) -> ResponseReturnValue:
    return _edit(point_id)


def _edit(point_id: int | None) -> ResponseReturnValue:
    form = ServicePointForm()
    form.offer_regions()
    if point_id is not None:
        with reading() as session:
            point = queries.service_point(session, point_id)
            if request.method == "GET":
                form.show(point)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                _save(session, form, point_id)
            flash(_("Saved."), "yes")
            return redirect(url_for(".index"))
        except Invalid as refusal:
            blame(form, refusal.problems)
    status = 422 if request.method == "POST" else 200
    return render_template("agency/service_point.html", form=form, point_id=point_id), status


def _save(session, form: ServicePointForm, point_id: int | None) -> None:  # type: ignore[no-untyped-def]
    who, at = actor(), now()
    if point_id is None:
        service_points.create_service_point(session, form.draft(), actor=who, now=at)
    else:
        point = queries.service_point(session, point_id)
        service_points.edit_service_point(session, point, form.draft(), actor=who, now=at)


@bp.post("/service-points/<int:point_id>/brokers")
@AGENCY
def appoint(point_id: int) -> ResponseReturnValue:
    form = BrokerForm()
    try:
        with transaction() as session:
            point = queries.service_point(session, point_id)
            user = service_points.appoint_broker(
                session, point, form.email.data or "", actor=actor(), now=now()
            )
            flash(
                _("%(name)s is a broker of %(point)s now.", name=user.name, point=point.name), "yes"
            )
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".index"))


@bp.post("/service-points/<int:point_id>/brokers/<int:user_id>/dismiss")
@AGENCY
def dismiss(point_id: int, user_id: int) -> ResponseReturnValue:
    with transaction() as session:
        point = queries.service_point(session, point_id)
        service_points.dismiss_broker(session, point, user_id, actor=actor(), now=now())
    flash(_("No longer a broker here. The account stays."), "yes")
    return redirect(url_for(".index"))
