"""Reading proposals: the broker's board, single ones, and what stays without any."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing, ListingPhoto
from marketplace.listings.queries import below, with_everything
from marketplace.proposals import policy
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.models import Proposal
from marketplace.taxonomy.materials import materials

Giver = aliased(Organisation, name="giver")
Doer = aliased(Organisation, name="doer")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a broker looks for; every part may be empty. ``points_at_least`` is out of 100."""

    states: Sequence[ProposalState] = LIVE
    kinds: Sequence[Kind] = field(default_factory=tuple)
    material: str = ""
    region: str = ""
    points_at_least: int = 0
    km_at_most: int = 0
    since: datetime | None = None
    words: str = ""
    across_border: bool = False


def _joined() -> Select[Proposal]:
    return (
        select(Proposal)
        .join(Proposal.listing)
        .join(Giver, Giver.id == Listing.organisation_id)
        .join(Proposal.capability)
        .join(Doer, Doer.id == Capability.organisation_id)
    )


def _loaded() -> Sequence[ORMOption]:
    listing = contains_eager(Proposal.listing)
    return (
        listing.contains_eager(Listing.organisation.of_type(Giver)),
        contains_eager(Proposal.listing)
        .selectinload(Listing.pictures)
        .joinedload(ListingPhoto.photo),
        contains_eager(Proposal.capability).contains_eager(Capability.organisation.of_type(Doer)),
    )


def board(
    session: Session, wanted: Filter, *, actor: Actor, page: int = 1, size: int = 25
) -> tuple[list[Proposal], int]:
    """Return one page of what the broker has to decide, best first, and how many there are.

    By score with what refusals have taught, then distance, then the order of finding.
    """
    query = _joined().where(policy.visible_to(actor), *_conditions(wanted))
    total = session.scalar(query.with_only_columns(func.count(Proposal.id))) or 0
    order = (Proposal.points.desc(), Proposal.distance_km, Proposal.id)
    return _some(session, query, order, size, (page - 1) * size), total


def _some(
    session: Session,
    query: Select[Proposal],
    order: Sequence[Any],
    size: int,
    offset: int = 0,
) -> list[Proposal]:
    """Return some of what ``query`` finds, with both sides; only their keys have to be sorted."""
    keys = query.with_only_columns(Proposal.id).order_by(*order).limit(size).offset(offset)
    chosen = _joined().where(Proposal.id.in_(keys)).options(*_loaded()).order_by(*order)
    return list(session.scalars(chosen))


def most_corrected(
    session: Session, service_point_id: int, *, actor: Actor, most: int
) -> list[Proposal]:
    """Return the open proposals of a service point's listings that refusals move most."""
    query = select(Proposal).where(
        policy.visible_to(actor),
        Proposal.listing_service_point_id == service_point_id,
        Proposal.state.in_(LIVE),
        Proposal.correction < 0,
    )
    return _some(session, query, (Proposal.correction, Proposal.points.desc(), Proposal.id), most)


def get(session: Session, proposal_id: int, *, actor: Actor) -> Proposal:
    """Return the proposal if this actor may know of it, with both sides."""
    found = session.scalars(
        _joined().where(Proposal.id == proposal_id, policy.visible_to(actor)).options(*_loaded())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Proposal.state.in_(wanted.states)]
    if wanted.kinds:
        found.append(Listing.kind.in_(wanted.kinds))
    if wanted.material:
        found.append(below(wanted.material))
    if wanted.region:
        found.append(or_(Listing.region == wanted.region, Capability.region == wanted.region))
    if wanted.points_at_least:
        found.append(Proposal.score >= wanted.points_at_least / 100)
    if wanted.km_at_most:
        found.append(Proposal.distance_km <= wanted.km_at_most)
    if wanted.since is not None:
        found.append(Proposal.first_proposed_at >= wanted.since)
    if wanted.across_border:
        found.append(Listing.country != Capability.country)
    found.extend(_says(word) for word in wanted.words.split()[:6])
    return found


def _says(word: str) -> ColumnElement[bool]:
    """The word stands in a title or in a name, is a town, or names the material in any language."""
    texts = (Listing.title, Giver.name, Doer.name, Capability.title, Listing.city, Doer.city)
    said = [
        text.icontains(form, autoescape=True)
        for text in texts
        for form in {word, word.capitalize()}
    ]
    node = materials().find(word)
    return or_(*said, *([below(node.code)] if node is not None else []))


def unmatched(
    session: Session, *, actor: Actor, page: int = 1, size: int = 10
) -> tuple[list[Listing], int]:
    """Return one page of the published listings that nothing is proposed for, oldest first.

    Those with an accepted proposal are in good hands; those of organisations that are not verified
    yet are not matched at all.
    """
    alive = exists().where(
        Proposal.listing_id == Listing.id,
        Proposal.state.in_((*LIVE, ProposalState.ACCEPTED)),
    )
    conditions: list[ColumnElement[bool]] = [
        Listing.state == ListingState.PUBLISHED,
        ~alive,
        Listing.organisation.has(
            and_(
                Organisation.active,
                Organisation.verification == Verification.VERIFIED,
                _looked_after(actor),
            )
        ),
    ]
    total = session.scalar(select(func.count()).select_from(Listing).where(*conditions)) or 0
    rows = session.scalars(
        select(Listing)
        .where(*conditions)
        .options(*with_everything())
        .order_by(Listing.published_at, Listing.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def _looked_after(actor: Actor) -> ColumnElement[bool]:
    if actor.brokers_for(None):
        return Organisation.id.is_not(None)
    return Organisation.service_point_id == actor.service_point_id


def of_pairs(
    session: Session, pairs: list[tuple[int, int]], *, actor: Actor
) -> dict[tuple[int, int], Proposal]:
    """Return the best proposal of each pair of a listing and an enterprise that is not refused."""
    rows = session.execute(
        select(Proposal, Capability.organisation_id)
        .join(Proposal.capability)
        .where(
            policy.visible_to(actor),
            Proposal.state.in_((*LIVE, ProposalState.ACCEPTED)),
            Proposal.listing_id.in_({listing_id for listing_id, _ in pairs}),
        )
        .order_by(Proposal.score)
    )
    wanted = set(pairs)
    return {(p.listing_id, owner): p for p, owner in rows if (p.listing_id, owner) in wanted}
