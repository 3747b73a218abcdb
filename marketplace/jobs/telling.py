"""Facts that people are told of: who hears of what, once."""

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.models import (
    Organisation,
    OrganisationKind,
    User,
    Verification,
)
from marketplace.accounts.nearby import public, within
from marketplace.accounts.queries import brokers, members
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.geo.areas import parse_area, reaches_km
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km
from marketplace.jobs.job import Job
from marketplace.jobs.mails import path_to
from marketplace.listings.models import Interest, Listing
from marketplace.notifications.actions import tell, tell_all
from marketplace.notifications.models import Topic
from marketplace.orders.models import Order, OrderParty, Part

GIVERS = (OrganisationKind.COMPANY, OrganisationKind.PUBLIC_BODY)


def organisation_to_verify(session: Session, job: Job, *, organisation_id: int) -> None:
    """Tell the brokers who look after the organisation."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.verification is not Verification.PENDING:
        return
    tell_all(
        session,
        brokers(session, organisation.service_point_id),
        Topic.ORGANISATION_TO_VERIFY,
        {"organisation": organisation.name},
        path_to("desk.organisations"),
        f"verify:{organisation_id}:{job.today}",
        now=job.now,
    )


def organisation_decided(session: Session, job: Job, *, organisation_id: int) -> None:
    """Tell the organisation's people that it is verified, or why not."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.verification is Verification.PENDING:
        return
    verified = organisation.verification is Verification.VERIFIED
    tell_all(
        session,
        members(session, organisation_id),
        Topic.ORGANISATION_VERIFIED if verified else Topic.ORGANISATION_REFUSED,
        {"organisation": organisation.name, "reason": organisation.verification_reason},
        path_to("home.index") if verified else path_to("organisation.edit"),
        f"decided:{organisation_id}:{organisation.verification}:{job.key}",
        now=job.now,
    )


def _listing(session: Session, listing_id: int) -> Listing | None:
    return session.scalars(
        select(Listing).where(Listing.id == listing_id).options(joinedload(Listing.organisation))
    ).one_or_none()


def proposals_found(session: Session, job: Job, *, listing_id: int, count: int) -> None:
    """Tell the listing's brokers, once a day however often it is matched."""
    listing = _listing(session, listing_id)
    if listing is None:
        return
    tell_all(
        session,
        brokers(session, listing.organisation.service_point_id),
        Topic.PROPOSALS_FOUND,
        {"title": listing.title, "count": count},
        path_to("desk.proposals"),
        f"proposals:{listing_id}:{job.today}",
        now=job.now,
    )


def interest_shown(session: Session, job: Job, *, interest_id: int) -> None:
    """Tell the listing's brokers which workshop would like it."""
    interest = session.scalars(
        select(Interest)
        .where(Interest.id == interest_id)
        .options(
            joinedload(Interest.organisation),
            joinedload(Interest.listing).joinedload(Listing.organisation),
        )
    ).one_or_none()
    if interest is None:
        return
    tell_all(
        session,
        brokers(session, interest.listing.organisation.service_point_id),
        Topic.INTEREST_SHOWN,
        {"organisation": interest.organisation.name, "title": interest.listing.title},
        path_to("desk.interests"),
        f"interest:{interest_id}",
        now=job.now,
    )


def listing_expiring(session: Session, job: Job, *, listing_id: int) -> None:
    """Ask the owners in time whether the listing is to be renewed."""
    _tell_owners(session, job, listing_id, Topic.LISTING_EXPIRING)


def listing_expired(session: Session, job: Job, *, listing_id: int) -> None:
    """Tell the owners that others no longer see the listing."""
    _tell_owners(session, job, listing_id, Topic.LISTING_EXPIRED)


def _tell_owners(session: Session, job: Job, listing_id: int, topic: Topic) -> None:
    listing = _listing(session, listing_id)
    if listing is None or listing.expires_on is None:
        return
    tell_all(
        session,
        members(session, listing.organisation_id),
        topic,
        {"title": listing.title, "day": listing.expires_on.isoformat()},
        path_to("listings.index"),
        f"{topic}:{listing_id}:{listing.expires_on}",
        now=job.now,
    )


def work_sought(session: Session, job: Job, *, capability_id: int) -> None:
    """Tell companies and public bodies within the workshop's reach that it looks for work."""
    capability = session.scalars(
        select(Capability)
        .where(Capability.id == capability_id)
        .options(joinedload(Capability.organisation))
    ).one_or_none()
    if (
        capability is None
        or not capability.seeking_work
        or capability.state is not CapabilityState.ACTIVE
        or not capability.organisation.takes_part
    ):
        return
    for organisation in within_reach(session, capability):
        tell_all(
            session,
            members(session, organisation.id),
            Topic.WORK_SOUGHT,
            {"organisation": capability.organisation.name, "title": capability.title},
            path_to("enterprises.show", organisation_id=capability.organisation_id),
            f"work:{capability_id}:{capability.seeking_from}",
            now=job.now,
        )


def within_reach(session: Session, capability: Capability) -> list[Organisation]:
    """Return the companies and public bodies that lie in the capability's radius or area."""
    base = Coordinate(capability.public_latitude, capability.public_longitude)
    area = parse_area(capability.service_area) if capability.service_area else None
    if area is None:
        reach = capability.service_radius_km or 0.0
    else:
        reach = float(reaches_km(np.array([area]), [base.latitude], [base.longitude])[0])
    givers = select(Organisation).where(
        Organisation.kind.in_(GIVERS),
        Organisation.active,
        Organisation.verification == Verification.VERIFIED,
    )
    near = session.scalars(within(givers, public(Organisation), base, reach)).all()
    latitudes = [o.public_latitude for o in near]
    longitudes = [o.public_longitude for o in near]
    if area is not None:
        held = shapely.intersects_xy(area, longitudes, latitudes)
    else:
        held = geodesic_km(base.latitude, base.longitude, latitudes, longitudes) <= reach
    found = [o for o, inside in zip(near, held, strict=True) if inside]
    return sorted(found, key=lambda o: o.id)


def order_moved(
    session: Session, job: Job, *, order_id: int, topic: str, user_id: int | None
) -> None:
    """Tell all parties and the broker, except whoever did it; each reads who the others are."""
    order = session.scalars(
        select(Order)
        .where(Order.id == order_id)
        .options(
            selectinload(Order.parties).joinedload(OrderParty.organisation),
            joinedload(Order.broker),
        )
    ).one_or_none()
    if order is None:
        return
    hearers: dict[int, tuple[User, str]] = {order.broker_id: (order.broker, _names(order.clients))}
    for party in order.parties:
        others = order.enterprises if party.part is Part.CLIENT else order.clients
        told = _names(others)
        hearers |= {u.id: (u, told) for u in members(session, party.organisation_id)}
    for user, other in hearers.values():
        if user.id != user_id and user.active:
            tell(
                session,
                user,
                Topic(topic),
                {"number": order.number, "title": order.title, "organisation": other},
                path_to("orders.show", order_id=order_id),
                f"order:{order_id}:{topic}:{job.key}",
                now=job.now,
            )


def _names(parties: list[OrderParty]) -> str:
    return ", ".join(party.organisation.name for party in parties)
