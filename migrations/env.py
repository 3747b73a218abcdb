"""Alembic's entry: migrate the database of the running application."""

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from marketplace.core.db import Moment
from marketplace.tables import metadata


def plain(kind: str, item: object, context: object) -> str | bool:
    """Write our own column type as what it is to the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


engine: Engine = current_app.extensions["sessions"].kw["bind"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=engine.dialect.name == "sqlite",
        compare_type=True,
        render_item=plain,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
