"""Every enum's label, and who wrote a message, in the language in force."""

from collections.abc import Callable
from enum import StrEnum

from flask_babel import get_locale
from flask_babel import gettext as _

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

LABELS: dict[type[StrEnum], Callable[[], dict[str, str]]] = {
    Kind: lambda: {
        "residual": _("Leftover material"),
        "production_step": _("Production step"),
        "service": _("Service"),
        "csr_product": _("CSR product"),
    },
    Unit: lambda: {
        "piece": _("pieces"),
        "kg": "kg",
        "t": "t",
        "l": "l",
        "m3": "m³",
        "m2": "m²",
        "m": "m",
        "pallet": _("pallets"),
    },
    Recurrence: lambda: {
        "once": _("once"),
        "weekly": _("every week"),
        "monthly": _("every month"),
        "quarterly": _("every quarter"),
        "yearly": _("every year"),
    },
    Condition: lambda: {
        "new": _("new, unused"),
        "offcut": _("offcut"),
        "used_clean": _("used, clean"),
        "used_soiled": _("used, soiled"),
    },
    PriceDirection: lambda: {
        "free": _("free of charge"),
        "giver_pays": _("we pay for taking it"),
        "taker_pays": _("the taker pays"),
        "open": _("to be agreed"),
    },
    WorkPlace: lambda: {
        "workshop": _("in the workshop"),
        "client_site": _("at the client's site"),
    },
    ListingState: lambda: {
        "draft": _("draft"),
        "published": _("published"),
        "paused": _("paused"),
        "reserved": _("reserved"),
        "given": _("given"),
        "expired": _("expired"),
    },
    ListingAction: lambda: {
        "publish": _("Publish"),
        "pause": _("Pause"),
        "resume": _("Show again"),
        "reserve": _("Reserve"),
        "release": _("Release"),
        "give": _("Mark as given"),
        "expire": _("Let expire"),
        "renew": _("Renew"),
    },
    CapabilityState: lambda: {
        "draft": _("draft"),
        "active": _("active"),
        "paused": _("paused"),
    },
    OrganisationKind: lambda: {
        "company": _("Company"),
        "public_body": _("Public body"),
        "social_enterprise": _("Social enterprise"),
        "consultancy": _("Consultancy"),
        "partner": _("Partner"),
    },
    Verification: lambda: {
        "pending": _("awaiting verification"),
        "verified": _("verified"),
        "refused": _("not verified"),
    },
    MemberRole: lambda: {"manager": _("manager"), "member": _("member")},
    ProposalState: lambda: {
        "proposed": _("new"),
        "shortlisted": _("shortlisted"),
        "accepted": _("accepted"),
        "refused": _("refused"),
        "expired": _("expired"),
    },
    RefusalReason: lambda: {
        "no_capacity": _("The enterprise has no hands free at present"),
        "quality": _("The material's quality does not fit"),
        "distance": _("The way is not worth it"),
        "price": _("The price does not work out"),
        "placed_elsewhere": _("Already placed elsewhere"),
        "other": _("Another reason"),
    },
    OrderState: lambda: {
        "draft": _("being prepared"),
        "offered": _("offered"),
        "agreed": _("agreed"),
        "in_production": _("in production"),
        "delivered": _("delivered"),
        "completed": _("completed"),
        "paused": _("paused"),
        "disputed": _("disputed"),
        "cancelled": _("cancelled"),
    },
    OrderAction: lambda: {
        "offer": _("Offer to both sides"),
        "revise": _("Ask for a change"),
        "agree": _("Accept"),
        "start": _("Start production"),
        "deliver": _("Report delivery"),
        "complete": _("Complete the order"),
        "pause": _("Let it rest"),
        "resume": _("Go on"),
        "dispute": _("Say what is not as agreed"),
        "settle": _("Settle it"),
        "cancel": _("Cancel the order"),
    },
    Pays: lambda: {
        "taker": _("whoever takes it pays"),
        "giver": _("whoever gives it pays"),
        "nobody": _("free of charge"),
    },
    Branch: lambda: {
        "materials": _("Materials"),
        "techniques": _("Techniques"),
    },
    Group: lambda: {
        "messages": _("Messages"),
        "proposals": _("Proposals and interests"),
        "listings": _("Our listings"),
        "orders": _("Orders"),
        "cases": _("Cases and appointments"),
        "searches": _("Saved searches"),
        "seals": _("Seal"),
        "cluster": _("Value cluster and EU calls"),
        "account": _("Organisation and account"),
    },
    Frequency: lambda: {
        "at_once": _("at once"),
        "daily": _("once a day"),
        "weekly": _("once a week"),
        "never": _("only in the app"),
    },
    Phase: lambda: {
        "consultation": _("Consultation"),
        "development": _("Development"),
        "matching": _("Matching"),
        "accompaniment": _("Accompaniment"),
        "closed": _("Closed"),
    },
    CaseAction: lambda: {
        "consult": _("Consultation"),
        "develop": _("Development"),
        "match": _("Matching"),
        "accompany": _("Accompaniment"),
        "close": _("Close"),
        "reopen": _("Reopen"),
    },
    Outcome: lambda: {
        "order": _("an order came of it"),
        "advice": _("advice was enough"),
        "no_partner": _("no partner was found"),
        "not_feasible": _("it cannot be made"),
        "withdrawn": _("it was withdrawn"),
        "no_answer": _("nobody answered any more"),
    },
    Origin: lambda: {
        "enquiry": _("enquiry"),
        "listing": _("from a listing"),
        "proposal": _("from a proposal"),
        "broker": _("by hand"),
    },
    Subject: lambda: {
        "idea": _("Only an idea"),
        "csr_goal": _("A CSR goal"),
        "residual": _("A leftover"),
        "production_step": _("A production step"),
        "service": _("A service"),
    },
    Part: lambda: {"client": _("client"), "enterprise": _("social enterprise")},
    Disclosure: lambda: {
        "anonymous": _("anonymous"),
        "region": _("region"),
        "identity": _("name and contact"),
    },
    Verdict: lambda: {
        "open": _("open"),
        "passed": _("good"),
        "failed": _("not good enough"),
    },
    AttemptState: lambda: {
        "open": _("open"),
        "trial": _("being tried"),
        "ready": _("ready for an order"),
        "ordered": _("ordered"),
        "failed": _("failed"),
        "dropped": _("dropped"),
    },
    AttemptAction: lambda: {
        "try": _("Try it out"),
        "pass": _("It went well"),
        "fail": _("It failed"),
        "order": _("Make an order"),
        "drop": _("Drop it"),
        "resume": _("Take it up again"),
    },
    Show: lambda: {
        "mine": _("mine"),
        "all": _("all of the service point"),
        "this_week": _("due this week"),
        "silent": _("silent"),
        "across": _("across the border"),
    },
    CaseOrder: lambda: {
        "last_word": _("last word"),
        "due": _("what is due"),
        "opened": _("newest first"),
        "title": _("title"),
    },
    OrderPart: lambda: {"client": _("client"), "enterprise": _("social enterprise")},
    Theme: lambda: {
        "circular_economy": _("circular economy"),
        "labour_market": _("labour market"),
        "skills": _("skills and qualification"),
        "social_innovation": _("social innovation"),
        "design": _("design"),
        "digital": _("digital"),
        "procurement": _("procurement"),
        "cross_border": _("cross-border cooperation"),
        "climate": _("climate"),
        "research": _("research"),
    },
    Direction: lambda: {"offer": _("offered"), "seek": _("sought")},
    ConsortiumRole: lambda: {
        "coordinator": _("coordinator"),
        "partner": _("partner"),
        "associated": _("associated partner"),
    },
    PartnerState: lambda: {
        "applied": _("waiting for the agency"),
        "admitted": _("partner"),
        "refused": _("not admitted"),
        "left": _("left"),
    },
    PlaceState: lambda: {
        "invited": _("invited"),
        "taken": _("takes part"),
        "declined": _("declined"),
    },
    ConsortiumState: lambda: {
        "forming": _("forming"),
        "submitted": _("handed in"),
        "funded": _("funded"),
        "not_funded": _("not funded"),
        "dissolved": _("dissolved"),
    },
    ConsortiumAction: lambda: {
        "submit": _("Handed in"),
        "fund": _("It was funded"),
        "turn_down": _("It was not funded"),
        "dissolve": _("Dissolve"),
    },
    TargetGroup: lambda: {
        "transit": _("transit workers"),
        "long_term_unemployed": _("long-term unemployed"),
        "disability": _("people with a disability"),
        "changed_work_ability": _("people with changed work ability"),
        "disadvantaged": _("disadvantaged people"),
        "client_of_workshop": _("clients of the workshop"),
        "key_staff": _("key staff"),
    },
    CallOffState: lambda: {
        "asked": _("asked for"),
        "confirmed": _("confirmed"),
        "delivered": _("delivered"),
        "cancelled": _("cancelled"),
    },
    CallOffAction: lambda: {"confirm": _("Confirm"), "cancel": _("Take back")},
    Path: lambda: {
        "re_used": _("re-used"),
        "made_into_products": _("made into products"),
        "recycled": _("recycled"),
        "disposed_of": _("disposed of"),
        "passed_on": _("passed on to another order"),
    },
    Measure: lambda: {
        "value_eur": _("Value of orders"),
        "mass_given_kg": _("Mass given"),
        "mass_lost_kg": _("Mass lost on the way"),
        "mass_kg": _("Mass by path"),
        "co2e_avoided_kg": _("CO₂e avoided"),
        "co2e_transport_kg": _("CO₂e of transport"),
        "distance_kg_km": _("Kilograms times kilometres"),
        "hours": _("Hours of work"),
        "people": _("People at work"),
        "qualifications": _("Qualifications gained"),
    },
    Source: lambda: {
        "line": _("Line of the terms"),
        "delivery": _("Delivery"),
        "fate": _("What became of it"),
        "work": _("Hours of work"),
        "party": _("Workshop"),
    },
    EvidenceKind: lambda: {
        "assessment": _("assessment"),
        "permit": _("permit"),
        "shipment": _("shipment papers"),
    },
    Demand: lambda: {
        "hazard_permit": _("permit for hazardous waste"),
        "waste_permit": _("permit for waste"),
        "assessment": _("assessment"),
    },
    Shipment: lambda: {
        "green": _("likely green-listed"),
        "notification": _("likely with notification"),
    },
    SealState: lambda: {
        "draft": _("being prepared"),
        "submitted": _("handed in"),
        "in_assessment": _("in assessment"),
        "assessed": _("test report written"),
        "at_panel": _("before the panel"),
        "awarded": _("awarded"),
        "refused": _("refused"),
        "appealed": _("appealed against"),
        "withdrawn": _("taken back"),
    },
    SealAction: lambda: {
        "submit": _("Hand in"),
        "begin": _("Begin the assessment"),
        "report": _("Write the test report"),
        "convene": _("Lay it before the panel"),
        "award": _("Award the seal"),
        "refuse": _("Refuse the seal"),
        "appeal": _("Appeal"),
        "rehear": _("Lay it before the panel again"),
        "withdraw": _("Take the application back"),
    },
    CertificateAction: lambda: {
        "suspend": _("Suspend"),
        "lift": _("Lift the suspension"),
        "withdraw": _("Withdraw for good"),
    },
    Standing: lambda: {
        "valid": _("valid"),
        "upcoming": _("valid soon"),
        "expired": _("run out"),
        "suspended": _("suspended"),
        "withdrawn": _("withdrawn"),
    },
    SealRole: lambda: {
        "adviser": _("adviser"),
        "assessor": _("assessor"),
        "panel": _("panel member"),
        "decider": _("decider"),
    },
    Finding: lambda: {
        "holds": _("holds"),
        "does_not": _("does not hold"),
        "not_applicable": _("not applicable"),
    },
    Dimension: lambda: {
        "social": _("social"),
        "ecological": _("ecological"),
        "regional": _("regional"),
        "innovation": _("innovation"),
        "quality": _("quality"),
    },
    Strength: lambda: {
        "must": _("must"),
        "aim": _("aim"),
        "judged": _("judged"),
        "exception": _("exception"),
    },
    SealSubject: lambda: {
        "maker": _("the maker"),
        "product": _("the product"),
        "both": _("both"),
    },
    ProductKind: lambda: {"product": _("a product"), "service": _("a service")},
    ProductGroup: lambda: {
        "textile": _("Textiles and bags"),
        "wood": _("Wood and furniture"),
        "metal": _("Metal"),
        "paper": _("Paper and print"),
        "plastic": _("Plastic"),
        "food": _("Food"),
        "electronics": _("Electronics"),
        "service": _("Services"),
        "other": _("Others"),
    },
    Route: lambda: {
        "leftover": _("leftover"),
        "renewable": _("renewable"),
        "certified": _("certified"),
        "acceptable": _("acceptable"),
        "not_acceptable": _("not acceptable"),
    },
    LineRole: lambda: {
        "material_in": _("material brought in"),
        "service": _("work done"),
        "product_out": _("product"),
    },
}


def label(member: StrEnum) -> str:
    """Return what people call an enum's member."""
    return LABELS[type(member)]()[member.value]


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
