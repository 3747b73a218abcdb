"""Spedition Koller's tarpaulins, Nähwerk's sewing room, and Maria who brings them together."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from marketplace.accounts.models import Organisation, User
from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.listings.models import Listing, Unit
from marketplace.orders import actions
from marketplace.orders.drafts import OrderDraft
from marketplace.orders.models import Payer
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_service_point,
    actor_for,
    an_enterprise,
)

TODAY = NOW.date()


@dataclass
class Story:
    session: object
    company: Organisation
    enterprise: Organisation
    listing: Listing
    capability: Capability
    proposal: Proposal
    maria_user: User
    andrea_user: User
    emre_user: User
    maria: Actor
    andrea: Actor
    emre: Actor

    def order(self, **terms):
        """An order whose terms are written."""
        order = actions.draft_from(self.session, self.proposal, actor=self.maria, now=NOW)
        actions.edit(self.session, order, some_terms(**terms), actor=self.maria, now=NOW)
        return order

    def offered(self, **terms):
        order = self.order(**terms)
        actions.offer(self.session, order, actor=self.maria, now=NOW)
        return order

    def agreed(self, **terms):
        order = self.offered(**terms)
        for party in (self.andrea, self.emre):
            actions.accept(self.session, order, terms=order.terms, actor=party, now=NOW)
        return order


def some_terms(**changes):
    return OrderDraft(
        **{
            "title": "400 Kuriertaschen",
            "product": "Taschen in drei Größen",
            "quantity": 400.0,
            "unit": Unit.PIECE,
            "payer": Payer.CLIENT,
            "price": Decimal("15400.00"),
            "starts_on": TODAY,
            "due_on": TODAY + timedelta(days=60),
        }
        | changes
    )


def free_terms():
    return {"payer": Payer.NOBODY, "price": None}


def a_story(session, *, listing=None, capability=None):
    point = a_service_point(session)
    maria = a_broker(session, point)
    company = a_company(session, service_point_id=point.id, contact_name="Andrea Koller")
    enterprise = an_enterprise(session, service_point_id=point.id, contact_name="Emre Yıldız")
    andrea = a_person(session, company, name="Andrea Koller")
    emre = a_person(session, enterprise, name="Emre Yıldız")
    offered = a_listing(session, company, **(listing or {}))
    able = a_capability(session, enterprise, **(capability or {}))
    match_listings(session, [offered.id], as_of=TODAY, now=NOW)
    pair = (Proposal.listing_id == offered.id, Proposal.capability_id == able.id)
    proposal = session.scalars(select(Proposal).where(*pair)).one()
    return Story(
        session, company, enterprise, offered, able, proposal, maria, andrea, emre,
        actor_for(session, maria), actor_for(session, andrea), actor_for(session, emre),
    )  # fmt: skip
