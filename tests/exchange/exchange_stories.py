"""Files for stories about importing."""

import csv
import io
from datetime import UTC, datetime

from marketplace.core.storage import ObjectStorage
from marketplace.exchange import importing
from marketplace.exchange.columns import Content
from marketplace.exchange.importing import OnError
from marketplace.exchange.reading import read_table
from marketplace.exchange.rows import Circumstances

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ORGANISATION = {
    "org_ref": "A1",
    "name": "Spedition Koller",
    "kind": "company",
    "country": "AT",
    "city": "Eisenstadt",
    "verified": "yes",
}
LISTING = {
    "listing_ref": "L1",
    "org_ref": "A1",
    "kind": "residual",
    "title": "Lkw-Planen, bedruckt",
    "material": "Lkw-Planen",
    "quantity": "180",
    "unit": "kg",
    "recurrence": "monthly",
    "available_from": "2026-11-01",
    "condition": "used_clean",
    "status": "published",
}
CAPABILITY = {
    "capability_ref": "C1",
    "org_ref": "B1",
    "title": "Taschen in Kleinserie",
    "materials": "Planen;Leder",
    "techniques": "Nähen",
    "service_radius_km": "60",
    "status": "active",
}
ENTERPRISE = ORGANISATION | {
    "org_ref": "B1",
    "name": "Nähwerk",
    "kind": "social_enterprise",
    "market_tier": "2",
    "city": "Wiener Neustadt",
}


def csv_text(rows, separator=","):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def a_file(folder, rows, name="file.csv", separator=",", encoding="utf-8"):
    path = folder / name
    path.write_bytes(csv_text(rows, separator).encode(encoding))
    return path


def around(media=None, **changes):
    storage = ObjectStorage(f"file://{media}") if media else None
    values = {"now": NOW, "today": NOW.date(), "secret": b"test-place", "storage": storage}
    return Circumstances(**values | changes)


def bring_in(session, kind, path, on_error="stop", media=None, **options):
    """Import a file as the command does, without the command."""
    changes = {k: options.pop(k) for k in ("now", "language") if k in options}
    report = importing.run(
        session,
        Content(kind),
        read_table(path),
        on_error=OnError(on_error),
        around=around(media, **changes),
        **options,
    )
    session.expire_all()
    return report


def settle(session, folder):
    """Import the company and the enterprise."""
    report = bring_in(
        session, "organisations", a_file(folder, [ORGANISATION, ENTERPRISE], "orgs.csv")
    )
    assert report.created == 2
    return report


def problems(report):
    """Return (line, column, code) of all that was wrong."""
    return [(f.row.line, p.field, p.code) for f in report.failed for p in f.problems]
