"""Everything that we hold on one person, from every feature, to take along."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts import people
from marketplace.accounts.models import User
from marketplace.cases import enquirers
from marketplace.listings.models import Interest, Listing
from marketplace.notifications import preferences
from marketplace.notifications.messages.models import Message
from marketplace.notifications.models import Mail, Notification
from marketplace.notifications.searches.models import SavedSearch
from marketplace.orders.models import Acceptance, OrderStep


def everything(session: Session, user: User) -> dict[str, object]:
    """Return the person's data as plain values that JSON can carry."""
    return {
        **people.export_my_data(session, user),
        **enquirers.export(session, user),
        "listings": [
            {"title": row.title, "created_at": row.created_at.isoformat()}
            for row in session.scalars(
                select(Listing).where(Listing.created_by == user.id).order_by(Listing.id)
            )
        ],
        "interests": [
            {"listing": row.listing.title, "note": row.note, "at": row.at.isoformat()}
            for row in session.scalars(
                select(Interest)
                .where(Interest.user_id == user.id)
                .options(joinedload(Interest.listing))
                .order_by(Interest.id)
            )
        ],
        "orders_accepted": [
            {"order": row.order_id, "name": row.name, "at": row.at.isoformat()}
            for row in session.scalars(select(Acceptance).where(Acceptance.user_id == user.id))
        ],
        "orders_moved": [
            {"order": row.order_id, "state": row.state.value, "comment": row.comment}
            for row in session.scalars(select(OrderStep).where(OrderStep.user_id == user.id))
        ],
        "notifications": [
            {"topic": row.topic.value, "params": row.params, "at": row.at.isoformat()}
            for row in session.scalars(
                select(Notification)
                .where(Notification.user_id == user.id)
                .order_by(Notification.id)
            )
        ],
        "messages": [
            {"text": row.text, "language": row.language, "at": row.at.isoformat()}
            for row in session.scalars(
                select(Message).where(Message.author_id == user.id).order_by(Message.id)
            )
        ],
        "saved_searches": [
            {"name": row.name, "wanted": row.wanted, "place": row.place}
            for row in session.scalars(
                select(SavedSearch).where(SavedSearch.user_id == user.id).order_by(SavedSearch.id)
            )
        ],
        "mail_preferences": {
            group.value: frequency.value
            for group, frequency in preferences.of(session, user.id).items()
        },
        "mails": [
            {"subject": row.subject, "text": row.text, "at": row.created_at.isoformat()}
            for row in session.scalars(
                select(Mail).where(Mail.recipient == user.email).order_by(Mail.id)
            )
        ],
    }
