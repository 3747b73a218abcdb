"""What became of the mass of an order: the panel on its page, and the form behind it."""

from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField as MenuField

from marketplace.core.actor import require
from marketplace.core.text import whole
from marketplace.impact import fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Path
from marketplace.orders import queries, work_log
from marketplace.orders.models import Order
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import DayField, EnumRadioField, NumberField, options
from marketplace.web.impact.blueprint import bp
from marketplace.web.orders.blueprint import act
from marketplace.web.orders.carrying import back, small_page, submitted
from marketplace.web.orders.carrying_forms import needed
from marketplace.web.session import actor, now, reading, today


class FateForm(FlaskForm):
    """``to_order_id`` is asked for where kilograms are passed on."""

    party_id = MenuField(_l("Workshop"), choices=[], validate_choice=False)
    path = EnumRadioField(_l("What became of it"), Path)
    mass_kg = NumberField(_l("Mass in kg"))
    happened_on = DayField(_l("Until when"))
    to_order_id = MenuField(_l("Passed on to"), choices=[], validate_choice=False)

    def offer(self, session: Any, order: Order) -> None:
        """Fill the menus: for whom the actor speaks, and where their kilograms may go on."""
        mine = work_log.parties_for(actor(), order)
        require(bool(mine))
        self.party_id.choices = options((str(p.id), p.organisation.name) for p in mine)
        found = {o.id: o for p in mine for o in fates.targets(session, order, p)}
        rows = [(str(o.id), f"{o.number}, {o.title}") for o in found.values()]
        self.to_order_id.choices = options([("", _("nowhere else")), *rows])

    def draft(self) -> FateDraft:
        """Return what was said; raise ``Invalid`` with every problem."""
        mass = self.mass_kg.data
        needed(path=self.path.data, mass_kg=mass, happened_on=self.happened_on.data)
        return FateDraft(
            party_id=whole(str(self.party_id.data or "")) or 0,
            path=self.path.data,
            mass_kg=mass or 0.0,
            happened_on=self.happened_on.data,
            to_order_id=whole(str(self.to_order_id.data or "")),
        )


@bp.app_template_global("mass_of")
def mass_of(order: Order) -> dict[str, Any]:
    """Return what an order's page shows of its kilograms; ``mine``: the parties one may speak for."""
    with reading() as session:
        known = queries.get(session, order.id, actor=actor())
        balance = fates.balance(session, known)
        open_ = fates.may_state(actor(), known)
        return {
            "balance": balance,
            "mine": {p.id for p in work_log.parties_for(actor(), known)} if open_ else set(),
            "open": fates.most_open(balance, known, actor=actor()) if open_ else 0.0,
        }


@bp.route("/orders/<int:order_id>/fates/new", methods=["GET", "POST"])
@SIGNED_IN
def new_fate(order_id: int) -> ResponseReturnValue:
    form, status = FateForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: fates.state(
                session, order, form.draft(), actor=actor(), now=now()
            ),
            order_id,
        ):
            flash(_("Put down. The figures have been booked."), "yes")
            return back(order_id, "h-mass")
        status = 422

    def prepare(session: Any, order: Order) -> None:
        form.offer(session, order)
        if request.method == "GET":
            form.happened_on.data = today()
            left = fates.most_open(fates.balance(session, order), order, actor=actor())
            form.mass_kg.data = round(left, 1) if left > 0 else None

    hints = {
        "mass_kg": _("What is left over stays in work until you say more."),
        "to_order_id": _("Only where you pass it on: kilograms are counted once, all the way."),
    }
    page = small_page(
        form, order_id, _("What became of it"), _("Put it down"), prepare=prepare, hints=hints
    )
    return page, status


@bp.post("/orders/<int:order_id>/fates/<int:fate_id>/strike")
@SIGNED_IN
def strike_fate(order_id: int, fate_id: int) -> ResponseReturnValue:
    if act(order_id, fates.strike, fate_id):
        flash(_("Taken out."), "yes")
    return back(order_id, "h-mass")
