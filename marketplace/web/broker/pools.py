"""Pools at the desk: what is too little alone, fetched in one round; and the sheet for the driver."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from marketplace.core.text import whole
from marketplace.geo.routing.matrices import Distances
from marketplace.proposals.pools import find, pools, rounds
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.listing_cards import amount, subject
from marketplace.web.pages import Pages
from marketplace.web.session import actor, reading, today

SIZE = 5


@bp.get("/pools")
@BROKER
def plan_pools() -> ResponseReturnValue:
    page = Pages.asked()
    distances = Distances(current_app.config["ROUTING_URL"])
    with reading() as session:
        found = pools(session, actor=actor(), today=today())
        part = found[(page - 1) * SIZE : page * SIZE]
        return render_template(
            "broker/pools.html",
            rounds=rounds(session, part, distances, actor=actor()),
            road_failed=distances.failed,
            total=len(found),
            subject=subject,
            amount=amount,
            pages=Pages(page, len(found), SIZE),
        )


@bp.get("/pools/<int:capability_id>/tour")
@BROKER
def plan_tour(capability_id: int) -> ResponseReturnValue:
    """Show one pool's tour as a sheet to print; the address names its listings."""
    listing_ids = {key for text in request.args.getlist("listing") if (key := whole(text))}
    distances = Distances(current_app.config["ROUTING_URL"])
    with reading() as session:
        pool = find(session, capability_id, listing_ids, actor=actor(), today=today())
        return render_template(
            "broker/tour.html",
            round=rounds(session, [pool], distances, actor=actor())[0],
            road_failed=distances.failed,
            subject=subject,
            amount=amount,
        )
