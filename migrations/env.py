"""Alembic's entry: migrate the database of the running application."""

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from marketplace.tables import metadata

engine: Engine = current_app.extensions["sessions"].kw["bind"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=engine.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
