"""Mails on their way out: never while a transaction is open, never lost while the server is away."""

import logging
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from marketplace.core import outbox
from marketplace.core.db import reading, transaction
from marketplace.notifications import actions
from marketplace.notifications.channels import smtp
from marketplace.notifications.models import Mail

log = logging.getLogger(__name__)


def deliver(
    sessions: sessionmaker[Session], row_id: int, *, mail_id: int, tries: int, now: datetime
) -> None:
    """Send a mail and mark its row of the outbox as done.

    Without a mail server the mail counts as sent and can be read under /dev/mail. A server that is
    away is asked again later for as long as it takes; a mail that it refuses for good is given up.
    """
    with reading(sessions) as session:
        mail = session.get(Mail, mail_id)
    taken = mail is not None and mail.sent_at is None
    later = False
    if mail is not None and taken and current_app.config["SMTP_URL"]:
        try:
            smtp.send(
                mail, url=current_app.config["SMTP_URL"], sender=current_app.config["MAIL_FROM"]
            )
        except smtp.NotTaken as error:
            log.warning("mail %s waits, the mail server did not take it: %s", mail_id, error)
            taken, later = False, True
        except smtp.Refused as error:
            log.error("mail %s is given up, the mail server refuses it: %s", mail_id, error)
            taken = False
    with transaction(sessions) as session:
        if taken:
            actions.sent(session, mail_id, now=now)
        if later:
            actions.try_later(session, mail_id, tries, now=now)
        outbox.finish(session, row_id, now=now)
