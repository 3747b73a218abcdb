"""The draft of the next edition: begun, changed, dropped, or put into force."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, Role, require
from marketplace.core.errors import Invalid, NotFound, Outrun, WrongState
from marketplace.core.text import clean
from marketplace.taxonomy.edition import Difference, Edition, differences
from marketplace.taxonomy.tables import Branch, Entry, released
from marketplace.vocabulary.editions import built, edition, entry_of, newest, nodes_of, plain
from marketplace.vocabulary.events import ValuesChanged
from marketplace.vocabulary.models import TaxonomyEdition, TaxonomyNode

MOST_COMMENT = 200
Said = tuple[Branch, Entry, str]


def open_draft(session: Session, *, lock: bool = False) -> TaxonomyEdition | None:
    """Return the draft of the next edition, if there is one."""
    query = select(TaxonomyEdition).where(TaxonomyEdition.put_at.is_(None))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def trees(session: Session) -> Edition:
    """Return the trees as the draft has them, or those in force where there is none."""
    draft = open_draft(session)
    return edition(session, newest(session)) if draft is None else built(session, draft.number)


def is_changed(session: Session, branch: Branch, code: str) -> bool:
    """Tell whether the draft says something else of a node than what is in force."""
    present = edition(session, newest(session)).entries[branch]
    return trees(session).entries[branch].get(code) != present.get(code)


def begin(session: Session, *, actor: Actor, now: datetime) -> TaxonomyEdition:
    """Return the draft, locked; where there is none, a new one that says what is in force.

    Raises ``Outrun`` where others put a draft into force or drop it at the same moment.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    draft = open_draft(session, lock=True)
    if draft is not None:
        return draft
    base = newest(session)
    try:
        return _start(session, base, _said(session, base), actor, now)
    except Outrun:
        draft = open_draft(session, lock=True)
        if draft is None:
            raise
        return draft


def go_back(session: Session, number: int, *, actor: Actor, now: datetime) -> TaxonomyEdition:
    """Begin a draft that says what an earlier edition said; nodes that it did not have yet are retired.

    Raises ``NotFound`` where no such edition was in force, ``Invalid`` where it is in force now or a
    draft is open, ``Outrun`` where somebody begins one at the same moment.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    base = newest(session)
    if number == base:
        raise Invalid.one("", "edition_in_force")
    wanted, present = edition(session, number), edition(session, base)
    if open_draft(session) is not None:
        raise Invalid.one("", "draft_open")
    said = _said(session, number)
    for each in differences(present, wanted):
        if each.before is not None and each.after is None:
            gone = replace(each.before, retired=True, successor=None)
            said.append((each.branch, gone, ""))
    return _start(session, base, said, actor, now, went_back_to=number)


def _said(session: Session, number: int) -> list[Said]:
    return [(node.tree, entry_of(node), node.reason) for node in nodes_of(session, number)]


def _start(
    session: Session,
    base: int,
    said: Iterable[Said],
    actor: Actor,
    now: datetime,
    went_back_to: int | None = None,
) -> TaxonomyEdition:
    draft = TaxonomyEdition(
        number=base + 1, went_back_to=went_back_to, begun_by=actor.user_id, begun_at=now
    )
    try:
        with session.begin_nested():
            session.add(draft)
            session.flush()
    except IntegrityError:
        raise Outrun("somebody else has just begun a draft") from None
    session.add_all(
        TaxonomyNode(edition_id=draft.id, tree=branch, reason=reason, **plain(entry))
        for branch, entry, reason in said
    )
    session.flush()
    after: dict[str, object] = {"edition": base + 1, "went_back_to": went_back_to}
    audit.note(session, "begin", draft, actor=actor, now=now, after=after)
    return draft


def say(
    session: Session, draft: TaxonomyEdition, branch: Branch, entry: Entry, reason: str
) -> None:
    """Have the draft, which is locked, say this of a node; what the release says needs no row."""
    row = session.scalars(_row(draft, branch, entry.code)).one_or_none()
    if released(branch).get(entry.code) == entry:
        if row is not None:
            session.delete(row)
    else:
        row = row or TaxonomyNode(edition_id=draft.id, tree=branch)
        for name, value in {**plain(entry), "reason": reason}.items():
            setattr(row, name, value)
        session.add(row)
    draft.revision += 1
    session.flush()


def _row(draft: TaxonomyEdition, branch: Branch, code: str) -> Select[TaxonomyNode]:
    return select(TaxonomyNode).where(
        TaxonomyNode.edition_id == draft.id, TaxonomyNode.tree == branch, TaxonomyNode.code == code
    )


def changes(session: Session, draft: TaxonomyEdition) -> list[Difference]:
    """Return what the draft would change of what is in force."""
    return differences(edition(session, draft.number - 1), built(session, draft.number))


def put_into_force(
    session: Session, comment: str, *, seen: int, actor: Actor, now: datetime
) -> TaxonomyEdition:
    """Put the draft into force; every process follows with its next request or job.

    Where techniques keep another share of a thing's worth, everything is matched anew. Raises
    ``Invalid`` where nothing would change or no reason is given, ``Outrun`` where the draft is not the
    one of the revision ``seen`` any more.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    draft = _seen(session, seen)
    comment = clean(comment)
    if not comment:
        raise Invalid.one("comment", "required")
    if len(comment) > MOST_COMMENT:
        raise Invalid.one("comment", "too_long", most=MOST_COMMENT)
    before, after = edition(session, draft.number - 1), built(session, draft.number)
    found = differences(before, after)
    if not found:
        raise Invalid.one("", "edition_unchanged")
    draft.comment, draft.put_by, draft.put_at = comment, actor.user_id, now
    session.flush()
    if values_differ(before, after):
        outbox.record(session, ValuesChanged(draft.number), now=now)
    sides = [{_name(d): _of(d, side) for d in found} for side in ("before", "after")]
    audit.note(
        session,
        "put_into_force",
        draft,
        actor=actor,
        now=now,
        before={"edition": before.number, **sides[0]},
        after={"edition": after.number, **sides[1]},
    )
    return draft


