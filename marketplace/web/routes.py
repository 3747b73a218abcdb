"""All blueprints, in one list."""

from importlib import import_module

from flask import Flask

NAMES = [
    "public.home",
    "public.materials",
    "public.enterprises",
    "public.pages",
    "public.suggestions",
    "public.media",
    "public.health",
    "account.people",
    "account.profile",
    "account.organisation",
    "account.sites",
    "account.members",
    "account.invitations",
    "account.mailbox",
    "company.listings",
    "enterprise.capabilities",
    "broker.desk",
    "orders.orders",
    "agency.service_points",
]


def install(app: Flask) -> None:
    """Register every blueprint."""
    for name in NAMES:
        try:
            app.register_blueprint(import_module(f"marketplace.web.{name}").bp)
        except ModuleNotFoundError as e:
            if "marketplace.web" not in str(e):
                raise
            print("missing", name)
