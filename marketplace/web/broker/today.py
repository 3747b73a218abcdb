"""The first page of a broker's day: what needs them, group by group, on one screen."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import people
from marketplace.accounts.models import User
from marketplace.cases import today as cases
from marketplace.core.errors import Invalid
from marketplace.core.text import whole
from marketplace.listings import queries as listings
from marketplace.orders.overdue import overdue
from marketplace.refusals import sentence
from marketplace.web import cases_words as words
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.session import actor, reading, today, transaction, visitor

MOST = 5
ENDS_WITHIN = timedelta(days=14)


@bp.get("/today", endpoint="today")
@BROKER
def todays_page() -> ResponseReturnValue:
    with reading() as session:
        who, clock = actor(), words.clock(session)
        soon = today() + ENDS_WITHIN
        return render_template(
            "broker/today.html",
            tasks=cases.tasks(session, clock, actor=who, most=MOST),
            appointments=cases.appointments(session, clock, actor=who, most=MOST),
            new=cases.new(session, clock, actor=who, most=MOST),
            referrals=cases.referrals(session, actor=who, most=MOST),
            silent=cases.silent(session, clock, actor=who, most=MOST),
            expiring=listings.expiring(session, actor=who, by=soon, most=MOST),
            overdue=overdue(session, actor=who, today=today(), most=MOST),
            clock=clock,
            when=words.when,
            short_day=words.short_day,
        )


@bp.post("/today/silence")
@BROKER
def today_silence() -> ResponseReturnValue:
    """Say after how many days without a word a case counts as silent."""
    days = whole(request.form.get("days", ""))
    try:
        with transaction() as session:
            people.choose_silence(session.get_one(User, visitor().user_id), days)
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    else:
        flash(_("Saved."), "yes")
    return redirect(url_for(".today"))
