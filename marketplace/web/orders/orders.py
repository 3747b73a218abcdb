"""Co-production orders for all parties and their brokers: list, page, steps, agreement."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.text import clean
from marketplace.orders import actions, policy, queries
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.money import sums
from marketplace.web.access import SIGNED_IN
from marketplace.web.listing_cards import subject
from marketplace.web.messages.conversation import conversation
from marketplace.web.orders import (
    carrying,
    closing,
    comparing,
    course,
    hand_over,
    panels,
    papers,
    terms,
    words,
)
from marketplace.web.orders.agreement import pdf as agreement
from marketplace.web.orders.blueprint import act, bp
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, reading

__all__ = ["bp", "carrying", "closing", "hand_over", "papers", "terms"]
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
            rows=[(row, words.turn(row, actor=who), words.whose(row)) for row in rows],
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
        listing = next((p.listing for p in order.pairings if p.listing is not None), None)
        pictures = [] if listing is None else listing.photos
        waiting = policy.amendment(order)
        mine = policy.party_of(actor(), order)
        return render_template(
            "orders/order.html",
            order=order,
            thread=thread,
            turn=words.turn(order, actor=actor()),
            parties=words.parties(order),
            plan=course.plan(order),
            history=course.history(order),
            actions=policy.actions_for(actor(), order),
            can_edit=policy.can_edit(actor(), order),
            can_amend=policy.can_amend(actor(), order),
            can_carry_out=policy.can_carry_out(actor(), order),
            broker=policy.is_broker(actor(), order),
            amendment=waiting,
            amendment_free=waiting is not None and comparing.free_of_charge(waiting.snapshot),
            said_yes={} if waiting is None else policy.said_yes(order, waiting.version),
            mine=mine,
            lines=words.lines(order),
            outcome=words.outcome(order),
            amount=words.amount,
            unit_price=words.unit_price,
            total=sums(order.lines).total,
            price=words.price(order),
            money=words.money,
            listing=listing,
            subject="" if listing is None else subject(listing),
            photo=Picture(pictures[0]) if pictures else None,
            **panels.carrying(session, order, actor=actor()),
        )


def _moved(
    order_id: int, action: Callable[..., None], done: str, *things: Any
) -> ResponseReturnValue:
    if act(order_id, action, *things):
        flash(done, "yes")
    return redirect(url_for(".show", order_id=order_id))


def _reason() -> str:
    return request.form.get("reason", "")


@bp.post("/<int:order_id>/start")
@SIGNED_IN
def start(order_id: int) -> ResponseReturnValue:
    return _moved(order_id, actions.start, _("Production has started. The others have been told."))


@bp.post("/<int:order_id>/deliver")
@SIGNED_IN
def deliver(order_id: int) -> ResponseReturnValue:
    return _moved(
        order_id, actions.deliver, _("Delivery reported. The client is asked to confirm.")
    )


@bp.post("/<int:order_id>/complete")
@SIGNED_IN
def complete(order_id: int) -> ResponseReturnValue:
    return _moved(order_id, actions.complete, _("Completed. Thank you for working together."))


@bp.post("/<int:order_id>/pause")
@SIGNED_IN
def pause(order_id: int) -> ResponseReturnValue:
    return _moved(order_id, actions.pause, _("The order rests. The others know why."), _reason())


@bp.post("/<int:order_id>/resume")
@SIGNED_IN
def resume(order_id: int) -> ResponseReturnValue:
    return _moved(order_id, actions.resume, _("The order goes on."))


@bp.post("/<int:order_id>/dispute")
@SIGNED_IN
def dispute(order_id: int) -> ResponseReturnValue:
    return _moved(
        order_id, actions.dispute, _("The others and the broker know what is not right."), _reason()
    )


@bp.post("/<int:order_id>/settle")
@SIGNED_IN
def settle(order_id: int) -> ResponseReturnValue:
    return _moved(order_id, actions.settle, _("Settled. The order goes on."), _reason())


@bp.post("/<int:order_id>/cancel")
@SIGNED_IN
def cancel(order_id: int) -> ResponseReturnValue:
    not_again = request.form.get("not_again") == "yes"
    if act(order_id, actions.cancel, _reason(), not_again=not_again):
        flash(_("The order is cancelled. The material is free again."), "yes")
    return redirect(url_for(".show", order_id=order_id))


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
