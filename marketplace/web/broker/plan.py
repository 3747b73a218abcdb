"""The region's best plan beside two simpler ways, and orders made out of it."""

from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.text import whole
from marketplace.orders.drawing_up import draft_from
from marketplace.proposals import queries
from marketplace.proposals.plan import Method, Plan, best_plan, proposals_of, state_of
from marketplace.refusals import sentence
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.listing_cards import amount, subject
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, today, transaction

SIZE = 20
SLOW_S = 1.0


@dataclass(frozen=True)
class Kept:
    """A plan that took its time, and what it rests on."""

    plan: Plan
    state: tuple[int, ...]
    day: date
    at: datetime


@dataclass(frozen=True)
class Line:
    """One way of planning in the table: values with their greatest among all ways, for the bars."""

    method: Method
    name: str
    points: float
    listings: int
    tonnes: float
    km: float
    co2e_tonnes: float


@bp.get("/plan")
@BROKER
def plan() -> ResponseReturnValue:
    page = Pages.asked()
    with reading() as session:
        kept, stale = _kept(session)
        found = kept.plan
        part = found.pairings[(page - 1) * SIZE : page * SIZE]
        return render_template(
            "broker/plan.html",
            plan=found,
            at=kept.at,
            stale=stale,
            lines=_lines(found),
            rows=proposals_of(session, part, actor=actor()),
            subject=subject,
            amount=amount,
            pages=Pages(page, len(found.pairings), SIZE),
        )


def _kept(session: Session) -> tuple[Kept, bool]:
    """Return the plan and whether it is out of date; only what took long is kept for the next visit."""
    store: dict[int | None, Kept] = current_app.extensions.setdefault("plans", {})
    who = actor()
    scope = None if who.brokers_for(None) else who.service_point_id
    state, known = state_of(session, actor=who), store.get(scope)
    if known is not None and known.day == today() and "fresh" not in request.args:
        return known, known.state != state
    begin = perf_counter()
    made = Kept(best_plan(session, actor=who, today=today()), state, today(), now())
    if perf_counter() - begin > SLOW_S:
        store[scope] = made
    return made, False


def _lines(found: Plan) -> list[Line]:
    names = {
        Method.BEST: _("Best plan"),
        Method.GREEDY: _("Best score first"),
        Method.FIRST_COME: _("First come, first served"),
    }
    return [
        Line(
            method=method,
            name=names[method],
            points=100 * figures.worth / found.bound if found.bound else 0.0,
            listings=figures.listings,
            tonnes=figures.kg / 1000,
            km=figures.km,
            co2e_tonnes=figures.co2e_kg / 1000,
        )
        for method, figures in found.figures.items()
    ]


@bp.post("/plan/accept")
@BROKER
def plan_accept() -> ResponseReturnValue:
    """Make an order of each chosen pairing; one that cannot be does not keep the others back."""
    asked = [key for text in request.form.getlist("proposal") if (key := whole(text))]
    made: list[str] = []
    refused: dict[str, list[str]] = {}
    for key in dict.fromkeys(asked[:SIZE]):
        try:
            made.append(_accepted(key))
        except (WrongState, StaleDataError):
            _note(refused, _("Somebody else was faster, or one side is no longer there"), key)
        except NotFound:
            _note(refused, _("There is no such proposal any more"), key)
        except Invalid as refusal:
            _note(refused, sentence(refusal.problems[0]), key)
    if not asked:
        flash(_("Choose at least one pairing."), "wait")
    if made:
        flash(
            ngettext(
                "One order is drawn up: %(orders)s.",
                "%(num)s orders are drawn up: %(orders)s.",
                len(made),
                orders=", ".join(made),
            ),
            "yes",
        )
        current_app.extensions.get("plans", {}).clear()
    for reason, numbers in refused.items():
        flash(_("%(numbers)s: %(reason)s", numbers=", ".join(numbers), reason=reason), "no")
    return redirect(url_for("orders.index") if made and not refused else url_for(".plan"))


def _accepted(proposal_id: int) -> str:
    with transaction() as session:
        proposal = queries.get(session, proposal_id, actor=actor())
        order = draft_from(session, proposal, actor=actor(), now=now())
        return order.number


def _note(refused: dict[str, list[str]], reason: str, proposal_id: int) -> None:
    refused.setdefault(reason, []).append(f"V-{proposal_id}")
