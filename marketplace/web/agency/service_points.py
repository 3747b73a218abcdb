"""The agency: service points with their regions, brokers and figures."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.accounts import queries, service_points
from marketplace.accounts.models import ServicePoint, Verification
from marketplace.cases.queries import open_by_service_point
from marketplace.core.errors import Invalid
from marketplace.geo.regions import centre_of, regions
from marketplace.impact.models import Measure
from marketplace.impact.queries import Filter, Sums, by_service_point
from marketplace.orders import queries as orders
from marketplace.orders.lifecycle import RUNNING, STOPPED, OrderState
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
        counted = queries.service_points_with_counts(session)
        return render_template(
            "agency/service_points.html",
            points=[
                (point, queries.brokers(session, point.id), counts, centre_of(point.regions))
                for point, counts in counted
            ],
            figures=_side_by_side(session, counted),
            region_names={code: region.names for code, region in regions().items()},
            form=BrokerForm(),
            measures=Measure,
        )


@dataclass(frozen=True)
class Figures:
    """What one service point has in hand, and what came of it so far."""

    point: ServicePoint
    organisations: int
    cases: int
    running: int
    completed: int
    sums: Sums


def _side_by_side(
    session: Session, counted: list[tuple[ServicePoint, dict[Verification, int]]]
) -> list[Figures]:
    cases = open_by_service_point(session)
    running = orders.by_service_point(session, (*RUNNING, *STOPPED))
    completed = orders.by_service_point(session, [OrderState.COMPLETED])
    sums = {p.id: s for p, s in by_service_point(session, Filter(), actor=actor()) if p is not None}
    return [
        Figures(
            point,
            counts.get(Verification.VERIFIED, 0),
            cases.get(point.id, 0),
            running.get(point.id, 0),
            completed.get(point.id, 0),
            sums.get(point.id) or Sums(),
        )
        for point, counts in counted
    ]


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


def _save(session: Session, form: ServicePointForm, point_id: int | None) -> None:
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
