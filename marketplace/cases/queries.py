"""Reading cases: one with all that belongs to it, those of a party, those about something."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.policy import visible_to as organisations_visible_to
from marketplace.capabilities.models import Capability
from marketplace.cases import handed_over, policy
from marketplace.cases.lifecycle import AttemptState, Phase
from marketplace.cases.models import (
    Appointment,
    Attempt,
    Case,
    CaseParty,
    CaseTask,
    Referral,
    Trial,
)
from marketplace.core.actor import Actor
from marketplace.core.db import Base
from marketplace.core.errors import NotFound
from marketplace.listings.models import Listing
from marketplace.proposals import policy as proposals
from marketplace.proposals.lifecycle import LIVE
from marketplace.proposals.models import Proposal

Part = TypeVar("Part", bound=Base)


def with_sight() -> Sequence[ORMOption]:
    """Return the loads that tell as what somebody meets a case, and what of it is disclosed."""
    return (
        selectinload(Case.parties).joinedload(CaseParty.organisation),
        selectinload(Case.referrals).options(
            joinedload(Referral.from_point), joinedload(Referral.to_point)
        ),
    )


def with_everything() -> Sequence[ORMOption]:
    """Return the loads that the page of a case needs."""
    proposal = selectinload(Case.attempts).joinedload(Attempt.proposal)
    return (
        *with_sight(),
        joinedload(Case.service_point),
        joinedload(Case.broker),
        selectinload(Case.attempts).joinedload(Attempt.listing).joinedload(Listing.organisation),
        proposal.joinedload(Proposal.capability).joinedload(Capability.organisation),
        selectinload(Case.needs),
        selectinload(Case.ideas),
        selectinload(Case.trials).joinedload(Trial.organisation),
        selectinload(Case.notes),
        selectinload(Case.tasks).joinedload(CaseTask.assignee),
        selectinload(Case.appointments),
        selectinload(Case.files),
        selectinload(Case.steps),
    )


def get(session: Session, case_id: int, *, actor: Actor) -> Case:
    """Return the case for its brokers with everything; whoever handed it on sees what went along."""
    case = _one(session, case_id, policy.visible_to_brokers(actor))
    handed_over.trim(case, actor=actor)
    return case


def get_as_party(session: Session, case_id: int, *, actor: Actor) -> Case:
    """Return the case for the organisations that take part, with everything."""
    return _one(session, case_id, policy.visible_to_parties(actor))


def _one(session: Session, case_id: int, visible: ColumnElement[bool]) -> Case:
    found = session.scalars(
        select(Case).where(Case.id == case_id, visible).options(*with_everything())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def part(parts: list[Part], key: int) -> Part:
    """Return the one of a case's parts that has this key."""
    found = next((one for one in parts if one.id == key), None)
    if found is None:
        raise NotFound
    return found


