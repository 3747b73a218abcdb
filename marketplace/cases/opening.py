"""How a case begins: from an enquiry, from a listing, from a proposal, or by a broker's hand."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.drafts import good_email
from marketplace.accounts.models import Organisation, OrganisationKind, ServicePoint
from marketplace.capabilities.models import Capability
from marketplace.cases import needs
from marketplace.cases.drafts import KIND_OF, TITLE, CaseDraft, EnquiryDraft
from marketplace.cases.events import CaseOpened
from marketplace.cases.lifecycle import CASE, Phase
from marketplace.cases.models import Attempt, Case, CaseParty, Origin, Part
from marketplace.cases.numbers import add_numbered
from marketplace.cases.steps import write_down
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, Role, require
from marketplace.core.errors import Invalid
from marketplace.listings.models import Listing
from marketplace.proposals.models import Proposal


def enquire(session: Session, draft: EnquiryDraft, *, actor: Actor, now: datetime) -> Case:
    """Keep what somebody asks; whoever is signed in for an organisation makes it a party.

    The service point's brokers hear of it, and whoever asked gets a receipt by mail.
    """
    if session.get(ServicePoint, draft.service_point_id) is None:
        raise Invalid.one("service_point", "service_point_required")
    title = draft.words.partition("\n")[0]
    case = Case(
        title=title if len(title) <= 90 else title[:89].rsplit(" ", 1)[0] + "…",
        description=draft.words,
        language=draft.language,
        kind=KIND_OF[draft.subject],
        contact_name=draft.name,
        contact_organisation=draft.organisation,
        contact_email=good_email(draft.email),
        contact_phone=draft.phone,
        contact_city=draft.city,
    )
    _begin(session, case, Origin.ENQUIRY, draft.service_point_id, actor=actor, now=now)
    needs.first(session, case, draft.needs())
    if actor.organisation_id is not None:
        _take_part(session, case, session.get_one(Organisation, actor.organisation_id), now=now)
    outbox.record(session, CaseOpened(case.id, actor.user_id), now=now)
    return case


def by_hand(
    session: Session,
    draft: CaseDraft,
    *,
    service_point_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Case:
    """Begin a case of the actor's service point, or of another one where the agency begins it."""
    case = Case(**vars(draft), broker_id=actor.user_id)
    point_id = service_point_id or actor.service_point_id
    _begin(session, case, Origin.BROKER, point_id, actor=actor, now=now)
    return case


def from_listing(session: Session, listing: Listing, *, actor: Actor, now: datetime) -> Case:
    """Begin a case about a listing, with its owner as a party; an open one is used again."""
    return _about(session, listing, None, Origin.LISTING, actor=actor, now=now)


def from_proposal(session: Session, proposal: Proposal, *, actor: Actor, now: datetime) -> Case:
    """Begin a case about a proposal, with both sides as parties; an open one is used again."""
    listing = session.get_one(Listing, proposal.listing_id)
    return _about(session, listing, proposal, Origin.PROPOSAL, actor=actor, now=now)


def _about(
    session: Session,
    listing: Listing,
    proposal: Proposal | None,
    origin: Origin,
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    owner = session.get_one(Organisation, listing.organisation_id)
    point_id = actor.service_point_id or owner.service_point_id
    session.execute(select(Listing.id).where(Listing.id == listing.id).with_for_update())
    known = _open_case(session, listing.id, proposal, point_id)
    if known is not None:
        return known
    case = Case(
        title=listing.title,
        language=listing.language,
        kind=listing.kind,
        broker_id=actor.user_id,
    )
    _begin(session, case, origin, point_id, actor=actor, now=now)
    _take_part(session, case, owner, now=now)
    if proposal is not None:
        able = session.get_one(Capability, proposal.capability_id)
        _take_part(session, case, session.get_one(Organisation, able.organisation_id), now=now)
    session.add(
        Attempt(
            case_id=case.id,
            title=listing.title[:TITLE],
            listing_id=listing.id,
            proposal_id=proposal.id if proposal is not None else None,
            began_at=now,
        )
    )
    session.flush()
    return case


def _open_case(
    session: Session, listing_id: int, proposal: Proposal | None, point_id: int | None
) -> Case | None:
    query = (
        select(Case)
        .join(Case.attempts)
        .where(
            Attempt.listing_id == listing_id,
            Case.phase != Phase.CLOSED,
            Case.service_point_id == point_id,
        )
        .order_by(Case.id)
    )
    if proposal is not None:
        query = query.where(Attempt.proposal_id == proposal.id)
    return session.scalars(query).first()


def _begin(
    session: Session,
    case: Case,
    origin: Origin,
    service_point_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if service_point_id is None:
        raise Invalid.one("service_point", "service_point_required")
    if origin is not Origin.ENQUIRY:
        require(actor.has(Role.BROKER, Role.AGENCY) and actor.brokers_for(service_point_id))
    case.origin, case.service_point_id = origin, service_point_id
    case.phase = CASE.start
    case.phase_since = case.opened_at = case.last_word_at = now
    add_numbered(session, case, now.year)
    write_down(session, case, "", actor=actor, now=now)
    after: dict[str, object] = {"number": case.number, "origin": origin.value}
    audit.note(session, "open", case, actor=actor, now=now, after=after)


def part_of(organisation: Organisation) -> Part:
    """Return as what an organisation takes part unless somebody says otherwise."""
    social = organisation.kind is OrganisationKind.SOCIAL_ENTERPRISE
    return Part.ENTERPRISE if social else Part.CLIENT


def _take_part(session: Session, case: Case, organisation: Organisation, *, now: datetime) -> None:
    session.add(
        CaseParty(
            case_id=case.id,
            organisation_id=organisation.id,
            part=part_of(organisation),
            joined_at=now,
        )
    )
    session.flush()
