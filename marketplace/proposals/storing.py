"""Storing what the matcher found: only what differs touches rows.

Most listings of a run keep the proposals that they have. The database tells which by sums, one row for
each listing; only where those differ are the proposals themselves read and compared.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import chain
from operator import add
from typing import Any

import numpy as np
from sqlalchemy import Select, Update, and_, case, func, select, update
from sqlalchemy.orm import Session

from marketplace.core import outbox
from marketplace.core.bulk import execute_rows, insert_columns
from marketplace.core.db import columns_of
from marketplace.geo.distance import Floats
from marketplace.matching.columns import Bools, Ints, Rows
from marketplace.matching.ranking import Rankings
from marketplace.proposals.candidates import Able, Offered, rows_of
from marketplace.proposals.events import ProposalsFound
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.models import COMPONENTS, STANDING, Proposal
from marketplace.proposals.reading import one_of

VALUES = ("rank", "weights_version", "score", "distance_km", *COMPONENTS)
STORED = [getattr(Proposal, name) for name in VALUES]
ROUNDING = 1e-9

# Square roots of primes: no mixture of values can make up for another one by whole numbers.
SHARES = tuple(n**0.5 for n in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29))
PRIME = 2_147_483_647
SUM_ROUNDING = 1e-13  # of the sum, a hundred times what the order of its terms can change

IS_LIVE, IS_EXPIRED, IS_ACCEPTED = range(3)
STATE = case(
    (Proposal.state.in_(LIVE), IS_LIVE),
    (Proposal.state == ProposalState.EXPIRED, IS_EXPIRED),
    else_=IS_ACCEPTED,
)


@dataclass(frozen=True)
class Pairs:
    """Proposals as columns: a listing's row in the block, a capability's key, and VALUES, (n, 10)."""

    listing: Ints
    capability: Ints
    values: Floats

    @property
    def key(self) -> Ints:
        """One number for each pair."""
        return self.listing << 40 | self.capability

    def take(self, which: Rows) -> "Pairs":
        return Pairs(self.listing[which], self.capability[which], self.values[which])


@dataclass(frozen=True)
class Known:
    """Proposals that stand in the database, ordered by the pair's ``key``."""

    key: Ints
    ids: Ints
    state: Ints
    values: Floats


@dataclass(frozen=True)
class Differences:
    """What to write: rows of what was found, and keys of proposals that are no longer.

    ``back`` are those of ``moved`` that had expired.
    """

    new: Rows
    moved: Rows
    back: Rows
    gone_ids: Ints


def store(
    session: Session,
    offered: Offered,
    able: Able,
    rankings: Rankings,
    weights_version: int,
    *,
    as_of: date,
    now: datetime,
) -> tuple[int, int, int]:
    """Bring the proposals of the listings ``offered`` up to what was found; return how many were made,
    refreshed and let expire. What a broker has decided in the meantime is left alone.
    """
    found = _found(able, rankings, weights_version)
    differs, is_older = _compare(session, offered.ids, found, as_of)
    found = found.take(np.flatnonzero(differs[found.listing]))
    known = _known(session, offered.ids, np.flatnonzero(differs))
    change = _differences(found, known)
    _add(session, offered, able, found.take(change.new), as_of=as_of, now=now)
    refreshed = _refresh(session, offered.ids, found.take(change.moved), as_of)
    expired = _expire(session, change.gone_ids)
    refreshed += _set_day(session, offered.ids[is_older], as_of)
    _tell(session, offered.ids[found.listing[np.append(change.new, change.back)]], now)
    session.expire_all()
    return len(change.new), refreshed, expired


def _found(able: Able, rankings: Rankings, weights_version: int) -> Pairs:
    version = np.full(len(rankings), weights_version)
    columns = [rankings.rank, version, rankings.score, rankings.distance_km]
    values = np.column_stack([*columns, rankings.components]).astype(np.float64)
    return Pairs(rankings.listing.astype(np.int64), able.ids[rankings.capability], values)


def _compare(session: Session, ids: Ints, found: Pairs, as_of: date) -> tuple[Bools, Bools]:
    """Tell which listings' proposals are not those that were found; which have some of another day."""
    rows = _numbers(session, _sums(as_of).where(one_of(Proposal.listing_id, ids.tolist())))
    stored = np.zeros((len(ids), 3))
    stored[rows_of(ids, rows[:, 0].astype(np.int64))] = rows[:, 1:]
    each = _mark(found.capability, found.values.T), found.values[:, VALUES.index("score")]
    asked = np.column_stack([np.bincount(found.listing, one, len(ids)) for one in each])
    unlike = np.abs(stored[:, :2] - asked) > SUM_ROUNDING * asked
    differs: Bools = np.logical_or.reduce(unlike, axis=1)
    return differs, stored[:, 2] > 0


def _sums(as_of: date) -> Select[Any]:
    """Return the query for two sums that do not hang together, and how many are of another day."""
    older = and_(Proposal.state.in_(LIVE), Proposal.as_of != as_of)
    return (
        select(
            Proposal.listing_id,
            func.sum(_mark(Proposal.capability_id, STORED)),
            func.sum(Proposal.score),
            func.sum(case((older, 1), else_=0)),
        )
        .where(STANDING, Proposal.state != ProposalState.EXPIRED)
        .group_by(Proposal.listing_id)
    )


