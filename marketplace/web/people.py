"""Flask-Login: from the cookie to the visitor, in one statement."""

from flask import Flask
from flask_login import AnonymousUserMixin, LoginManager
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import Membership, User
from marketplace.web.session import Visitor, chosen_organisation, reading, visitor_of


def load(cookie_id: str) -> Visitor | None:
    """Return the visitor whose cookie this is; None after "sign out everywhere"."""
    user_id, _, epoch = cookie_id.partition(":")
    if not (user_id.isdigit() and epoch.isdigit()):
        return None
    with reading() as session:
        user = session.scalars(
            select(User)
            .where(User.id == int(user_id), User.active)
            .options(selectinload(User.memberships).joinedload(Membership.organisation))
        ).one_or_none()
        if user is None or user.epoch != int(epoch):
            return None
        return visitor_of(user, chosen_organisation() or user.last_organisation_id)


def install(app: Flask) -> None:
    """Connect Flask-Login."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.anonymous_user = AnonymousUserMixin
    manager.user_loader(load)
