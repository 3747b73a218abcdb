"""Fails unless there is one head, the migrations make what the models say, and they can be undone."""

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
folder = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{folder.name}/check.db"
os.environ["STORAGE_URL"] = f"file://{folder.name}/media"

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, StaticPool, create_engine, inspect, text

from marketplace.tables import metadata
from wsgi import app


def as_modelled() -> Engine:
    """Return a database that the models made."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def written_down(engine: Engine) -> dict[str, str]:
    """Return what Alembic does not compare: the checks of each table, and what each index is of."""
    found = {}
    with engine.connect() as connection:
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            for check in inspector.get_check_constraints(table):
                found[f"{table}: {check['name']}"] = " ".join(str(check["sqltext"]).split())
        indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        for name, sql in connection.execute(text(indexes)):
            found[name] = "".join(re.sub(r'["()]', "", sql).split()).lower()
    return found


def unlike(migrated: dict[str, str], modelled: dict[str, str]) -> list[str]:
    """Return what is written otherwise, by name."""
    return [
        f"{name}: {migrated.get(name)} but {modelled.get(name)}"
        for name in sorted(migrated.keys() | modelled.keys())
        if migrated.get(name) != modelled.get(name)
    ]


def main() -> int:
    heads = ScriptDirectory(str(ROOT / "migrations")).get_heads()
    if len(heads) != 1:
        print(f"there must be one head: {heads}")
        return 1
    with app.app_context():
        upgrade()
        engine = app.extensions["sessions"].kw["bind"]
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, metadata)
            differences += unlike(written_down(engine), written_down(as_modelled()))
        downgrade(revision="base")
        upgrade()
        engine.dispose()
    for difference in differences:
        print(f"migrations and models differ: {difference}")
    print("migrations equal models" if not differences else f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
