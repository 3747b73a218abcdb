"""The seal on paper: test report, certificate and licence as PDFs, and the mark for print and web."""

from typing import Any

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from weasyprint import Document

from marketplace.core.actor import require
from marketplace.core.errors import NotFound
from marketplace.seals import catalogue, policy, process, queries, settings
from marketplace.seals.models import SealApplication
from marketplace.seals.register import Certificate, Standing
from marketplace.seals.separation import role_of
from marketplace.web.access import SIGNED_IN
from marketplace.web.orders.agreement import laid_out
from marketplace.web.orders.notes import code
from marketplace.web.seals import mark as drawing
from marketplace.web.seals import words
from marketplace.web.seals.blueprint import bp
from marketplace.web.session import actor, reading, today


def address(certificate: Certificate) -> str:
    """Return where the certificate is checked, as the QR code has it."""
    path = url_for("seal.show", number=certificate.number)
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def report(session: Any, application: SealApplication) -> Document:
    """Return the laid-out test report."""
    return laid_out(
        "seals/report_paper.html",
        application=application,
        lines=words.lines(process.sheet(session, application)),
        figures=queries.figures(application),
        source=words.source,
    )


@bp.get("/<int:application_id>/report.pdf")
@SIGNED_IN
def report_pdf(application_id: int) -> ResponseReturnValue:
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        if application.reported_at is None:
            raise NotFound
        role = role_of(session, application, actor())
        require(policy.is_applicant(actor(), application) or policy.sees_inside(actor(), role))
        content = report(session, application).write_pdf()
        return _file(content, "application/pdf", f"{application.number}.pdf")


@bp.get("/<int:application_id>/<any(certificate, licence):paper>.pdf")
@SIGNED_IN
def paper_pdf(application_id: int, paper: str) -> ResponseReturnValue:
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        certificate = catalogue.of_application(session, application)
        if certificate is None:
            raise NotFound
        url = address(certificate)
        content = laid_out(
            f"seals/{paper}_paper.html",
            application=application,
            certificate=certificate,
            standing=certificate.standing(today()),
            lines=words.lines(process.sheet(session, application)),
            fee=settings.load(session).fee(application.group),
            url=url,
            qr=code(url),
            mark=Markup(drawing.svg(certificate.number)),
        ).write_pdf()
        return _file(content, "application/pdf", f"{certificate.number}-{paper}.pdf")


@bp.get("/<int:application_id>/seal.<any(svg, png):kind>")
@SIGNED_IN
def mark(application_id: int, kind: str) -> ResponseReturnValue:
    """The seal with its number, for the holder of a licence that is in force."""
    with reading() as session:
        application = queries.get(session, application_id, actor=actor())
        certificate = catalogue.of_application(session, application)
        if certificate is None:
            raise NotFound
        makers = {maker.organisation_id for maker in application.makers}
        require(actor().organisation_id in makers | {application.organisation_id})
        require(certificate.standing(today()) is Standing.VALID)
        number = certificate.number
    if kind == "svg":
        return _file(drawing.svg(number).encode(), "image/svg+xml", f"{number}.svg")
    return _file(drawing.png(number), "image/png", f"{number}.png")
