"""The agency changes the trees: nodes are added, said otherwise, retired, in the draft of an edition."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, TextAreaField

from marketplace.core.errors import Invalid, NotFound, Outrun
from marketplace.core.text import clean
from marketplace.taxonomy.edition import Edition
from marketplace.taxonomy.tables import SYNONYMS, Branch, Entry
from marketplace.taxonomy.waste import waste_codes
from marketplace.taxonomy.words import LANGUAGES
from marketplace.vocabulary import drafting, nodes
from marketplace.vocabulary.drafts import MASSES, NodeDraft, factor_key, factor_rows, mark
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.agency.taxonomy import branch_of
from marketplace.web.fields import NumberField, TextField, blame, options
from marketplace.web.language import language
from marketplace.web.session import actor, now, reading, transaction

NAMES = tuple(f"name_{each}" for each in LANGUAGES)


class NodeForm(FlaskForm):
    """What is said of a node; ``seen`` tells as which the writer has seen it."""

    name_de = TextField(_l("Name in German"))
    name_hu = TextField(_l("Name in Hungarian"))
    name_en = TextField(_l("Name in English"))
    synonyms_de = TextAreaField(_l("Other German words"))
    synonyms_hu = TextAreaField(_l("Other Hungarian words"))
    synonyms_en = TextAreaField(_l("Other English words"))
    bulk_density_kg_m3 = NumberField(_l("Density, loose or stacked"), digits=6)
    areal_density_kg_m2 = NumberField(_l("Mass of a square metre"), digits=6)
    linear_density_kg_m = NumberField(_l("Mass of a metre"), digits=6)
    piece_mass_kg = NumberField(_l("Mass of a piece"), digits=6)
    waste_code = TextField(_l("Usual waste code"))
    factor = SelectField(_l("Published factor that stands for it"), validate_choice=False)
    value_retention = NumberField(_l("Value kept"), digits=6)
    reason = TextField(_l("Reason, for the record"))
    seen = HiddenField()

    def offer(self) -> None:
        """Offer the published factors."""
        rows = [(key, key) for key in sorted(factor_rows())]
        self.factor.choices = options([("", _("that of the node above")), *rows])

    def show(self, entry: Entry) -> None:
        """Fill the form from what the draft, or the edition in force, says."""
        for name in (*NAMES, *MASSES, "value_retention"):
            self[name].data = getattr(entry, name)
        for name in SYNONYMS:
            self[name].data = "\n".join(getattr(entry, name))
        self.waste_code.data = (
            waste_codes().get(entry.waste_code).pretty if entry.waste_code else ""
        )
        self.factor.data = factor_key(entry)

    def draft(self, branch: Branch) -> NodeDraft:
        """Return the answers as the domain speaks of them; raise ``Invalid`` with every problem."""
        values = {name: self[name].data for name in (*NAMES, *MASSES, "value_retention")}
        values |= {name: _lines(self[name].data) for name in SYNONYMS}
        return NodeDraft(
            branch=branch,
            **values,
            waste_code=self.waste_code.data or "",
            factor=self.factor.data or "",
            reason=self.reason.data or "",
        )


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in clean(text).splitlines() if line.strip())


class RetireForm(FlaskForm):
    """Why a node is offered no more, or again, and what is meant in its place."""

    successor = TextField(_l("What is meant in its place"))
    reason = TextField(_l("Reason, for the record"))
    seen = HiddenField()


def _entry(trees: Edition, branch: Branch, code: str) -> Entry:
    entry = trees.entries[branch].get(code)
    if entry is None:
        raise NotFound
    return entry


def _try(form: FlaskForm, change: Callable[[Session], object]) -> bool:
    """Change the draft if nothing is wrong; tell whether it was done."""
    form.validate()
    if form.errors:
        return False
    try:
        with transaction() as session:
            change(session)
    except Invalid as refusal:
        blame(form, refusal.problems)
    except Outrun:
        form.seen.data = ""
        flash(_("Somebody else changed this meanwhile. Please look at it first."), "wait")
    else:
        flash(_("Noted in the draft. It counts from when the draft comes into force."), "yes")
        return True
    return False


@bp.route("/taxonomy/new/<branch>", methods=["GET", "POST"])
@AGENCY
def new_node(branch: str) -> ResponseReturnValue:
    kind, below, form = branch_of(branch), request.args.get("below") or None, NodeForm()
    form.offer()
    if request.method == "POST" and _try(
        form,
        lambda session: nodes.add(session, below, form.draft(kind), actor=actor(), now=now()),
    ):
        return redirect(url_for(".taxonomy_draft"))
    return _node_form(form, kind, below, None), 422 if request.method == "POST" else 200


@bp.route("/taxonomy/<branch>/<code>/change", methods=["GET", "POST"])
@AGENCY
def change_node(branch: str, code: str) -> ResponseReturnValue:
    kind, form = branch_of(branch), NodeForm()
    form.offer()
    if request.method == "POST" and _try(
        form,
        lambda session: nodes.change(
            session, code, form.draft(kind), seen=form.seen.data or "", actor=actor(), now=now()
        ),
    ):
        return redirect(url_for(".taxonomy_draft"))
    above = code.rpartition(".")[0] or None
    return _node_form(form, kind, above, code), 422 if request.method == "POST" else 200


def _node_form(form: NodeForm, branch: Branch, below: str | None, code: str | None) -> str:
    with reading() as session:
        trees = drafting.trees(session)
        above = None if below is None else _entry(trees, branch, below)
        entry = None if code is None else _entry(trees, branch, code)
    if entry is not None:
        _show(form, entry)
    return render_template(
        "agency/taxonomy_node_form.html",
        form=form,
        branch=branch,
        above=above,
        entry=entry,
        tree=trees.tree(branch),
        language=language(),
    )


def _show(form: NodeForm | RetireForm, entry: Entry) -> None:
    """Say as which the node is shown, and fill the form where nobody has typed yet."""
    if request.method == "GET" and isinstance(form, NodeForm):
        form.show(entry)
    if not form.seen.data:
        form.seen.data = mark(entry)


@bp.route("/taxonomy/<branch>/<code>/retire", methods=["GET", "POST"])
@AGENCY
def retire_node(branch: str, code: str) -> ResponseReturnValue:
    """Retire a node, or offer one again that is retired."""
    kind, form = branch_of(branch), RetireForm()
    with reading() as session:
        trees = drafting.trees(session)
    entry = _entry(trees, kind, code)
    reason = form.reason.data or ""
    by: Any = {"actor": actor(), "now": now()}

    def change(session: Session) -> None:
        seen = form.seen.data or ""
        if entry.retired:
            nodes.reinstate(session, kind, code, reason, seen=seen, **by)
        else:
            nodes.retire(session, kind, code, form.successor.data or "", reason, seen=seen, **by)

    if request.method == "POST" and _try(form, change):
        return redirect(url_for(".taxonomy_draft"))
    _show(form, entry)
    page = render_template(
        "agency/taxonomy_retire.html",
        form=form,
        branch=kind,
        entry=entry,
        tree=trees.tree(kind),
        language=language(),
    )
    return page, 422 if request.method == "POST" else 200
