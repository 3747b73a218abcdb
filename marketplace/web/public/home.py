"""The landing page: what SoPro is, in figures and in near materials."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.capabilities import queries as capabilities
from marketplace.listings import queries
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
        newest, total = queries.browse(session, queries.Filter(nearest_first=False), size=NEWEST)
        return render_template(
            "public/home.html",
            cards=[card(found.listing) for found in newest],
            total=total,
            workshops=capabilities.workshops(session, limit=200),
            figures=figures(session),
        )