def of_party(
    session: Session, *, actor: Actor, page: int = 1, size: int = 20
) -> tuple[list[Case], int]:
    """Return one page of the cases in which the actor's organisation takes part, and how many.

    Open ones come first, then those that moved last.
    """
    mine = policy.visible_to_parties(actor)
    total = session.scalar(select(func.count()).select_from(Case).where(mine)) or 0
    rows = session.scalars(
        select(Case)
        .where(mine)
        .options(*with_sight(), joinedload(Case.service_point), selectinload(Case.appointments))
        .order_by(Case.phase == Phase.CLOSED, Case.phase_since.desc(), Case.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def concerning(
    session: Session,
    *,
    listing_id: int | None = None,
    proposal_id: int | None = None,
    actor: Actor,
) -> list[Case]:
    """Return the open cases that follow a listing or a proposal, for their brokers."""
    about = Attempt.proposal_id == proposal_id if proposal_id else Attempt.listing_id == listing_id
    return list(
        session.scalars(
            select(Case)
            .where(
                Case.phase != Phase.CLOSED,
                Case.attempts.any(about),
                policy.visible_to_brokers(actor),
            )
            .order_by(Case.id)
        )
    )


def next_best(
    session: Session, case: Case, *, actor: Actor, at_most: int = 5
) -> dict[int, list[Proposal]]:
    """Return the best proposals not tried in the case yet, by listing whose attempts have failed or
    for which nobody has been chosen."""
    standing = {AttemptState.TRIAL, AttemptState.READY, AttemptState.ORDERED}
    taken = {a.listing_id for a in case.attempts if a.state in standing}
    failed = {a.listing_id for a in case.attempts if a.state is AttemptState.FAILED}
    unpaired = {
        a.listing_id
        for a in case.attempts
        if a.state is AttemptState.OPEN and a.proposal_id is None
    }
    wanted = ((failed - taken) | unpaired) - {None}
    tried = [a.proposal_id for a in case.attempts if a.proposal_id is not None]
    doers = [a.proposal.capability.organisation_id for a in case.attempts if a.proposal is not None]
    if not wanted:
        return {}
    rows = session.scalars(
        select(Proposal)
        .join(Proposal.capability)
        .where(
            Proposal.listing_id.in_(wanted),
            Proposal.state.in_(LIVE),
            Proposal.id.not_in(tried),
            Capability.organisation_id.not_in(doers),
            proposals.visible_to(actor),
        )
        .options(
            joinedload(Proposal.listing),
            joinedload(Proposal.capability).joinedload(Capability.organisation),
        )
        .order_by(Proposal.points.desc(), Proposal.distance_km, Proposal.id)
    )
    found: dict[int, list[Proposal]] = {}
    for proposal in rows:
        best = found.setdefault(proposal.listing_id, [])
        if len(best) < at_most:
            best.append(proposal)
    return found


def candidates(
    session: Session, case: Case, words: str, *, actor: Actor, at_most: int = 12
) -> list[Organisation]:
    """Return organisations whose name or town has these words and that do not take part yet."""
    said = [
        or_(
            *(
                text.icontains(form, autoescape=True)
                for text in (Organisation.name, Organisation.city)
                for form in {word, word.capitalize()}
            )
        )
        for word in words.split()[:6]
    ]
    already = [party.organisation_id for party in case.parties]
    return list(
        session.scalars(
            select(Organisation)
            .where(
                *said,
                Organisation.active,
                Organisation.id.not_in(already),
                organisations_visible_to(actor),
            )
            .order_by(func.lower(Organisation.name), Organisation.id)
            .limit(at_most)
        )
    )


def listings_of_parties(session: Session, case: Case, *, at_most: int = 50) -> list[Listing]:
    """Return what the case's organisations have posted, newest first, for new attempts."""
    owners = [party.organisation_id for party in case.parties]
    return list(
        session.scalars(
            select(Listing)
            .where(Listing.organisation_id.in_(owners))
            .order_by(Listing.created_at.desc(), Listing.id.desc())
            .limit(at_most)
        )
    )


def colleagues(session: Session, case: Case) -> list[User]:
    """Return who may mediate the case: the brokers of its service point, by name."""
    return list(
        session.scalars(
            select(User)
            .where(User.active, User.service_point_id == case.service_point_id)
            .order_by(User.name, User.id)
        )
    )


def next_meeting(case: Case, now: datetime) -> Appointment | None:
    """Return the next appointment that the parties see."""
    ahead = (
        a
        for a in case.appointments
        if a.for_parties and a.cancelled_at is None and a.starts_at >= now
    )
    return next(ahead, None)


def open_by_service_point(session: Session) -> dict[int, int]:
    """Return how many cases are open at each service point, by its key."""
    rows = session.execute(
        select(Case.service_point_id, func.count())
        .where(Case.phase != Phase.CLOSED)
        .group_by(Case.service_point_id)
    )
    return {row[0]: row[1] for row in rows}
