"""Writing an order's terms, and other terms for an order that runs; works without a script."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, Outrun, WrongState
from marketplace.core.text import whole
from marketplace.listings.models import PriceDirection, Unit
from marketplace.orders import actions, policy, queries, snapshots, steps, terms
from marketplace.orders.drafts import Pays
from marketplace.orders.models import LineRole, Order, OrderLine, Part
from marketplace.web.access import SIGNED_IN
from marketplace.web.orders import comparing, words
from marketplace.web.orders.blueprint import act, bp
from marketplace.web.orders.forms import OrderForm
from marketplace.web.session import actor, now, reading, transaction

ADD = re.compile(r"party:(client|enterprise):(\d{1,18}):(\d{0,18})")
REMOVE = re.compile(r"remove:(parties|lines|milestones):(\d{1,3})")


def _pays(order: Order, line: OrderLine) -> Pays | None:
    """Return who pays as the line's listing has it, before anybody has written the terms."""
    listings = (pairing.listing for pairing in order.pairings if pairing.listing is not None)
    direction = next((x.price_direction for x in listings if x.id == line.listing_id), None)
    material = line.role is LineRole.MATERIAL_IN
    return {
        PriceDirection.GIVER_PAYS: Pays.GIVER if material else Pays.TAKER,
        PriceDirection.TAKER_PAYS: Pays.TAKER if material else Pays.GIVER,
        PriceDirection.FREE: Pays.NOBODY,
    }.get(direction or PriceDirection.OPEN)


def _fill(form: OrderForm, order: Order) -> None:
    """Fill the form; what nobody has said yet is suggested from listing and capability."""
    waiting = policy.amendment(order)
    if waiting is not None:
        offered = snapshots.read(waiting.snapshot)
        form.show({n: getattr(offered, n) for n in steps.HEAD}, offered, order.version)
        return
    form.show({n: getattr(order, n) for n in steps.HEAD}, snapshots.rows_of(order), order.version)
    if not order.product:
        form.product.data = order.pairings[0].capability.title
        for entry, line in zip(form.lines, order.lines, strict=True):
            entry.form.pays.data = _pays(order, line)


@bp.route("/<int:order_id>/edit", methods=["GET", "POST"])
@SIGNED_IN
def edit(order_id: int) -> ResponseReturnValue:
    form = OrderForm()
    if request.method == "GET":
        with reading() as session:
            order = queries.get(session, order_id, actor=actor())
            if not (policy.can_edit(actor(), order) or policy.can_amend(actor(), order)):
                return redirect(url_for(".show", order_id=order_id))
            _fill(form, order)
        return _form_page(form, order_id)
    do = request.form.get("do", "save")
    if do not in ("save", "offer"):
        _change_rows(form, do)
        return _form_page(form, order_id, search=do == "find")
    form.validate()
    if not form.errors:
        try:
            return _save(form, order_id, offer=do == "offer")
        except Invalid as refusal:
            form.blame(refusal.problems)
        except Outrun:
            return _outrun(form, order_id)
    return _form_page(form, order_id), 422


def _outrun(form: OrderForm, order_id: int) -> ResponseReturnValue:
    """Show what was typed, and let it be saved over what somebody else wrote once that was read."""
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        if not (policy.can_edit(actor(), order) or policy.can_amend(actor(), order)):
            raise WrongState("the terms have been offered")
        form.seen.data = str(order.version)
        form.seen.raw_data = None
    form.form_errors.append(
        _("Somebody else has changed the order since you opened it. What you typed is still here: "
          "compare it with the order, then save again.")
    )  # fmt: skip
    return _form_page(form, order_id), 409


def _change_rows(form: OrderForm, do: str) -> None:
    """Add or take away a row; all that was typed stays."""
    if do == "add_line":
        sides = form.organisations()
        form.lines.append_entry(
            {
                "role": LineRole.PRODUCT_OUT,
                "unit": Unit.PIECE,
                "giver": str(sides[-1]) if sides else "",
                "taker": str(sides[0]) if sides else "",
            }
        )
    elif do == "add_milestone":
        form.milestones.append_entry({})
    elif found := REMOVE.fullmatch(do):
        entries = form[found[1]].entries
        if int(found[2]) < len(entries):
            entries.pop(int(found[2]))
    elif (found := ADD.fullmatch(do)) and int(found[2]) not in form.organisations():
        bound = "listing_id" if found[1] == Part.CLIENT else "capability_id"
        values = {"organisation_id": found[2], "part": found[1], bound: found[3]}
        form.parties.append_entry(values)
        if found[1] == Part.CLIENT and found[3]:
            _add_material(form, found[2], found[3])


