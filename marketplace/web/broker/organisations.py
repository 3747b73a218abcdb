"""Organisations that a broker looks after: those to verify, then all."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import actions, policy, queries
from marketplace.accounts.models import Verification
from marketplace.capabilities import queries as capabilities
from marketplace.core.actor import require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.listings import queries as listings
from marketplace.orders import queries as orders
from marketplace.refusals import sentence
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, transaction

SIZE = 25
MOST_WAITING = 50


@bp.get("/organisations")
@BROKER
def organisations() -> ResponseReturnValue:
    words, page = clean(request.args.get("q", ""))[:100], Pages.asked()
    with reading() as session:
        waiting, many = queries.looked_after(
            session, actor=actor(), verification=Verification.PENDING, size=MOST_WAITING
        )
        found, total = queries.looked_after(
            session, actor=actor(), words=words, page=page, size=SIZE
        )
        return render_template(
            "broker/organisations.html",
            waiting=waiting,
            many=many,
            rows=found,
            words=words,
            total=total,
            pages=Pages(page, total, SIZE),
        )


@bp.get("/organisations/<int:organisation_id>")
@BROKER
def organisation(organisation_id: int) -> ResponseReturnValue:
    with reading() as session:
        found = queries.get(session, organisation_id, actor=actor())
        require(policy.sees_contact(actor(), found))
        ordered = orders.Filter(organisation_id=organisation_id)
        return render_template(
            "broker/organisation.html",
            organisation=found,
            members=queries.memberships(session, organisation_id),
            capabilities=capabilities.of(session, organisation_id, actor=actor()),
            counts=listings.counts_by_state(session, organisation_id=organisation_id),
            orders=orders.board(session, ordered, actor=actor(), size=10)[0],
            can_verify=policy.can_verify(actor(), found),
        )


@bp.post("/organisations/<int:organisation_id>/<any(verify,refuse):decision>")
@BROKER
def decide(organisation_id: int, decision: str) -> ResponseReturnValue:
    verified = decision == "verify"
    try:
        with transaction() as session:
            found = queries.get(session, organisation_id, actor=actor())
            name = found.name
            actions.decide(
                session,
                found,
                verified=verified,
                reason=request.form.get("reason", ""),
                actor=actor(),
                now=now(),
            )
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for(".organisation", organisation_id=organisation_id))
    if verified:
        flash(_("%(name)s is verified. What it posts is shown and matched now.", name=name), "yes")
    else:
        flash(_("%(name)s is not verified. It has been told why.", name=name), "yes")
    return redirect(url_for(".organisations"))
