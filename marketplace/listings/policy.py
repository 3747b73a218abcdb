"""Who may do what to a listing, and who may know of it."""

from sqlalchemy import ColumnElement, and_, false, or_, true

from marketplace.accounts.models import Organisation, Verification
from marketplace.core.actor import Actor, Role
from marketplace.listings.lifecycle import BY_OWNER, LISTING, ListingAction, ListingState
from marketplace.listings.models import Listing

SHOWN = (ListingState.PUBLISHED, ListingState.RESERVED)
EDITABLE = (
    ListingState.DRAFT,
    ListingState.PUBLISHED,
    ListingState.PAUSED,
    ListingState.EXPIRED,
)


def can_create(actor: Actor) -> bool:
    return actor.has(Role.COMPANY, Role.SYSTEM)


def can_edit(actor: Actor, listing: Listing) -> bool:
    return listing.state in EDITABLE and (
        actor.belongs_to(listing.organisation_id) or actor.has(Role.SYSTEM)
    )


def can_delete(actor: Actor, listing: Listing) -> bool:
    return listing.state is ListingState.DRAFT and actor.belongs_to(listing.organisation_id)


def can_move(actor: Actor, listing: Listing, action: ListingAction) -> bool:
    """Tell whether the actor may take ``action`` at all; whether it is possible now is the table's."""
    if actor.has(Role.SYSTEM):
        return True
    return action in BY_OWNER and actor.belongs_to(listing.organisation_id)


def actions_for(actor: Actor, listing: Listing) -> list[ListingAction]:
    """Return the buttons to show, in the order of the enumeration."""
    possible = LISTING.open_to(listing.state)
    return [a for a in ListingAction if a in possible and can_move(actor, listing, a)]


def can_show_interest(actor: Actor, listing: Listing) -> bool:
    return actor.has(Role.ENTERPRISE) and listing.state is ListingState.PUBLISHED


def sees_exact_place(actor: Actor, listing: Listing) -> bool:
    """Only the owner, the brokers of its service point and the agency see the exact place here."""
    return actor.belongs_to(listing.organisation_id) or actor.brokers_for(
        listing.organisation.service_point_id
    )


def is_public() -> ColumnElement[bool]:
    """Return the filter for what everybody sees: shown, and of a verified, active organisation."""
    return and_(
        Listing.state.in_(SHOWN),
        Listing.organisation.has(
            and_(Organisation.active, Organisation.verification == Verification.VERIFIED)
        ),
    )


def is_on_offer() -> ColumnElement[bool]:
    """Return the filter for what searches and the map show to everybody: public, and still to be had."""
    return and_(Listing.state == ListingState.PUBLISHED, is_public())


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides what this actor must not know exists."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    own = (
        Listing.organisation_id == actor.organisation_id
        if actor.organisation_id is not None
        else false()
    )
    brokered: ColumnElement[bool] = false()
    if actor.has(Role.BROKER):
        brokered = and_(
            Listing.state != ListingState.DRAFT,
            Listing.organisation.has(Organisation.service_point_id == actor.service_point_id),
        )
    return or_(is_public(), own, brokered)
