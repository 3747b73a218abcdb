"""Mails that came from an address which is not the person's own: seen by who mediates, never posted."""

from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.notifications.messages.models import Fate, ReceivedMail, Thread
from marketplace.notifications.messages.subjects import find, is_broker


def settle(session: Session, mail_id: int, *, actor: Actor) -> int:
    """Forget what such a mail said; return its thread. Only for who mediates there."""
    mail = session.get(ReceivedMail, mail_id)
    if mail is None or mail.fate is not Fate.ASIDE or mail.thread_id is None:
        raise NotFound
    thread = session.get_one(Thread, mail.thread_id)
    subject = find(session, case_id=thread.case_id, order_id=thread.order_id, actor=actor)
    if not is_broker(actor, subject):
        raise NotFound
    mail.fate, mail.sender, mail.text = Fate.IGNORED, "", ""
    return thread.id
