"""Chains at the desk: two or three workshops in a row, where no single one can do it all."""

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.proposals.chains import chains, loaded
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.listing_cards import amount, subject
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.session import actor, reading, today

SIZE = 10


@bp.get("/chains")
@BROKER
def plan_chains() -> ResponseReturnValue:
    page = Pages.asked()
    with reading() as session:
        found = chains(session, actor=actor(), today=today())
        part = found[(page - 1) * SIZE : page * SIZE]
        listings, capabilities = loaded(session, part)
        rows = [
            (
                chain,
                listing := listings[chain.listing_id],
                Picture(listing.photos[0]) if listing.photos else None,
                [(step, capabilities[step.capability_id]) for step in chain.steps],
            )
            for chain in part
        ]
        return render_template(
            "broker/chains.html",
            rows=rows,
            total=len(found),
            subject=subject,
            amount=amount,
            pages=Pages(page, len(found), SIZE),
        )
