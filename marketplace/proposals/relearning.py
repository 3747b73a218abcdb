"""What brokers decided, read as evidence, and the corrections at the desk that come of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import ServicePoint
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.geo.distance import Floats
from marketplace.listings.models import Listing
from marketplace.matching.columns import Ints
from marketplace.proposals.events import LearningSwitched
from marketplace.proposals.learning import (
    ACCEPTED,
    REASONS,
    SPAN,
    Evidence,
    Traits,
    balance,
    corrections,
    family_number,
    together,
)
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.models import Proposal, RefusalReason

AT_ONCE = 5_000
BLOCK = 50_000
TRAITS = (
    Proposal.distance_km,
    Proposal.fit,
    Proposal.capacity,
    Listing.material_code,
    case((Listing.material_code.is_(None), Listing.techniques)).label("techniques"),
)
OUTCOMES = {reason: n for n, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Note:
    """Why a proposal steps back: points below zero, and how many decisions they rest on."""

    reason: RefusalReason
    points: float
    against: int
    in_favour: int


def evidence(
    session: Session, service_point_ids: Collection[int], *, now: datetime
) -> dict[int, Evidence]:
    """Return what each of the service points has accepted and refused within the last year."""
    point = Proposal.listing_service_point_id
    telling = or_(
        Proposal.state == ProposalState.ACCEPTED,
        and_(Proposal.state == ProposalState.REFUSED, Proposal.reason.in_(REASONS)),
    )
    rows = session.execute(
        select(*TRAITS, point, Proposal.reason)
        .join(Proposal.listing)
        .where(point.in_(service_point_ids), telling, Proposal.decided_at >= now - SPAN)
    ).all()
    points = np.array([r.listing_service_point_id for r in rows], dtype=np.int64)
    outcome = np.array([OUTCOMES.get(r.reason, ACCEPTED) for r in rows], dtype=np.int64)
    traits = _traits(rows)
    return {
        key: Evidence(traits.take(points == key), outcome[points == key])
        for key in service_point_ids
    }


def _traits(rows: Sequence[Any]) -> Traits:
    """Return the columns of rows that begin with what TRAITS names."""
    km, fit, capacity, materials, techniques = (
        islice(zip(*rows, strict=True), 5) if rows else [()] * 5
    )
    return Traits(
        km=np.array(km, dtype=np.float64),
        fit=np.array(fit, dtype=np.float64),
        capacity=np.array(capacity, dtype=np.float64),
        family=np.array([*map(family_number, materials, techniques)], dtype=np.int64),
    )


def _learning(session: Session, service_point_ids: Collection[int]) -> list[int]:
    """Return those of the service points that learn from refusals."""
    return list(
        session.scalars(
            select(ServicePoint.id).where(
                ServicePoint.id.in_(service_point_ids), ServicePoint.learns_from_refusals
            )
        )
    )


def relearn(session: Session, service_point_id: int, *, now: datetime) -> int:
    """Bring the corrections of a service point up to date; return how many changed.

    What no longer waits for a decision has none.
    """
    own = Proposal.listing_service_point_id == service_point_id
    session.execute(
        update(Proposal)
        .where(own, Proposal.state.not_in(LIVE), Proposal.correction < 0)
        .values(correction=0.0)
        .execution_options(synchronize_session=False)
    )
    return _correct(session, own, [service_point_id], now=now)


def relearn_everything(session: Session, *, now: datetime) -> int:
    """Bring the corrections of every service point up to date; return how many changed."""
    keys = session.scalars(select(ServicePoint.id).order_by(ServicePoint.id)).all()
    return sum(relearn(session, key, now=now) for key in keys)


def relearn_listings(session: Session, listing_ids: Sequence[int], *, now: datetime) -> int:
    """Bring the corrections of these listings' proposals up to date; return how many changed."""
    changed = 0
    for part in _parts(listing_ids):
        theirs = Proposal.listing_id.in_(part)
        point = Proposal.listing_service_point_id
        desks = session.scalars(select(point).where(theirs, point.is_not(None)).distinct()).all()
        changed += _correct(session, theirs, desks, now=now)
    return changed


def _correct(
    session: Session, which: ColumnElement[bool], desks: Collection[int | None], *, now: datetime
) -> int:
    """Write what differs, after everything is read: a cursor does not outlive changes to its rows."""
    learning = _learning(session, [desk for desk in desks if desk is not None])
    known = evidence(session, learning, now=now)
    query = (
        select(*TRAITS, Proposal.id, Proposal.listing_service_point_id, Proposal.correction)
        .join(Proposal.listing)
        .where(which, Proposal.state.in_(LIVE))
    )
    blocks = session.execute(query, execution_options={"yield_per": BLOCK}).partitions()
    differences = [_differences(rows, known) for rows in blocks]
    for keys, values in differences:
        _write(session, keys, values)
    session.expire_all()
    return sum(len(keys) for keys, _values in differences)


def _differences(rows: Sequence[Any], known: Mapping[int, Evidence]) -> tuple[Ints, Floats]:
    """Return the keys of the proposals whose correction has become another, and what it is now."""
    traits = _traits(rows)
    keys, desks, stored = list(zip(*rows, strict=True))[len(TRAITS) :]
    points = np.array([desk or 0 for desk in desks], dtype=np.int64)
    before = np.array(stored, dtype=np.float64)
    after = np.zeros_like(before)
    for desk, decided in known.items():
        here = points == desk
        after[here] = together(corrections(decided, traits.take(here)))
    changed = before != after
    return np.array(keys, dtype=np.int64)[changed], after[changed]


def _write(session: Session, keys: Ints, values: Floats) -> None:
    """Write the new values, of which there are a hundred at most: tenths of a point."""
    for value in np.unique(values):
        for part in _parts(keys[values == value].tolist()):
            session.execute(
                update(Proposal)
                .where(Proposal.id.in_(part))
                .values(correction=float(value))
                .execution_options(synchronize_session=False)
            )


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def notes(session: Session, found: Sequence[Proposal], *, now: datetime) -> dict[int, list[Note]]:
    """Return, by key, why each of the proposals steps back; those that do not are left out."""
    moved = [p for p in found if p.correction]
    keys = {p.listing_service_point_id for p in moved if p.listing_service_point_id is not None}
    if not keys:
        return {}
    told: dict[int, list[Note]] = {}
    for point, known in evidence(session, _learning(session, keys), now=now).items():
        rows = [p for p in moved if p.listing_service_point_id == point]
        weighed = balance(known, _traits([_asked(p) for p in rows]))
        tables = (weighed.points(), weighed.against, weighed.in_favour)
        for n, p in enumerate(rows):
            lines = zip(REASONS, *(table[n].tolist() for table in tables), strict=True)
            told[p.id] = [Note(*line) for line in lines if line[1]]
    return told


def _asked(p: Proposal) -> tuple[Any, ...]:
    return p.distance_km, p.fit, p.capacity, p.listing.material_code, p.listing.techniques


def switch_learning(
    session: Session, point: ServicePoint, on: bool, *, actor: Actor, now: datetime
) -> None:
    """Let the service point learn from refusals, or no longer; the worker brings its desk up to date."""
    require(actor.brokers_for(point.id))
    before = point.learns_from_refusals
    if before is on:
        return
    point.learns_from_refusals = on
    outbox.record(session, LearningSwitched(point.id), now=now)
    audit.note(
        session,
        "switch_learning",
        point,
        actor=actor,
        now=now,
        before={"learns_from_refusals": before},
        after={"learns_from_refusals": on},
    )
