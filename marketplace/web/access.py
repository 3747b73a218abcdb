"""Who may use a route: every view carries one rule, and a view without one stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.core.actor import Role
from marketplace.core.errors import NotAllowed
from marketplace.web.session import actor

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """``roles`` empty means any signed-in person; ``public`` means everybody."""

    name: str
    public: bool = False
    roles: frozenset[Role] = frozenset()

    def __call__(self, view: View) -> View:
        """Declare this rule on a view."""
        view.access = self  # type: ignore[attr-defined]
        return view


ANYBODY = Rule("anybody", public=True)
SIGNED_IN = Rule("signed_in")
MEMBER = Rule("member", roles=frozenset({Role.COMPANY, Role.ENTERPRISE, Role.PARTNER}))
MANAGER = Rule("manager", roles=frozenset({Role.MANAGER}))
COMPANY = Rule("company", roles=frozenset({Role.COMPANY}))
ENTERPRISE = Rule("enterprise", roles=frozenset({Role.ENTERPRISE}))
BROKER = Rule("broker", roles=frozenset({Role.BROKER, Role.AGENCY}))
AGENCY = Rule("agency", roles=frozenset({Role.AGENCY}))


def rule_of(app: Flask, endpoint: str) -> Rule:
    """Return the rule of an endpoint; Flask's own file serving is public."""
    if endpoint == "static":
        return ANYBODY
    view: Any = app.view_functions[endpoint]
    rule: Rule = view.access
    return rule


def install(app: Flask) -> None:
    """Ask the rule before each request; call after all blueprints are registered."""
    for endpoint in app.view_functions:
        if endpoint != "static" and not hasattr(app.view_functions[endpoint], "access"):
            raise RuntimeError(f"the view {endpoint} does not say who may use it")

    @app.before_request
    def ask() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        rule = rule_of(app, request.endpoint)
        if rule.public:
            return None
        who = actor()
        if not who.signed_in:
            target = request.full_path.rstrip("?") if request.method == "GET" else ""
            return redirect(url_for("account.sign_in", next=target or None))
        if rule.roles and not who.has(*rule.roles):
            raise NotAllowed
        return None
