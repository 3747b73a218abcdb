"""What every template knows: the visitor, the language, the way about, the files' addresses."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _

from marketplace.notifications.queries import Unread, unread
from marketplace.web.language import LANGUAGES, language
from marketplace.web.session import Visitor, reading, visitor


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Return the address of a static file, with its fingerprint, so that it can be kept for ever."""
    return _address(str(current_app.static_folder), request.script_root, name)


@cache
def _address(folder: str, root: str, name: str) -> str:
    """Return it for this folder, where the application stands under ``root``, which ``url_for`` asks."""
    return url_for("static", filename=name, v=_fingerprint(Path(folder) / name))


def _links(who: Visitor) -> list[tuple[str, str]]:
    browse = [("materials.index", _("Materials")), ("enterprises.index", _("Workshops"))]
    sealed = [("seal.register", _("Sealed products"))]
    if who.is_broker:
        own = [
            ("desk.today", _("Today")),
            ("desk.cases", _("Cases")),
            ("desk.proposals", _("Proposals")),
            ("desk.plan", _("Plan")),
            ("desk.organisations", _("Organisations")),
            ("desk.interests", _("Interests")),
            ("desk.unmatched", _("Without a match")),
            ("orders.index", _("Orders")),
            ("impact.index", _("Impact")),
        ]
        return own + browse[:1] + ([("agency.index", _("Agency"))] if who.is_agency else [])
    both = [
        ("cases.index", _("Cases")),
        ("orders.index", _("Orders")),
        ("impact.index", _("Impact")),
    ]
    if who.is_company:
        return [("listings.index", _("Our listings")), *both, *browse]
    if who.is_enterprise:
        own = [
            ("capabilities.matches", _("For you")),
            ("capabilities.index", _("Our capabilities")),
        ]
        return [*own, *both, ("seals.index", _("Seal")), *browse]
    if who.organisation_id:
        cluster = [("cluster.index", _("Value cluster")), ("calls.index", _("EU calls"))]
        return [*browse, *cluster, ("cases.index", _("Our cases")), ("seals.index", _("Seal"))]
    return [*browse, ("seals.index", _("Seal"))] if who.signed_in else browse + sealed


def nav(who: Visitor) -> list[tuple[str, str, bool]]:
    """Return the main menu: address, words, whether we are there."""
    links, here = _links(who), request.endpoint or ""
    ends = [end for end, _words in links]
    section = [end for end in ends if end.split(".")[0] == here.split(".")[0]]
    near = [
        end
        for end in section
        if end.startswith(here) or here.startswith(end) or end.endswith(".index")
    ]
    current = here if here in ends else [*near, *section, ""][0]
    return [(url_for(end), text, end == current) for end, text in links]


def primary_action(who: Visitor) -> tuple[str, str] | None:
    """Return what the button in the header does."""
    if who.is_enterprise:
        return url_for("capabilities.new"), _("Show a capability")
    if who.signed_in and not who.is_company:
        return None
    return url_for("listings.new"), _("Offer material")


def install(app: Flask) -> None:
    """Give templates their names."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def names() -> dict[str, Any]:
        who = visitor()
        count = Unread()
        if who.signed_in:
            with reading() as session:
                count = unread(session, user_id=who.user_id)
        return {
            "lang": language(),
            "languages": LANGUAGES,
            "actor": who,
            "memberships": who.memberships,
            "nav": nav(who),
            "primary_action": primary_action(who),
            "may_offer": who.is_company or not who.signed_in,
            "may_show": who.is_enterprise or not who.signed_in,
            "unread": count.notifications,
            "unread_messages": count.messages,
            "unread_url": url_for("account.notifications"),
            "asset": asset,
        }
