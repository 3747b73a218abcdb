"""The region's best plan out of what is proposed at present, beside two simpler ways."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor
from marketplace.geo.distance import Floats
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.matching import plan as plans
from marketplace.matching.columns import Bools, Ints, Listings, Rows
from marketplace.matching.kinds import Kind, Recurrence
from marketplace.matching.tables import monthly_amounts
from marketplace.proposals import policy
from marketplace.proposals.candidates import Able, day64, read_capabilities, read_listings
from marketplace.proposals.lifecycle import LIVE
from marketplace.proposals.models import Proposal
from marketplace.taxonomy.materials import materials

UNKNOWN_WEIGHT_KG = 100.0


class Method(StrEnum):
    """How listings can be given to capabilities."""

    BEST = auto()
    GREEDY = auto()
    FIRST_COME = auto()


@dataclass(frozen=True)
class Figures:
    """What a plan comes to: ``worth`` is score x kg a month; kg and CO2e per month, km one way each.

    ``co2e_kg`` is what making the placed material anew would emit, where a factor is known.
    """

    worth: float
    listings: int
    pairings: int
    kg: float
    km: float
    co2e_kg: float


@dataclass(frozen=True)
class Pairing:
    """A proposal that the best plan takes, and the share of its listing in (0, 1]."""

    proposal_id: int
    share: float


@dataclass(frozen=True)
class Plan:
    """``bound`` is the worth that no plan can exceed; ``as_of`` the oldest day of matching used."""

    figures: dict[Method, Figures]
    pairings: list[Pairing]
    bound: float
    proposals: int
    listings: int
    too_large: int
    as_of: date | None

    @property
    def certain(self) -> float:
        """The share of the best possible worth that the best plan surely reaches, in [0, 1]."""
        return self.figures[Method.BEST].worth / self.bound if self.bound else 1.0


def divisible(listings: Listings) -> Bools:
    """Return which listings may go to several capabilities, (n,): those that come again and again."""
    again: Bools = listings.recurrence != int(Recurrence.ONCE)
    return again


def state_of(session: Session, *, actor: Actor) -> tuple[int, ...]:
    """Return numbers that change whenever a proposal that a plan rests on comes, goes or changes."""
    row = session.execute(
        select(
            func.count(Proposal.id),
            func.coalesce(func.max(Proposal.id), 0),
            func.coalesce(func.sum(Proposal.version), 0),
        ).where(*_live(actor))
    ).one()
    return tuple(map(int, row))


def best_plan(session: Session, *, actor: Actor, today: date) -> Plan:
    """Return the best plan over all open proposals that the actor may decide on."""
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.listing_id,
            Proposal.capability_id,
            Proposal.score,
            Proposal.distance_km,
            Proposal.as_of,
        )
        .where(*_live(actor))
        .order_by(Proposal.id)
    ).all()
    if not rows:
        nothing = Figures(0.0, 0, 0, 0.0, 0.0, 0.0)
        return Plan(dict.fromkeys(Method, nothing), [], 0.0, 0, 0, 0, None)
    ids, listing, capability, score, km, as_of = map(list, zip(*rows, strict=True))
    read = _Read(session, actor, today, listing, capability, np.array(score))
    problem, way = read.problem, np.array(km)
    found = plans.best(problem)
    shares = {
        Method.BEST: found.share,
        Method.GREEDY: plans.greedy(problem),
        Method.FIRST_COME: plans.first_come(problem),
    }
    taken = np.flatnonzero(found.share > 0)
    taken = taken[np.argsort(-(problem.worth * found.share)[taken], kind="stable")]
    fitting = np.zeros(len(problem.weight), dtype=np.bool_)
    fitting[problem.listing[problem.possible]] = True
    return Plan(
        figures={method: read.figures(share, way) for method, share in shares.items()},
        pairings=[Pairing(int(ids[edge]), float(found.share[edge])) for edge in taken],
        bound=found.bound,
        proposals=len(ids),
        listings=len(problem.weight),
        too_large=int((~fitting).sum()),
        as_of=min(as_of),
    )


def proposals_of(
    session: Session, pairings: list[Pairing], *, actor: Actor
) -> list[tuple[Proposal, float]]:
    """Return the proposals of these pairings with both sides, and their shares, in the same order."""
    rows = session.scalars(
        select(Proposal)
        .where(Proposal.id.in_([p.proposal_id for p in pairings]), policy.visible_to(actor))
        .options(
            joinedload(Proposal.listing).joinedload(Listing.organisation),
            joinedload(Proposal.capability).joinedload(Capability.organisation),
        )
    )
    by_id = {row.id: row for row in rows}
    return [(by_id[p.proposal_id], p.share) for p in pairings if p.proposal_id in by_id]


def _live(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the filter for open proposals of both sides that are still there."""
    there = select(Listing.id).where(Listing.state == ListingState.PUBLISHED)
    able = select(Capability.id).where(Capability.state == CapabilityState.ACTIVE)
    return (
        policy.visible_to(actor),
        Proposal.state.in_(LIVE),
        Proposal.listing_id.in_(there),
        Proposal.capability_id.in_(able),
    )


