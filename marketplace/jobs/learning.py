"""Facts that change what refusals teach."""

from sqlalchemy.orm import Session

from marketplace.accounts.queries import service_points
from marketplace.core import outbox
from marketplace.jobs.job import Job
from marketplace.proposals.events import EvidenceAged
from marketplace.proposals.relearning import relearn


def evidence_changed(session: Session, job: Job, *, service_point_id: int) -> None:
    """Bring the service point's corrections up to date, once for several facts in a row."""
    if not outbox.comes_again(session, job.key):
        relearn(session, service_point_id, now=job.now)


def run_finished(session: Session, job: Job, *, run_id: int) -> None:
    """Let every service point learn anew, each in a transaction of its own."""
    for point in service_points(session):
        outbox.record(session, EvidenceAged(point.id), now=job.now)
