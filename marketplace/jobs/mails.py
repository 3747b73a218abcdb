"""The mails' words, in the recipient's language, rendered as text and HTML.

Everything here needs an application context, for templates, translations and addresses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from marketplace.accounts.models import Invitation, Organisation, ServicePoint, User
from marketplace.accounts.tokens import Purpose, issue
from marketplace.notifications.models import Group, Mail, Notification
from marketplace.notifications.preferences import stop_token
from marketplace.seals.register import Complaint
from marketplace.topics import TOPICS, notification_sentence


@dataclass(frozen=True)
class Letter:
    """What one mail says: what happened and what to do next, one button, and why it came.

    ``quoted`` is what somebody wrote, in ``quoted_in``; ``answer_here`` says that answers are read.
    ``sections`` are headings with lines of text and path.
    """

    subject: str
    said: list[str]
    button: str
    path: str
    reason: str = ""
    helper: list[str] = field(default_factory=list)
    quoted: str = ""
    quoted_in: str = ""
    files: int = 0
    answer_here: bool = False
    sections: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)


def path_to(endpoint: str, **values: object) -> str:
    """Return the path of a page, without a request."""
    return str(current_app.url_map.bind("sopro").build(endpoint, values))


def absolute(path: str) -> str:
    """Return the full address of a path."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def write(
    letter: Callable[[], Letter],
    *,
    recipient: str,
    name: str,
    language: str,
    stop: str = "",
    now: datetime,
) -> Mail:
    """Render what ``letter`` says in ``language``; ``stop`` is the path that ends such mails."""
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
            "letter": words,
            "sections": [
                (title, [(text, absolute(path)) for text, path in lines])
                for title, lines in words.sections
            ],
            "settings_url": absolute(path_to("preferences.show")) if stop else "",
            "stop_url": absolute(stop) if stop else "",
        }
        return Mail(
            recipient=recipient,
            language=language,
            subject=subject,
            text=_render("mail/message.txt", known),
            html=_render("mail/message.html", known),
            headers=_unsubscribing(absolute(stop)) if stop else {},
            created_at=now,
        )


def _unsubscribing(url: str) -> dict[str, str]:
    """Return the fields by which a mail program offers to unsubscribe with one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _render(template: str, known: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template(template).render(known)


def to_user(
    user: User, letter: Callable[[], Letter], *, groups: Sequence[Group] = (), now: datetime
) -> Mail:
    """Render a letter to somebody who has an account; ``groups`` are what its link unsubscribes from."""
    stop = ""
    if groups:
        token = stop_token(user.id, groups, secret=_secret())
        stop = path_to("unsubscribe.show", token=token)
    return write(
        letter,
        recipient=user.email,
        name=user.name,
        language=user.language,
        stop=stop,
        now=now,
    )


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


def enquiry_received(number: str, point: ServicePoint) -> Letter:
    """Tell somebody who asked on the public site that it has arrived; repeats nothing they wrote."""
    return Letter(
        _("Your enquiry %(number)s has arrived", number=number),
        [
            _("Thank you. We have your enquiry, it has the number %(number)s.", number=number),
            _("A broker of %(point)s reads it and gets in touch with you.", point=point.name),
        ],
        _("To SoPro"),
        path_to("home.index"),
        reason=_(
            "You receive this mail because somebody sent an enquiry with this address. "
            "If it was not you, please ignore it."
        ),
        helper=helper_of(point),
    )


def complaint_received(complaint: Complaint) -> Letter:
    """Tell somebody who complained that it has arrived, what follows and by when; repeats nothing they
    wrote."""
    number = complaint.number
    return Letter(
        _("Your complaint %(number)s has arrived", number=number),
        [
            _("Thank you. We have your complaint, it has the number %(number)s.", number=number),
            _("The agency looks into it and asks those whom it concerns, if need be."),
            _(
                "By %(day)s at the latest you get our answer, to this address.",
                day=format_date(complaint.answer_by, "long"),
            ),
        ],
        _("To the register of seals"),
        path_to("seal.register"),
        reason=_(
            "You receive this mail because somebody complained with this address. "
            "If it was not you, please ignore it."
        ),
    )


def complaint_answered(complaint: Complaint) -> Letter:
    """Tell somebody who complained about the seal what the agency says to it."""
    number = complaint.number
    return Letter(
        _("Our answer to your complaint %(number)s", number=number),
        [
            _("Thank you for telling us. We have looked into it, and this is our answer:"),
            *(line for line in complaint.answer.splitlines() if line.strip()),
        ],
        _("To the register of seals"),
        path_to("seal.register"),
        reason=_("You receive this mail because somebody complained with this address."),
    )


def notification(told: Notification, point: ServicePoint | None) -> Letter:
    """Say by mail what stands in the person's list."""
    sentence = notification_sentence(told.topic, told.params)
    words = TOPICS[told.topic]
    said = [sentence, words.following()]
    return Letter(sentence, said, words.button(), told.path, helper=helper_of(point))
