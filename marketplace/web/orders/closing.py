"""At the end of an order: feedback of every party, and the story that all of them consent to."""

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, Outrun
from marketplace.orders import feedback, policy, queries, stories
from marketplace.orders.models import Order
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import blame
from marketplace.web.orders.blueprint import act, bp
from marketplace.web.orders.carrying import back, small_page, submitted
from marketplace.web.orders.carrying_forms import FeedbackForm, StoryForm
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, now, reading, transaction


@bp.route("/<int:order_id>/feedback", methods=["GET", "POST"])
@SIGNED_IN
def give_feedback(order_id: int) -> ResponseReturnValue:
    form, status = FeedbackForm(), 200
    if request.method == "POST":
        if submitted(
            form,
            lambda session, order: feedback.give(
                session, order, form.draft(), actor=actor(), now=now()
            ),
            order_id,
        ):
            flash(_("Thank you. The others and the broker read it."), "yes")
            return back(order_id, "h-feedback")
        status = 422

    def prepare(session: Any, order: Order) -> None:
        mine = policy.speaks_for(actor(), order)
        known = feedback.of_order(session, order).get(mine.id)
        if request.method == "GET" and known is not None:
            form.show(known)

    page = small_page(
        form,
        order_id,
        _("How was it?"),
        _("Send"),
        prepare=prepare,
        hints={"fair_price": _("1 is not at all, 5 is very much.")},
    )
    return page, status


@bp.route("/<int:order_id>/story", methods=["GET", "POST"])
@SIGNED_IN
def story(order_id: int) -> ResponseReturnValue:
    form = StoryForm()
    if request.method == "GET":
        return _page(form, order_id)
    form.validate()
    if not form.errors:
        try:
            with transaction() as session:
                order = queries.get(session, order_id, actor=actor())
                seen = form.seen.data or ""
                stories.write(session, order, form.draft(), seen=seen, actor=actor(), now=now())
        except Invalid as refusal:
            blame(form, refusal.problems)
        except Outrun:
            return _outrun(form, order_id)
        else:
            flash(_("Saved. It is published once every party has said yes to it."), "yes")
            return back(order_id, "h-story")
    return _page(form, order_id), 422


def _outrun(form: StoryForm, order_id: int) -> ResponseReturnValue:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        known = stories.of_order(session, order)
        form.seen.data, form.seen.raw_data = stories.stamp(known) if known else "", None
    form.form_errors.append(
        _("Somebody else has just written the story. What you typed is still here: read theirs on the "
          "order's page, then save again.")
    )  # fmt: skip
    return _page(form, order_id), 409


def _page(form: StoryForm, order_id: int) -> str:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        require(bool(policy.sides(actor(), order)))
        known = stories.of_order(session, order)
        chosen = set(form.photo_ids())
        if request.method == "GET":
            form.show(known, {"title": order.title, "text": order.product})
            chosen = {p.photo_id for p in known.pictures} if known else set()
        return render_template(
            "orders/story_form.html",
            form=form,
            order=order,
            photos=[Picture(p) for p in stories.possible_photos(session, order)],
            chosen=chosen,
        )


@bp.post("/<int:order_id>/story/consent")
@SIGNED_IN
def consent_to_story(order_id: int) -> ResponseReturnValue:
    try:
        act(order_id, stories.consent, seen=request.form.get("seen", ""))
    except Outrun:
        flash(_("The story has changed since you opened it. Please read it again."), "wait")
    else:
        flash(_("Your yes is on record."), "yes")
    return back(order_id, "h-story")


@bp.post("/<int:order_id>/story/withdraw")
@SIGNED_IN
def withdraw_story(order_id: int) -> ResponseReturnValue:
    if act(order_id, stories.withdraw):
        flash(_("Taken back. The story is not public any more."), "yes")
    return back(order_id, "h-story")
