"""Running the matcher and storing what it found: only differences touch rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.core import outbox
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
from marketplace.proposals.events import ProposalsFound
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.models import Proposal
from marketplace.proposals.near import asked_by, in_reach, reaching

TOP = 10
COMPONENTS = ("proximity", "fit", "capacity", "timing", "value", "fairness")
BLOCK = 10_000
AT_ONCE_FROM = 200
SCORE_STEP = 2e-9
ROUNDING = 1e-9


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
        able, chosen = read_capabilities(session, *matchable()), Listing.id.in_(listing_ids)
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
        np.zeros_like(found.rows),
        found.rows,
        np.arange(1, len(found) + 1),
        found.score,
        found.distance_km,
        found.components,
    )
    return _store(session, offered, able, rankings, force.version, as_of=as_of, now=now)


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
    ids = list(session.scalars(select(Listing.id).where(inside).order_by(Listing.id)))
    for part in _parts(ids):
        offered = read_listings(session, Listing.id.in_(part))
        changes += _match(session, offered, able, as_of=as_of, now=now, top=top)
    return changes


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BLOCK):
        yield ids[start : start + BLOCK]


def worth_matching() -> ColumnElement[bool]:
    """Return the filter for listings that are published, or still have proposals from when they were."""
    living = select(Proposal.listing_id).where(Proposal.state.in_(LIVE))
    return or_(Listing.state == ListingState.PUBLISHED, Listing.id.in_(living))


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
    return _store(session, offered, able, rankings, force.version, as_of=as_of, now=now)


def _store(
    session: Session,
    offered: Offered,
    able: Able,
    rankings: Rankings,
    weights_version: int,
    *,
    as_of: date,
    now: datetime,
) -> Changes:
    known = _known(session, offered)
    made: list[dict[str, Any]] = []
    refreshed: list[dict[str, Any]] = []
    fresh: dict[int, int] = {}
    for n in range(len(rankings)):
        i, j = int(rankings.listing[n]), int(rankings.capability[n])
        values = {
            "rank": int(rankings.rank[n]),
            "score": float(rankings.score[n]),
            "distance_km": float(rankings.distance_km[n]),
            **dict(zip(COMPONENTS, map(float, rankings.components[n]), strict=True)),
            "weights_version": weights_version,
            "as_of": as_of,
        }
        pair = (int(offered.ids[i]), int(able.ids[j]))
        row = known.pop(pair, None)
        if row is None:
            made.append(_new(offered, able, i, j, values, now))
            fresh[pair[0]] = fresh.get(pair[0], 0) + 1
        elif row.state is ProposalState.EXPIRED:
            refreshed.append({"b_id": row.id, "state": ProposalState.PROPOSED, **values})
            fresh[pair[0]] = fresh.get(pair[0], 0) + 1
        elif row.state in LIVE and _differs(row, values):
            refreshed.append({"b_id": row.id, "state": row.state, **values})
    gone = [row.id for row in known.values() if row.state in LIVE]
    _write(session, made, refreshed, gone)
    session.execute(
        update(Listing)
        .where(Listing.id.in_([int(i) for i in offered.ids]))
        .values(matched_at=now)
        .execution_options(synchronize_session=False)
    )
    for listing_id, count in fresh.items():
        outbox.record(session, ProposalsFound(listing_id, count), now=now)
    return Changes(len(offered.ids), len(made), len(refreshed), len(gone))


def _differs(row: Any, values: dict[str, Any]) -> bool:
    """Tell whether a stored proposal says anything else, rounding aside."""
    return any(
        abs(getattr(row, name) - value) > ROUNDING
        if isinstance(value, float)
        else getattr(row, name) != value
        for name, value in values.items()
    )


KNOWN = (
    Proposal.id, Proposal.listing_id, Proposal.capability_id, Proposal.state, Proposal.rank,
    Proposal.distance_km, Proposal.weights_version, Proposal.as_of, Proposal.score,
    *(getattr(Proposal, name) for name in COMPONENTS),
)  # fmt: skip


def _known(session: Session, offered: Offered) -> dict[tuple[int, int], Any]:
    rows = session.execute(
        select(*KNOWN).where(
            Proposal.listing_id.in_([int(i) for i in offered.ids]),
            Proposal.state != ProposalState.REFUSED,
        )
    )
    return {(r.listing_id, r.capability_id): r for r in rows}


def _new(
    offered: Offered, able: Able, i: int, j: int, values: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "listing_id": int(offered.ids[i]),
        "capability_id": int(able.ids[j]),
        "listing_service_point_id": offered.service_points[i],
        "capability_service_point_id": able.service_points[j],
        "state": ProposalState.PROPOSED,
        "first_proposed_at": now,
        "note": "",
        "listing_revision": int(offered.revisions[i]),
        "capability_revision": int(able.revisions[j]),
        "version": 1,
        **values,
    }


def _write(
    session: Session, made: list[dict[str, Any]], refreshed: list[dict[str, Any]], gone: list[int]
) -> None:
    """Write in bulk; what a broker has decided in the meantime is left alone."""
    table = Proposal.__table__
    if made:
        session.execute(insert(Proposal), made)
    undecided = or_(*(table.c.state == state for state in (*LIVE, ProposalState.EXPIRED)))
    if refreshed:
        session.connection().execute(
            update(table).where(table.c.id == bindparam("b_id"), undecided),  # type: ignore[arg-type]
            refreshed,
        )
    for start in range(0, len(gone), 500):
        session.execute(
            update(Proposal)
            .where(Proposal.id.in_(gone[start : start + 500]), Proposal.state.in_(LIVE))
            .values(state=ProposalState.EXPIRED, version=Proposal.version + 1)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