class _Read:
    """The proposals as the solver's columns, with what the figures need."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        today: date,
        listing_ids: list[int],
        capability_ids: list[int],
        score: Floats,
    ) -> None:
        mine = select(Proposal.listing_id).where(*_live(actor))
        theirs = select(Proposal.capability_id).where(*_live(actor))
        offered = read_listings(session, Listing.id.in_(mine))
        able = read_capabilities(session, Capability.id.in_(theirs))
        came = session.execute(
            select(Listing.id)
            .where(Listing.id.in_(mine))
            .order_by(Listing.published_at, Listing.id)
        )
        columns = offered.columns
        turn = {key: n for n, (key,) in enumerate(came)}
        amounts = monthly_amounts(columns, int(day64(today).astype(np.int64)))
        self.mass = np.nan_to_num(amounts[:, 0], nan=0.0)
        self.factor = _factors(columns)
        self.problem = plans.Problem(
            listing=_rows(offered.ids, listing_ids),
            capability=_rows(able.ids, capability_ids),
            score=score,
            amounts=amounts,
            weight=_weights(self.mass),
            divisible=divisible(columns),
            turn=np.array([turn[int(key)] for key in offered.ids], dtype=np.int64),
            free=_free(able),
        )

    def figures(self, share: Floats, km: Floats) -> Figures:
        """Return what a plan's shares come to; ``km`` by edge."""
        taken = share > 0
        kg = share * self.mass[self.problem.listing]
        return Figures(
            worth=plans.worth(self.problem, share),
            listings=len(np.unique(self.problem.listing[taken])),
            pairings=int(taken.sum()),
            kg=float(kg.sum()),
            km=float(km[taken].sum()),
            co2e_kg=float((kg * self.factor[self.problem.listing]).sum()),
        )


def _rows(ids: Ints, keys: list[int]) -> Rows:
    return np.searchsorted(ids, np.array(keys)).astype(np.intp)


def _weights(mass: Floats) -> Floats:
    """Return what each listing counts: its kg a month; of unknown mass as much as the middle one."""
    known = mass[mass > 0]
    return np.where(mass > 0, mass, np.median(known) if len(known) else UNKNOWN_WEIGHT_KG)


def _factors(columns: Listings) -> Floats:
    """Return the kg CO2e per kg that each listing's material embodies; 0 where it offers none."""
    known = np.array([node.factor_kg_co2e_per_kg or 0.0 for node in materials()] + [0.0])
    offers = columns.kind == Kind.RESIDUAL
    return np.where(offers, known[columns.material], 0.0)


def _free(able: Able) -> Floats:
    table = able.columns
    whole = np.stack([table.capacity_kg, table.capacity_pieces, table.capacity_hours], axis=1)
    taken = np.stack([table.committed_kg, table.committed_pieces, table.committed_hours], axis=1)
    return np.maximum(whole - np.nan_to_num(taken), 0.0)
