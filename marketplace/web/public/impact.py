"""What all orders together have brought about, for everybody: sums over at least three only."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.geo.regions import regions
from marketplace.impact import public
from marketplace.impact.models import Measure
from marketplace.impact.public import Group
from marketplace.impact.queries import NEAR_KM, REGIONAL_KM, Sums
from marketplace.web.access import ANYBODY
from marketplace.web.impact.figures import Share, family_name, mass, percent, weighed
from marketplace.web.impact.plots import Point, plot
from marketplace.web.language import language, number
from marketplace.web.session import reading

bp = Blueprint("results", __name__, url_prefix="/results")


def _named(groups: list[Group]) -> list[Share]:
    return [
        Share("", family_name(g.name) if g.name else _("Others"), g.amount, weighed(g.amount))
        for g in groups
    ]


def _region(code: str | None) -> str:
    found = regions().get(code or "")
    return found.names[language()] if found is not None else _("Elsewhere")


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    with reading() as session:
        sums, families = public.sums(session), public.kept_by_family(session)
        given = public.given_by_region(session)
        years = sorted(public.value_by_year(session), key=lambda g: g.name or "")
        points = [
            Point(g.name or _("Others"), g.amount, number(g.amount), g.name or _("Other years"))
            for g in years
        ]
        return render_template(
            "impact/public.html",
            asked=None,
            sums=sums,
            kept=sum(group.amount for group in families),
            families=_named(families),
            value_plot=plot(points),
            regions=[
                (
                    _region(g.name),
                    weighed(g.amount),
                    public.middle_of(session, g) if g.name else None,
                )
                for g in given
            ],
            near=sums.within(NEAR_KM),
            near_km=NEAR_KM,
            regional=Sums.within,
            regional_km=REGIONAL_KM,
            fair=None,
            groups=[],
            mass=mass,
            weighed=weighed,
            percent=percent,
            measures=Measure,
            fewest=public.FEWEST,
        )
