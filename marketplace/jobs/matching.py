"""Facts that matching must hear of."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.jobs.job import Job
from marketplace.listings.map_tiles import recount
from marketplace.listings.models import Listing
from marketplace.proposals.matches import listings_touched_by, match_listings
from marketplace.proposals.models import Proposal


def listing_changed(session: Session, job: Job, *, listing_id: int) -> None:
    """Match the listing anew, and count it on the map where it is now."""
    recount(session, [listing_id])
    match_listings(session, [listing_id], as_of=job.today, now=job.now)


def capability_changed(session: Session, job: Job, *, capability_id: int) -> None:
    """Match every listing anew whose ranking the capability can move."""
    touched = listings_touched_by(session, [capability_id], as_of=job.today)
    match_listings(session, touched, as_of=job.today, now=job.now)


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
    both = sorted({*listing_ids, *touched})
    match_listings(session, both, as_of=job.today, now=job.now)
    point = organisation.service_point_id
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
