"""The openings that a case follows, and what comes of them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.cases import parties
from marketplace.cases.drafts import TITLE
from marketplace.cases.lifecycle import (
    ATTEMPT,
    AttemptAction,
    AttemptState,
    CaseAction,
    Phase,
)
from marketplace.cases.models import Attempt, Case, Trial, Verdict
from marketplace.cases.steps import again, begin, heard, reason_of, take
from marketplace.core import audit
from marketplace.core.actor import Actor, Role
from marketplace.core.errors import Invalid
from marketplace.core.text import clean
from marketplace.listings.models import Listing
from marketplace.proposals.models import Proposal

LIVE = (AttemptState.OPEN, AttemptState.TRIAL, AttemptState.READY)
TO_BE_ORDERED = (AttemptState.OPEN, AttemptState.READY)


def add(
    session: Session,
    case: Case,
    title: str = "",
    *,
    listing: Listing | None = None,
    proposal: Proposal | None = None,
    actor: Actor,
    now: datetime,
) -> Attempt:
    """Follow one more opening; the organisations behind a listing and a proposal take part.

    Raises ``Invalid`` where the case has an attempt with the same listing and proposal.
    """
    begin(session, case, actor=actor)
    if proposal is not None:
        listing = session.get_one(Listing, proposal.listing_id)
    words = clean(title) or (listing.title if listing is not None else "")
    if not words:
        raise Invalid.one("title", "required")
    if len(words) > TITLE:
        raise Invalid.one("title", "too_long", most=TITLE)
    if listing is not None:
        _not_twice(session, case, listing, proposal)
        parties.take_part(session, case, listing.organisation_id, actor=actor, now=now)
    if proposal is not None:
        able = session.get_one(Capability, proposal.capability_id)
        parties.take_part(session, case, able.organisation_id, actor=actor, now=now)
    attempt = Attempt(
        case_id=case.id,
        title=words,
        listing_id=listing.id if listing is not None else None,
        proposal_id=proposal.id if proposal is not None else None,
        began_at=now,
    )
    session.add(attempt)
    session.flush()
    heard(session, case, now=now)
    audit.note(session, "create", attempt, actor=actor, now=now, after={"title": words})
    return attempt


def _not_twice(session: Session, case: Case, listing: Listing, proposal: Proposal | None) -> None:
    same = select(Attempt.id).where(
        Attempt.case_id == case.id,
        Attempt.listing_id == listing.id,
        Attempt.proposal_id.is_not_distinct_from(proposal.id if proposal is not None else None),
    )
    if session.scalar(same) is not None:
        raise Invalid.one("listing", "attempt_exists")


def drop(
    session: Session, case: Case, attempt: Attempt, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Follow an opening no longer, and say why."""
    begin(session, case, actor=actor)
    again(session, attempt)
    ATTEMPT.after(attempt.state, AttemptAction.DROP)
    drop_now(session, attempt, reason_of(reason), actor=actor, now=now)
    heard(session, case, now=now)


def drop_now(
    session: Session, attempt: Attempt, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Drop an attempt of a case that is locked; a trial that was under way ends with it."""
    session.execute(
        update(Trial)
        .where(Trial.attempt_id == attempt.id, Trial.verdict == Verdict.OPEN)
        .values(verdict=Verdict.FAILED, reason=reason)
    )
    move(session, attempt, AttemptAction.DROP, reason, actor=actor, now=now)


def resume(session: Session, case: Case, attempt: Attempt, *, actor: Actor, now: datetime) -> None:
    """Follow an opening again that had failed, was dropped, or whose order came to nothing."""
    begin(session, case, actor=actor)
    again(session, attempt)
    move(session, attempt, AttemptAction.RESUME, "", actor=actor, now=now)
    heard(session, case, now=now)


def move(
    session: Session,
    attempt: Attempt,
    action: AttemptAction,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take one step of an attempt's lifecycle in a case that is locked, and put it on record."""
    before, attempt.state = attempt.state, ATTEMPT.after(attempt.state, action)
    attempt.reason = reason
    session.flush()
    audit.note(
        session,
        action.value,
        attempt,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": attempt.state.value, "reason": reason},
    )


def ordered(session: Session, proposal: Proposal, *, actor: Actor, now: datetime) -> list[Case]:
    """Note that an order was drawn up from a proposal, in every open case that follows it.

    The attempt is ordered, the case is accompanied from now on. Cases of other service points are
    left to their own brokers. Returns the cases that moved.
    """
    query = (
        select(Case)
        .join(Case.attempts)
        .where(
            Attempt.proposal_id == proposal.id,
            Attempt.state.in_(TO_BE_ORDERED),
            Case.phase != Phase.CLOSED,
        )
        .order_by(Case.id)
    )
    if not actor.has(Role.AGENCY, Role.SYSTEM):
        query = query.where(Case.service_point_id == actor.service_point_id)
    found = list(session.scalars(query).unique())
    for case in found:
        _order(session, case, proposal.id, actor=actor, now=now)
    return found


def _order(session: Session, case: Case, proposal_id: int, *, actor: Actor, now: datetime) -> None:
    begin(session, case, actor=actor)
    followed = select(Attempt).where(Attempt.case_id == case.id, Attempt.proposal_id == proposal_id)
    for attempt in session.scalars(followed.execution_options(populate_existing=True)):
        if attempt.state in TO_BE_ORDERED:
            move(session, attempt, AttemptAction.ORDER, "", actor=actor, now=now)
    heard(session, case, now=now)
    if case.phase is not Phase.ACCOMPANIMENT:
        take(session, case, CaseAction.ACCOMPANY, "", actor=actor, now=now)
