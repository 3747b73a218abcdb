"""Reports per organisation and year, as PDF and XLSX, in the language that was chosen."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.text import clean, whole
from marketplace.impact import organisations, queries
from marketplace.impact import report as reporting
from marketplace.impact.models import Measure
from marketplace.impact.queries import NEAR_KM, REGIONAL_KM, Filter
from marketplace.impact.report import Report
from marketplace.web.access import SIGNED_IN
from marketplace.web.fields import TextField
from marketplace.web.impact import figures
from marketplace.web.impact.blueprint import bp
from marketplace.web.impact.figures import percent, weighed
from marketplace.web.impact.workbook import workbook
from marketplace.web.language import LANGUAGES, language
from marketplace.web.orders.agreement import laid_out
from marketplace.web.session import actor, now, reading, today

FEW, MOST = 8, 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportForm(FlaskForm):
    """``whose`` is typed; ``organisation`` is the key of a suggestion that was chosen."""

    whose = TextField(_l("Organisation"))
    organisation = HiddenField()


def _words() -> str:
    return clean(request.args.get("whose", ""))[:100]


def _choices(session: Session, who: Actor) -> list[Organisation]:
    """Return whose report it can be: the one that the address names, else the own, else those that are
    called as somebody typed."""
    asked = whole(request.args.get("organisation", ""))
    if who.organisation_id is not None and asked in (None, who.organisation_id):
        return [session.get_one(Organisation, who.organisation_id)]
    if who.organisation_id is not None:
        raise NotFound
    if asked is not None:
        return [organisations.get(session, asked, actor=who)]
    words = _words()
    return organisations.called(session, words, at_most=MOST, actor=who) if words else []


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
    form = ReportForm(formdata=request.args, meta={"csrf": False})
    with reading() as session:
        years = queries.years(session, actor=who)
        chooses = who.organisation_id is None and bool(years)
        return render_template(
            "impact/report.html",
            form=form,
            years=years or [today().year],
            year=_year(),
            tongue=_language(),
            chooses=chooses,
            words=_words(),
            found=_choices(session, who) if chooses else [],
            tongues=LANGUAGES,
        )


@bp.get("/report/organisations")
@SIGNED_IN
def report_organisations() -> ResponseReturnValue:
    """Suggest whose report a broker may mean."""
    words = clean(request.args.get("q", ""))[:100]
    with reading() as session:
        found = organisations.called(session, words, at_most=FEW, actor=actor()) if words else []
        rows = [{"value": str(o.id), "label": o.name, "hint": o.city} for o in found]
    return jsonify(items=rows)


Write = Callable[[Session, Organisation, Report], bytes]


def _made(kind: str, ending: str, write: Write) -> ResponseReturnValue:
    """Return the report as a file; where it is not clear whose, the page asks."""
    who = actor()
    with reading() as session, force_locale(_language()):
        choices = _choices(session, who)
        if len(choices) != 1:
            return redirect(url_for(".report", **_typed()))
        found = reporting.for_year(session, choices[0].id, _year(), actor=who)
        data = write(session, choices[0], found)
        return _file(data, kind, choices[0], found, ending)


def _typed() -> dict[str, Any]:
    asked = ((name, request.args.get(name, "")) for name in ("whose", "year", "lang"))
    return {name: text for name, text in asked if text}


@bp.get("/report.pdf")
@SIGNED_IN
def pdf() -> ResponseReturnValue:
    def write(session: Session, organisation: Organisation, found: Report) -> bytes:
        written = laid_out("impact/report_pdf.html", **_context(session, organisation, found))
        data: bytes = written.write_pdf()
        return data

    return _made("application/pdf", "pdf", write)


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
    return _made(XLSX, "xlsx", lambda _session, whose, found: workbook(whose, found, _language()))


def _file(data: bytes, kind: str, of: Organisation, found: Report, ending: str) -> Response:
    response = Response(data, mimetype=kind)
    name = f"impact-{of.ref}-{found.year}.{ending}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
