"""The matcher's weights: the version in force, those before it, and what another one would move."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.errors import Invalid, Outrun
from marketplace.core.text import whole
from marketplace.matching.kinds import Component
from marketplace.matching.weights import Weights
from marketplace.proposals.versions import (
    NUMBERS,
    Version,
    WeightsDraft,
    history,
    put_into_force,
)
from marketplace.proposals.weighing import compare
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.agency.forms import WeightsForm
from marketplace.web.fields import blame
from marketplace.web.reasons import component_name
from marketplace.web.session import actor, now, reading, today, transaction


@dataclass(frozen=True)
class Bar:
    """One component's share of the whole, in percent, with either weights."""

    name: str
    before: float
    after: float


@bp.get("/weights")
@AGENCY
def weights() -> ResponseReturnValue:
    form = WeightsForm(formdata=None)
    with reading() as session:
        versions = history(session)
        form.show(WeightsDraft.of(versions[0].weights))
        pair = _two_versions(versions) or _typed(form, versions[0])
        moves = compare(session, *(v.weights for v in pair), as_of=today()) if pair else None
        return _page(form, versions, pair=pair, moves=moves, bars=_bars(*pair) if pair else [])


def _page(form: WeightsForm, versions: list[Version], **facts: object) -> str:
    names = [component_name(component) for component in Component]
    return render_template(
        "agency/weights.html", form=form, versions=versions, names=names, **facts
    )


def _two_versions(versions: list[Version]) -> tuple[Version, Version] | None:
    """Return the two versions that the address names, if it does."""
    known = {version.number: version for version in versions}
    asked = [known.get(whole(request.args.get(name, "")) or 0) for name in ("before", "after")]
    return (asked[0], asked[1]) if asked[0] and asked[1] else None


def _typed(form: WeightsForm, force: Version) -> tuple[Version, Version] | None:
    """Return what is in force and the weights that the address spells, if it does."""
    if not any(name in request.args for name in NUMBERS):
        return None
    form.read(request.args)
    try:
        return force, Version(form.draft().weights(force.number + 1))
    except Invalid as refusal:
        blame(form, [p for p in refusal.problems if not form[p.field].errors])
        return None


def _shares(force: Weights) -> list[float]:
    column = force.column()
    return [float(share) for share in 100 * column / column.sum()]


def _bars(before: Version, after: Version) -> list[Bar]:
    columns = zip(Component, _shares(before.weights), _shares(after.weights), strict=True)
    return [Bar(component_name(component), *shares) for component, *shares in columns]


@bp.post("/weights")
@AGENCY
def set_weights() -> ResponseReturnValue:
    """Lead to what would move, at an address of its own; or put the weights into force."""
    form = WeightsForm()
    try:
        if form.validate_on_submit():
            if request.form.get("do") == "force":
                return _put_into_force(form)
            form.draft().weights(version=0)
            return redirect(url_for(".weights", **form.address(), _anchor="moves"))
    except Invalid as refusal:
        blame(form, refusal.problems)
    except Outrun:
        flash(
            _("Somebody else put a version into force meanwhile. Please look at it first."), "wait"
        )
    with reading() as session:
        return _page(form, history(session)), 422


def _put_into_force(form: WeightsForm) -> ResponseReturnValue:
    with transaction() as session:
        version = put_into_force(session, form.draft(), actor=actor(), now=now()).version
    flash(_("Version %(n)s is in force. Everything is being matched anew.", n=version), "yes")
    return redirect(url_for(".weights"))
