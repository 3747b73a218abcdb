"""Spedition Koller's tarpaulins, Nähwerk's sewing room, and Maria who brings them together."""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from marketplace.accounts.models import Organisation, User
from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.listings.models import Listing, Unit
from marketplace.orders import actions, terms
from marketplace.orders.drafts import LineDraft, OrderDraft, PartyDraft, Pays
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.models import LineRole, Part
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

    def order(self, **terms_):
        """An order whose terms are written."""
        order = draft_from(self.session, self.proposal, actor=self.maria, now=NOW)
        terms.edit(self.session, order, self.terms(**terms_), actor=self.maria, now=NOW)
        return order

    def terms(self, **changes):
        """400 bags that Nähwerk makes for Koller; changes of the line or of the head."""
        return some_terms(self.company.id, self.enterprise.id, **changes)

    def offered(self, **terms_):
        order = self.order(**terms_)
        terms.offer(self.session, order, actor=self.maria, now=NOW)
        return order

    def agreed(self, **terms_):
        order = self.offered(**terms_)
        for party in (self.andrea, self.emre):
            terms.accept(
                self.session, order, terms=order.terms, free_of_charge=True, actor=party, now=NOW
            )
        return order

    def running(self, **terms_):
        order = self.agreed(**terms_)
        actions.start(self.session, order, actor=self.emre, now=NOW)
        return order


def a_line(client_id, enterprise_id, **changes):
    return LineDraft(
        **{
            "role": LineRole.PRODUCT_OUT,
            "description": "Kuriertaschen",
            "quantity": 400.0,
            "unit": Unit.PIECE,
            "pays": Pays.TAKER,
            "price": Decimal("38.50"),
            "giver_id": enterprise_id,
            "taker_id": client_id,
        }
        | changes
    )


def some_terms(client_id=1, enterprise_id=2, **changes):
    fields = {f.name for f in dataclasses.fields(LineDraft)}
    line = {name: changes.pop(name) for name in list(changes) if name in fields}
    return OrderDraft(
        **{
            "title": "400 Kuriertaschen",
            "product": "Taschen in drei Größen",
            "starts_on": TODAY,
            "due_on": TODAY + timedelta(days=60),
            "parties": (
                PartyDraft(organisation_id=client_id, part=Part.CLIENT),
                PartyDraft(organisation_id=enterprise_id, part=Part.ENTERPRISE),
            ),
            "lines": (a_line(client_id, enterprise_id, **line),),
        }
        | changes
    )


def free_terms():
    return {"pays": Pays.NOBODY, "price": None}


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
