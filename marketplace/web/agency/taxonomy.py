"""The trees of materials and techniques with their use, and the agency's own words for them."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField

from marketplace.capabilities.queries import counts_by_node
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.text import clean
from marketplace.exchange import export
from marketplace.exchange.columns import Content, Format
from marketplace.exchange.writing import write
from marketplace.listings.queries import counts_by_material, counts_by_technique
from marketplace.refusals import sentence
from marketplace.taxonomy.edition import in_force
from marketplace.taxonomy.tables import Branch
from marketplace.taxonomy.tree import Node
from marketplace.taxonomy.waste import waste_codes
from marketplace.taxonomy.words import LANGUAGES, fold
from marketplace.vocabulary import drafting, words
from marketplace.vocabulary.words import WordDraft, tree_of
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.fields import TextField, blame, options
from marketplace.web.language import LANGUAGES as NAMES
from marketplace.web.language import language
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, transaction

SIZE = 50
SHOWN = ("without_factor", "unused", "retired")


@dataclass(frozen=True)
class Line:
    """A node with how many listings and capabilities name it, and how many words we gave it."""

    node: Any
    listings: int
    capabilities: int
    words: int

    @property
    def unused(self) -> bool:
        return not self.listings and not self.capabilities

    @property
    def waste_code(self) -> str:
        """The usual waste code as people write it, empty for none and for techniques."""
        usual = getattr(self.node, "usual_waste_code", None)
        return waste_codes().get(usual).pretty if usual else ""


class WordForm(FlaskForm):
    """``seen`` is the word of which the writer has seen what it means today."""

    word = TextField(_l("Word"))
    language = SelectField(_l("Language"), choices=options(NAMES.items()))
    reason = TextField(_l("Reason, for the record"))
    seen = HiddenField()

    def draft(self, branch: Branch, code: str) -> WordDraft:
        """Return the word; raise ``Invalid`` with every problem."""
        return WordDraft(
            branch=branch,
            code=code,
            language=self.language.data or "",
            word=self.word.data or "",
            reason=self.reason.data or "",
        )


def branch_of(text: str) -> Branch:
    """Return the tree that an address names; raise ``NotFound`` where it is none."""
    if text not in set(Branch):
        raise NotFound
    return Branch(text)


def lines(session: Session, branch: Branch) -> list[Line]:
    """Return every node of a tree with its use."""
    offered, named = counts_by_node(session), words.counts(session, branch)
    if branch is Branch.MATERIALS:
        asked, mark = counts_by_material(session), ""
    else:
        asked, mark = counts_by_technique(session), "~"
    return [
        Line(
            node,
            asked.get(node.code, 0),
            offered.get(f"{mark}{node.code}", 0),
            named.get(node.code, 0),
        )
        for node in tree_of(branch)
    ]


def _called(node: Node, sought: str) -> bool:
    """Tell whether what is sought stands in the code or in a name or synonym of any language."""
    known = [node.code, *(node.name(each) for each in LANGUAGES)]
    known += [word for each in LANGUAGES for word in node.synonyms(each)]
    return any(sought in fold(word) for word in known)


def _wanted(line: Line, show: str) -> bool:
    if show == "retired":
        return bool(line.node.retired)
    if show == "unused":
        return line.unused
    return show != "without_factor" or line.node.factor_kg_co2e_per_kg is None


@bp.get("/taxonomy")
@AGENCY
def taxonomy() -> ResponseReturnValue:
    asked, show = request.args.get("tree", ""), request.args.get("show", "")
    branch = Branch(asked) if asked in set(Branch) else Branch.MATERIALS
    shown = SHOWN if branch is Branch.MATERIALS else SHOWN[1:]
    show = show if show in shown else ""
    text, page = clean(request.args.get("q", ""))[:80], Pages.asked()
    with reading() as session:
        every = lines(session, branch)
        draft = drafting.open_draft(session)
    found = [line for line in every if _wanted(line, show) and _called(line.node, fold(text))]
    return render_template(
        "agency/taxonomy.html",
        branch=branch,
        branches=list(Branch),
        shown=shown,
        show=show,
        text=text,
        tree=tree_of(branch),
        lines=found[(page - 1) * SIZE : page * SIZE],
        pages=Pages(page, len(found), SIZE),
        language=language(),
        speech=LANGUAGES,
        draft=draft,
        edition=in_force().number,
    )


@bp.get("/taxonomy/<branch>.csv")
@AGENCY
def taxonomy_file(branch: str) -> ResponseReturnValue:
    with reading() as session:
        data = write(export.sheet(session, Content(branch_of(branch).value)), Format.CSV)
    answer = Response(data, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{branch}.csv"'
    return answer


@bp.route("/taxonomy/<branch>/<code>", methods=["GET", "POST"])
@AGENCY
def taxonomy_node(branch: str, code: str) -> ResponseReturnValue:
    kind, form = branch_of(branch), WordForm()
    if code not in tree_of(kind):
        raise NotFound
    if request.method == "GET":
        form.language.data = language()
        return _node_page(kind, code, form)
    form.validate()
    if not form.errors:
        try:
            draft = form.draft(kind, code)
            if form.seen.data != draft.word:
                form.seen.data = draft.word
                return _node_page(kind, code, form, checked=draft.word)
            with transaction() as session:
                words.add(session, draft, actor=actor(), now=now())
            flash(_("Added. From now on people find it by “%(word)s”.", word=draft.word), "yes")
            return redirect(url_for(".taxonomy_node", branch=branch, code=code))
        except Invalid as refusal:
            blame(form, refusal.problems)
    return _node_page(kind, code, form), 422


def _node_page(branch: Branch, code: str, form: WordForm, *, checked: str = "") -> str:
    """Show a node; ``checked`` is a word of which to show what it means today."""
    tree, lang = tree_of(branch), language()
    with reading() as session:
        own = words.own(session, branch)
        meant = tree.find(checked, own) if checked else None
        near = tree.suggest(checked, lang, limit=3, own=own) if checked else []
        return render_template(
            "agency/taxonomy_node.html",
            form=form,
            branch=branch,
            tree=tree,
            line=next(line for line in lines(session, branch) if line.node.code == code),
            in_use=words.in_use(session, branch, code),
            history=words.history(session, branch, code),
            checked=checked,
            meant=meant,
            near=near,
            changed=drafting.is_changed(session, branch, code),
            language=lang,
            speech=NAMES,
        )


@bp.post("/taxonomy/words/<int:word_id>/withdraw")
@AGENCY
def withdraw_word(word_id: int) -> ResponseReturnValue:
    reason = clean(request.form.get("reason", ""))
    with reading() as session:
        row = words.get(session, word_id)
        node = url_for(".taxonomy_node", branch=row.tree.value, code=row.code)
    try:
        with transaction() as session:
            words.withdraw(session, word_id, reason, actor=actor(), now=now())
        flash(_("Withdrawn."), "yes")
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
    return redirect(node)
