"""Who hears of the seal: applicants and makers, holders, who has something to do, who complained."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from marketplace.accounts.models import User
from marketplace.accounts.queries import brokers, members
from marketplace.jobs import mails
from marketplace.jobs.job import Job
from marketplace.jobs.mails import Letter, path_to
from marketplace.notifications.actions import queue, tell_all
from marketplace.notifications.models import Topic
from marketplace.seals.lifecycle import SealState
from marketplace.seals.models import SealApplication
from marketplace.seals.register import Certificate, Complaint
from marketplace.seals.separation import appointed

AGENCY_ACTS = (SealState.SUBMITTED, SealState.ASSESSED, SealState.APPEALED)


def seal_moved(session: Session, job: Job, *, application_id: int, user_id: int | None) -> None:
    """Tell everybody who takes part, and the agency where it has to act; not who did it."""
    application = session.scalars(
        select(SealApplication)
        .where(SealApplication.id == application_id)
        .options(selectinload(SealApplication.makers))
    ).one_or_none()
    if application is None:
        return
    ours = {maker.organisation_id for maker in application.makers} | {application.organisation_id}
    hearers: dict[int, User] = {u.id: u for key in ours for u in members(session, key)}
    serving = [row.user for row in appointed(session, application) if not row.ended]
    hearers |= {user.id: user for user in serving if user.active}
    if application.state in AGENCY_ACTS:
        hearers |= {user.id: user for user in brokers(session, None)}
    tell_all(
        session,
        [user for key, user in sorted(hearers.items()) if key != user_id],
        Topic.SEAL_MOVED,
        {"number": application.number, "title": application.name},
        path_to("seals.show", application_id=application_id),
        f"seal:{application_id}:{job.key}",
        now=job.now,
    )


def seal_ending(session: Session, job: Job, *, certificate_id: int, days: int) -> None:
    """Remind the holder that a certificate ends, with what begins its renewal."""
    certificate = session.get(Certificate, certificate_id)
    if certificate is None or not certificate.may_be_renewed(job.today):
        return
    until = certificate.valid_until.isoformat()
    tell_all(
        session,
        members(session, certificate.organisation_id),
        Topic.SEAL_ENDING,
        {"number": certificate.number, "title": certificate.product, "day": until},
        path_to("seals.new", renews=certificate.number),
        f"seal:{certificate_id}:ends:{days}",
        now=job.now,
    )


def complaint_received(session: Session, job: Job, *, complaint_id: int) -> None:
    """Tell the agency of a complaint, and who complained that it has arrived."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None:
        return
    tell_all(
        session,
        brokers(session, None),
        Topic.COMPLAINT_RECEIVED,
        {"number": complaint.number},
        path_to("agency.complaint_list"),
        f"complaint:{complaint_id}",
        now=job.now,
    )
    _write_to(session, job, complaint, mails.complaint_received)


def complaint_answered(session: Session, job: Job, *, complaint_id: int) -> None:
    """Write to who complained, in their language, where they left an address."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is not None and complaint.answered_at is not None:
        _write_to(session, job, complaint, mails.complaint_answered)


def _write_to(
    session: Session, job: Job, complaint: Complaint, letter: Callable[[Complaint], Letter]
) -> None:
    if not complaint.email:
        return
    mail = mails.write(
        lambda: letter(complaint),
        recipient=complaint.email,
        name=complaint.name,
        language=complaint.language,
        now=job.now,
    )
    queue(session, mail, now=job.now)
