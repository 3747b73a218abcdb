"""The agreement on paper: the order's page as a PDF, in the reader's language."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from weasyprint import HTML, Document
from weasyprint.urls import URLFetcher, URLFetcherResponse

from marketplace.orders.models import Order
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


def document(order: Order) -> Document:
    """Return the laid-out agreement."""
    html = render_template(
        "orders/agreement.html",
        order=order,
        parties=words.parties(order),
        amount=words.amount(order),
        price=words.price(order),
        place_of={order.client_id: order.client, order.enterprise_id: order.enterprise},
    )
    fetcher = StaticFiles(Path(str(current_app.static_folder)))
    return HTML(string=html, base_url=BASE, url_fetcher=fetcher).render()


def pdf(order: Order) -> bytes:
    """Return the agreement as a PDF."""
    written: bytes = document(order).write_pdf()
    return written
