"""Reports per organisation and year, as PDF and XLSX, in the language that was chosen."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.text import whole
from marketplace.impact import queries
from marketplace.impact import report as reporting
from marketplace.impact.models import Measure
from marketplace.impact.queries import NEAR_KM, REGIONAL_KM, Filter
from marketplace.impact.report import Report
from marketplace.web.access import SIGNED_IN
from marketplace.web.impact import figures
from marketplace.web.impact.blueprint import bp
from marketplace.web.impact.figures import percent, weighed
from marketplace.web.impact.workbook import workbook
from marketplace.web.language import LANGUAGES, language
from marketplace.web.orders.agreement import laid_out
from marketplace.web.session import actor, now, reading, today

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _organisation(session: Session, who: Actor) -> Organisation:
    """Return whose report it is: one that the address names and the actor has lines of, or the own."""
    asked = whole(request.args.get("organisation", ""))
    key = asked if asked is not None else who.organisation_id
    found = None if key is None else session.get(Organisation, key)
    if found is None or not (who.belongs_to(key) or found in _known(session, who)):
        raise NotFound
    return found


def _known(session: Session, who: Actor) -> list[Organisation]:
    """Return the organisations of which the actor may see lines."""
    return [] if who.organisation_id is not None else queries.organisations(session, actor=who)


def _year() -> int:
    found = whole(request.args.get("year", ""))
    return found if found is not None and 1990 <= found <= 2100 else today().year


def _language() -> str:
    found = request.args.get("lang", "")
    return found if found in LANGUAGES else language()


@bp.get("/report")
@SIGNED_IN
def report() -> ResponseReturnValue:
    who = actor()
    with reading() as session:
        return render_template(
            "impact/report.html",
            years=queries.years(session, actor=who) or [today().year],
            organisations=_known(session, who),
            tongues=LANGUAGES,
        )


def _found(session: Session, who: Actor) -> tuple[Organisation, Report]:
    organisation = _organisation(session, who)
    return organisation, reporting.for_year(session, organisation.id, _year(), actor=who)


@bp.get("/report.pdf")
@SIGNED_IN
def pdf() -> ResponseReturnValue:
    with reading() as session, force_locale(_language()):
        organisation, found = _found(session, actor())
        written = laid_out("impact/report_pdf.html", **_context(session, organisation, found))
        data: bytes = written.write_pdf()
    return _file(data, "application/pdf", organisation, found, "pdf")


def _context(session: Session, organisation: Organisation, found: Report) -> dict[str, Any]:
    wanted = Filter(
        first=figures.period(found.year, None)[0],
        last=figures.period(found.year, None)[1],
        organisation_id=organisation.id,
    )
    return {
        "lang": _language(),
        "organisation": organisation,
        "report": found,
        "measures": Measure,
        "weighed": weighed,
        "percent": percent,
        "near": found.sums.within(NEAR_KM),
        "regional": found.sums.within(REGIONAL_KM),
        "near_km": NEAR_KM,
        "regional_km": REGIONAL_KM,
        "made_on": now(),
        "factor_name": figures.factor_name,
        **{
            name: value
            for name, value in figures.dashboard(session, wanted, found.year, actor=actor()).items()
            if name in {"paths", "value_plot", "hours_plot", "in_work"}
        },
    }


@bp.get("/report.xlsx")
@SIGNED_IN
def xlsx() -> ResponseReturnValue:
    with reading() as session, force_locale(_language()):
        organisation, found = _found(session, actor())
        data = workbook(organisation, found, _language())
    return _file(data, XLSX, organisation, found, "xlsx")


def _file(data: bytes, kind: str, of: Organisation, found: Report, ending: str) -> Response:
    response = Response(data, mimetype=kind)
    name = f"impact-{of.ref}-{found.year}.{ending}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
