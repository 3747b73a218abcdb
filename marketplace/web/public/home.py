"""The landing page: what SoPro is, in figures and in near materials."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.capabilities import queries as capabilities
from marketplace.listings.browse import Filter, browse
from marketplace.orders.queries import figures
from marketplace.web.access import ANYBODY
from marketplace.web.listing_cards import card
from marketplace.web.session import reading

bp = Blueprint("home", __name__)
NEWEST = 8


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    with reading() as session:
        newest = browse(session, Filter(), size=NEWEST)
        return render_template(
            "public/home.html",
            cards=[card(found.listing) for found in newest.rows],
            total=newest.total,
            workshops=capabilities.workshops(session, limit=200),
            figures=figures(session),
        )
