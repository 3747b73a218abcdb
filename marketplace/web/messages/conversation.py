"""A thread as pages show it: opening one is reading it."""

from marketplace.notifications.messages import seats, threads
from marketplace.notifications.messages.threads import Conversation
from marketplace.web.session import actor, now, transaction


def conversation(*, case_id: int | None = None, order_id: int | None = None) -> Conversation:
    """Return the thread about a case or an order for the visitor, who has read it with that."""
    with transaction() as session:
        found = threads.view(session, case_id=case_id, order_id=order_id, actor=actor())
        if found.id is not None:
            seats.read(session, found.id, user_id=actor().user_id or 0, now=now())
    return found


def conversation_of(thread_id: int, *, before: int = 0) -> Conversation:
    """Return the same by the key of the thread, perhaps an earlier part of it."""
    with transaction() as session:
        found = threads.view_thread(session, thread_id, before=before, actor=actor())
        seats.read(session, thread_id, user_id=actor().user_id or 0, now=now())
    return found
