"""All blueprints, in one list."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from marketplace.web.account import (
    invitations,
    mailbox,
    members,
    organisation,
    people,
    profile,
    sites,
)
from marketplace.web.agency import agency
from marketplace.web.broker import desk
from marketplace.web.company import listings
from marketplace.web.enterprise import capabilities
from marketplace.web.orders import hand_over, orders
from marketplace.web.public import (
    enterprises,
    health,
    home,
    material_map,
    materials,
    media,
    pages,
    stories,
    suggestions,
)

BLUEPRINTS = (
    home.bp,
    materials.bp,
    material_map.bp,
    enterprises.bp,
    stories.bp,
    pages.bp,
    suggestions.bp,
    media.bp,
    health.bp,
    people.bp,
    profile.bp,
    organisation.bp,
    sites.bp,
    members.bp,
    invitations.bp,
    mailbox.bp,
    listings.bp,
    capabilities.bp,
    desk.bp,
    orders.bp,
    hand_over.codes,
    agency.bp,
)


class KeyConverter(IntegerConverter):
    """A key that a database can hold; longer numbers name no page."""

    regex = r"[0-9]{1,18}"


def install(app: Flask) -> None:
    """Register every blueprint."""
    app.url_map.converters["int"] = KeyConverter
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
