"""Mails on their way out: never while a transaction is open, never lost while the server is away."""

import logging
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from marketplace.core import outbox
from marketplace.core.db import reading, transaction
from marketplace.notifications import actions
from marketplace.notifications.channels import smtp
from marketplace.notifications.events import MailQueued
from marketplace.notifications.models import Mail

log = logging.getLogger(__name__)
KIND = MailQueued.__name__


def deliver(sessions: sessionmaker[Session], row_id: int, *, mail_id: int, now: datetime) -> None:
    """Send a mail and mark its row of the outbox as done.

    Without a mail server the mail counts as sent and can be read under /dev/mail. A server that is
    away is asked again later for as long as it takes, and every other mail waits along; a mail that
    it refuses for good is given up.
    """
    with reading(sessions) as session:
        mail = session.get(Mail, mail_id)
    fault = _send(mail) if mail is not None and mail.sent_at is None else None
    with transaction(sessions) as session:
        if isinstance(fault, smtp.Refused):
            log.error("mail %s is given up, the mail server refuses it: %s", mail_id, fault)
            outbox.give_up(session, row_id, str(fault), now=now)
        elif fault is not None:
            log.warning("mail %s waits, the mail server did not take it: %s", mail_id, fault)
            until = outbox.wait(session, row_id, str(fault), now=now)
            if isinstance(fault, smtp.Away):
                outbox.wait_along(session, KIND, str(fault), until=until)
        else:
            if mail is not None and mail.sent_at is None:
                actions.sent(session, mail_id, now=now)
            outbox.finish(session, row_id, now=now)


def _send(mail: Mail) -> smtp.NotTaken | smtp.Refused | None:
    """Hand the mail over; return what went wrong, if anything did."""
    url = current_app.config["SMTP_URL"]
    if not url:
        return None
    try:
        smtp.send(mail, url=url, sender=current_app.config["MAIL_FROM"])
    except (smtp.NotTaken, smtp.Refused) as fault:
        return fault
    return None
