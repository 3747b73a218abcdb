"""Named people and things for stories; every builder takes changes as keywords."""

from datetime import UTC, date, datetime
from functools import cache
from itertools import count

from marketplace.accounts.models import (
    MemberRole,
    Membership,
    Organisation,
    OrganisationKind,
    ServicePoint,
    User,
    Verification,
)
from marketplace.accounts.passwords import hashed
from marketplace.accounts.places import make_place
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.actor import Actor, Role
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing
from marketplace.web.session import visitor_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "Werkbank-2026"
_numbers = count(1)


@cache
def _hash():
    return hashed(PASSWORD)


def a_place(city="Eisenstadt", country="AT", **changes):
    return make_place(city=city, country=country, secret=b"test-place", **changes)


def at(thing, place):
    thing.move_to(place)
    return thing


def a_service_point(session, **changes):
    n = next(_numbers)
    point = ServicePoint(
        **{
            "name": f"Servicestelle {n}",
            "country": "AT",
            "regions": ["AT-1", "AT-3", "AT-6", "AT-9"],
            "email": "",
            "phone": "",
        }
        | changes
    )
    session.add(point)
    session.flush()
    return point


def an_organisation(session, *, place=None, **changes):
    n = next(_numbers)
    organisation = Organisation(
        **{
            "ref": f"O-{n}",
            "name": f"Organisation {n}",
            "kind": OrganisationKind.COMPANY,
            "verification": Verification.VERIFIED,
            "created_at": NOW,
            "languages": ["de"],
        }
        | changes
    )
    organisation.move_to(place or a_place())
    session.add(organisation)
    session.flush()
    return organisation


def a_company(session, **changes):
    return an_organisation(session, **{"name": "Spedition Koller"} | changes)


def an_enterprise(session, **changes):
    return an_organisation(
        session,
        **{
            "name": "Nähwerk",
            "kind": OrganisationKind.SOCIAL_ENTERPRISE,
            "place": a_place("Wiener Neustadt"),
        }
        | changes,
    )


def a_person(session, organisation=None, *, role=MemberRole.MANAGER, **changes):
    n = next(_numbers)
    user = User(
        **{
            "email": f"person{n}@example.org",
            "name": f"Person {n}",
            "password_hash": _hash(),
            "language": "de",
            "confirmed_at": NOW,
            "created_at": NOW,
        }
        | changes
    )
    session.add(user)
    session.flush()
    if organisation is not None:
        session.add(Membership(user_id=user.id, organisation_id=organisation.id, role=role))
        user.last_organisation_id = organisation.id
        session.flush()
    return user


def a_broker(session, point=None, **changes):
    point = point or a_service_point(session)
    return a_person(session, **{"name": "Maria Reisinger", "service_point_id": point.id} | changes)


def an_agency_person(session, **changes):
    return a_person(session, **{"name": "Agnes Agentur", "agency": True} | changes)


def actor_for(session, user, organisation=None):
    """Return the actor that the user is, acting for ``organisation``."""
    session.refresh(user, ["memberships"])
    for membership in user.memberships:
        session.refresh(membership, ["organisation"])
    return visitor_of(user, organisation.id if organisation else user.last_organisation_id).actor


def company_actor(organisation):
    return Actor(
        user_id=None,
        organisation_id=organisation.id,
        roles=frozenset({Role.COMPANY, Role.MANAGER}),
    )


def a_listing(session, organisation, *, place=None, **changes):
    n = next(_numbers)
    listing = Listing(
        **{
            "ref": f"L-{n}",
            "organisation_id": organisation.id,
            "kind": Kind.RESIDUAL,
            "title": "Lkw-Planen, bedruckt",
            "language": "de",
            "material_code": "tarpaulin",
            "techniques": [],
            "quantity": 180.0,
            "unit": "kg",
            "mass_kg": 180.0,
            "available_from": date(2026, 11, 1),
            "state": ListingState.PUBLISHED,
            "published_at": NOW,
            "expires_on": date(2027, 2, 1),
            "created_at": NOW,
            "revision": 1,
        }
        | changes
    )
    listing.move_to(place or a_place())
    session.add(listing)
    session.flush()
    return listing


def a_capability(session, organisation, *, place=None, **changes):
    n = next(_numbers)
    capability = Capability(
        **{
            "ref": f"C-{n}",
            "organisation_id": organisation.id,
            "title": "Taschen und Etuis in Kleinserie",
            "language": "de",
            "materials": ["tarpaulin"],
            "techniques": ["sewing"],
            "conditions": [],
            "equipment": [],
            "service_radius_km": 60.0,
            "state": CapabilityState.ACTIVE,
            "created_at": NOW,
            "revision": 1,
        }
        | changes
    )
    capability.move_to(place or a_place("Wiener Neustadt"))
    session.add(capability)
    session.flush()
    return capability


def sign_in(client, user, organisation=None):
    """Sign the user in without the form."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{user.id}:{user.epoch}"
        cookie["_fresh"] = True
        if organisation is not None:
            cookie["organisation_id"] = organisation.id
    return client
