"""Running the matcher and storing what it found: only differences touch rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.matching.ranking import Ranking, Rankings, capability_best, rank, rank_all
from marketplace.proposals.candidates import (
    Able,
    Offered,
    day64,
    matchable,
    ontology,
    read_capabilities,
    read_listings,
    refused_pairs,
    weights,
)
from marketplace.proposals.lifecycle import LIVE
from marketplace.proposals.models import STANDING, Proposal
from marketplace.proposals.near import asked_by, in_reach, reaching
from marketplace.proposals.reading import one_of
from marketplace.proposals.storing import store

TOP = 10
BLOCK = 20_000
AT_ONCE_FROM = 200
SCORE_STEP = 2e-9


@dataclass
class Changes:
    """How many proposals a run made, refreshed and let expire."""

    listings: int = 0
    made: int = 0
    refreshed: int = 0
    expired: int = 0

    def __iadd__(self, other: "Changes") -> "Changes":
        self.listings += other.listings
        self.made += other.made
        self.refreshed += other.refreshed
        self.expired += other.expired
        return self


def match_listings(
    session: Session, listing_ids: list[int], *, as_of: date, now: datetime, top: int = TOP
) -> Changes:
    """Match these listings against every capability and store the differences.

    Few are matched one by one with what is near them; many all at once, with every capability in memory.
    """
    if len(listing_ids) >= AT_ONCE_FROM:
        able, chosen = read_capabilities(session, *matchable()), one_of(Listing.id, listing_ids)
        return match_part(session, chosen, able, as_of=as_of, now=now, top=top)
    changes = Changes()
    for listing in session.scalars(
        select(Listing).where(Listing.id.in_(listing_ids)).order_by(Listing.id)
    ).all():
        changes += _match_one(session, listing, as_of=as_of, now=now, top=top)
    return changes


def _match_one(
    session: Session, listing: Listing, *, as_of: date, now: datetime, top: int
) -> Changes:
    force = weights(session)
    offered = read_listings(session, Listing.id == listing.id)

    def ranked(able: Able) -> Ranking:
        barred = refused_pairs(session, offered, able)[:, 1]
        tables = offered.columns, able.columns, ontology()
        return rank(0, *tables, force, day64(as_of), top=top, refused=barred)

    able, found = reaching(session, asked_by(listing), ranked, force, top)
    rankings = Rankings(
        np.zeros(len(found), dtype=np.int32),
        found.rows.astype(np.int32),
        np.arange(1, len(found) + 1, dtype=np.int32),
        found.score,
        found.distance_km,
        lambda *_: found.components,
    )
    return _stored(session, offered, able, rankings, force.version, as_of=as_of, now=now)


def match_all(session: Session, *, as_of: date, now: datetime, top: int = TOP) -> Changes:
    """Match everything at once, in the caller's transaction; ``runs`` shares the work instead."""
    able = read_capabilities(session, *matchable())
    return match_part(session, worth_matching(), able, as_of=as_of, now=now, top=top)


def match_part(
    session: Session,
    inside: ColumnElement[bool],
    able: Able,
    *,
    as_of: date,
    now: datetime,
    top: int,
) -> Changes:
    """Match the listings ``inside`` against ``able`` and store the differences."""
    changes = Changes()
    for part in _parts(sorted(session.scalars(select(Listing.id).where(inside)))):
        offered = read_listings(session, one_of(Listing.id, part))
        changes += _match(session, offered, able, as_of=as_of, now=now, top=top)
    return changes


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BLOCK):
        yield ids[start : start + BLOCK]


def worth_matching() -> ColumnElement[bool]:
    """Return the filter for listings that are published, or still have proposals from when they were."""
    living = exists().where(Proposal.listing_id == Listing.id, STANDING, Proposal.state.in_(LIVE))
    return or_(Listing.state == ListingState.PUBLISHED, living)


def listings_touched_by(session: Session, capability_ids: list[int], *, as_of: date) -> list[int]:
    """Return the listings whose ranking a change of these capabilities can move.

    Those that hold a proposal with them from before, and those for which they are eligible now and rank
    among the first ones.
    """
    touched = set(
        session.scalars(
            select(Proposal.listing_id).where(
                Proposal.capability_id.in_(capability_ids), Proposal.state.in_(LIVE)
            )
        )
    )
    force = weights(session)
    for capability in session.scalars(
        select(Capability)
        .join(Capability.organisation)
        .where(Capability.id.in_(capability_ids), *matchable())
    ).all():
        offered = in_reach(session, capability)
        able = read_capabilities(session, Capability.id == capability.id)
        tables = offered.columns, able.columns, ontology()
        found = capability_best(0, *tables, force, day64(as_of), top=None)
        scores = dict(zip(offered.ids[found.rows].tolist(), found.score.tolist(), strict=True))
        bars = _bars(session, list(scores), force.version, as_of)
        touched |= {i for i, score in scores.items() if score >= bars.get(i, 0.0) - SCORE_STEP}
    return sorted(touched)


def _bars(session: Session, listing_ids: list[int], version: int, as_of: date) -> dict[int, float]:
    """Return the score that a newcomer must reach, for the listings whose first ones are all known as of
    that day and with those weights."""
    bars: dict[int, float] = {}
    for part in _parts(listing_ids):
        rows = session.execute(
            select(Proposal.listing_id, func.min(Proposal.score))
            .where(
                Proposal.listing_id.in_(part),
                Proposal.state.in_(LIVE),
                Proposal.weights_version == version,
                Proposal.as_of == as_of,
            )
            .group_by(Proposal.listing_id)
            .having(func.count() >= TOP)
        )
        bars |= {row[0]: row[1] for row in rows}
    return bars


def _match(
    session: Session, offered: Offered, able: Able, *, as_of: date, now: datetime, top: int
) -> Changes:
    force = weights(session)
    rankings = rank_all(
        offered.columns,
        able.columns,
        ontology(),
        force,
        day64(as_of),
        top=top,
        refused=refused_pairs(session, offered, able),
    )
    return _stored(session, offered, able, rankings, force.version, as_of=as_of, now=now)


def _stored(
    session: Session,
    offered: Offered,
    able: Able,
    rankings: Rankings,
    weights_version: int,
    *,
    as_of: date,
    now: datetime,
) -> Changes:
    counts = store(session, offered, able, rankings, weights_version, as_of=as_of, now=now)
    return Changes(len(offered.ids), *counts)
