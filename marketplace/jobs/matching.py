"""Facts that matching must hear of."""

from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.core import outbox
from marketplace.jobs.job import Job
from marketplace.listings.map_tiles import recount
from marketplace.listings.models import Listing
from marketplace.proposals import runs
from marketplace.proposals.events import DecisionsMoved
from marketplace.proposals.matches import listings_touched_by, match_listings
from marketplace.proposals.models import Proposal
from marketplace.proposals.relearning import relearn_listings


def listing_changed(session: Session, job: Job, *, listing_id: int) -> None:
    """Match the listing anew, and count it on the map where it is now."""
    recount(session, [listing_id])
    _match(session, job, [listing_id])


def _match(session: Session, job: Job, listing_ids: list[int]) -> None:
    """Match listings anew; what is new at a desk takes its place by what that desk has refused."""
    changes = match_listings(session, listing_ids, as_of=job.today, now=job.now)
    if changes.made or changes.refreshed:
        relearn_listings(session, listing_ids, now=job.now)


def capability_changed(session: Session, job: Job, *, capability_id: int) -> None:
    """Match every listing anew whose ranking the capability can move."""
    touched = listings_touched_by(session, [capability_id], as_of=job.today)
    _match(session, job, touched)


def weights_changed(session: Session, job: Job, *, version: int) -> None:
    """Begin to match everything anew; whoever works shares it."""
    runs.start(session, as_of=job.today, now=job.now)


def values_changed(session: Session, job: Job, *, edition: int) -> None:
    """Begin to match everything anew with what techniques keep of a thing's worth by now."""
    runs.start(session, as_of=job.today, now=job.now)


def organisation_changed(session: Session, job: Job, *, organisation_id: int) -> None:
    """Match what the organisation posted and what its capabilities touch; move the desks' rows."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        return
    own = select(Listing.id).where(Listing.organisation_id == organisation_id)
    able = select(Capability.id).where(Capability.organisation_id == organisation_id)
    listing_ids = list(session.scalars(own.order_by(Listing.id)))
    capability_ids = list(session.scalars(able.order_by(Capability.id)))
    touched = (
        listings_touched_by(session, capability_ids, as_of=job.today) if capability_ids else []
    )
    recount(session, listing_ids)
    _match(session, job, sorted({*listing_ids, *touched}))
    _move(session, job, own, able, organisation.service_point_id)
    relearn_listings(session, listing_ids, now=job.now)


def _move(
    session: Session, job: Job, own: Select[Any], able: Select[Any], point: int | None
) -> None:
    """Move proposals to the desk that looks after the organisation now, and what was decided there."""
    side = Proposal.listing_service_point_id
    left = select(side).where(Proposal.listing_id.in_(own), side.is_distinct_from(point)).distinct()
    desks = set(session.scalars(left))
    for desk in {*desks, point} if desks else ():
        if desk is not None:
            outbox.record(session, DecisionsMoved(desk), now=job.now)
    for column, wanted in (
        (Proposal.listing_service_point_id, Proposal.listing_id.in_(own)),
        (Proposal.capability_service_point_id, Proposal.capability_id.in_(able)),
    ):
        session.execute(
            update(Proposal)
            .where(wanted, column.is_distinct_from(point))
            .values({column.key: point})
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
