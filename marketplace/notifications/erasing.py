"""Forgetting what we kept to tell a person of something."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from marketplace.notifications.messages.models import Seat
from marketplace.notifications.models import Mail, Notification, Preference
from marketplace.notifications.searches.models import SavedSearch


def forget(session: Session, *, user_id: int, email: str) -> None:
    """Delete what was told to a person, what they wanted to hear of, and every mail to their address.

    What they wrote to others stays with those; their name goes from it as from orders.
    """
    for table in (Notification, Preference, SavedSearch, Seat):
        session.execute(delete(table).where(table.user_id == user_id))
    session.execute(delete(Mail).where(Mail.recipient == email))
