"""``flask agency`` and ``flask service-points``: who administers, and from which offices."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import get_locale
from flask_babel import gettext as _

from marketplace.accounts.agency import appoint, has_agency
from marketplace.accounts.drafts import PersonDraft
from marketplace.accounts.queries import service_points
from marketplace.cli.terminal import speaking
from marketplace.core.actor import SYSTEM
from marketplace.core.db import reading, transaction
from marketplace.core.text import clean

agency = AppGroup("agency", help="The people who administer the marketplace.")
points = AppGroup("service-points", help="The offices of the brokers.")


@agency.command("hint")
@speaking
def hint() -> None:
    """Say how to make the first agency person, while there is none."""
    with reading(current_app.extensions["sessions"]) as session:
        if has_agency(session):
            return
    click.echo(_("Nobody administers this marketplace yet. Make the first person with:"))
    click.echo('  flask agency create --email you@example.org --name "Your name"')


@agency.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.password_option()
@speaking
def create(email: str, name: str, password: str) -> None:
    """Make a person of the agency; asks for the password."""
    locale = get_locale()
    person = PersonDraft(
        name=clean(name),
        email=clean(email),
        password=password,
        language=str(locale.language) if locale is not None else "de",
    )
    with transaction(current_app.extensions["sessions"]) as session:
        user = appoint(session, person, actor=SYSTEM, now=datetime.now(UTC))
        address = user.email
    click.echo(_("%(email)s can sign in now, for the agency.", email=address))


@points.command("list")
@speaking
def list_points() -> None:
    """List the service points and the regions that they hold."""
    with reading(current_app.extensions["sessions"]) as session:
        found = service_points(session)
        for point in found:
            regions = ", ".join(point.regions)
            click.echo("\t".join([point.name, point.country, regions, point.email]))
        if not found:
            click.echo(_("There is no service point yet."))


commands = [agency, points]
