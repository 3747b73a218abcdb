"""The mails' words, in the recipient's language, rendered as text and HTML.

Everything here needs an application context, for templates, translations and addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from marketplace.accounts.models import Invitation, Organisation, ServicePoint, User
from marketplace.accounts.tokens import Purpose, issue
from marketplace.notifications.models import Mail, Notification, Topic
from marketplace.wording import notification_sentence


@dataclass(frozen=True)
class Letter:
    """What one mail says: what happened and what to do next, one button, and why it came."""

    subject: str
    said: list[str]
    button: str
    path: str
    reason: str = ""
    helper: list[str] = field(default_factory=list)


def path_to(endpoint: str, **values: object) -> str:
    """Return the path of a page, without a request."""
    return str(current_app.url_map.bind("sopro").build(endpoint, values))


def absolute(path: str) -> str:
    """Return the full address of a path."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def write(
    letter: Callable[[], Letter], *, recipient: str, name: str, language: str, now: datetime
) -> Mail:
    """Render what ``letter`` says in ``language``."""
    with force_locale(language):
        words = letter()
        subject = " ".join(words.subject.split())[:200]
        known: dict[str, Any] = {
            "subject": subject,
            "name": name,
            "lang": language,
            "said": words.said,
            "action": (absolute(words.path), words.button),
            "helper": words.helper,
            "base_url": absolute("/"),
            "reason": words.reason,
        }
        return Mail(
            recipient=recipient,
            language=language,
            subject=subject,
            text=_render("mail/message.txt", known),
            html=_render("mail/message.html", known),
            created_at=now,
        )


def _render(template: str, known: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template(template).render(known)


def to_user(user: User, letter: Callable[[], Letter], *, now: datetime) -> Mail:
    """Render a letter to somebody who has an account."""
    return write(letter, recipient=user.email, name=user.name, language=user.language, now=now)


def helper_of(point: ServicePoint | None) -> list[str]:
    """Return who to ask: the service point with its address and telephone, line by line."""
    if point is None:
        return []
    asked = _("If you have questions, your service point is there for you:")
    return [asked, *(line for line in (point.name, point.email, point.phone) if line)]


def confirmation(user: User) -> Letter:
    """Let somebody who registered confirm their address."""
    token = issue(Purpose.CONFIRM, user, secret=_secret())
    return Letter(
        _("Please confirm your e-mail address"),
        [
            _("Welcome to SoPro, the marketplace of social production."),
            _("Please confirm that this address is yours. After that you can sign in."),
            _("The link works for seven days."),
        ],
        _("Confirm the address"),
        path_to("account.confirm", token=token),
        reason=_(
            "You receive this mail because somebody registered with this address. "
            "If it was not you, please ignore it; nothing more will come."
        ),
    )


def registered_again() -> Letter:
    """Tell the owner of an account that somebody registered with their address once more."""
    return Letter(
        _("You already have an account with us"),
        [
            _("Somebody has just registered with your e-mail address, perhaps you yourself."),
            _("You already have an account. Simply sign in with your address and password."),
            _("If you no longer know your password, set a new one on the sign-in page."),
        ],
        _("Sign in"),
        path_to("account.sign_in"),
        reason=_(
            "You receive this mail because somebody registered with this address. "
            "If it was not you, you need not do anything; your account is untouched."
        ),
    )


def reset(user: User) -> Letter:
    """Let somebody who forgot their password set a new one."""
    token = issue(Purpose.RESET, user, secret=_secret())
    return Letter(
        _("Set a new password"),
        [
            _("You have asked for a new password."),
            _("Choose one through the link. You will then be signed out on all devices."),
            _("The link works once, and for two hours."),
        ],
        _("Choose a new password"),
        path_to("account.reset", token=token),
        reason=_(
            "You receive this mail because somebody asked for a new password for this address. "
            "If it was not you, please ignore it; your password stays as it is."
        ),
    )


def invitation(invited: Invitation, organisation: Organisation, inviter: str) -> Letter:
    """Let somebody join an organisation."""
    token = issue(Purpose.INVITATION, invited, secret=_secret())
    names = {"person": inviter, "organisation": organisation.name}
    return Letter(
        _("%(person)s invites you to %(organisation)s", **names),
        [
            _("%(person)s would like you to work for %(organisation)s on SoPro.", **names),
            _(
                "SoPro is a marketplace: leftover materials and social enterprises find each "
                "other there and produce together."
            ),
            _("Follow the link to join. It works for 30 days."),
        ],
        _("Join %(organisation)s", **names),
        path_to("invitations.show", token=token),
        reason=_(
            "You receive this mail because somebody entered your address. "
            "If you do not want to join, please ignore it."
        ),
        helper=helper_of(organisation.service_point),
    )


NEXT: dict[Topic, Callable[[], tuple[str, str]]] = {
    Topic.ORGANISATION_TO_VERIFY: lambda: (
        _("Please check its details and verify it, or say what is missing."),
        _("To the organisations"),
    ),
    Topic.ORGANISATION_VERIFIED: lambda: (
        _("What you have posted is now shown, and the search for partners has begun."),
        _("To SoPro"),
    ),
    Topic.ORGANISATION_REFUSED: lambda: (
        _("Please complete your details, or talk to your service point."),
        _("To our organisation"),
    ),
    Topic.PROPOSALS_FOUND: lambda: (
        _("Each proposal has its reasons. Please see which of them you would like to follow up."),
        _("To the proposals"),
    ),
    Topic.INTEREST_SHOWN: lambda: (
        _("Please talk to both sides and see whether an order can come of it."),
        _("To the interests"),
    ),
    Topic.LISTING_EXPIRING: lambda: (
        _("After that day others no longer see it. If it is gone, please mark it as given."),
        _("To our listings"),
    ),
    Topic.LISTING_EXPIRED: lambda: (
        _("Others no longer see it. If it is still there, one click renews it."),
        _("To our listings"),
    ),
    Topic.WORK_SOUGHT: lambda: (
        _("Perhaps you have a leftover, a production step or an order that fits?"),
        _("See the workshop"),
    ),
    Topic.ORDER_OFFERED: lambda: (
        _("Please read the terms and accept them, or ask for a change."),
        _("To the order"),
    ),
    Topic.ORDER_RETURNED: lambda: (
        _("The broker revises the terms and offers them again."),
        _("To the order"),
    ),
    Topic.ORDER_ACCEPTED: lambda: (
        _("The order is agreed as soon as both sides have accepted."),
        _("To the order"),
    ),
    Topic.ORDER_AGREED: lambda: (
        _("Production can begin. The order shows from now on both contacts and the place."),
        _("To the order"),
    ),
    Topic.ORDER_MOVED: lambda: (
        _("The order's page shows where it stands and what comes next."),
        _("To the order"),
    ),
    Topic.ORDER_CANCELLED: lambda: (
        _("The reason stands on the order's page."),
        _("To the order"),
    ),
}


def notification(told: Notification, point: ServicePoint | None) -> Letter:
    """Say by mail what stands in the person's list."""
    sentence = notification_sentence(told.topic, told.params)
    following, button = NEXT[told.topic]()
    return Letter(sentence, [sentence, following], button, told.path, helper=helper_of(point))
