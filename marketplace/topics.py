"""What people are told of: each topic's group, its sentence, and what a mail says and offers next.

A new topic is one line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from marketplace.notifications.models import Group, Topic

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """``says`` what happened, ``following`` what can be done now, ``button`` where the mail leads."""

    group: Group
    says: Callable[[Params], str]
    following: Callable[[], str]
    button: Callable[[], str]


TOPICS: dict[Topic, Words] = {
    Topic.ORGANISATION_TO_VERIFY: Words(
        Group.ACCOUNT,
        lambda p: _("%(organisation)s waits to be verified.", **p),
        lambda: _("Please check its details and verify it, or say what is missing."),
        lambda: _("To the organisations"),
    ),
    Topic.ORGANISATION_VERIFIED: Words(
        Group.ACCOUNT,
        lambda p: _("%(organisation)s is verified.", **p),
        lambda: _("What you have posted is now shown, and the search for partners has begun."),
        lambda: _("To SoPro"),
    ),
    Topic.ORGANISATION_REFUSED: Words(
        Group.ACCOUNT,
        lambda p: _("%(organisation)s could not be verified: %(reason)s", **p),
        lambda: _("Please complete your details, or talk to your service point."),
        lambda: _("To our organisation"),
    ),
    Topic.PROPOSALS_FOUND: Words(
        Group.PROPOSALS,
        lambda p: ngettext(
            "%(num)s new proposal for “%(title)s”.",
            "%(num)s new proposals for “%(title)s”.",
            int(p["count"]),
            **p,
        ),
        lambda: _(
            "Each proposal has its reasons. Please see which of them you would like to follow up."
        ),
        lambda: _("To the proposals"),
    ),
    Topic.INTEREST_SHOWN: Words(
        Group.PROPOSALS,
        lambda p: _("%(organisation)s would like “%(title)s”.", **p),
        lambda: _("Please talk to both sides and see whether an order can come of it."),
        lambda: _("To the interests"),
    ),
    Topic.LISTING_EXPIRING: Words(
        Group.LISTINGS,
        lambda p: _("“%(title)s” ends on %(day)s. Renew it if it is still there.", **p),
        lambda: _(
            "After that day others no longer see it. If it is gone, please mark it as given."
        ),
        lambda: _("To our listings"),
    ),
    Topic.LISTING_EXPIRED: Words(
        Group.LISTINGS,
        lambda p: _("“%(title)s” has ended. You can renew it.", **p),
        lambda: _("Others no longer see it. If it is still there, one click renews it."),
        lambda: _("To our listings"),
    ),
    Topic.WORK_SOUGHT: Words(
        Group.PROPOSALS,
        lambda p: _("%(organisation)s near you is looking for work: %(title)s", **p),
        lambda: _("Perhaps you have a leftover, a production step or an order that fits?"),
        lambda: _("See the workshop"),
    ),
    Topic.ORDER_OFFERED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” is ready for you to accept.", **p),
        lambda: _("Please read the terms and accept them, or ask for a change."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_RETURNED: Words(
        Group.ORDERS,
        lambda p: _("A change is asked for in order %(number)s “%(title)s”.", **p),
        lambda: _("The broker revises the terms and offers them again."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_ACCEPTED: Words(
        Group.ORDERS,
        lambda p: _("One side has accepted order %(number)s “%(title)s”.", **p),
        lambda: _("The order is agreed as soon as both sides have accepted."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_AGREED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” is agreed by both sides.", **p),
        lambda: _("Production can begin. The order shows from now on both contacts and the place."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_MOVED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” has moved on.", **p),
        lambda: _("The order's page shows where it stands and what comes next."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_PAUSED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” rests for now.", **p),
        lambda: _("The reason stands on the order's page. You hear when it goes on."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_DISPUTED: Words(
        Group.ORDERS,
        lambda p: _("In order %(number)s “%(title)s” something is not as agreed.", **p),
        lambda: _("The order's page says what. The broker looks with all of you for a way."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_COMPLETED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” is completed. Thank you!", **p),
        lambda: _("Please say in three answers how it was; perhaps it is worth a story, too."),
        lambda: _("To the order"),
    ),
    Topic.ORDER_CANCELLED: Words(
        Group.ORDERS,
        lambda p: _("Order %(number)s “%(title)s” is cancelled.", **p),
        lambda: _("The reason stands on the order's page."),
        lambda: _("To the order"),
    ),
    Topic.CASE_OPENED: Words(
        Group.CASES,
        lambda p: _("New enquiry %(number)s: “%(title)s”", **p),
        lambda: _("Nobody has taken it yet. Please see who of you gets in touch."),
        lambda: _("To the case"),
    ),
    Topic.CASE_FILES_ATTACHED: Words(
        Group.CASES,
        lambda p: ngettext(
            "%(organisation)s has attached a file to case %(number)s “%(title)s”.",
            "%(organisation)s has attached %(num)s files to case %(number)s “%(title)s”.",
            int(p["count"]),
            **p,
        ),
        lambda: _(
            "Please have a look at it. The other sides see it once you disclose who sent it."
        ),
        lambda: _("To the case"),
    ),
    Topic.ORDER_FILES_ATTACHED: Words(
        Group.ORDERS,
        lambda p: ngettext(
            "%(organisation)s has attached a file to order %(number)s “%(title)s”.",
            "%(organisation)s has attached %(num)s files to order %(number)s “%(title)s”.",
            int(p["count"]),
            **p,
        ),
        lambda: _("Please check whether it shows what the law asks for."),
        lambda: _("To the order"),
    ),
    Topic.CASE_JOINED: Words(
        Group.CASES,
        lambda p: _("We mediate for you: case %(number)s “%(title)s”.", **p),
        lambda: _("The case's page shows what is needed, what comes next, and whom you can ask."),
        lambda: _("To the case"),
    ),
    Topic.CASE_DISCLOSED: Words(
        Group.CASES,
        lambda p: _("You may see more of a partner in case %(number)s “%(title)s”.", **p),
        lambda: _("Your broker has agreed that with the other side."),
        lambda: _("To the case"),
    ),
    Topic.CASE_REFERRED: Words(
        Group.CASES,
        lambda p: _("%(point)s offers you case %(number)s “%(title)s”.", **p),
        lambda: _("Please read why and what is handed over, and say whether you take it."),
        lambda: _("To the case"),
    ),
    Topic.CASE_TAKEN_OVER: Words(
        Group.CASES,
        lambda p: _("%(point)s has taken over case %(number)s “%(title)s”.", **p),
        lambda: _("You can go on reading what you have handed over."),
        lambda: _("To the case"),
    ),
    Topic.CASE_NOT_TAKEN_OVER: Words(
        Group.CASES,
        lambda p: _("%(point)s does not take over case %(number)s “%(title)s”.", **p),
        lambda: _("It stays with you. The answer stands on the case's page."),
        lambda: _("To the case"),
    ),
    Topic.APPOINTMENT_SET: Words(
        Group.CASES,
        lambda p: _("Appointment on %(day)s in case %(number)s: “%(title)s”", **p),
        lambda: _("The case's page has the time and the place, and a file for your calendar."),
        lambda: _("To the case"),
    ),
    Topic.APPOINTMENT_CANCELLED: Words(
        Group.CASES,
        lambda p: _(
            "The appointment on %(day)s in case %(number)s is called off: “%(title)s”", **p
        ),
        lambda: _("The case's page has a file that takes it out of your calendar."),
        lambda: _("To the case"),
    ),
    Topic.SEAL_MOVED: Words(
        Group.SEALS,
        lambda p: _("The application %(number)s for the seal, “%(title)s”, has moved on.", **p),
        lambda: _("Its page shows where it stands and what comes next."),
        lambda: _("To the application"),
    ),
    Topic.SEAL_ENDING: Words(
        Group.SEALS,
        lambda p: _("The seal %(number)s for “%(title)s” ends on %(day)s.", **p),
        lambda: _(
            "You can apply for its renewal until that day. What you stated last time is filled in."
        ),
        lambda: _("Apply for renewal"),
    ),
    Topic.COMPLAINT_RECEIVED: Words(
        Group.SEALS,
        lambda p: _("Somebody complains about the seal: %(number)s", **p),
        lambda: _("Please answer it in time; the page says by when."),
        lambda: _("To the complaints"),
    ),
    Topic.MESSAGE_WRITTEN: Words(
        Group.MESSAGES,
        lambda p: _("%(sender)s writes to you: %(about)s", **p),
        lambda: _("You can answer on the page."),
        lambda: _("Read and answer"),
    ),
    Topic.MAIL_SET_ASIDE: Words(
        Group.MESSAGES,
        lambda p: _("A mail to the thread “%(about)s” came from an unknown address.", **p),
        lambda: _(
            "It was not posted. If somebody has a second address, please ask them to write "
            "from the first."
        ),
        lambda: _("To the thread"),
    ),
    Topic.MATERIALS_FOUND: Words(
        Group.SEARCHES,
        lambda p: ngettext(
            "A new material for your search “%(name)s”",
            "%(num)s new materials for your search “%(name)s”",
            int(p["count"]),
            **p,
        ),
        lambda: _("The page of the search shows what is new."),
        lambda: _("See what is new"),
    ),
    Topic.WORKSHOPS_FOUND: Words(
        Group.SEARCHES,
        lambda p: ngettext(
            "A new capability for your search “%(name)s”",
            "%(num)s new capabilities for your search “%(name)s”",
            int(p["count"]),
            **p,
        ),
        lambda: _("The page of the search shows what is new."),
        lambda: _("See what is new"),
    ),
    Topic.PARTNER_APPLIED: Words(
        Group.CLUSTER,
        lambda p: _("%(organisation)s would like to join the value cluster.", **p),
        lambda: _("Please read the application and admit or refuse it."),
        lambda: _("Read the application"),
    ),
    Topic.PARTNER_ADMITTED: Words(
        Group.CLUSTER,
        lambda p: _("%(organisation)s is a partner of the value cluster.", **p),
        lambda: _("Your page is public now. You can offer cooperation to the others, and seek it."),
        lambda: _("To our page"),
    ),
    Topic.PARTNER_REFUSED: Words(
        Group.CLUSTER,
        lambda p: _("The value cluster has not admitted %(organisation)s: %(reason)s", **p),
        lambda: _("You can change the application and apply again."),
        lambda: _("To the application"),
    ),
    Topic.CONSORTIUM_INVITED: Words(
        Group.CLUSTER,
        lambda p: _("%(organisation)s invites you to the consortium “%(name)s”.", **p),
        lambda: _("Please read what it is about and take your place, or decline it."),
        lambda: _("To the consortium"),
    ),
    Topic.CONSORTIUM_ANSWERED: Words(
        Group.CLUSTER,
        lambda p: _("%(organisation)s has answered: consortium “%(name)s”.", **p),
        lambda: _("The consortium's page shows who takes part."),
        lambda: _("To the consortium"),
    ),
    Topic.CALL_DEADLINE: Words(
        Group.CLUSTER,
        lambda p: _("The call “%(title)s” ends on %(day)s.", **p),
        lambda: _("Please see whether everything is ready to be handed in."),
        lambda: _("To the call"),
    ),
}


def notification_sentence(topic: Topic, params: Mapping[str, object]) -> str:
    """Return what happened, as one sentence; days in ``params`` are ISO texts."""
    said = {name: _day(value) if name == "day" else value for name, value in params.items()}
    return str(TOPICS[topic].says(said))


def _day(value: object) -> str:
    return str(format_date(date.fromisoformat(str(value)), "long"))
