"""Facts about the value cluster and EU calls: who hears of what."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.queries import brokers, members
from marketplace.cluster import calls
from marketplace.cluster.lifecycle import PartnerState
from marketplace.cluster.models import Call, Consortium, ConsortiumPlace, ConsortiumRole, Partner
from marketplace.jobs.job import Job
from marketplace.jobs.mails import path_to
from marketplace.notifications.actions import tell_all
from marketplace.notifications.models import Topic


def _partner(session: Session, partner_id: int) -> Partner | None:
    return session.get(Partner, partner_id, options=[joinedload(Partner.organisation)])


def partner_applied(session: Session, job: Job, *, partner_id: int) -> None:
    """Tell the agency that an organisation would like to join."""
    partner = _partner(session, partner_id)
    if partner is None or partner.state is not PartnerState.APPLIED:
        return
    tell_all(
        session,
        brokers(session, None),
        Topic.PARTNER_APPLIED,
        {"organisation": partner.organisation.name},
        path_to("agency.cluster"),
        f"partner:{partner_id}:{job.key}",
        now=job.now,
    )


def partner_decided(session: Session, job: Job, *, partner_id: int) -> None:
    """Tell the organisation that it is admitted, or why not."""
    partner = _partner(session, partner_id)
    if partner is None or partner.state not in (PartnerState.ADMITTED, PartnerState.REFUSED):
        return
    admitted = partner.state is PartnerState.ADMITTED
    own = path_to("cluster.show", organisation_id=partner.organisation_id)
    tell_all(
        session,
        members(session, partner.organisation_id),
        Topic.PARTNER_ADMITTED if admitted else Topic.PARTNER_REFUSED,
        {"organisation": partner.organisation.name, "reason": partner.reason},
        own if admitted else path_to("cluster.apply"),
        f"partner:{partner_id}:decided:{job.key}",
        now=job.now,
    )


def _place(session: Session, place_id: int) -> tuple[ConsortiumPlace, Consortium] | None:
    place = session.get(ConsortiumPlace, place_id)
    if place is None:
        return None
    consortium = session.scalars(
        select(Consortium)
        .where(Consortium.id == place.consortium_id)
        .options(selectinload(Consortium.places).joinedload(ConsortiumPlace.organisation))
    ).one()
    return place, consortium


def place_offered(session: Session, job: Job, *, place_id: int) -> None:
    """Tell an organisation that a consortium invites it."""
    found = _place(session, place_id)
    if found is None:
        return
    place, consortium = found
    _tell(
        session, job, place.organisation_id, Topic.CONSORTIUM_INVITED, consortium, _lead(consortium)
    )


def place_answered(session: Session, job: Job, *, place_id: int) -> None:
    """Tell the coordinator how an organisation has answered."""
    found = _place(session, place_id)
    if found is None:
        return
    place, consortium = found
    lead = _lead(consortium)
    _tell(session, job, lead.organisation_id, Topic.CONSORTIUM_ANSWERED, consortium, place)


def _lead(consortium: Consortium) -> ConsortiumPlace:
    return next(p for p in consortium.places if p.role is ConsortiumRole.COORDINATOR)


def _tell(
    session: Session,
    job: Job,
    organisation_id: int,
    topic: Topic,
    consortium: Consortium,
    by: ConsortiumPlace,
) -> None:
    tell_all(
        session,
        members(session, organisation_id),
        topic,
        {"organisation": by.organisation.name, "name": consortium.name},
        path_to("calls.consortium", consortium_id=consortium.id),
        f"{topic}:{by.id}:{job.key}",
        now=job.now,
    )


def deadline_near(session: Session, job: Job, *, call_id: int, days: int) -> None:
    """Remind everybody who has to do with a call that its deadline is near."""
    call = session.get(Call, call_id)
    if call is None or call.withdrawn:
        return
    day = call.deadline_on.isoformat()
    tell_all(
        session,
        calls.concerned(session, call),
        Topic.CALL_DEADLINE,
        {"title": call.title, "day": day},
        path_to("calls.show", call_id=call_id),
        f"call:{call_id}:{day}:{days}",
        now=job.now,
    )
