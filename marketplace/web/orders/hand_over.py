"""The hand-over: one screen for the spot, its note on paper, and the QR code that leads here."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, NotFound, Outrun
from marketplace.core.text import whole
from marketplace.orders import deliveries, policy, queries
from marketplace.orders.carrying import Delivery
from marketplace.orders.models import Order
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import blame
from marketplace.web.orders import notes, words
from marketplace.web.orders.blueprint import bp
from marketplace.web.orders.carrying_forms import HandOverForm
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, now, reading, today, transaction

codes = Blueprint("codes", __name__)


@codes.get("/h/<token>")
@SIGNED_IN
def scanned(token: str) -> ResponseReturnValue:
    """Lead whoever scanned a note to its hand-over; whoever has no part in it learns nothing."""
    with reading() as session:
        delivery = deliveries.by_token(session, token)
        order = queries.get(session, delivery.order_id, actor=actor())
        return redirect(url_for("orders.hand_over", order_id=order.id, delivery_id=delivery.id))


def found(rows: list[Delivery], delivery_id: int) -> Delivery:
    """Return one of an order's deliveries; raise ``NotFound`` where it is none of them."""
    for row in rows:
        if row.id == delivery_id:
            return row
    raise NotFound


@bp.route("/<int:order_id>/deliveries/<int:delivery_id>", methods=["GET", "POST"])
@SIGNED_IN
def hand_over(order_id: int, delivery_id: int) -> ResponseReturnValue:
    form = HandOverForm()
    if request.method == "GET":
        return _page(form, order_id, delivery_id, fill=True)
    wrong = form.take_files() if actor().organisation_id is not None else []
    form.validate()
    blame(form, wrong)
    if not form.errors:
        try:
            _save(form, order_id, delivery_id)
        except Invalid as refusal:
            blame(form, refusal.problems)
        except Outrun:
            return _outrun(form, order_id, delivery_id)
        else:
            flash(_("Recorded. The other side is asked to confirm the same."), "yes")
            return redirect(url_for(".show", order_id=order_id, _anchor="h-deliveries"))
    return _page(form, order_id, delivery_id), 422


def _save(form: HandOverForm, order_id: int, delivery_id: int) -> None:
    with transaction() as session:
        order = queries.get(session, order_id, actor=actor())
        deliveries.hand_over(
            session,
            order,
            delivery_id,
            form.draft(),
            photo_ids=form.ids(),
            seen=whole(form.seen.data or ""),
            actor=actor(),
            now=now(),
        )
        form.name_photos(session)


def _outrun(form: HandOverForm, order_id: int, delivery_id: int) -> ResponseReturnValue:
    """Both recorded at once: show what the other one said beside what was typed."""
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        delivery = found(deliveries.of_order(session, order), delivery_id)
        form.seen.data, form.seen.raw_data = str(delivery.version), None
        said = words.measured(delivery.arrived or 0.0, delivery.line)
    form.form_errors.append(
        _("The other side has just recorded %(amount)s. What you typed is still here: if both of you "
          "mean the same, change it and save again.", amount=said)
    )  # fmt: skip
    return _page(form, order_id, delivery_id), 409


def _page(form: HandOverForm, order_id: int, delivery_id: int, *, fill: bool = False) -> str:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        require(bool(policy.sides(actor(), order)))
        delivery = found(deliveries.of_order(session, order), delivery_id)
        if fill:
            form.show(delivery, today())
        return render_template(
            "orders/hand_over.html",
            form=form,
            order=order,
            delivery=delivery,
            line=delivery.line,
            names={p.id: p.organisation.name for p in order.parties},
            expected=words.measured(delivery.expected, delivery.line),
            mine=_mine(order),
            taken=[Picture(p.photo) for p in delivery.pictures],
            photos=[Picture(p) for p in form.shown(session)],
            may=policy.can_carry_out(actor(), order),
        )


def _mine(order: Order) -> int | None:
    party = policy.party_of(actor(), order)
    return None if party is None else party.id


@bp.get("/<int:order_id>/deliveries/<int:delivery_id>/note.pdf")
@SIGNED_IN
def note(order_id: int, delivery_id: int) -> ResponseReturnValue:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        delivery = found(deliveries.of_order(session, order), delivery_id)
        written = notes.document(order, delivery).write_pdf()
        name = delivery.number.replace("Ü", "U")
    return Response(
        written,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
