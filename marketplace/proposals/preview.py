"""Asking the matcher without storing anything: previews, reasons, and what shut the near ones out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor, Role
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.models import Listing
from marketplace.listings.queries import with_everything
from marketplace.matching.explain import Reason, reasons
from marketplace.matching.kinds import Rule
from marketplace.matching.obstacles import ShutOut, shut_out, shut_out_of_capability
from marketplace.matching.ranking import Ranking, capability_best, rank
from marketplace.proposals.candidates import (
    Able,
    Offered,
    day64,
    draft_columns,
    ontology,
    read_capabilities,
    read_listings,
    weights,
)
from marketplace.proposals.models import Proposal
from marketplace.proposals.near import (
    WHOLE_EARTH_KM,
    Asked,
    around,
    listings_around,
    masses_around,
    reaching,
    suited,
)
from marketplace.proposals.reading import one_of

NEAR_BY = 200
LOOK_KM = (30.0, 120.0, WHOLE_EARTH_KM)
POOL_KM = 30.0


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
    columns = draft_columns(draft, actor.organisation_id)
    force, day = weights(session), day64(today)

    def ranked(able: Able) -> Ranking:
        return rank(0, columns, able.columns, ontology(), force, day, top=None)

    asked = Asked(draft.kind, draft.material_code, draft.techniques, draft.place.exact)
    able, found = reaching(session, asked, ranked, force, None, are_public=True)
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
    force, day = weights(session), day64(today)

    def ranked(offered: Offered) -> Ranking:
        return capability_best(0, offered.columns, able.columns, ontology(), force, day, top=top)

    offered, ranking = suited(session, capability, ranked, force, top)
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
    """A near pair that cannot be, and why."""

    listing: Listing
    capability: Capability
    out: ShutOut


def obstacles(
    session: Session, listing: Listing, *, today: date, nearest: int = 5
) -> list[Obstacle]:
    """Return capabilities near by that were shut out of a listing: those first for which the least would
    have to change, each with its rules."""
    offered = read_listings(session, Listing.id == listing.id)

    def shut(km: float) -> list[ShutOut]:
        able = read_capabilities(session, one_of(Capability.id, around(session, listing, km)))
        found = shut_out(0, offered.columns, able.columns, ontology(), day64(today), NEAR_BY)
        return [replace(o, capability=int(able.ids[o.capability])) for o in found]

    found = _least_effort(shut, nearest)
    rows = session.scalars(
        select(Capability)
        .where(Capability.id.in_([o.capability for o in found]))
        .options(joinedload(Capability.organisation))
    )
    by_id = {c.id: c for c in rows}
    return [Obstacle(listing, by_id[o.capability], _with_pool(session, listing, o)) for o in found]


def just_missed(
    session: Session, capability: Capability, *, today: date, nearest: int = 5
) -> list[Obstacle]:
    """Return listings near by that one rule shuts out of a capability, by their public places."""
    able = read_capabilities(session, Capability.id == capability.id)

    def shut(km: float) -> list[ShutOut]:
        near = one_of(Listing.id, listings_around(session, capability, km))
        offered = read_listings(session, near, public=True)
        tables = offered.columns, able.columns, ontology()
        found = shut_out_of_capability(0, *tables, day64(today), NEAR_BY)
        one_rule = [o for o in found if len(o.rules) == 1 and Rule.REFUSED not in o.rules]
        return [replace(o, listing=int(offered.ids[o.listing])) for o in one_rule]

    found = _least_effort(shut, nearest)
    rows = session.scalars(
        select(Listing)
        .where(Listing.id.in_([o.listing for o in found]))
        .options(*with_everything())
    )
    by_id = {row.id: row for row in rows}
    return [
        Obstacle(by_id[o.listing], capability, _with_pool(session, by_id[o.listing], o))
        for o in found
    ]


def _least_effort(shut: Callable[[float], list[ShutOut]], nearest: int) -> list[ShutOut]:
    """Return what takes the least effort of what ``shut`` finds within a distance; farther only where
    there is too little near by."""
    found: list[ShutOut] = []
    for km in LOOK_KM:
        found = shut(km)
        if sum(len(o.rules) == 1 for o in found) >= nearest:
            break
    return sorted(found, key=lambda o: o.effort)[:nearest]


def _with_pool(session: Session, listing: Listing, out: ShutOut) -> ShutOut:
    """Add to a batch that is too small how many listings of the same material near by make it enough."""
    batch = out.facts.get(Rule.BATCH)
    if batch is None:
        return out
    others, missing = 0, float(batch["missing_kg"])
    for mass in masses_around(session, listing, POOL_KM):
        others, missing = others + 1, missing - mass
        if missing <= 0:
            facts = {**out.facts, Rule.BATCH: {**batch, "pool_with": others}}
            return replace(out, facts=facts)
    return out
