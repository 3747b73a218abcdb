"""The draft of the next edition and what it would do; the editions before it, compared, gone back to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField

from marketplace.core.errors import Invalid, Outrun
from marketplace.core.text import whole
from marketplace.proposals.candidates import ontology_with, weights
from marketplace.proposals.weighing import Moves, compare
from marketplace.refusals import sentence
from marketplace.taxonomy.edition import Difference, Edition, differences
from marketplace.taxonomy.tables import Branch, Entry
from marketplace.taxonomy.waste import waste_codes
from marketplace.vocabulary import drafting, editions
from marketplace.vocabulary.drafts import factor_key
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.agency.taxonomy import branch_of, lines
from marketplace.web.agency.taxonomy_nodes import NodeForm
from marketplace.web.fields import TextField, blame
from marketplace.web.language import language, number
from marketplace.web.session import actor, now, reading, today, transaction

UNITS = {
    "bulk_density_kg_m3": "kg/m³",
    "areal_density_kg_m2": "kg/m²",
    "linear_density_kg_m": "kg/m",
    "piece_mass_kg": "kg",
}


class ForceForm(FlaskForm):
    """Why the draft comes into force; ``seen`` is the revision that its reader has before them."""

    comment = TextField(_l("Reason for the edition"))
    seen = HiddenField()


@dataclass(frozen=True)
class Cell:
    """One thing that differs, with either side's value in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A node that differs, what of it, and how many listings and capabilities name it."""

    branch: Branch
    code: str
    name: str
    kind: str
    is_new: bool
    cells: list[Cell]
    reason: str = ""
    listings: int = 0
    capabilities: int = 0


def _kind(found: Difference) -> str:
    """Return what happens to a node, in a word."""
    if found.before is None:
        return _("new")
    if found.after is None:
        return _("not there")
    if found.before.retired != found.after.retired:
        return _("retired") if found.after.retired else _("offered again")
    return _("changed")


def _text(entry: Entry | None, field: str) -> str:
    """Return what an entry says in one field, in words."""
    value = None if entry is None else getattr(entry, field)
    if field == "factor_material":
        return factor_key(entry) or "–"
    if field == "waste_code" and value:
        return waste_codes().get(value).pretty
    if isinstance(value, tuple):
        return ", ".join(value) or "–"
    if isinstance(value, float):
        return f"{number(value, 6)} {UNITS.get(field, '')}".strip()
    return value or "–"


def _cells(found: Difference) -> list[Cell]:
    labels = {field.name: str(field.label.text) for field in NodeForm(formdata=None)}
    labels |= {"factor_material": labels["factor"], "successor": _("What is meant in its place")}
    cells = [
        Cell(labels[name], _text(found.before, name), _text(found.after, name))
        for name in found.fields
        if name in labels
    ]
    return [cell for cell in cells if cell.before != cell.after]


def _changes(
    found: Iterable[Difference], reasons: dict[tuple[Branch, str], str], session: Session
) -> list[Change]:
    used = {(b, line.node.code): line for b in Branch for line in lines(session, b)}
    changes = []
    for each in found:
        entry, line = each.after or each.before, used.get((each.branch, each.code))
        assert entry is not None
        changes.append(
            Change(
                each.branch,
                each.code,
                getattr(entry, f"name_{language()}"),
                _kind(each),
                each.before is None,
                _cells(each),
                reasons.get((each.branch, each.code), ""),
                line.listings if line else 0,
                line.capabilities if line else 0,
            )
        )
    return changes


def _reasons(session: Session, number: int) -> dict[tuple[Branch, str], str]:
    return {(n.tree, n.code): n.reason for n in editions.nodes_of(session, number)}


@bp.get("/taxonomy/draft")
@AGENCY
def taxonomy_draft() -> ResponseReturnValue:
    return _draft_page(ForceForm(formdata=None))


def _draft_page(form: ForceForm) -> str:
    with reading() as session:
        draft = drafting.open_draft(session)
        if draft is None:
            return render_template("agency/taxonomy_draft.html", draft=None)
        form.seen.data = str(draft.revision)
        before = editions.edition(session, draft.number - 1)
        after = editions.built(session, draft.number)
        found = differences(before, after)
        return render_template(
            "agency/taxonomy_draft.html",
            draft=draft,
            form=form,
            changes=_changes(found, _reasons(session, draft.number), session),
            moves=_moves(session, before, after),
        )


def _moves(session: Session, before: Edition, after: Edition) -> Moves | None:
    """Return what would move at the desks; None where no technique keeps another share of the worth."""
    if not drafting.values_differ(before, after):
        return None
    force = weights(session)
    return compare(session, force, force, trees=ontology_with(after), as_of=today())


def _by() -> dict[str, Any]:
    return {"actor": actor(), "now": now()}


@bp.post("/taxonomy/draft")
@AGENCY
def put_edition_into_force() -> ResponseReturnValue:
    """Put the draft into force, or drop it."""
    form, drops = ForceForm(), request.form.get("do") == "drop"
    seen, by = whole(form.seen.data or "") or 0, _by()
    try:
        with transaction() as session:
            if drops:
                drafting.drop(session, seen=seen, **by)
                number = None
            else:
                comment = form.comment.data or ""
                number = drafting.put_into_force(session, comment, seen=seen, **by).number
    except Invalid as refusal:
        blame(form, refusal.problems)
        return _draft_page(form), 422
    except Outrun:
        flash(_("Somebody else changed the draft meanwhile. Please look at it first."), "wait")
        return _draft_page(form), 409
    if number is None:
        flash(_("The draft is dropped. What is in force stays as it is."), "yes")
        return redirect(url_for(".taxonomy"))
    flash(_("Edition %(n)s of the taxonomy is in force.", n=number), "yes")
    return redirect(url_for(".taxonomy_editions"))


@bp.post("/taxonomy/draft/<branch>/<code>/take-back")
@AGENCY
def take_change_back(branch: str, code: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            drafting.take_back(session, branch_of(branch), code, actor=actor(), now=now())
        flash(_("Taken back."), "yes")
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(url_for(".taxonomy_draft"))


@bp.get("/taxonomy/editions")
@AGENCY
def taxonomy_editions() -> ResponseReturnValue:
    with reading() as session:
        past = editions.history(session)
        pair = _two(past)
        return render_template(
            "agency/taxonomy_editions.html",
            past=past,
            pair=pair,
            changes=_between(session, pair) if pair else [],
            draft=drafting.open_draft(session),
        )


def _two(past: Sequence[editions.Past]) -> tuple[int, int] | None:
    """Return the two editions that the address names, if it does."""
    known = {each.number for each in past}
    asked: list[Any] = [whole(request.args.get(name, "")) for name in ("before", "after")]
    return (asked[0], asked[1]) if known.issuperset(asked) else None


def _between(session: Session, pair: tuple[int, int]) -> list[Change]:
    before, after = (editions.edition(session, number) for number in pair)
    return _changes(differences(before, after), _reasons(session, pair[1]), session)


@bp.post("/taxonomy/editions/<int:number>/back")
@AGENCY
def go_back(number: int) -> ResponseReturnValue:
    """Begin a draft with what an earlier edition said."""
    try:
        with transaction() as session:
            drafting.go_back(session, number, actor=actor(), now=now())
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for(".taxonomy_editions"))
    flash(_("This draft says what edition %(n)s said. Look at what it changes.", n=number), "yes")
    return redirect(url_for(".taxonomy_draft"))
