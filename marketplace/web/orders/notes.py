"""The hand-over note on paper, with a QR code that opens the hand-over on a phone."""

import io

import segno
from flask import current_app, url_for
from markupsafe import Markup
from weasyprint import Document

from marketplace.orders import legal
from marketplace.orders.carrying import Delivery
from marketplace.orders.models import Order
from marketplace.web.orders import words
from marketplace.web.orders.agreement import laid_out


def address(delivery: Delivery) -> str:
    """Return where the hand-over is recorded, as the QR code has it."""
    path = url_for("codes.scanned", token=delivery.token)
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def code(text: str) -> Markup:
    """Return the QR code of a text as an SVG element."""
    out = io.BytesIO()
    drawn = segno.make(text, error="m", micro=False)
    drawn.save(out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True)
    return Markup(out.getvalue().decode())


def document(order: Order, delivery: Delivery) -> Document:
    """Return the laid-out note."""
    parties = {party.id: party.organisation for party in order.parties}
    return laid_out(
        "orders/note.html",
        order=order,
        delivery=delivery,
        line=delivery.line,
        giver=parties[delivery.line.giver_id],
        taker=parties[delivery.line.taker_id],
        amount=lambda value: words.measured(value, delivery.line),
        address=address(delivery),
        code=code(address(delivery)),
        shipment=legal.shipments(order).get(delivery.line_id),
    )
