"""``flask impact``: the factors, and the ledger of figures."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from marketplace.cli.terminal import speaking
from marketplace.core.db import transaction
from marketplace.impact import booking
from marketplace.impact import factors as published
from marketplace.vocabulary import editions

impact = AppGroup("impact", help="The ledger of impact: factors and figures.")


@impact.command("factors")
@speaking
def factors() -> None:
    """Put down published factors that are not there yet."""
    with transaction(current_app.extensions["sessions"]) as session:
        added = published.sync(session, now=datetime.now(UTC))
    click.echo(_("%(n)s factors added.", n=added))


@impact.command("book")
@speaking
def book() -> None:
    """Book the figures of all orders; what is booked already stays as it is."""
    with transaction(current_app.extensions["sessions"]) as session:
        zone = ZoneInfo(current_app.config["TIMEZONE"])
        editions.refresh(session)
        booked = booking.book_all(session, now=datetime.now(zone))
    click.echo(
        _("%(added)s lines added, %(changed)s changed, %(removed)s removed.", **vars(booked))
    )


commands = [impact]
