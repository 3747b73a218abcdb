"""What happens in threads."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class MessageWritten(Event):
    """Somebody wrote in a thread: the others who take part are told."""

    message_id: int
