"""Koller's tarpaulins and Nähwerk's sewing room in Maria's case; Katalin mediates elsewhere."""

from dataclasses import dataclass
from datetime import timedelta

from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.capabilities.models import Capability
from marketplace.cases import opening, parties, queries
from marketplace.cases.drafts import AppointmentDraft, NeedsDraft, TaskDraft, TrialDraft
from marketplace.cases.models import Case, Disclosure
from marketplace.core.actor import Actor
from marketplace.listings.models import Kind, Listing
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_place,
    a_service_point,
    actor_for,
    an_enterprise,
)

TODAY = NOW.date()


@dataclass
class Story:
    session: object
    point: ServicePoint
    elsewhere: ServicePoint
    company: Organisation
    enterprise: Organisation
    listing: Listing
    capability: Capability
    proposal: Proposal
    case_id: int
    maria_user: User
    katalin_user: User
    andrea_user: User
    emre_user: User
    maria: Actor
    katalin: Actor
    andrea: Actor
    emre: Actor

    @property
    def case(self) -> Case:
        """The case as it is now, with everything."""
        self.session.flush()
        self.session.expire_all()
        return queries.get(self.session, self.case_id, actor=self.maria)

    def party(self, organisation):
        return next(p for p in self.case.parties if p.organisation_id == organisation.id)

    def show(self, organisation, stage, seen=Disclosure.ANONYMOUS, reason=""):
        party = self.party(organisation)
        parties.disclose(self.session, self.case, party, Disclosure(stage), reason,
                         seen=Disclosure(seen), actor=self.maria, now=NOW)  # fmt: skip


def a_story(session):
    """A case from a proposal; the other service point is in Hungary."""
    point = a_service_point(session, name="Servicestelle Ost", email="ost@sopro.example")
    elsewhere = a_service_point(session, name="Szolgáltató pont", country="HU", regions=["HU-GS"])
    maria, katalin = a_broker(session, point), a_broker(session, elsewhere, name="Fehér Katalin")
    company = a_company(session, service_point_id=point.id, contact_name="Andrea Koller",
                        email="heimlich@koller.example", phone="+43 660 7777777",
                        place=a_place("Eisenstadt", address="Geheimgasse 77"))  # fmt: skip
    enterprise = an_enterprise(session, service_point_id=point.id, contact_name="Emre Yıldız",
                               email="still@naehwerk.example", phone="+43 699 1234567",
                               place=a_place("Wiener Neustadt", address="Nadelgasse 3"))  # fmt: skip
    andrea = a_person(session, company, name="Andrea Koller")
    emre = a_person(session, enterprise, name="Emre Yıldız")
    listing, able = a_listing(session, company), a_capability(session, enterprise)
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    proposal = session.query(Proposal).filter_by(listing_id=listing.id).one()
    acting = actor_for(session, maria)
    case = opening.from_proposal(session, proposal, actor=acting, now=NOW)
    return Story(
        session, point, elsewhere, company, enterprise, listing, able, proposal, case.id,
        maria, katalin, andrea, emre, acting, actor_for(session, katalin),
        actor_for(session, andrea), actor_for(session, emre),
    )  # fmt: skip


def a_second_workshop(session, story, name="Taschenwerk"):
    """Another workshop that could do it, matched anew."""
    second = an_enterprise(session, name=name, service_point_id=story.point.id)
    a_capability(session, second)
    match_listings(session, [story.listing.id], as_of=TODAY, now=NOW)
    return second


def a_task(**changes):
    return TaskDraft(**{"title": "Rückruf bei der Spedition", "due_on": TODAY} | changes)


def an_appointment(**changes):
    start = {"title": "Erstgespräch", "starts_at": NOW + timedelta(days=2), "place": "Werkshalle 4"}
    return AppointmentDraft(**start | changes)


def a_trial(story, **changes):
    known = {"what": "Fünf Taschen nähen", "tried_on": TODAY, "pieces": 5,
             "organisation_id": story.enterprise.id}  # fmt: skip
    return TrialDraft(**known | changes)


def needs(**changes):
    return NeedsDraft(**{"kind": Kind.RESIDUAL, "what": "Kuriertaschen, wasserdicht"} | changes)
