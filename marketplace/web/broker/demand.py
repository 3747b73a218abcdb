"""What waits for a broker's idea: listings that nothing fits, and interest that workshops show."""

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.listings import queries as listings
from marketplace.proposals import preview, queries
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.listing_cards import amount, subject
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.reasons import shut_out_sentences
from marketplace.web.session import actor, reading, today

SIZE = 10
NEAREST = 3


@bp.get("/unmatched")
@BROKER
def unmatched() -> ResponseReturnValue:
    """Show what nothing is proposed for, each with the nearest workshops and what shut them out."""
    page = Pages.asked()
    with reading() as session:
        found, total = queries.unmatched(session, actor=actor(), page=page, size=SIZE)
        rows = [
            (
                listing,
                Picture(listing.photos[0]) if listing.photos else None,
                [
                    (near.capability, near.out.distance_km, shut_out_sentences(near.out))
                    for near in preview.obstacles(session, listing, today=today(), nearest=NEAREST)
                ],
            )
            for listing in found
        ]
        return render_template(
            "broker/unmatched.html",
            rows=rows,
            subject=subject,
            amount=amount,
            total=total,
            pages=Pages(page, total, SIZE),
        )


@bp.get("/interests")
@BROKER
def interests() -> ResponseReturnValue:
    with reading() as session:
        found = listings.interests(session, actor=actor())
        pairs = [(i.listing_id, i.organisation_id) for i in found]
        proposed = queries.of_pairs(session, pairs, actor=actor())
        return render_template(
            "broker/interests.html",
            rows=[
                (
                    i,
                    Picture(i.listing.photos[0]) if i.listing.photos else None,
                    proposed.get((i.listing_id, i.organisation_id)),
                )
                for i in found
            ],
        )
