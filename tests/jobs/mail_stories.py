"""What the tests of mails share: a site whose answers are read, and the mails that it wrote."""

from email import message_from_string, policy

from sqlalchemy import select

from marketplace.jobs import worker
from marketplace.notifications.channels.smtp import message_of
from marketplace.notifications.messages import posting
from marketplace.notifications.messages.models import Seat
from marketplace.notifications.messages.subjects import find
from marketplace.notifications.models import Mail
from tests.builders import NOW

DOMAIN = "sopro.example"


def work(app, session, *, now=NOW):
    session.commit()
    worker.work_off(app, clock=lambda: now)
    session.expire_all()


def mails_to(session, user):
    session.expire_all()
    return session.scalars(select(Mail).where(Mail.recipient == user.email).order_by(Mail.id)).all()


def on_the_wire(mail, sender="SoPro <no-reply@sopro.example>"):
    return message_from_string(message_of(mail, sender).as_string(), policy=policy.default)


def write(session, actor, text="Guten Tag", *, now=NOW, case_id=None, order_id=None, **changes):
    subject = find(session, case_id=case_id, order_id=order_id, actor=actor)
    return posting.post(session, subject, text=text, actor=actor, now=now, **changes)


def token_of(session, user):
    return session.scalars(select(Seat.token).where(Seat.user_id == user.id)).one()
