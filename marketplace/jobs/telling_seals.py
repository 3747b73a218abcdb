"""Who hears of an application for the seal: the applicant, the makers, and who has something to do."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from marketplace.accounts.models import User
from marketplace.accounts.queries import brokers, members
from marketplace.jobs.job import Job
from marketplace.jobs.mails import path_to
from marketplace.notifications.actions import tell_all
from marketplace.notifications.models import Topic
from marketplace.seals.lifecycle import SealState
from marketplace.seals.models import SealApplication
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
