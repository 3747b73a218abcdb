"""Brokers hear of files that a party attached: once for all that came within ten minutes."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.cases.models import CaseFile
from marketplace.core.actor import SYSTEM
from marketplace.core.outbox import GATHERING
from marketplace.jobs.job import Job
from marketplace.jobs.mails import path_to
from marketplace.notifications.actions import tell_all
from marketplace.notifications.messages.subjects import find, mediators
from marketplace.notifications.models import Topic
from marketplace.orders.carrying import Evidence


def case_files_attached(
    session: Session, job: Job, *, case_id: int, organisation_id: int, user_id: int, until: str
) -> None:
    """Tell who mediates a case what a person of a party has attached."""
    files = select(func.count()).where(CaseFile.case_id == case_id, *_by(CaseFile, user_id, until))
    if count := session.scalar(files):
        known = (count, organisation_id, user_id, until)
        _tell(session, job, Topic.CASE_FILES_ATTACHED, *known, case_id=case_id)


def order_files_attached(
    session: Session, job: Job, *, order_id: int, organisation_id: int, user_id: int, until: str
) -> None:
    """Tell who mediates an order what a person of a party has attached."""
    files = select(func.count()).where(
        Evidence.order_id == order_id, *_by(Evidence, user_id, until)
    )
    if count := session.scalar(files):
        known = (count, organisation_id, user_id, until)
        _tell(session, job, Topic.ORDER_FILES_ATTACHED, *known, order_id=order_id)


def _by(table: type[CaseFile | Evidence], user_id: int, until: str) -> tuple[Any, ...]:
    """Files of one person that came in the time of gathering and are still there."""
    end = datetime.fromisoformat(until)
    return table.uploaded_by == user_id, table.at >= end - GATHERING, table.at < end


def _tell(
    session: Session,
    job: Job,
    topic: Topic,
    count: int,
    organisation_id: int,
    user_id: int,
    until: str,
    **about: int,
) -> None:
    """``about`` is the key of a case or an order, by its name in addresses."""
    subject = find(session, **about, actor=SYSTEM)
    page = "orders.show" if "order_id" in about else "desk.cases_show"
    said = {
        "number": subject.about.number,
        "title": subject.about.title,
        "organisation": session.get_one(Organisation, organisation_id).name,
        "count": count,
    }
    hearers = [user for user in mediators(session, subject) if user.id != user_id]
    occasion = f"files:{subject.kind}:{subject.about.id}:{user_id}:{until}"
    tell_all(session, hearers, topic, said, path_to(page, **about), occasion, now=job.now)
