"""Adding and withdrawing the agency's own words, and finding nodes by them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit
from marketplace.core.actor import Actor, Role, require
from marketplace.core.audit import AuditRow
from marketplace.core.errors import Invalid, NotFound, Problem, WrongState
from marketplace.taxonomy.edition import in_force
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.tables import Branch
from marketplace.taxonomy.tree import Tree, Word
from marketplace.taxonomy.words import LANGUAGES, spoken, verbatim
from marketplace.vocabulary.models import TaxonomyWord

WORD, REASON = 80, 500


@dataclass(frozen=True, kw_only=True)
class WordDraft:
    """A word for the node ``code``, in a language, and why it is needed."""

    branch: Branch
    code: str
    language: str
    word: str
    reason: str

    def __post_init__(self) -> None:
        problems = []
        for name, most in (("word", WORD), ("reason", REASON)):
            if not getattr(self, name):
                problems.append(Problem(name, "required"))
            elif len(getattr(self, name)) > most:
                problems.append(Problem(name, "too_long", {"most": most}))
        if self.word and not verbatim(self.word):
            problems.append(Problem("word", "word_without_letters"))
        if self.language not in LANGUAGES:
            problems.append(Problem("language", "not_a_choice"))
        if problems:
            raise Invalid(problems)


def tree_of(branch: Branch) -> Tree[Any]:
    """Return the tree that a word is about."""
    return in_force().tree(branch)


def own(session: Session, branch: Branch) -> Lookup:
    """Return the agency's words in use for one tree, as its ``find`` and ``suggest`` take them."""
    rows = session.execute(
        select(TaxonomyWord.code, TaxonomyWord.language, TaxonomyWord.word)
        .where(TaxonomyWord.tree == branch, TaxonomyWord.removed_at.is_(None))
        .order_by(TaxonomyWord.id)
    )
    return tree_of(branch).own(Word(code, spoken(language), word) for code, language, word in rows)


def add(session: Session, draft: WordDraft, *, actor: Actor, now: datetime) -> TaxonomyWord:
    """Have a node found by one more word.

    Raises ``NotFound`` for an unknown node, ``Invalid`` on ``word`` where the word means a node already:
    another one, or this one.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    tree = tree_of(draft.branch)
    if draft.code not in tree:
        raise NotFound
    meant = tree.find(draft.word, own(session, draft.branch))
    if meant is not None and (meant.code == draft.code or not meant.retired):
        _taken(draft, meant)
    row = TaxonomyWord(
        tree=draft.branch,
        code=draft.code,
        language=draft.language,
        word=draft.word,
        spelled=verbatim(draft.word),
        added_by=actor.user_id,
        added_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise Invalid.one("word", "word_added_meanwhile") from None
    after: dict[str, object] = {"word": row.word, "language": row.language, "reason": draft.reason}
    audit.note(session, "add", row, actor=actor, now=now, after=after)
    return row


def _taken(draft: WordDraft, meant: Any) -> None:
    if meant.code == draft.code:
        raise Invalid.one("word", "word_known", text=draft.word)
    name = tree_of(draft.branch).path(meant.code, draft.language)
    raise Invalid.one("word", "word_means_other", text=draft.word, name=name)


def withdraw(
    session: Session, word_id: int, reason: str, *, actor: Actor, now: datetime
) -> TaxonomyWord:
    """Have a node no longer found by a word; raise ``Invalid`` on ``reason`` without one."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    row = get(session, word_id, lock=True)
    if row.removed_at is not None:
        raise WrongState("this word is withdrawn already")
    if not reason:
        raise Invalid.one("reason", "reason_required")
    if len(reason) > REASON:
        raise Invalid.one("reason", "too_long", most=REASON)
    row.removed_at = now
    session.flush()
    after: dict[str, object] = {"word": row.word, "language": row.language, "reason": reason}
    audit.note(session, "withdraw", row, actor=actor, now=now, after=after)
    return row


def get(session: Session, word_id: int, *, lock: bool = False) -> TaxonomyWord:
    """Return a word, in use or withdrawn."""
    row = session.get(TaxonomyWord, word_id, with_for_update={"key_share": True} if lock else None)
    if row is None:
        raise NotFound
    return row


def in_use(session: Session, branch: Branch, code: str) -> list[TaxonomyWord]:
    """Return the agency's words for a node, the oldest first."""
    mine = (TaxonomyWord.tree == branch, TaxonomyWord.code == code)
    wanted = select(TaxonomyWord).where(*mine, TaxonomyWord.removed_at.is_(None))
    return list(session.scalars(wanted.order_by(TaxonomyWord.id)))


def history(
    session: Session, branch: Branch, code: str, *, size: int = 50
) -> list[tuple[AuditRow, str | None]]:
    """Return the latest ``size`` decisions about a node's words, the newest first, and who took each."""
    rows = session.execute(
        select(AuditRow, User.name)
        .join(TaxonomyWord, TaxonomyWord.id == AuditRow.subject_id)
        .outerjoin(User, User.id == AuditRow.user_id)
        .where(
            AuditRow.subject == TaxonomyWord.__tablename__,
            TaxonomyWord.tree == branch,
            TaxonomyWord.code == code,
        )
        .order_by(AuditRow.id.desc())
        .limit(size)
    )
    return [(row[0], row[1]) for row in rows]


def counts(session: Session, branch: Branch) -> dict[str, int]:
    """Return how many words of the agency's own each node has."""
    rows = session.execute(
        select(TaxonomyWord.code, func.count())
        .where(TaxonomyWord.tree == branch, TaxonomyWord.removed_at.is_(None))
        .group_by(TaxonomyWord.code)
    )
    return {row[0]: row[1] for row in rows}
