"""Every enum's label, and who wrote a message, in the language in force."""

from enum import StrEnum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.accounts.models import MemberRole, OrganisationKind, Verification
from marketplace.capabilities.models import CapabilityState
from marketplace.cases.board import Order as CaseOrder
from marketplace.cases.cards import Show
from marketplace.cases.drafts import Subject
from marketplace.cases.lifecycle import AttemptAction, AttemptState, CaseAction, Phase
from marketplace.cases.models import Disclosure, Origin, Outcome, Part, Verdict
from marketplace.cluster.lifecycle import (
    ConsortiumAction,
    ConsortiumState,
    PartnerState,
    PlaceState,
)
from marketplace.cluster.models import ConsortiumRole, Direction, Theme
from marketplace.geo.regions import regions
from marketplace.impact.models import Measure, Path, Source
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import (
    Kind,
    PriceDirection,
    Recurrence,
    Unit,
    WorkPlace,
)
from marketplace.notifications.messages.subjects import Sender
from marketplace.notifications.models import Frequency, Group
from marketplace.orders.carrying import CallOffAction, CallOffState, EvidenceKind, TargetGroup
from marketplace.orders.drafts import Pays
from marketplace.orders.legal import Demand, Shipment
from marketplace.orders.lifecycle import OrderAction, OrderState
from marketplace.orders.models import LineRole
from marketplace.orders.models import Part as OrderPart
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.models import RefusalReason
from marketplace.seals.assessment import Finding, SealRole
from marketplace.seals.criteria import Dimension, ProductKind, Strength
from marketplace.seals.criteria import Subject as SealSubject
from marketplace.seals.lifecycle import CertificateAction, SealAction, SealState
from marketplace.seals.models import ProductGroup, Route
from marketplace.seals.register import Standing
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.tables import Branch

