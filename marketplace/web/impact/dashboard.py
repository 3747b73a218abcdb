"""The dashboard, by who reads it: an organisation's own, a service point's, or the agency's."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.accounts import queries as accounts
from marketplace.core.actor import Actor, Role
from marketplace.core.text import whole
from marketplace.exchange.writing import csv_bytes
from marketplace.impact import lines, organisations, queries
from marketplace.impact.models import Measure, Path
from marketplace.impact.queries import NEAR_KM, REGIONAL_KM, Filter
from marketplace.taxonomy.materials import materials
from marketplace.web.access import SIGNED_IN
from marketplace.web.impact import figures
from marketplace.web.impact.blueprint import bp
from marketplace.web.impact.figures import mass, percent, weighed
from marketplace.web.language import language
from marketplace.web.pages import Pages
from marketplace.web.session import actor, reading, today, visitor

SIZE = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it misspells is not asked for."""

    year: int | None
    quarter: int | None
    material: str
    service_point_id: int | None
    organisation_id: int | None

    @classmethod
    def read(cls) -> "Asked":
        """Return what this request asks for."""
        year, quarter = _number("year", 1990, 2100), _number("quarter", 1, 4)
        code = request.args.get("material", "")
        return cls(
            year,
            quarter if year else None,
            code if materials().find(code) else "",
            whole(request.args.get("point", "")),
            whole(request.args.get("organisation", "")),
        )

    @property
    def filter(self) -> Filter:
        """The same as the ledger reads it."""
        first, last = figures.period(self.year, self.quarter)
        return Filter(
            first=first,
            last=last,
            material=self.material,
            organisation_id=self.organisation_id,
            service_point_id=self.service_point_id,
        )

    @property
    def address(self) -> dict[str, Any]:
        """The query that asks for the same again; an empty year means all of them."""
        found = {
            "quarter": self.quarter,
            "material": self.material,
            "point": self.service_point_id,
            "organisation": self.organisation_id,
        }
        named = {name: value for name, value in found.items() if value}
        return {"year": self.year or "", **named}


def _number(name: str, least: int, most: int) -> int | None:
    found = whole(request.args.get(name, ""))
    return found if found is not None and least <= found <= most else None


def whose(session: Session, who: Actor, asked: Asked) -> str:
    """Return of whom the figures are that somebody reads."""
    if who.has(Role.AGENCY):
        if asked.service_point_id is None:
            return _("All service points")
        return accounts.service_point(session, asked.service_point_id).name
    if who.has(Role.BROKER) and who.service_point_id is not None:
        return accounts.service_point(session, who.service_point_id).name
    return visitor().organisation_name


@bp.get("/")
@SIGNED_IN
def index() -> ResponseReturnValue:
    asked, who = Asked.read(), actor()
    with reading() as session:
        known = queries.years(session, actor=who)
        if "year" not in request.args and known:
            asked = replace(asked, year=known[0])
        points = []
        if who.has(Role.AGENCY):
            every = Filter(**{**vars(asked.filter), "service_point_id": None})
            points = queries.by_service_point(session, every, actor=who)
        anew = lines.with_todays_factors(session, asked.filter, actor=who, today=today())
        return render_template(
            "impact/index.html",
            asked=asked,
            whose=whose(session, who, asked),
            years=known,
            families_known=[(node.code, node.name(language())) for node in _families()],
            points=points,
            places=organisations.places(session, asked.filter, actor=who),
            anew=anew,
            differs=any(abs(row.today - row.booked) >= 0.5 for row in anew),
            mass=mass,
            weighed=weighed,
            percent=percent,
            near_km=NEAR_KM,
            regional=queries.Sums.within,
            regional_km=REGIONAL_KM,
            measures=Measure,
            zip=zip,
            **figures.dashboard(session, asked.filter, asked.year, actor=who),
        )


def _families() -> list[Any]:
    return [node for node in materials() if node.level == 0]


@bp.get("/table.csv")
@SIGNED_IN
def table() -> ResponseReturnValue:
    asked, who = Asked.read(), actor()
    with reading() as session:
        monthly = asked.year is not None
        found = queries.cells(session, asked.filter, monthly=monthly, actor=who)
        rows = figures.table(found, asked.year)
    columns = ["period", *(measure.value for measure in Measure), "co2e_net_kg", "mean_km"]
    records = [
        {"period": row.name, "co2e_net_kg": row.sums.net, "mean_km": row.sums.km}
        | {measure.value: row.sums.of(measure) for measure in Measure}
        for row in rows
    ]
    return _file(csv_bytes(columns, records), "impact.csv")


def _file(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/entries")
@SIGNED_IN
def entries() -> ResponseReturnValue:
    asked, who, page = Asked.read(), actor(), Pages.asked()
    measure, path = request.args.get("measure", ""), request.args.get("path", "")
    of = Measure(measure) if measure in set(Measure) else None
    on = Path(path) if path in set(Path) else None
    with reading() as session:
        rows, total = lines.lines(session, asked.filter, of, on, actor=who, page=page, size=SIZE)
        return render_template(
            "impact/entries.html",
            rows=rows,
            known=lines.known_orders(session, rows, actor=who),
            asked=asked,
            measure=of,
            path=on,
            measures=list(Measure),
            whose=whose(session, who, asked),
            pages=Pages(page, total, SIZE),
            total=total,
        )
