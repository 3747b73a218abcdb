"""Who advises, assesses, sits on the panel and decides: four kinds of people who share nothing.

Directive (EU) 2024/825 wants a certification scheme watched by third parties that are independent of
its owner and of the applicant; so nobody here belongs to an applicant or maker, and nobody acts twice.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.models import Membership, User
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.text import clean
from marketplace.seals import policy
from marketplace.seals.assessment import SealOffice, SealRole, Vote
from marketplace.seals.models import SealApplication, SealMaker
from marketplace.seals.record import lock, tell

MOST_PANEL = 15


def appointed(session: Session, application: SealApplication) -> list[SealOffice]:
    """Return who is or was appointed, with the people, in the order of appointment."""
    return list(
        session.scalars(
            select(SealOffice)
            .where(SealOffice.application_id == application.id)
            .options(joinedload(SealOffice.user))
            .order_by(SealOffice.id)
        )
    )


def role_of(session: Session, application: SealApplication, actor: Actor) -> SealRole | None:
    """Return the part that the actor has in an application, as long as they may have it.

    Whoever joined the applicant's or a maker's organisation since has none any more.
    """
    if actor.user_id is None:
        return None
    row = session.scalars(
        select(SealOffice).where(
            SealOffice.application_id == application.id,
            SealOffice.user_id == actor.user_id,
            SealOffice.ended.is_(False),
        )
    ).one_or_none()
    if row is None or actor.user_id in insiders(session, application):
        return None
    return row.role


def insiders(session: Session, application: SealApplication) -> set[int]:
    """Return who is of the applicant's or a maker's organisation now, by the keys of the people."""
    makers = select(SealMaker.organisation_id).where(SealMaker.application_id == application.id)
    ours = Membership.organisation_id.in_(makers) | (
        Membership.organisation_id == application.organisation_id
    )
    return set(session.scalars(select(Membership.user_id).where(ours)))


def appoint(
    session: Session,
    application: SealApplication,
    role: SealRole,
    email: str,
    *,
    actor: Actor,
    now: datetime,
) -> SealOffice:
    """Appoint somebody who has an account; the former adviser, assessor or decider is replaced.

    Raises ``Invalid`` on ``email``: nobody known, of the applicant's or a maker's organisation, or with
    another part in this application already.
    """
    lock(session, application)
    require(policy.can_appoint(actor, application))
    address = clean(email).lower()
    found = select(User).where(func.lower(User.email) == address, User.active)
    user = session.scalars(found).one_or_none()
    if user is None:
        raise Invalid.one("email", "person_unknown", text=clean(email)[:100])
    if user.id in insiders(session, application):
        raise Invalid.one("email", "seal_own_organisation")
    known = appointed(session, application)
    if any(row.user_id == user.id for row in known):
        raise Invalid.one("email", "seal_second_part")
    _make_room(session, [row for row in known if row.role is role and not row.ended], role)
    row = SealOffice(
        application_id=application.id,
        role=role,
        user_id=user.id,
        independent=policy.is_independent(user),
        ended=False,
        at=now,
    )
    session.add(row)
    session.flush()
    after: dict[str, object] = {"role": role.value, "user": user.id}
    audit.note(session, "appoint", application, actor=actor, now=now, after=after)
    tell(session, application.id, actor=actor, now=now)
    return row


def _make_room(session: Session, holders: list[SealOffice], role: SealRole) -> None:
    """Let the former holder of a single part go; who judged or decided stays on record as ended."""
    if role is SealRole.PANEL:
        if len(holders) >= MOST_PANEL:
            raise Invalid.one("email", "seal_panel_full", most=MOST_PANEL)
        return
    for row in holders:
        row.ended = True
    session.flush()


def dismiss(
    session: Session,
    application: SealApplication,
    appointment_id: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """End an appointment. It stays on record, so that nobody takes another part afterwards."""
    lock(session, application)
    require(policy.can_appoint(actor, application))
    row = session.get(SealOffice, appointment_id)
    if row is None or row.application_id != application.id or row.ended:
        raise NotFound
    voted = select(Vote.id).where(
        Vote.application_id == application.id,
        Vote.round == application.round,
        Vote.user_id == row.user_id,
    )
    if session.scalar(voted) is not None:
        raise Invalid.one("email", "seal_voted")
    row.ended = True
    session.flush()
    after: dict[str, object] = {"role": row.role.value, "user": row.user_id}
    audit.note(session, "dismiss", application, actor=actor, now=now, after=after)


def serving(rows: list[SealOffice], role: SealRole) -> list[SealOffice]:
    """Return who holds a part now."""
    return [row for row in rows if row.role is role and not row.ended]


def complete(rows: list[SealOffice], *roles: SealRole) -> None:
    """Raise ``Invalid`` where a part is open, or no independent member sits on the panel."""
    for role in roles:
        holders = serving(rows, role)
        if not holders:
            raise Invalid.one("role", "seal_part_open", part=role)
        if role is SealRole.PANEL and not any(row.independent for row in holders):
            raise Invalid.one("role", "seal_panel_dependent")