LABELS: dict[type[StrEnum], dict[str, Any]] = {
    Kind: {
        "residual": _l("Leftover material"),
        "production_step": _l("Production step"),
        "service": _l("Service"),
        "csr_product": _l("CSR product"),
    },
    Unit: {
        "piece": _l("pieces"),
        "kg": "kg",
        "t": "t",
        "l": "l",
        "m3": "m³",
        "m2": "m²",
        "m": "m",
        "pallet": _l("pallets"),
    },
    Recurrence: {
        "once": _l("once"),
        "weekly": _l("every week"),
        "monthly": _l("every month"),
        "quarterly": _l("every quarter"),
        "yearly": _l("every year"),
    },
    Condition: {
        "new": _l("new, unused"),
        "offcut": _l("offcut"),
        "used_clean": _l("used, clean"),
        "used_soiled": _l("used, soiled"),
    },
    PriceDirection: {
        "free": _l("free of charge"),
        "giver_pays": _l("we pay for taking it"),
        "taker_pays": _l("the taker pays"),
        "open": _l("to be agreed"),
    },
    WorkPlace: {
        "workshop": _l("in the workshop"),
        "client_site": _l("at the client's site"),
    },
    ListingState: {
        "draft": _l("draft"),
        "published": _l("published"),
        "paused": _l("paused"),
        "reserved": _l("reserved"),
        "given": _l("given"),
        "expired": _l("expired"),
    },
    ListingAction: {
        "publish": _l("Publish"),
        "pause": _l("Pause"),
        "resume": _l("Show again"),
        "reserve": _l("Reserve"),
        "release": _l("Release"),
        "give": _l("Mark as given"),
        "expire": _l("Let expire"),
        "renew": _l("Renew"),
    },
    CapabilityState: {
        "draft": _l("draft"),
        "active": _l("active"),
        "paused": _l("paused"),
    },
    OrganisationKind: {
        "company": _l("Company"),
        "public_body": _l("Public body"),
        "social_enterprise": _l("Social enterprise"),
        "consultancy": _l("Consultancy"),
        "partner": _l("Partner"),
    },
    Verification: {
        "pending": _l("awaiting verification"),
        "verified": _l("verified"),
        "refused": _l("not verified"),
    },
    MemberRole: {"manager": _l("manager"), "member": _l("member")},
    ProposalState: {
        "proposed": _l("new"),
        "shortlisted": _l("shortlisted"),
        "accepted": _l("accepted"),
        "refused": _l("refused"),
        "expired": _l("expired"),
    },
    RefusalReason: {
        "no_capacity": _l("The enterprise has no hands free at present"),
        "quality": _l("The material's quality does not fit"),
        "distance": _l("The way is not worth it"),
        "price": _l("The price does not work out"),
        "placed_elsewhere": _l("Already placed elsewhere"),
        "other": _l("Another reason"),
    },
    OrderState: {
        "draft": _l("being prepared"),
        "offered": _l("offered"),
        "agreed": _l("agreed"),
        "in_production": _l("in production"),
        "delivered": _l("delivered"),
        "completed": _l("completed"),
        "paused": _l("paused"),
        "disputed": _l("disputed"),
        "cancelled": _l("cancelled"),
    },
    OrderAction: {
        "offer": _l("Offer to both sides"),
        "revise": _l("Ask for a change"),
        "agree": _l("Accept"),
        "start": _l("Start production"),
        "deliver": _l("Report delivery"),
        "complete": _l("Complete the order"),
        "pause": _l("Let it rest"),
        "resume": _l("Go on"),
        "dispute": _l("Say what is not as agreed"),
        "settle": _l("Settle it"),
        "cancel": _l("Cancel the order"),
    },
    Pays: {
        "taker": _l("whoever takes it pays"),
        "giver": _l("whoever gives it pays"),
        "nobody": _l("free of charge"),
    },
    Branch: {
        "materials": _l("Materials"),
        "techniques": _l("Techniques"),
    },
    Group: {
        "messages": _l("Messages"),
        "proposals": _l("Proposals and interests"),
        "listings": _l("Our listings"),
        "orders": _l("Orders"),
        "cases": _l("Cases and appointments"),
        "searches": _l("Saved searches"),
        "seals": _l("Seal"),
        "cluster": _l("Value cluster and EU calls"),
        "account": _l("Organisation and account"),
    },
    Frequency: {
        "at_once": _l("at once"),
        "daily": _l("once a day"),
        "weekly": _l("once a week"),
        "never": _l("only in the app"),
    },
    Phase: {
        "consultation": _l("Consultation"),
        "development": _l("Development"),
        "matching": _l("Matching"),
        "accompaniment": _l("Accompaniment"),
        "closed": _l("Closed"),
    },
    CaseAction: {
        "consult": _l("Consultation"),
        "develop": _l("Development"),
        "match": _l("Matching"),
        "accompany": _l("Accompaniment"),
        "close": _l("Close"),
        "reopen": _l("Reopen"),
    },
    Outcome: {
        "order": _l("an order came of it"),
        "advice": _l("advice was enough"),
        "no_partner": _l("no partner was found"),
        "not_feasible": _l("it cannot be made"),
        "withdrawn": _l("it was withdrawn"),
        "no_answer": _l("nobody answered any more"),
    },
    Origin: {
        "enquiry": _l("enquiry"),
        "listing": _l("from a listing"),
        "proposal": _l("from a proposal"),
        "broker": _l("by hand"),
    },
    Subject: {
        "idea": _l("Only an idea"),
        "csr_goal": _l("A CSR goal"),
        "residual": _l("A leftover"),
        "production_step": _l("A production step"),
        "service": _l("A service"),
    },
    Part: {"client": _l("client"), "enterprise": _l("social enterprise")},
    Disclosure: {
        "anonymous": _l("anonymous"),
        "region": _l("region"),
        "identity": _l("name and contact"),
    },
    Verdict: {
        "open": _l("open"),
        "passed": _l("good"),
        "failed": _l("not good enough"),
    },
    AttemptState: {
        "open": _l("open"),
        "trial": _l("being tried"),
        "ready": _l("ready for an order"),
        "ordered": _l("ordered"),
        "failed": _l("failed"),
        "dropped": _l("dropped"),
    },
    AttemptAction: {
        "try": _l("Try it out"),
        "pass": _l("It went well"),
        "fail": _l("It failed"),
        "order": _l("Make an order"),
        "drop": _l("Drop it"),
        "resume": _l("Take it up again"),
    },
    Show: {
        "mine": _l("mine"),
        "all": _l("all of the service point"),
        "this_week": _l("due this week"),
        "silent": _l("silent"),
        "across": _l("across the border"),
    },
    CaseOrder: {
        "last_word": _l("last word"),
        "due": _l("what is due"),
        "opened": _l("newest first"),
        "title": _l("title"),
    },
    OrderPart: {"client": _l("client"), "enterprise": _l("social enterprise")},
    Theme: {
        "circular_economy": _l("circular economy"),
        "labour_market": _l("labour market"),
        "skills": _l("skills and qualification"),
        "social_innovation": _l("social innovation"),
        "design": _l("design"),
        "digital": _l("digital"),
        "procurement": _l("procurement"),
        "cross_border": _l("cross-border cooperation"),
        "climate": _l("climate"),
        "research": _l("research"),
    },
    Direction: {"offer": _l("offered"), "seek": _l("sought")},
    ConsortiumRole: {
        "coordinator": _l("coordinator"),
        "partner": _l("partner"),
        "associated": _l("associated partner"),
    },
    PartnerState: {
        "applied": _l("waiting for the agency"),
        "admitted": _l("partner"),
        "refused": _l("not admitted"),
        "left": _l("left"),
    },
    PlaceState: {
        "invited": _l("invited"),
        "taken": _l("takes part"),
        "declined": _l("declined"),
    },
    ConsortiumState: {
        "forming": _l("forming"),
        "submitted": _l("handed in"),
        "funded": _l("funded"),
        "not_funded": _l("not funded"),
        "dissolved": _l("dissolved"),
    },
    ConsortiumAction: {
        "submit": _l("Handed in"),
        "fund": _l("It was funded"),
        "turn_down": _l("It was not funded"),
        "dissolve": _l("Dissolve"),
    },
    TargetGroup: {
        "transit": _l("transit workers"),
        "long_term_unemployed": _l("long-term unemployed"),
        "disability": _l("people with a disability"),
        "changed_work_ability": _l("people with changed work ability"),
        "disadvantaged": _l("disadvantaged people"),
        "client_of_workshop": _l("clients of the workshop"),
        "key_staff": _l("key staff"),
    },
    CallOffState: {
        "asked": _l("asked for"),
        "confirmed": _l("confirmed"),
        "delivered": _l("delivered"),
        "cancelled": _l("cancelled"),
    },
    CallOffAction: {"confirm": _l("Confirm"), "cancel": _l("Take back")},
    Path: {
        "re_used": _l("re-used"),
        "made_into_products": _l("made into products"),
        "recycled": _l("recycled"),
        "disposed_of": _l("disposed of"),
        "passed_on": _l("passed on to another order"),
    },
    Measure: {
        "value_eur": _l("Value of orders"),
        "mass_given_kg": _l("Mass given"),
        "mass_lost_kg": _l("Mass lost on the way"),
        "mass_kg": _l("Mass by path"),
        "co2e_avoided_kg": _l("CO₂e avoided"),
        "co2e_transport_kg": _l("CO₂e of transport"),
        "distance_kg_km": _l("Kilograms times kilometres"),
        "hours": _l("Hours of work"),
        "people": _l("People at work"),
        "qualifications": _l("Qualifications gained"),
    },
    Source: {
        "line": _l("Line of the terms"),
        "delivery": _l("Delivery"),
        "fate": _l("What became of it"),
        "work": _l("Hours of work"),
        "party": _l("Workshop"),
    },
    EvidenceKind: {
        "assessment": _l("assessment"),
        "permit": _l("permit"),
        "shipment": _l("shipment papers"),
    },
    Demand: {
        "hazard_permit": _l("permit for hazardous waste"),
        "waste_permit": _l("permit for waste"),
        "assessment": _l("assessment"),
    },
    Shipment: {
        "green": _l("likely green-listed"),
        "notification": _l("likely with notification"),
    },
    SealState: {
        "draft": _l("being prepared"),
        "submitted": _l("handed in"),
        "in_assessment": _l("in assessment"),
        "assessed": _l("test report written"),
        "at_panel": _l("before the panel"),
        "awarded": _l("awarded"),
        "refused": _l("refused"),
        "appealed": _l("appealed against"),
        "withdrawn": _l("taken back"),
    },
    SealAction: {
        "submit": _l("Hand in"),
        "begin": _l("Begin the assessment"),
        "report": _l("Write the test report"),
        "convene": _l("Lay it before the panel"),
        "award": _l("Award the seal"),
        "refuse": _l("Refuse the seal"),
        "appeal": _l("Appeal"),
        "rehear": _l("Lay it before the panel again"),
        "withdraw": _l("Take the application back"),
    },
    CertificateAction: {
        "suspend": _l("Suspend"),
        "lift": _l("Lift the suspension"),
        "withdraw": _l("Withdraw for good"),
    },
    Standing: {
        "valid": _l("valid"),
        "upcoming": _l("valid soon"),
        "expired": _l("run out"),
        "suspended": _l("suspended"),
        "withdrawn": _l("withdrawn"),
    },
    SealRole: {
        "adviser": _l("adviser"),
        "assessor": _l("assessor"),
        "panel": _l("panel member"),
        "decider": _l("decider"),
    },
    Finding: {
        "holds": _l("holds"),
        "does_not": _l("does not hold"),
        "not_applicable": _l("not applicable"),
    },
    Dimension: {
        "social": _l("social"),
        "ecological": _l("ecological"),
        "regional": _l("regional"),
        "innovation": _l("innovation"),
        "quality": _l("quality"),
    },
    Strength: {
        "must": _l("must"),
        "aim": _l("aim"),
        "judged": _l("judged"),
        "exception": _l("exception"),
    },
    SealSubject: {
        "maker": _l("the maker"),
        "product": _l("the product"),
        "both": _l("both"),
    },
    ProductKind: {"product": _l("a product"), "service": _l("a service")},
    ProductGroup: {
        "textile": _l("Textiles and bags"),
        "wood": _l("Wood and furniture"),
        "metal": _l("Metal"),
        "paper": _l("Paper and print"),
        "plastic": _l("Plastic"),
        "food": _l("Food"),
        "electronics": _l("Electronics"),
        "service": _l("Services"),
        "other": _l("Others"),
    },
    Route: {
        "leftover": _l("leftover"),
        "renewable": _l("renewable"),
        "certified": _l("certified"),
        "acceptable": _l("acceptable"),
        "not_acceptable": _l("not acceptable"),
    },
    LineRole: {
        "material_in": _l("material brought in"),
        "service": _l("work done"),
        "product_out": _l("product"),
    },
}


def label(member: StrEnum) -> str:
    """Return what people call an enum's member."""
    return str(LABELS[type(member)][member.value])


def sender_words(sender: Sender) -> str:
    """Return who wrote a message, as far as its reader may know."""
    if sender.broker:
        return str(_("%(name)s, mediation", name=sender.name or _("a former member")))
    if sender.organisation:
        return f"{sender.name or _('a former member')}, {sender.organisation}"
    side = str(_("the client") if sender.part is Part.CLIENT else _("the workshop"))
    region = regions().get(sender.region)
    if region is None:
        return side
    locale = get_locale()
    return f"{side}, {region.names[str(locale.language) if locale is not None else 'de']}"
