"""A made-up world in a database: the product's own tables, filled by the drivers' fastest way.

SQLite takes rows by executemany, PostgreSQL by COPY. Indexes are made after the rows, as after any
bulk load, and then both databases gather their statistics.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.world import World
from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability, CapabilityNode, reach_class
from marketplace.core.db import connect
from marketplace.geo.areas import reaches_km
from marketplace.geo.bands import BAND_DEGREES
from marketplace.geo.blur import LATITUDE_STEP
from marketplace.geo.distance import ecef
from marketplace.listings.models import Kind, Listing, Recurrence, sought_of
from marketplace.matching.columns import Sets
from marketplace.matching.kinds import Condition
from marketplace.proposals.models import Proposal
from marketplace.tables import metadata
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques

KINDS = list(Kind)
RECURRENCES = list(Recurrence)
CONDITIONS = {int(c): c.name.lower() for c in Condition if c.name}
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
UNITS = ("kg", "pieces", "hours")

Columns = dict[str, list[Any]]


def store(engine: Engine, world: World) -> None:
    """Make all tables in an empty database and fill them. Row ``i`` of a table has the key i + 1."""
    metadata.create_all(engine)
    filled = {
        Organisation: organisations(world),
        Capability: capabilities(world),
        CapabilityNode: capability_nodes(world),
        Listing: listings(world),
        Proposal: refused(world),
    }
    for model, columns in filled.items():
        table = metadata.tables[model.__tablename__]
        with engine.begin() as connection, _indexes_afterwards(connection, table):
            insert(connection, table, columns)
    analyse(engine)


@contextmanager
def both_databases(world: World) -> Iterator[tuple[sessionmaker[Session], sessionmaker[Session]]]:
    """Store a world in an SQLite file of its own, and in the PostgreSQL that TEST_DATABASE_URL names,
    which is emptied first."""
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        raise SystemExit("run it by bin/with-postgresql")
    with tempfile.TemporaryDirectory() as folder:
        lite, big = connect(f"sqlite:///{Path(folder) / 'world.db'}"), connect(url)
        with big.kw["bind"].begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        for sessions in (lite, big):
            store(sessions.kw["bind"], world)
        yield lite, big
        for sessions in (lite, big):
            sessions.kw["bind"].dispose()


def analyse(engine: Engine) -> None:
    """Let the database gather its statistics."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if _is_postgresql(connection) else "ANALYZE"))
        connection.commit()


def insert(connection: Connection, table: Table, columns: Columns) -> None:
    """Add rows, given as columns of values that both databases read; the others get their defaults."""
    count = len(next(iter(columns.values())))
    if not count:
        return
    every = {"id": range(1, count + 1), **_defaults(table, columns, count), **columns}
    names = ", ".join(every)
    rows = zip(*every.values(), strict=True)
    raw: Any = connection.connection.driver_connection
    if _is_postgresql(connection):
        with raw.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        raw.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {count})")
    else:
        marks = ", ".join("?" * len(every))
        raw.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)


@contextmanager
def _indexes_afterwards(connection: Connection, table: Table) -> Iterator[None]:
    for index in table.indexes:
        index.drop(connection)
    yield
    for index in table.indexes:
        index.create(connection)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _defaults(table: Table, columns: Columns, count: int) -> Columns:
    """Return what the columns that are not given hold. KeyError where one has to be given."""
    found: Columns = {}
    for column in table.columns:
        if column.name == "id" or column.name in columns or column.nullable:
            continue
        if column.name == "version":
            found[column.name] = [1] * count
        elif column.default is None:
            raise KeyError(f"{table.name}.{column.name}")
        elif column.default.is_scalar:
            found[column.name] = [getattr(column.default.arg, "value", column.default.arg)] * count
        else:
            found[column.name] = ["[]"] * count
    return found


