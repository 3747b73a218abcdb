"""All blueprints, in one list."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

NAMES = """public.home public.materials public.enterprises public.pages public.suggestions
public.media public.health account.people account.profile account.organisation account.sites
account.members account.invitations account.mailbox company.listings enterprise.capabilities
broker.desk orders.orders agency.service_points"""


def install(app: Flask) -> None:
    """Register every blueprint; several modules may add views to one."""
    names = [f"marketplace.web.{name}" for name in NAMES.split()]
    found = [import_module(name).bp for name in names if find_spec(name)]
    for blueprint in dict.fromkeys(found):
        app.register_blueprint(blueprint)