def _add_material(form: OrderForm, giver: str, listing_id: str) -> None:
    """Put what a new giver brings among the lines."""
    takers = [e.form.organisation_id.data for e in form.parties if e.form.part.data == "enterprise"]
    with reading() as session:
        listing = queries.offered_listing(session, int(listing_id), int(giver))
        if listing is not None:
            form.lines.append_entry(
                {
                    "role": LineRole.MATERIAL_IN,
                    "description": listing.title,
                    "quantity": listing.quantity,
                    "unit": listing.unit,
                    "mass_kg": listing.mass_kg,
                    "listing_id": listing.id,
                    "waste_code": listing.waste_code,
                    "giver": giver,
                    "taker": takers[0] if takers else "",
                }
            )


def _form_page(form: OrderForm, order_id: int, *, search: bool = False) -> str:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        require(policy.is_broker(actor(), order))
        names = queries.names(session, form.organisations())
        form.name_parties(names)
        found = queries.possible_parties(session, form.who.data) if search else None
        return render_template(
            "orders/order_form.html",
            form=form,
            order=order,
            amends=policy.can_amend(actor(), order),
            found=found,
            names={str(number): name for number, name in names.items()},
            said=words.said(order),
        )


def _save(form: OrderForm, order_id: int, *, offer: bool) -> ResponseReturnValue:
    draft = form.draft()
    with transaction() as session:
        order = queries.get(session, order_id, actor=actor())
        write = terms.amend if policy.can_amend(actor(), order) else terms.edit
        write(session, order, draft, seen=form.version(), actor=actor(), now=now())
        if write is terms.amend:
            flash(_("Offered. The order goes on as agreed until all have accepted."), "yes")
        elif offer:
            terms.offer(session, order, actor=actor(), now=now())
            flash(_("Offered. Both sides are asked to accept."), "yes")
        else:
            flash(_("Saved. Both sides see the terms when you offer them."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/offer")
@SIGNED_IN
def offer(order_id: int) -> ResponseReturnValue:
    done = act(order_id, terms.offer)
    if done:
        flash(_("Offered. Both sides are asked to accept."), "yes")
        return redirect(url_for(".show", order_id=order_id))
    return redirect(url_for(".edit", order_id=order_id))


@bp.post("/<int:order_id>/accept")
@SIGNED_IN
def accept(order_id: int) -> ResponseReturnValue:
    try:
        done = act(
            order_id,
            terms.accept,
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
    if act(order_id, actions.revise, request.form.get("reason", "")):
        flash(_("The broker has your wish and writes the terms anew."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.post("/<int:order_id>/refuse-amendment")
@SIGNED_IN
def refuse_amendment(order_id: int) -> ResponseReturnValue:
    if act(order_id, terms.refuse_amendment, request.form.get("reason", "")):
        flash(_("The order goes on under the terms in force."), "yes")
    return redirect(url_for(".show", order_id=order_id))


@bp.get("/<int:order_id>/versions")
@SIGNED_IN
def versions(order_id: int) -> ResponseReturnValue:
    """Show every version of the terms with its hash, and what two of them say differently."""
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        known = {t.version: t for t in order.versions}
        latest = max(known, default=0)
        one = whole(request.args.get("one", "")) or latest - 1
        other = whole(request.args.get("other", "")) or latest
        pair = [snapshots.read(known[n].snapshot) for n in (one, other) if n in known]
        names = queries.names(session, [p.organisation_id for d in pair for p in d.parties])
        return render_template(
            "orders/versions.html",
            order=order,
            one=one,
            other=other,
            changes=comparing.changes(names, *pair) if len(pair) == 2 else None,
        )
