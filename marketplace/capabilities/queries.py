"""Reading capabilities and the enterprises that have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation, OrganisationKind, Verification
from marketplace.capabilities import policy
from marketplace.capabilities.models import Capability, CapabilityPhoto, CapabilityState
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques


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
    """What somebody looks for among social enterprises; every part may be empty."""

    words: str = ""
    material: str = ""
    technique: str = ""
    seeking_work: bool = False
    near: Coordinate | None = None


@dataclass(frozen=True)
class Workshop:
    """A row of the directory: the enterprise, what it shows, km to its public place if asked."""

    organisation: Organisation
    capabilities: list[Capability]
    km: float | None


def directory(
    session: Session, wanted: Filter, *, page: int = 1, size: int = 20
) -> tuple[list[Workshop], int]:
    """Return one page of the directory, nearest first where a place is named, and how many."""
    conditions = [*_is_workshop(), *_wanted(wanted)]
    total = session.scalar(select(func.count()).select_from(Organisation).where(*conditions)) or 0
    query = select(Organisation).where(*conditions)
    if wanted.near is not None:
        x, y, z = (float(v) for v in ecef(wanted.near.latitude, wanted.near.longitude))
        query = query.order_by(
            (Organisation.public_x - x) * (Organisation.public_x - x)
            + (Organisation.public_y - y) * (Organisation.public_y - y)
            + (Organisation.public_z - z) * (Organisation.public_z - z),
            Organisation.id,
        )
    else:
        query = query.order_by(Organisation.name, Organisation.id)
    found = session.scalars(query.limit(size).offset((page - 1) * size)).all()
    shown = session.scalars(
        select(Capability)
        .where(
            Capability.organisation_id.in_([o.id for o in found]),
            Capability.state == CapabilityState.ACTIVE,
        )
        .options(selectinload(Capability.pictures).joinedload(CapabilityPhoto.photo))
        .order_by(Capability.id)
    ).all()
    return [
        Workshop(o, [c for c in shown if c.organisation_id == o.id], km_to(o, wanted.near))
        for o in found
    ], total


def km_to(organisation: Organisation, near: Coordinate | None) -> float | None:
    """Return the kilometres from ``near`` to where others see the organisation."""
    if near is None:
        return None
    x, y, z = (float(v) for v in ecef(near.latitude, near.longitude))
    o = organisation
    return float(((o.public_x - x) ** 2 + (o.public_y - y) ** 2 + (o.public_z - z) ** 2) ** 0.5)


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
    for word in wanted.words.split()[:6]:
        said = [
            Organisation.name.icontains(word, autoescape=True),
            Organisation.description.icontains(word, autoescape=True),
            Organisation.city.icontains(word, autoescape=True),
            _has(active, Capability.title.icontains(word, autoescape=True)),
        ]
        for tree, column in (
            (materials(), Capability.materials),
            (techniques(), Capability.techniques),
        ):
            node = tree.find(word)
            if node is not None:
                codes = [a.code for a in tree.ancestors(node.code)]
                said.append(_has(active, or_(*(_lists(column, c) for c in codes))))
        found.append(or_(*said))
    return found


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return Organisation.id.in_(select(Capability.organisation_id).where(and_(*conditions)))


def _lists(column: Any, code: str) -> ColumnElement[bool]:
    """The JSON list in ``column`` holds ``code``; works on the text of either database."""
    return cast(column, Text).contains(f'"{code}"', autoescape=True)
