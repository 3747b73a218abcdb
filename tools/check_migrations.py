"""Fails unless there is one head, the migrations make what the models say, and they can be undone."""

import os
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

from marketplace.tables import metadata
from wsgi import app


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
        downgrade(revision="base")
        upgrade()
        engine.dispose()
    for difference in differences:
        print(f"migrations and models differ: {difference}")
    print("migrations equal models" if not differences else f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
