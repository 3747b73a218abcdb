"""Changing the trees in the draft of the next edition: nodes are added, said otherwise, retired."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, NotFound, Outrun, Problem
from marketplace.taxonomy.edition import Difference
from marketplace.taxonomy.tables import Branch, Entry
from marketplace.taxonomy.words import LANGUAGES, compact, fold, verbatim
from marketplace.vocabulary.drafting import begin, note, say
from marketplace.vocabulary.drafts import NodeDraft, mark, reason_problems
from marketplace.vocabulary.editions import built

CODE = 120
NO_LETTER = re.compile(r"[^a-z0-9]+")


class _Open:
    """The draft of the next edition, locked, with its trees; and who changes it."""

    def __init__(self, session: Session, actor: Actor, now: datetime) -> None:
        self.session, self.actor, self.now = session, actor, now
        self.draft = begin(session, actor=actor, now=now)
        self.trees = built(session, self.draft.number)

    def entry(self, branch: Branch, code: str, seen: str) -> Entry:
        """Return what the draft says of a node; raise ``Outrun`` where that is not what was seen."""
        entry = self.trees.entries[branch].get(code)
        if entry is None:
            raise NotFound
        if mark(entry) != seen:
            raise Outrun("somebody else changed this node meanwhile")
        return entry

    def say(
        self, action: str, branch: Branch, before: Entry | None, after: Entry, reason: str
    ) -> None:
        say(self.session, self.draft, branch, after, reason)
        found = Difference(branch, after.code, before, after)
        note(self.session, action, self.draft, found, reason, actor=self.actor, now=self.now)


def add(
    session: Session, below: str | None, draft: NodeDraft, *, actor: Actor, now: datetime
) -> Entry:
    """Have the draft of the next edition add a node below another one, or at the top.

    Its code is made from its English name. Raises ``NotFound`` for an unknown node above, ``Invalid``
    where that is retired, where the code is taken or the names mean another node.
    """
    work = _Open(session, actor, now)
    entries = work.trees.entries[draft.branch]
    if below is not None and below not in entries:
        raise NotFound
    if below is not None and entries[below].retired:
        raise Invalid.one("", "node_retired_above")
    entry = draft.entry(_code(below, draft.name_en))
    if entry.code in entries:
        raise Invalid.one("name_en", "code_taken", text=entry.code)
    _check_words(entry, None, entries)
    work.say("add_node", draft.branch, None, entry, draft.reason)
    return entry


def _code(below: str | None, name_en: str) -> str:
    """Return the code below another one: lower-case letters and digits of the English name."""
    slug = NO_LETTER.sub("_", fold(name_en)).strip("_")
    if not slug or (below is None and slug[0].isdigit()):
        raise Invalid.one("name_en", "code_impossible")
    code = f"{below}.{slug}" if below else slug
    if len(code) > CODE:
        raise Invalid.one("name_en", "too_long", most=len(slug) - len(code) + CODE)
    return code


def change(
    session: Session, code: str, draft: NodeDraft, *, seen: str, actor: Actor, now: datetime
) -> None:
    """Have the draft of the next edition say a node's words and figures otherwise.

    Raises ``Outrun`` where the draft says something else of it than what was ``seen`` (see ``mark``),
    ``Invalid`` where the words mean another node or nothing would change.
    """
    work = _Open(session, actor, now)
    before = work.entry(draft.branch, code, seen)
    after = draft.entry(code, before)
    if after == before:
        raise Invalid.one("", "node_unchanged")
    _check_words(after, before, work.trees.entries[draft.branch])
    work.say("change_node", draft.branch, before, after, draft.reason)


def retire(
    session: Session,
    branch: Branch,
    code: str,
    successor: str,
    reason: str,
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Have the draft of the next edition retire a node; ``successor`` (a code or word) may be empty.

    Raises ``Outrun`` as ``change`` does, ``Invalid`` where nodes below it are in use, or where the
    successor is none.
    """
    work = _Open(session, actor, now)
    before = work.entry(branch, code, seen)
    problems = list(reason_problems(reason))
    if before.retired or any(not e.retired for e in work.trees.tree(branch).descendants(code)[1:]):
        wrong = "node_retired_already" if before.retired else "nodes_below_in_use"
        problems.append(Problem("", wrong))
    heir = work.trees.tree(branch).find(successor) if successor else None
    if successor and (heir is None or heir.retired or heir.code == code):
        problems.append(Problem("successor", "successor_unknown", {"text": successor}))
    if problems:
        raise Invalid(problems)
    after = replace(before, retired=True, successor=None if heir is None else heir.code)
    work.say("retire_node", branch, before, after, reason)


def reinstate(
    session: Session,
    branch: Branch,
    code: str,
    reason: str,
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Have the draft of the next edition offer a retired node again; raises as ``retire`` does."""
    work = _Open(session, actor, now)
    before, entries = work.entry(branch, code, seen), work.trees.entries[branch]
    problems, above = list(reason_problems(reason)), code.rpartition(".")[0]
    if not before.retired:
        problems.append(Problem("", "node_in_use"))
    if above and entries[above].retired:
        problems.append(Problem("", "node_retired_above"))
    if problems:
        raise Invalid(problems)
    after = replace(before, retired=False, successor=None)
    _check_words(after, None, entries)
    work.say("reinstate_node", branch, before, after, reason)


def _check_words(entry: Entry, before: Entry | None, entries: Mapping[str, Entry]) -> None:
    """Refuse new names that a sibling has, and new words that mean a node neither above nor below."""
    others = [e for e in entries.values() if e.code != entry.code and not e.retired]
    unlike = [e for e in others if not (_covers(e, entry) or _covers(entry, e))]
    siblings = [e for e in others if e.code.rpartition(".")[0] == entry.code.rpartition(".")[0]]
    meant = {verbatim(word): e for e in unlike for _, word in _words(e)}
    known = set() if before is None else set(_words(before))
    problems = []
    for field, word in _words(entry):
        if (field, word) in known:
            continue
        if field.startswith("name_") and compact(word) in _named(siblings, field):
            problems.append(Problem(field, "name_taken"))
        elif verbatim(word) in meant:
            name = getattr(meant[verbatim(word)], f"name_{field[-2:]}")
            problems.append(Problem(field, "word_means_other", {"text": word, "name": name}))
    if problems:
        raise Invalid(problems)


def _covers(upper: Entry, lower: Entry) -> bool:
    return lower.code.startswith(f"{upper.code}.")


def _named(entries: Iterable[Entry], field: str) -> set[str]:
    return {compact(getattr(entry, field)) for entry in entries}


def _words(entry: Entry) -> Iterator[tuple[str, str]]:
    """Give the names and synonyms, each with the field that it stands in."""
    for language in LANGUAGES:
        name, synonyms = f"name_{language}", f"synonyms_{language}"
        yield from chain(
            [(name, getattr(entry, name))], ((synonyms, w) for w in getattr(entry, synonyms))
        )
