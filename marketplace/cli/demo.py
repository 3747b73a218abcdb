"""``flask demo``: a region full of invented organisations, to look around in."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from marketplace.cli.terminal import progress, speaking
from marketplace.core.db import reading, transaction
from marketplace.demo import loading
from marketplace.demo.people import PASSWORD, SIGN_INS

PHOTOS = Path(__file__).resolve().parent.parent / "demo_photos"

demo = AppGroup("demo", help="The demo region: invented, with everything in every state.")


@demo.command("load")
@click.option("--once", is_flag=True, help="Do nothing where there are organisations already.")
@click.option("--force", is_flag=True, help="Load into production, whose password is public then.")
@speaking
def load(once: bool, force: bool) -> None:
    """Load the demo region into an empty database, matched and ready to look at."""
    sessions = current_app.extensions["sessions"]
    with reading(sessions) as session:
        taken = loading.is_inhabited(session)
    if taken and once:
        return
    if taken:
        raise click.ClickException(_("There are organisations already. The demo needs none."))
    if current_app.config["PRODUCTION"] and not force:
        raise click.ClickException(
            _("This is production, and the demo's password is public. Use --force to load it.")
        )
    with progress(_("Loading the demo region")) as show, transaction(sessions) as session:
        figures = loading.load(
            session,
            current_app.extensions["storage"],
            photos=PHOTOS,
            secret=current_app.config["PLACE_SECRET"].encode(),
            now=datetime.now(UTC),
            progress=show,
        )
    click.echo(
        _(
            "The demo region: %(organisations)s organisations, %(listings)s listings, "
            "%(capabilities)s capabilities, %(proposals)s proposals, %(orders)s orders, "
            "%(cases)s cases.",
            **figures,
        )
    )


@demo.command("sign-ins")
@speaking
def sign_ins() -> None:
    """Print the demo's sign-ins and their password."""
    with reading(current_app.extensions["sessions"]) as session:
        if not loading.is_loaded(session):
            click.echo(_("The demo region is not loaded."))
            return
    click.echo(_("Sign in to look around (password: %(password)s):", password=PASSWORD))
    whom = {
        "company": _("a company"),
        "enterprise": _("a social enterprise"),
        "workshop": _("a Hungarian social enterprise"),
        "broker": _("a broker"),
        "broker_hu": _("a Hungarian broker"),
        "agency": _("the agency"),
        "assessor": _("an assessor of the seal"),
    }
    for part, email in SIGN_INS.items():
        click.echo(f"  {email:<36} {whom[part]}")


commands = [demo]
