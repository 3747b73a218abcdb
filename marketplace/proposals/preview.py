"""Asking the matcher without storing anything: previews, reasons, and what shut the near ones out."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor, Role
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.listings.queries import with_everything
from marketplace.matching.explain import Reason, ShutOut, reasons, shut_out
from marketplace.matching.ranking import capability_best, rank
from marketplace.proposals.candidates import (
    day64,
    draft_columns,
    matchable,
    ontology,
    read_capabilities,
    read_listings,
    weights,
)
from marketplace.proposals.models import Proposal


@dataclass(frozen=True)
class Near:
    """How many enterprises could use something, and how far the nearest is in km."""

    count: int
    nearest_km: float | None


@dataclass(frozen=True)
class Fit:
    """How well a listing fits one capability; ``score`` in [0, 1], ``km`` to the public place."""

    capability: Capability
    listing: Listing
    eligible: bool
    score: float
    km: float
    components: list[float]
    reasons: list[Reason]
    shut_out: ShutOut | None


def who_could_use(session: Session, draft: ListingDraft, *, actor: Actor, today: date) -> Near:
    """Count the enterprises for which a listing that is being typed would be eligible.

    By their public places: moving the pin about must not find a workshop's exact address.
    """
    able = read_capabilities(session, *matchable(), public=True)
    columns = draft_columns(draft, actor.organisation_id)
    found = rank(0, columns, able.columns, ontology(), weights(session), day64(today), top=None)
    if not len(found):
        return Near(0, None)
    owners = np.unique(able.columns.organisation[found.rows])
    return Near(len(owners), float(found.distance_km.min()))


def _mine(session: Session, actor: Actor) -> list[Capability]:
    return list(
        session.scalars(
            select(Capability)
            .where(
                Capability.organisation_id == actor.organisation_id,
                Capability.state == CapabilityState.ACTIVE,
            )
            .order_by(Capability.id)
        )
    )


def fits_of_mine(session: Session, listing: Listing, *, actor: Actor, today: date) -> list[Fit]:
    """Return how well a listing fits each active capability of the actor's enterprise, best first."""
    if not actor.has(Role.ENTERPRISE):
        return []
    mine = _mine(session, actor)
    offered = read_listings(session, Listing.id == listing.id, public=True)
    able = read_capabilities(session, Capability.id.in_([c.id for c in mine]))
    force, day = weights(session), day64(today)
    ranking = rank(0, offered.columns, able.columns, ontology(), force, day, top=None)
    by_id = {c.id: c for c in mine}
    found = []
    for n, row in enumerate(ranking.rows.tolist()):
        found.append(
            Fit(
                by_id[int(able.ids[row])],
                listing,
                True,
                float(ranking.score[n]),
                float(ranking.distance_km[n]),
                [float(v) for v in ranking.components[n]],
                reasons(0, row, offered.columns, able.columns, ontology(), force, day),
                None,
            )
        )
    for out in shut_out(0, offered.columns, able.columns, ontology(), day, nearest=3):
        capability = by_id[int(able.ids[out.capability])]
        found.append(Fit(capability, listing, False, 0.0, out.distance_km, [], [], out))
    return found


def best_for(session: Session, capability: Capability, *, today: date, top: int = 6) -> list[Fit]:
    """Return the listings that suit a capability best, in the matcher's order."""
    able = read_capabilities(session, Capability.id == capability.id)
    offered = read_listings(session, Listing.state == ListingState.PUBLISHED, public=True)
    force, day = weights(session), day64(today)
    ranking = capability_best(0, offered.columns, able.columns, ontology(), force, day, top=top)
    ids = [int(offered.ids[row]) for row in ranking.rows]
    rows = session.scalars(select(Listing).where(Listing.id.in_(ids)).options(*with_everything()))
    by_id = {row.id: row for row in rows}
    return [
        Fit(
            capability,
            by_id[ids[n]],
            True,
            float(ranking.score[n]),
            float(ranking.distance_km[n]),
            [float(v) for v in ranking.components[n]],
            reasons(int(row), 0, offered.columns, able.columns, ontology(), force, day),
            None,
        )
        for n, row in enumerate(ranking.rows)
        if ids[n] in by_id
    ]


def why(session: Session, proposals: list[Proposal]) -> dict[int, list[Reason]]:
    """Return the reasons of stored proposals, by their key, as of the day they were matched."""
    offered = read_listings(session, Listing.id.in_({p.listing_id for p in proposals}))
    able = read_capabilities(session, Capability.id.in_({p.capability_id for p in proposals}))
    listing_row = {int(key): row for row, key in enumerate(offered.ids)}
    capability_row = {int(key): row for row, key in enumerate(able.ids)}
    force = weights(session)
    return {
        p.id: reasons(
            listing_row[p.listing_id],
            capability_row[p.capability_id],
            offered.columns,
            able.columns,
            ontology(),
            force,
            day64(p.as_of),
        )
        for p in proposals
    }


@dataclass(frozen=True)
class Obstacle:
    """A near capability that a listing cannot have, and why."""

    capability: Capability
    out: ShutOut


def obstacles(
    session: Session, listing: Listing, *, today: date, nearest: int = 5
) -> list[Obstacle]:
    """Return the nearest capabilities that were shut out of a listing, each with its rules."""
    offered = read_listings(session, Listing.id == listing.id)
    able = read_capabilities(session, *matchable())
    found = shut_out(0, offered.columns, able.columns, ontology(), day64(today), nearest=nearest)
    ids = [int(able.ids[o.capability]) for o in found]
    rows = session.scalars(
        select(Capability)
        .where(Capability.id.in_(ids))
        .options(joinedload(Capability.organisation))
    )
    by_id = {c.id: c for c in rows}
    return [Obstacle(by_id[key], out) for key, out in zip(ids, found, strict=True)]