def organisations(world: World) -> Columns:
    """Return an organisation for each number, where the first of its entries lies."""
    tables = (world.capabilities, world.listings)
    numbers = np.concatenate([t.organisation for t in tables])
    count = int(numbers.max()) + 1
    place = np.full(count, 0)
    place[numbers[::-1]] = np.arange(len(numbers))[::-1]
    verified = np.concatenate([t.organisation_active for t in tables])[place]
    latitude = np.concatenate([t.latitude for t in tables])[place]
    longitude = np.concatenate([t.longitude for t in tables])[place]
    orders = np.zeros(count, dtype=np.int64)
    orders[world.capabilities.organisation] = world.capabilities.open_orders
    enterprises = int(world.capabilities.organisation.max(initial=-1)) + 1
    kind = ["social_enterprise"] * enterprises + ["company"] * (count - enterprises)
    return {
        "ref": [f"O{n}" for n in range(count)],
        "name": [f"Organisation {n}" for n in range(count)],
        "kind": kind,
        "verification": np.where(verified, "verified", "pending").tolist(),
        "open_orders": orders.tolist(),
        "created_at": [NOW.isoformat(" ")] * count,
        **_placed(latitude, longitude),
    }


def listings(world: World) -> Columns:
    """Return the columns of ``listings``."""
    table = world.listings
    codes = [m.code for m in materials()]
    kinds = [KINDS[k] for k in table.kind.tolist()]
    material = [None if m < 0 else codes[m] for m in table.material.tolist()]
    named = _codes(table.techniques, [t.code for t in techniques()])
    roots = [sought_of(*one) for one in zip(kinds, material, named, strict=True)]
    return {
        "ref": table.ref.tolist(),
        "organisation_id": (table.organisation + 1).tolist(),
        "kind": [k.value for k in kinds],
        "title": [f"Listing {ref}" for ref in table.ref.tolist()],
        "language": ["de"] * len(table),
        "material_code": material,
        "family": [None if code is None else code.partition(".")[0] for code in material],
        "sought": roots,
        "techniques": [_json(codes) for codes in named],
        "quantity": _known(table.pieces),
        "mass_kg": _known(table.mass_kg),
        "work_hours": _known(table.hours),
        "recurrence": [RECURRENCES[r].value for r in table.recurrence.tolist()],
        "available_from": _days(table.available_from),
        "available_until": _days(table.available_until),
        "condition": [CONDITIONS.get(c) for c in table.condition.tolist()],
        "hazardous": table.hazardous.tolist(),
        "work_place": np.where(table.client_site, "client_site", "workshop").tolist(),
        "state": np.where(table.published, "published", "draft").tolist(),
        "published_at": [NOW.isoformat(" ")] * len(table),
        "created_at": [NOW.isoformat(" ")] * len(table),
        **_placed(table.latitude, table.longitude),
    }


def capabilities(world: World) -> Columns:
    """Return the columns of ``capabilities``."""
    table = world.capabilities
    some = [[name for bit, name in CONDITIONS.items() if bit & one] for one in range(16)]
    amounts = {
        f"{share}_{unit}_per_month": _known(getattr(table, f"{share}_{unit}"))
        for share in ("capacity", "committed")
        for unit in UNITS
    }
    return {
        "ref": table.ref.tolist(),
        "organisation_id": (table.organisation + 1).tolist(),
        "title": [f"Capability {ref}" for ref in table.ref.tolist()],
        "language": ["de"] * len(table),
        "materials": list(map(_json, _codes(table.materials, [m.code for m in materials()]))),
        "techniques": list(map(_json, _codes(table.techniques, [t.code for t in techniques()]))),
        "conditions": [_json(some[one]) for one in table.conditions.tolist()],
        **amounts,
        "min_batch_kg": _known(table.min_batch_kg),
        "service_radius_km": _known(table.radius_km),
        "service_area": shapely.to_geojson(table.area).tolist(),
        "accepts_hazardous": table.accepts_hazardous.tolist(),
        "on_site": table.on_site.tolist(),
        "available_from": _days(table.available_from),
        "available_until": _days(table.available_until),
        "state": np.where(table.active, "active", "paused").tolist(),
        "created_at": [NOW.isoformat(" ")] * len(table),
        **_placed(table.latitude, table.longitude),
    }