def values_differ(before: Edition, after: Edition) -> bool:
    """Tell whether a technique that both have keeps another share of a thing's worth."""
    return any(
        technique.value_retention != after.techniques.get(technique.code).value_retention
        for technique in before.techniques
    )


def drop(session: Session, *, seen: int, actor: Actor, now: datetime) -> None:
    """Forget the draft with all that it would change; raises ``Outrun`` as ``put_into_force`` does."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    draft = _seen(session, seen)
    before: dict[str, object] = {_name(d): _of(d, "after") for d in changes(session, draft)}
    audit.note(session, "drop", draft, actor=actor, now=now, before=before)
    session.delete(draft)
    session.flush()


def take_back(session: Session, branch: Branch, code: str, *, actor: Actor, now: datetime) -> None:
    """Have the draft say of a node what is in force; one that is new there goes, if nothing needs it.

    Raises ``Invalid`` where other nodes of the draft could not stand without the change.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    draft = open_draft(session, lock=True)
    if draft is None:
        raise WrongState("there is no draft")
    found = {(d.branch, d.code): d for d in changes(session, draft)}
    change = found.get((branch, code))
    if change is None:
        raise NotFound
    entries = dict(built(session, draft.number).entries[branch])
    if change.before is None:
        entries.pop(code)
    else:
        entries[code] = change.before
    if not _stands(entries):
        raise Invalid.one("", "change_needed")
    if change.before is None:
        session.delete(session.scalars(_row(draft, branch, code)).one())
        draft.revision += 1
        session.flush()
    else:
        reasons = {(n.tree, n.code): n.reason for n in nodes_of(session, draft.number - 1)}
        say(session, draft, branch, change.before, reasons.get((branch, code), ""))
    back = Difference(branch, code, change.after, change.before)
    note(session, "take_back", draft, back, actor=actor, now=now)


def _stands(entries: dict[str, Entry]) -> bool:
    """Tell whether each node in use hangs below one in use, and each successor is there."""
    for entry in entries.values():
        above = entry.code.rpartition(".")[0]
        if above and (above not in entries or (entries[above].retired and not entry.retired)):
            return False
        if entry.successor is not None and entry.successor not in entries:
            return False
    return True


def note(
    session: Session,
    action: str,
    draft: TaxonomyEdition,
    change: Difference,
    reason: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Put one change of the draft on record, with what differs and why."""
    before: dict[str, object] = {_name(change): _of(change, "before")}
    after: dict[str, object] = {_name(change): _of(change, "after"), "reason": reason}
    audit.note(session, action, draft, actor=actor, now=now, before=before, after=after)


def _name(change: Difference) -> str:
    return f"{change.branch.value}/{change.code}"


def _of(change: Difference, side: str) -> dict[str, object] | None:
    """Return what one side says of what differs; None where it does not have the node."""
    entry: Entry | None = getattr(change, side)
    return None if entry is None else {name: plain(entry)[name] for name in change.fields}


def _seen(session: Session, revision: int) -> TaxonomyEdition:
    draft = open_draft(session, lock=True)
    if draft is None or draft.revision != revision:
        raise Outrun("the draft has changed meanwhile")
    return draft
