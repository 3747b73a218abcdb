"""What a saved search has found lately, as far as it is still shown."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.capabilities import policy as capabilities
from marketplace.capabilities.models import Capability
from marketplace.capabilities.queries import Workshop
from marketplace.capabilities.queries import with_everything as with_workshop
from marketplace.core.actor import Actor
from marketplace.listings import policy as listings
from marketplace.listings.models import Listing
from marketplace.listings.queries import with_everything
from marketplace.notifications.searches.models import Find, SavedSearch

MOST_SHOWN = 60


def materials_of(session: Session, search: SavedSearch, *, actor: Actor) -> list[Listing]:
    """Return the listings that the search found, latest first."""
    return list(
        session.scalars(
            select(Listing)
            .join(Find, Find.listing_id == Listing.id)
            .where(Find.search_id == search.id, listings.visible_to(actor))
            .options(*with_everything())
            .order_by(Find.id.desc())
            .limit(MOST_SHOWN)
        )
    )


def workshops_of(session: Session, search: SavedSearch) -> list[Workshop]:
    """Return the enterprises whose capabilities the search found, latest first."""
    rows = session.scalars(
        select(Capability)
        .join(Find, Find.capability_id == Capability.id)
        .where(Find.search_id == search.id, capabilities.is_public())
        .options(*with_workshop())
        .order_by(Find.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    by_owner: dict[int, list[Capability]] = {}
    for row in rows:
        by_owner.setdefault(row.organisation_id, []).append(row)
    return [Workshop(found[0].organisation, found, None) for found in by_owner.values()]
