"""Facts that make a mail: those about accounts, and every notification."""

from datetime import datetime

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from marketplace.accounts import queries
from marketplace.accounts.actions import find_user
from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.cases.models import CaseNote, CaseStep
from marketplace.jobs import mails, talk
from marketplace.jobs.job import Job
from marketplace.notifications import preferences
from marketplace.notifications.actions import queue
from marketplace.notifications.messages.models import Message
from marketplace.notifications.models import Frequency, Group, Mail, Notification, Topic
from marketplace.notifications.preferences import next_digest
from marketplace.notifications.searches.models import SavedSearch
from marketplace.orders.models import Acceptance, OrderStep
from marketplace.topics import TOPICS


def _queue(session: Session, job: Job, mail: Mail) -> None:
    queue(session, mail, now=job.now)


def confirmation_asked(session: Session, job: Job, *, user_id: int) -> None:
    """Send the link that confirms an address."""
    user = session.get(User, user_id)
    if user is not None and user.active and user.confirmed_at is None:
        _queue(session, job, mails.to_user(user, lambda: mails.confirmation(user), now=job.now))


def registered_again(session: Session, job: Job, *, user_id: int) -> None:
    """Tell the owner of an account that it exists."""
    user = session.get(User, user_id)
    if user is not None and user.active:
        _queue(session, job, mails.to_user(user, mails.registered_again, now=job.now))


def reset_asked(session: Session, job: Job, *, user_id: int) -> None:
    """Send the link that sets a new password."""
    user = session.get(User, user_id)
    if user is not None and user.active:
        _queue(session, job, mails.to_user(user, lambda: mails.reset(user), now=job.now))


def member_invited(session: Session, job: Job, *, invitation_id: int) -> None:
    """Send the link that lets somebody join, in their language where we know it."""
    invited = queries.invitation(session, invitation_id)
    if invited is None or invited.accepted_at is not None:
        return
    organisation = invited.organisation
    session.refresh(organisation, ["service_point"])
    inviter = session.get(User, invited.invited_by)
    known = find_user(session, invited.email)
    speaker = known or inviter
    mail = mails.write(
        lambda: mails.invitation(
            invited, organisation, inviter.name if inviter else organisation.name
        ),
        recipient=invited.email,
        name=known.name if known else "",
        language=speaker.language if speaker else "de",
        now=job.now,
    )
    _queue(session, job, mail)


def told(session: Session, job: Job, *, notification_id: int) -> None:
    """Say by mail what stands in the person's list, at once or later, as they wish."""
    notification = session.get(Notification, notification_id)
    user = session.get(User, notification.user_id) if notification else None
    if notification is None or user is None or not user.active:
        return
    group = TOPICS[notification.topic].group
    frequency = how_soon(session, notification, group)
    if frequency is Frequency.NEVER:
        return
    if frequency is not Frequency.AT_ONCE:
        zone = current_app.config["TIMEZONE"]
        notification.digest_at = next_digest(frequency, now=job.now, zone=zone)
        return
    mail = _mail_about(session, user, notification, group, now=job.now)
    if mail is not None:
        _queue(session, job, mail)


def how_soon(session: Session, notification: Notification, group: Group) -> Frequency:
    """Return how soon the person wants to hear of it; each saved search has its own answer."""
    chosen = preferences.of(session, notification.user_id)[group]
    if group is Group.SEARCHES and chosen is not Frequency.NEVER:
        search = session.get(SavedSearch, int(str(notification.params["search"])))
        return search.frequency if search is not None else Frequency.NEVER
    return chosen


def _mail_about(
    session: Session, user: User, notification: Notification, group: Group, *, now: datetime
) -> Mail | None:
    if notification.topic is Topic.MESSAGE_WRITTEN:
        return talk.mail_about(session, user, notification, now=now)
    point = _helper(session, user)
    return mails.to_user(
        user, lambda: mails.notification(notification, point), groups=[group], now=now
    )


def _helper(session: Session, user: User) -> ServicePoint | None:
    """Return the service point that helps this person; a broker is the service point."""
    if user.service_point_id is not None or user.last_organisation_id is None:
        return None
    organisation = session.get(Organisation, user.last_organisation_id)
    if organisation is None or organisation.service_point_id is None:
        return None
    return session.get(ServicePoint, organisation.service_point_id)


def person_erased(session: Session, job: Job, *, user_id: int) -> None:
    """Take the person's name out of the orders and cases that have to be kept."""
    session.execute(
        update(CaseNote)
        .where(CaseNote.author_id == user_id)
        .values(name="")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.author_id == user_id)
        .values(name="")
        .execution_options(synchronize_session=False)
    )
    for table in (Acceptance, OrderStep, CaseStep):
        session.execute(
            update(table)
            .where(table.user_id == user_id)
            .values(name="")
            .execution_options(synchronize_session=False)
        )
