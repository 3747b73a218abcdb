"""Co-production orders for both sides and their brokers: list, page, terms, steps, agreement."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, Outrun
from marketplace.core.text import clean, whole
from marketplace.orders import actions, policy, queries
from marketplace.orders.lifecycle import OrderState
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import blame
from marketplace.web.listing_cards import subject
from marketplace.web.messages.conversation import conversation
from marketplace.web.orders import words
from marketplace.web.orders.agreement import pdf as agreement
from marketplace.web.orders.forms import OrderForm
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, now, reading, transaction
from marketplace.wording import sentence

bp = Blueprint("orders", __name__, url_prefix="/orders")
SIZE = 20


@bp.get("/")
@SIGNED_IN
def index() -> ResponseReturnValue:
    state, page = request.args.get("state", ""), Pages.asked()
    wanted = queries.Filter(
        state=OrderState(state) if state in set(OrderState) else None,
        words=clean(request.args.get("q", ""))[:100],
    )
    with reading() as session:
        who = actor()
        rows, total = queries.board(session, wanted, actor=who, page=page, size=SIZE)
        return render_template(
            "orders/orders.html",
            rows=[(row, words.turn(row, actor=who)) for row in rows],
            wanted=wanted,
            counts=queries.counts_by_state(session, actor=who),
            states=list(OrderState),
            total=total,
            pages=Pages(page, total, SIZE),
            price=words.price,
        )


@bp.get("/<int:order_id>")
@SIGNED_IN
def show(order_id: int) -> ResponseReturnValue:
    thread = conversation(order_id=order_id)
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        pictures = order.listing.photos
        return render_template(
            "orders/order.html",
            order=order,
            thread=thread,
            turn=words.turn(order, actor=actor()),
            parties=words.parties(order),
            history=words.history(order),
            actions=policy.actions_for(actor(), order),
            can_edit=policy.can_edit(actor(), order),
            party=policy.party_of(actor(), order),
            amount=words.amount(order),
            price=words.price(order),
            money=words.money,
            subject=subject(order.listing),
            photo=Picture(pictures[0]) if pictures else None,
        )


@bp.route("/<int:order_id>/edit", methods=["GET", "POST"])
@SIGNED_IN
def edit(order_id: int) -> ResponseReturnValue:
    form = OrderForm()
    if request.method == "GET":
        with reading() as session:
            order = queries.get(session, order_id, actor=actor())
            if not policy.can_edit(actor(), order):
                return redirect(url_for(".show", order_id=order_id))
            form.show(order)
        return _form_page(form, order_id)
    form.validate()
    if not form.errors:
        try:
            return _save(form, order_id)
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _form_page(form, order_id), 422


def _form_page(form: OrderForm, order_id: int) -> str:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        require(policy.is_broker(actor(), order))
        return render_template(
            "orders/order_form.html", form=form, order=order, subject=subject(order.listing)
        )


def _save(form: OrderForm, order_id: int) -> ResponseReturnValue:
    draft = form.draft()
    with transaction() as session:
        order = queries.get(session, order_id, actor=actor())
        actions.edit(session, order, draft, seen=form.version(), actor=actor(), now=now())
        if request.form.get("do") == "offer":
            actions.offer(session, order, actor=actor(), now=now())
            flash(_("Offered. Both sides are asked to accept."), "yes")
        else:
            flash(_("Saved. Both sides see the terms when you offer them."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/offer")
@SIGNED_IN
def offer(order_id: int) -> ResponseReturnValue:
    done = _act(order_id, actions.offer)
    if done:
        flash(_("Offered. Both sides are asked to accept."), "yes")
        return redirect(url_for(".show", order_id=order_id))
    return redirect(url_for(".edit", order_id=order_id))


@bp.post("/<int:order_id>/accept")
@SIGNED_IN
def accept(order_id: int) -> ResponseReturnValue:
    try:
        done = _act(
            order_id,
            actions.accept,
            terms=whole(request.form.get("terms", "")) or 0,
            free_of_charge=request.form.get("free_of_charge") == "yes",
        )
    except Outrun:
        flash(_("The terms have changed since you opened them. Please read them again."), "wait")
        return redirect(url_for(".show", order_id=order_id))
    if done:
        flash(_("Accepted. Your name and the moment are on record."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/revise")
@SIGNED_IN
def revise(order_id: int) -> ResponseReturnValue:
    if _act(order_id, actions.revise, reason=request.form.get("reason", "")):
        flash(_("The broker has your wish and writes the terms anew."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/start")
@SIGNED_IN
def start(order_id: int) -> ResponseReturnValue:
    if _act(order_id, actions.start):
        flash(_("Production has started. The others have been told."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/deliver")
@SIGNED_IN
def deliver(order_id: int) -> ResponseReturnValue:
    if _act(order_id, actions.deliver):
        flash(_("Delivery reported. The client is asked to confirm."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/complete")
@SIGNED_IN
def complete(order_id: int) -> ResponseReturnValue:
    if _act(order_id, actions.complete):
        flash(_("Completed. Thank you for working together."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/cancel")
@SIGNED_IN
def cancel(order_id: int) -> ResponseReturnValue:
    if _act(order_id, actions.cancel, reason=request.form.get("reason", "")):
        flash(_("The order is cancelled. The material is free again."), "yes")
    return redirect(url_for(".show", order_id=order_id))


def _act(order_id: int, action: Callable[..., None], **answers: Any) -> bool:
    """Do one thing to an order; say what is missing where something is."""
    try:
        with transaction() as session:
            order = queries.get(session, order_id, actor=actor())
            action(session, order, **answers, actor=actor(), now=now())
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return False
    return True


@bp.get("/<int:order_id>/agreement.pdf")
@SIGNED_IN
def pdf(order_id: int) -> ResponseReturnValue:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        written = agreement(order)
        name = f"{order.number}.pdf"
    return Response(
        written,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
