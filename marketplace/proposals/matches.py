"""Running the matcher and storing what it found: only differences touch rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from marketplace.core import outbox
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.matching.ranking import Rankings, rank_all, touched_listings
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

TOP = 10
COMPONENTS = ("proximity", "fit", "capacity", "timing", "value", "fairness")
BLOCK = 2000


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
    """Match these listings against every capability and store the differences."""
    if not listing_ids:
        return Changes()
    offered = read_listings(session, Listing.id.in_(listing_ids))
    able = read_capabilities(session, *matchable())
    return _match(session, offered, able, as_of=as_of, now=now, top=top)


def match_all(
    session: Session,
    *,
    as_of: date,
    now: datetime,
    top: int = TOP,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Changes:
    """Match every listing that is published, or still has proposals from when it was."""
    able = read_capabilities(session, *matchable())
    changes = Changes()
    ids = list(session.scalars(select(Listing.id).where(_worth_matching()).order_by(Listing.id)))
    for part in _parts(ids):
        offered = read_listings(session, Listing.id.in_(part))
        changes += _match(session, offered, able, as_of=as_of, now=now, top=top)
        progress(changes.listings, len(ids))
    return changes


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BLOCK):
        yield ids[start : start + BLOCK]


def _worth_matching() -> ColumnElement[bool]:
    living = select(Proposal.listing_id).where(Proposal.state.in_(LIVE))
    return or_(Listing.state == ListingState.PUBLISHED, Listing.id.in_(living))


def listings_touched_by(session: Session, capability_ids: list[int], *, as_of: date) -> list[int]:
    """Return the listings whose ranking a change of these capabilities can move.

    Those for which they are eligible now, and those that hold a proposal with them from before.
    """
    from_before = set(
        session.scalars(
            select(Proposal.listing_id).where(
                Proposal.capability_id.in_(capability_ids), Proposal.state.in_(LIVE)
            )
        )
    )
    offered = read_listings(session, Listing.state == ListingState.PUBLISHED)
    able = read_capabilities(session, *matchable())
    wanted = set(capability_ids)
    for row, key in enumerate(able.ids):
        if int(key) in wanted:
            found = touched_listings(row, offered.columns, able.columns, ontology(), day64(as_of))
            from_before |= {int(i) for i in offered.ids[found]}
    return sorted(from_before)


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
        elif row.state in LIVE and any(getattr(row, k) != v for k, v in values.items()):
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


def _known(session: Session, offered: Offered) -> dict[tuple[int, int], Any]:
    rows = session.execute(
        select(*Proposal.__table__.c).where(
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
