"""One order of several proposals that were ticked, from the board as from a case."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from marketplace.core.errors import Invalid, WrongState
from marketplace.core.text import whole
from marketplace.orders.drawing_up import draft_from
from marketplace.proposals import queries
from marketplace.refusals import sentence
from marketplace.web.access import BROKER
from marketplace.web.addresses import kept
from marketplace.web.broker.blueprint import bp
from marketplace.web.session import actor, now, transaction


def ticked(name: str) -> list[int]:
    """Return the keys that were ticked in the order of work: as listed, but ``first`` first."""
    keys = dict.fromkeys(key for text in request.form.getlist(name) if (key := whole(text)))
    first = whole(request.form.get("first", ""))
    return sorted(keys, key=lambda key: key != first)


def drawn_up(order_id: int, number: str) -> ResponseReturnValue:
    """Lead to the terms of an order that was just made."""
    said = _(
        "Order %(number)s is drawn up. Check the terms, then offer it to both sides.", number=number
    )
    flash(said, "yes")
    return redirect(url_for("orders.edit", order_id=order_id))


def board(**more: Any) -> ResponseReturnValue:
    """Return to the board as the form's ``query`` says that it was."""
    asked = MultiDict(parse_qsl(request.form.get("query", ""))[:50])
    return redirect(url_for(".proposals", **kept(asked.lists(), without={"chosen"}), **more))


@bp.post("/order")
@BROKER
def one_order() -> ResponseReturnValue:
    """Draw up one order of the ticked proposals, all or none."""
    chosen = ticked("into")
    if not chosen:
        flash(_("Choose at least one proposal."), "wait")
        return board()
    try:
        with transaction() as session:
            wanted = [queries.get(session, key, actor=actor()) for key in chosen]
            order = draft_from(session, *wanted, actor=actor(), now=now())
            order_id, number = order.id, order.number
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return board()
    except (WrongState, StaleDataError):
        flash(_("Somebody else was faster. This is how the proposals stand now."), "wait")
        return board()
    return drawn_up(order_id, number)