def capability_nodes(world: World) -> Columns:
    """Return the columns of ``capability_nodes``: one row for each thing accepted or offered."""
    table = world.capabilities
    rows = np.arange(len(table))
    owner = np.concatenate(
        [np.repeat(rows, table.materials.sizes), np.repeat(rows, table.techniques.sizes)]
    )
    accepted = np.array([m.code for m in materials()], dtype=object)[table.materials.indices]
    offered = np.array(["~" + t.code for t in techniques()])[table.techniques.indices]
    reach = table.radius_km.copy()
    drawn = np.flatnonzero([area is not None for area in table.area])
    base = table.latitude[drawn], table.longitude[drawn]
    reach[drawn] = reaches_km(table.area[drawn], *base)
    exact = _points(table.latitude[owner], table.longitude[owner])
    return {
        "capability_id": (owner + 1).tolist(),
        "node": [*accepted.tolist(), *offered.tolist()],
        "reach_km": reach[owner].tolist(),
        "reach_class": np.array([reach_class(km) for km in reach.tolist()])[owner].tolist(),
        **{name: column.tolist() for name, column in exact.items()},
    }


def refused(world: World) -> Columns:
    """Return the columns of ``proposals``: only refused ones, of today's revisions."""
    pairs = world.refused + 1
    day = str(world.as_of)
    alike = {
        "state": "refused", "reason": "quality", "rank": 1, "score": 0.5, "distance_km": 1.0,
        "proximity": 0.5, "fit": 0.5, "capacity": 0.5, "timing": 0.5, "value": 0.5,
        "fairness": 0.5, "weights_version": 1, "as_of": day, "listing_revision": 1,
        "capability_revision": 1, "first_proposed_at": NOW.isoformat(" "),
    }  # fmt: skip
    return {
        "listing_id": pairs[:, 0].tolist(),
        "capability_id": pairs[:, 1].tolist(),
        **{name: [value] * len(pairs) for name, value in alike.items()},
    }


def _placed(latitude: np.ndarray, longitude: np.ndarray) -> Columns:
    """Return the columns of a place; the public point is its cell's middle, which stands for the
    keyed shift of ``geo.blur``: as far off, and shared by all of a cell."""
    row = np.floor(latitude / LATITUDE_STEP)
    step = LATITUDE_STEP / np.cos(np.radians((row + 0.5) * LATITUDE_STEP))
    middle = np.round((row + 0.5) * LATITUDE_STEP, 4)
    across = np.round((np.floor(longitude / step) + 0.5) * step, 4)
    seen = {f"public_{name}": column for name, column in _points(middle, across).items()}
    columns = _points(latitude, longitude) | seen
    constant = {"city": ["Town"] * len(latitude), "country": ["AT"] * len(latitude)}
    return {name: column.tolist() for name, column in columns.items()} | constant


def _points(latitude: np.ndarray, longitude: np.ndarray) -> dict[str, np.ndarray]:
    band = np.floor(latitude / BAND_DEGREES).astype(np.int64)
    xyz = dict(zip("xyz", ecef(latitude, longitude), strict=True))
    return {"latitude": latitude, "longitude": longitude, "band": band, **xyz}


def _codes(sets: Sets, codes: list[str]) -> list[list[str]]:
    """Return the codes of each row's set."""
    flat = [codes[number] for number in sets.indices.tolist()]
    bounds = sets.indptr.tolist()
    return [flat[a:b] for a, b in pairwise(bounds)]


def _json(codes: list[str]) -> str:
    return '["' + '", "'.join(codes) + '"]' if codes else "[]"


def _known(amounts: np.ndarray) -> list[float | None]:
    return np.where(np.isnan(amounts), None, amounts.astype(object)).tolist()


def _days(days: np.ndarray) -> list[str | None]:
    return np.where(np.isnat(days), None, np.datetime_as_string(days).astype(object)).tolist()
