"""All blueprints, in one list."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from marketplace.web.account import (
    invitations,
    mailbox,
    members,
    organisation,
    people,
    preferences,
    profile,
    sites,
    unsubscribe,
)
from marketplace.web.agency import agency
from marketplace.web.broker import desk
from marketplace.web.cases import cases
from marketplace.web.cluster import calls, cluster
from marketplace.web.company import listings
from marketplace.web.enterprise import capabilities
from marketplace.web.impact import impact
from marketplace.web.messages import messages
from marketplace.web.orders import hand_over, orders
from marketplace.web.public import (
    enquiry,
    enterprises,
    health,
    home,
    material_map,
    materials,
    media,
    pages,
    service_points,
    stories,
    suggestions,
)
from marketplace.web.public import impact as results
from marketplace.web.public import seals as public_seals
from marketplace.web.seals import seals
from marketplace.web.searches import searches

BLUEPRINTS = (
    home.bp,
    materials.bp,
    material_map.bp,
    enterprises.bp,
    stories.bp,
    service_points.bp,
    results.bp,
    public_seals.bp,
    pages.bp,
    enquiry.bp,
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
    preferences.bp,
    searches.bp,
    unsubscribe.bp,
    messages.bp,
    listings.bp,
    capabilities.bp,
    desk.bp,
    orders.bp,
    impact.bp,
    cases.bp,
    hand_over.codes,
    seals.bp,
    cluster.bp,
    calls.bp,
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
    app.extensions["csrf"].exempt(unsubscribe.bp)
