"""Reading capabilities and the enterprises that have them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation, OrganisationKind, Verification
from marketplace.accounts.nearby import public
from marketplace.accounts.nearest import Search, behind_chord, km_to_public, nearest
from marketplace.capabilities import policy
from marketplace.capabilities.models import (
    Capability,
    CapabilityNode,
    CapabilityPhoto,
    CapabilityState,
)
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.core.paging import MOST_COUNTED, Slice, count_of, cursor, read_cursor
from marketplace.geo.coordinates import Coordinate
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.tree import NO_WORDS

FIRST_KM = 30.0


def with_everything() -> Sequence[ORMOption]:
    """Return the loads that a page about a capability needs: organisation and gallery."""
    return (
        joinedload(Capability.organisation),
        selectinload(Capability.pictures).joinedload(CapabilityPhoto.photo),
    )


def get(session: Session, capability_id: int, *, actor: Actor) -> Capability:
    """Return the capability if this actor may know of it."""
    found = session.scalars(
        select(Capability)
        .where(Capability.id == capability_id, policy.visible_to(actor))
        .options(*with_everything())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def mine(session: Session, *, actor: Actor) -> list[Capability]:
    """Return the capabilities of the actor's enterprise, newest first."""
    return of(session, actor.organisation_id or 0, actor=actor)


def of(session: Session, organisation_id: int, *, actor: Actor) -> list[Capability]:
    """Return the capabilities of one enterprise that the actor may see."""
    return list(
        session.scalars(
            select(Capability)
            .where(Capability.organisation_id == organisation_id, policy.visible_to(actor))
            .options(*with_everything())
            .order_by(Capability.id.desc())
        )
    )


def _is_workshop() -> list[ColumnElement[bool]]:
    return [
        Organisation.kind == OrganisationKind.SOCIAL_ENTERPRISE,
        Organisation.active.is_(True),
        Organisation.verification == Verification.VERIFIED,
    ]


def workshops(session: Session, *, limit: int) -> list[Organisation]:
    """Return verified social enterprises, newest first, for a map."""
    query = select(Organisation).where(*_is_workshop()).order_by(Organisation.id.desc())
    return list(session.scalars(query.limit(limit)))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What somebody looks for among social enterprises; every part may be empty.

    ``own_materials`` and ``own_techniques`` are words beside the trees'.
    """

    words: str = ""
    material: str = ""
    technique: str = ""
    seeking_work: bool = False
    near: Coordinate | None = None
    own_materials: Lookup = field(default=NO_WORDS, compare=False)
    own_techniques: Lookup = field(default=NO_WORDS, compare=False)


@dataclass(frozen=True)
class Workshop:
    """A row of the directory: the enterprise, what it shows, km to its public place if asked."""

    organisation: Organisation
    capabilities: list[Capability]
    km: float | None


def directory(
    session: Session, wanted: Filter, *, after: str = "", size: int = 20
) -> Slice[Workshop]:
    """Return one page of the directory, nearest first where a place is named, else by name.

    ``after`` is what the page before ended with.
    """
    conditions, last = [*_is_workshop(), *_wanted(wanted)], read_cursor(after)
    if wanted.near is not None:
        rows = _nearest(session, conditions, wanted.near, last, size + 1)
    else:
        rows = _by_name(session, conditions, last, size + 1)
    whole = last is None and len(rows) <= size
    total = len(rows) if whole else count_of(session, select(Organisation.id).where(*conditions))
    return Slice(
        _load(session, [key for _, key in rows[:size]], wanted.near),
        total,
        total == MOST_COUNTED + 1,
        cursor(*rows[size - 1]) if len(rows) > size else "",
    )


def _nearest(
    session: Session,
    conditions: list[ColumnElement[bool]],
    near: Coordinate,
    last: tuple[str, int] | None,
    count: int,
) -> list[tuple[object, int]]:
    search = Search(Organisation.id, public(Organisation), near, conditions)
    hits = nearest(session, search, count=count, after=behind_chord(last), first_km=FIRST_KM)
    return [(hit.chord2, hit.key) for hit in hits]


def _by_name(
    session: Session,
    conditions: list[ColumnElement[bool]],
    last: tuple[str, int] | None,
    count: int,
) -> list[tuple[object, int]]:
    query = select(Organisation.name, Organisation.id).where(*conditions)
    if last is not None:
        same = and_(Organisation.name == last[0], Organisation.id > last[1])
        query = query.where(or_(Organisation.name > last[0], same))
    rows = session.execute(query.order_by(Organisation.name, Organisation.id).limit(count))
    return [(row.name, row.id) for row in rows]


def _load(session: Session, keys: list[int], near: Coordinate | None) -> list[Workshop]:
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(keys))).all()
    shown = session.scalars(
        select(Capability)
        .where(Capability.organisation_id.in_(keys), Capability.state == CapabilityState.ACTIVE)
        .options(selectinload(Capability.pictures).joinedload(CapabilityPhoto.photo))
        .order_by(Capability.id)
    ).all()
    found = sorted(rows, key=lambda row: keys.index(row.id))
    ways = km_to_public(found, near)
    return [
        Workshop(o, [c for c in shown if c.organisation_id == o.id], km)
        for o, km in zip(found, ways, strict=True)
    ]


def _wanted(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    active = Capability.state == CapabilityState.ACTIVE
    if wanted.seeking_work:
        found.append(_has(active, Capability.seeking_work.is_(True)))
    if wanted.material:
        codes = [a.code for a in materials().ancestors(wanted.material)]
        found.append(_has(active, or_(*(_lists(Capability.materials, c) for c in codes))))
    if wanted.technique:
        codes = [a.code for a in techniques().ancestors(wanted.technique)]
        found.append(_has(active, or_(*(_lists(Capability.techniques, c) for c in codes))))
    single = wanted.words.split()[:6]
    said = [or_(*_said(word), *_named(wanted, word)) for word in single]
    whole = _named(wanted, wanted.words) if len(single) > 1 else []
    return [*found, or_(*whole, and_(*said))] if whole else [*found, *said]


def _said(word: str) -> list[ColumnElement[bool]]:
    """The word stands in what a workshop says of itself."""
    return [
        Organisation.name.icontains(word, autoescape=True),
        Organisation.description.icontains(word, autoescape=True),
        Organisation.city.icontains(word, autoescape=True),
        _has(
            Capability.state == CapabilityState.ACTIVE,
            Capability.title.icontains(word, autoescape=True),
        ),
    ]


def _named(wanted: Filter, words: str) -> list[ColumnElement[bool]]:
    """The words name, in any language, a material or technique that a workshop can do."""
    found = []
    for tree, own, column in (
        (materials(), wanted.own_materials, Capability.materials),
        (techniques(), wanted.own_techniques, Capability.techniques),
    ):
        node = tree.find(words, own)
        if node is not None:
            listed = or_(*(_lists(column, a.code) for a in tree.ancestors(node.code)))
            found.append(_has(Capability.state == CapabilityState.ACTIVE, listed))
    return found


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return Organisation.id.in_(select(Capability.organisation_id).where(and_(*conditions)))


def _lists(column: Any, code: str) -> ColumnElement[bool]:
    """The JSON list in ``column`` holds ``code``; works on the text of either database."""
    return cast(column, Text).contains(f'"{code}"', autoescape=True)


def counts_by_node(session: Session) -> dict[str, int]:
    """Return how many capabilities name each material's code, and ``~`` with each technique's."""
    node = CapabilityNode.node
    return {row[0]: row[1] for row in session.execute(select(node, func.count()).group_by(node))}
