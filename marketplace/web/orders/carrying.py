"""Carrying an order out: milestones, deliveries, call-offs, hours; each a small form of its own."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.text import clean
from marketplace.orders import call_offs, deliveries, milestones, policy, queries, work_log
from marketplace.orders.carrying import CallOffAction
from marketplace.orders.models import Order
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import blame
from marketplace.web.orders.blueprint import act, bp
from marketplace.web.orders.carrying_forms import (
    CallOffForm,
    DeliveryForm,
    MilestoneDayForm,
    WorkForm,
)
from marketplace.web.session import actor, now, reading, today, transaction


def small_page(form: FlaskForm, order_id: int, title: str, button: str, **more: Any) -> str:
    """Return the page of a form that belongs to an order; whoever may not fill it in is refused."""
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        require(bool(policy.sides(actor(), order)))
        prepare: Callable[[Any, Order], None] | None = more.pop("prepare", None)
        if prepare is not None:
            prepare(session, order)
        return render_template(
            "orders/small_form.html", form=form, order=order, title=title, button=button, **more
        )


def submitted(form: FlaskForm, save: Callable[[Any, Order], object], order_id: int) -> bool:
    """Save what was sent; where it cannot be, put each problem beside its field."""
    form.validate()
    if form.errors:
        return False
    try:
        with transaction() as session:
            save(session, queries.get(session, order_id, actor=actor()))
    except Invalid as refusal:
        blame(form, refusal.problems)
        return False
    return True


def back(order_id: int, anchor: str) -> ResponseReturnValue:
    """Return to the part of the order's page where the change is to be seen."""
    return redirect(url_for("orders.show", order_id=order_id, _anchor=anchor))


@bp.route("/<int:order_id>/milestones/<int:milestone_id>", methods=["GET", "POST"])
@SIGNED_IN
def milestone(order_id: int, milestone_id: int) -> ResponseReturnValue:
    form, status = MilestoneDayForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: milestones.reach(
                session, order, milestone_id, form.reached_on.data, clean(form.note.data),
                actor=actor(), now=now(),
            ),
            order_id,
        ):  # fmt: skip
            return back(order_id, "h-plan")
        status = 422
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        found = next((m for m in order.milestones if m.id == milestone_id), None)
        if found is None:
            raise NotFound
        title = found.title
        if request.method == "GET":
            form.reached_on.data = found.reached_on or today()
            form.note.data = found.note
    hint = _("Without a day it is not reached yet.")
    page = small_page(form, order_id, title, _("Save"), hints={"reached_on": hint})
    return page, status


@bp.route("/<int:order_id>/deliveries/new", methods=["GET", "POST"])
@SIGNED_IN
def new_delivery(order_id: int) -> ResponseReturnValue:
    form, status = DeliveryForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: deliveries.plan(
                session, order, form.draft(), actor=actor(), now=now()
            ),
            order_id,
        ):
            flash(_("Put down. The others have been told."), "yes")
            return back(order_id, "h-deliveries")
        status = 422

    def prepare(session: Any, order: Order) -> None:
        form.offer(order.lines, call_offs.of_order(session, order))

    page = small_page(form, order_id, _("A delivery or pick-up"), _("Put it down"), prepare=prepare)
    return page, status


@bp.post("/<int:order_id>/deliveries/<int:delivery_id>/drop")
@SIGNED_IN
def drop_delivery(order_id: int, delivery_id: int) -> ResponseReturnValue:
    if act(order_id, deliveries.drop, delivery_id):
        flash(_("Taken back."), "yes")
    return back(order_id, "h-deliveries")


@bp.route("/<int:order_id>/call-offs/new", methods=["GET", "POST"])
@SIGNED_IN
def new_call_off(order_id: int) -> ResponseReturnValue:
    form, status = CallOffForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: call_offs.ask(
                session, order, form.draft(), actor=actor(), now=now()
            ),
            order_id,
        ):
            flash(_("Called off. The workshop is asked to confirm."), "yes")
            return back(order_id, "h-calls")
        status = 422

    def prepare(session: Any, order: Order) -> None:
        form.offer(order.lines)

    page = small_page(form, order_id, _("Call off"), _("Call off"), prepare=prepare)
    return page, status


@bp.post("/<int:order_id>/call-offs/<int:call_off_id>/<any(confirm, cancel):action>")
@SIGNED_IN
def move_call_off(order_id: int, call_off_id: int, action: str) -> ResponseReturnValue:
    if act(order_id, call_offs.move, call_off_id, CallOffAction(action)):
        flash(_("Put down. The others have been told."), "yes")
    return back(order_id, "h-calls")


@bp.route("/<int:order_id>/work-log/new", methods=["GET", "POST"])
@SIGNED_IN
def new_work(order_id: int) -> ResponseReturnValue:
    form, status = WorkForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: work_log.record(
                session, order, form.draft(), actor=actor(), now=now()
            ),
            order_id,
        ):
            flash(_("Put down."), "yes")
            return back(order_id, "h-work")
        status = 422

    def prepare(session: Any, order: Order) -> None:
        mine = work_log.parties_for(actor(), order)
        require(bool(mine))
        form.offer(mine)
        known = [e for e in work_log.of_order(session, order) if e.party_id in {p.id for p in mine}]
        if request.method == "GET" and known:
            form.again(known[-1])

    hints = {
        "target_group": _("Counts only: never write the names of people."),
        "hours_worked": _("of all people together"),
    }
    page = small_page(
        form, order_id, _("Hours of work"), _("Put it down"), prepare=prepare, hints=hints
    )
    return page, status


@bp.post("/<int:order_id>/work-log/<int:entry_id>/strike")
@SIGNED_IN
def strike_work(order_id: int, entry_id: int) -> ResponseReturnValue:
    if act(order_id, work_log.strike, entry_id):
        flash(_("Taken out."), "yes")
    return back(order_id, "h-work")