def _mark(capability: Any, values: Any) -> Any:
    """Return a number for each proposal that tells it from others, of columns in the database or here.

    It is never 0, so that each counts in a sum. The factor is square, so that capabilities with keys in
    a row cannot change places unseen. Two sums are alike by chance once in 10^10 changes; that the sums
    of the scores are alike as well does not happen.
    """
    factor = capability * capability % PRIME * 48_271 % PRIME + PRIME
    return factor * reduce(
        add, (value * share for value, share in zip(values, SHARES, strict=True))
    )


def _known(session: Session, ids: Ints, rows: Rows) -> Known:
    """Return the proposals of some of the listings that are not refused."""
    query = select(Proposal.id, Proposal.listing_id, Proposal.capability_id, STATE, *STORED)
    of_these = one_of(Proposal.listing_id, ids[rows].tolist())
    found = _numbers(session, query.where(STANDING, of_these))
    key, listing, capability, state = found[:, :4].T.astype(np.int64)
    pair = Pairs(rows_of(ids, listing), capability, found[:, 4:]).key
    order = np.argsort(pair)
    return Known(pair[order], key[order], state[order], found[order, 4:])


def _numbers(session: Session, query: Select[Any]) -> Floats:
    """Return what a query finds, which is numbers, as a table."""
    result = columns_of(session, query)
    width = len(result.keys())
    return np.fromiter(chain.from_iterable(result), dtype=np.float64).reshape(-1, width)


def _differences(found: Pairs, known: Known) -> Differences:
    place = rows_of(known.key, found.key)
    standing = np.flatnonzero(place >= 0)
    at = place[standing]
    unlike = (np.abs(known.values[at] - found.values[standing]) > ROUNDING).any(axis=1)
    is_back = known.state[at] == IS_EXPIRED
    is_moved = is_back | (unlike & (known.state[at] == IS_LIVE))
    is_gone = known.state == IS_LIVE
    is_gone[at] = False
    return Differences(
        np.flatnonzero(place < 0),
        standing[is_moved],
        standing[is_back],
        known.ids[is_gone],
    )


def _lists(values: Floats) -> dict[str, list[Any]]:
    """Return VALUES by name, as the drivers take them."""
    whole = dict(zip(VALUES[:2], values[:, :2].T.astype(np.int64).tolist(), strict=True))
    return whole | dict(zip(VALUES[2:], values[:, 2:].T.tolist(), strict=True))


def _add(
    session: Session, offered: Offered, able: Able, new: Pairs, *, as_of: date, now: datetime
) -> None:
    listing, capability = new.listing, rows_of(able.ids, new.capability)
    columns = {
        "listing_id": offered.ids[listing].tolist(),
        "capability_id": new.capability.tolist(),
        "listing_service_point_id": [offered.service_points[row] for row in listing.tolist()],
        "capability_service_point_id": [able.service_points[row] for row in capability.tolist()],
        "listing_revision": offered.revisions[listing].tolist(),
        "capability_revision": able.revisions[capability].tolist(),
        **_lists(new.values),
    }
    insert_columns(
        session, Proposal, columns, {"as_of": as_of, "first_proposed_at": now, "version": 1}
    )


def _refresh(session: Session, listing_ids: Ints, moved: Pairs, as_of: date) -> int:
    """Write what the proposals of these pairs say now; they are found by the index over pairs."""
    columns = {
        **_lists(moved.values),
        "as_of": [as_of.isoformat()] * len(moved.listing),
    }
    pair = listing_ids[moved.listing].tolist(), moved.capability.tolist()
    named = ", ".join(f"{name} = ?" for name in columns)
    return execute_rows(
        session,
        f"UPDATE proposals SET {named}, "
        "state = CASE state WHEN 'expired' THEN 'proposed' ELSE state END "
        "WHERE listing_id = ? AND capability_id = ? AND state <> 'refused' "
        "AND state IN ('proposed', 'shortlisted', 'expired')",
        list(zip(*columns.values(), *pair, strict=True)),
    )


def _expire(session: Session, ids: Ints) -> int:
    if not len(ids):
        return 0
    return _touched(
        session,
        update(Proposal)
        .where(one_of(Proposal.id, ids.tolist()), Proposal.state.in_(LIVE))
        .values(state=ProposalState.EXPIRED, version=Proposal.version + 1),
    )


def _set_day(session: Session, listing_ids: Ints, as_of: date) -> int:
    """Let the live proposals of these listings be of this day, which all that they say holds for."""
    if not len(listing_ids):
        return 0
    of_these = one_of(Proposal.listing_id, listing_ids.tolist())
    return _touched(
        session,
        update(Proposal)
        .where(STANDING, of_these, Proposal.state.in_(LIVE), Proposal.as_of != as_of)
        .values(as_of=as_of),
    )


def _touched(session: Session, statement: Update) -> int:
    return session.connection().execute(statement).rowcount


def _tell(session: Session, listing_ids: Ints, now: datetime) -> None:
    ids, counts = np.unique(listing_ids, return_counts=True)
    facts = zip(ids.tolist(), counts.tolist(), strict=True)
    outbox.record_all(session, [ProposalsFound(*fact) for fact in facts], now=now)
