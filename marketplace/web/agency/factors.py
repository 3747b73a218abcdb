"""The factors of the impact ledger, all their versions, and a new one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from marketplace.core.errors import Invalid, Outrun, Problem
from marketplace.core.text import whole
from marketplace.impact import factors
from marketplace.impact.factors import VersionDraft
from marketplace.impact.models import KEPT, ImpactFactor, Path
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.fields import DayField, NumberField, TextField, WholeNumberField, blame
from marketplace.web.impact.figures import factor_name
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, today, transaction

SIZE = 20
PATHS = KEPT
"""What is disposed of avoids nothing and needs no factor."""


class VersionForm(FlaskForm):
    """``seen`` is the version that the writer has before them."""

    value = NumberField(_l("Value"), digits=8)
    low = NumberField(_l("At least"), digits=8)
    high = NumberField(_l("At most"), digits=8)
    source = TextField(_l("Source"))
    year = WholeNumberField(_l("Year of the source"), digits=0)
    valid_from = DayField(_l("Counts for what happens from"))
    seen = HiddenField()

    def show(self, factor: ImpactFactor) -> None:
        """Fill the form with the newest version, to be changed."""
        last = factor.versions[-1]
        for name in ("value", "low", "high", "source", "year"):
            self[name].data = getattr(last, name)
        self.valid_from.data, self.seen.data = today(), str(last.version)

    def draft(self) -> VersionDraft:
        """Return the version; raise ``Invalid`` with every problem."""
        values = {name: self[name].data for name in VersionDraft.__dataclass_fields__}
        empty = [Problem(name, "required") for name, value in values.items() if value is None]
        if empty:
            raise Invalid(empty)
        return VersionDraft(**values)


@bp.get("/factors")
@AGENCY
def impact_factors() -> ResponseReturnValue:
    asked, page = request.args.get("path", ""), Pages.asked()
    path = Path(asked) if asked in PATHS else None
    with reading() as session:
        found, total = factors.history(session, path, page=page, size=SIZE)
        return render_template(
            "impact/factors.html",
            rows=[(factor_name(row.key), row) for row in found],
            paths=PATHS,
            path=path,
            pages=Pages(page, total, SIZE),
        )


@bp.post("/factors")
@AGENCY
def publish_factors() -> ResponseReturnValue:
    with transaction() as session:
        factors.sync(session, now=now())
    flash(_("The published factors are put down."), "yes")
    return redirect(url_for(".impact_factors"))


@bp.route("/factors/<int:factor_id>", methods=["GET", "POST"])
@AGENCY
def impact_factor(factor_id: int) -> ResponseReturnValue:
    form, status = VersionForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate() and _added(form, factor_id):
            flash(_("Added. What was booked before keeps the version that it had."), "yes")
            return redirect(url_for(".impact_factor", factor_id=factor_id))
    with reading() as session:
        factor = factors.get(session, factor_id)
        if not form.is_submitted():
            form.show(factor)
        return render_template(
            "impact/factor.html", form=form, factor=factor, name=factor_name(factor.key)
        ), status


def _added(form: VersionForm, factor_id: int) -> bool:
    try:
        with transaction() as session:
            seen = whole(form.seen.data or "")
            factors.add_version(
                session, factor_id, form.draft(), seen=seen, actor=actor(), now=now()
            )
    except Invalid as refusal:
        blame(form, refusal.problems)
        return False
    except Outrun:
        flash(_("Somebody else has added a version meanwhile. Please look at it first."), "wait")
        return False
    return True
