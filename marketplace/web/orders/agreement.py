"""Orders on paper: the agreement as a PDF, in the reader's language."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from weasyprint import HTML, Document
from weasyprint.urls import URLFetcher, URLFetcherResponse

from marketplace.orders import legal, policy
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order
from marketplace.orders.money import sums
from marketplace.web.orders import words

BASE = "https://static.invalid/"
TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


class StaticFiles(URLFetcher):
    """Gives WeasyPrint the product's own static files, and nothing else from anywhere."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder.resolve()

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the file that the address names below ``BASE``; raise ``ValueError`` for others."""
        path = (self.folder / unquote(urlsplit(url).path).lstrip("/")).resolve()
        known = url.startswith(BASE) and path.is_relative_to(self.folder)
        if not known or path.suffix not in TYPES or not path.is_file():
            raise ValueError(f"not one of our files: {url}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})


def laid_out(template: str, **context: Any) -> Document:
    """Return a page of ours as it is printed."""
    fetcher = StaticFiles(Path(str(current_app.static_folder)))
    html = render_template(template, **context)
    return HTML(string=html, base_url=BASE, url_fetcher=fetcher).render()


def document(order: Order) -> Document:
    """Return the laid-out agreement."""
    offered = [terms for terms in order.versions if terms.version == order.terms]
    return laid_out(
        "orders/agreement.html",
        order=order,
        parties=words.parties(order),
        lines=words.lines(order),
        total=sums(order.lines).total,
        money=words.money,
        shipments=sorted(set(legal.shipments(order).values())),
        digest=offered[0].digest if offered else "",
        agreed=policy.agreed_by_all(order, order.terms) and order.state is not OrderState.DRAFT,
    )


def pdf(order: Order) -> bytes:
    """Return the agreement as a PDF."""
    written: bytes = document(order).write_pdf()
    return written
