"""What happens to notifications and mails."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class Told(Event):
    """Somebody has a new notification; a mail says the same."""

    notification_id: int


@dataclass(frozen=True)
class MailQueued(Event):
    """A mail waits to go out."""

    mail_id: int
