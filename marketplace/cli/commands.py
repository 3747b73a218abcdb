"""All commands, in one list."""

from flask import Flask
from flask_migrate import Migrate

from marketplace.cli import agency, demo, exchange, impact, seals, worker
from marketplace.core.db import Base


class _Metadata:
    """What Flask-Migrate wants to know of a database."""

    metadata = Base.metadata


def install(app: Flask) -> None:
    """Register every command; ``flask db`` comes from Flask-Migrate."""
    Migrate(app, _Metadata(), directory=f"{app.root_path}/migrations")
    for command in (
        *exchange.commands,
        *agency.commands,
        *demo.commands,
        *impact.commands,
        *seals.commands,
        worker.command,
    ):
        app.cli.add_command(command)
