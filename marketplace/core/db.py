"""The declarative base, the column types that both databases share, and the ways to a session."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

Key = BigInteger().with_variant(Integer, "sqlite")
E = TypeVar("E", bound=StrEnum)
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
SQLITE_CACHE_KIB = 32_768
"""What a connection keeps of the file: with 2 MB, SQLite's own, bulk writing waits for its indexes."""


class Base(DeclarativeBase):
    """Every table has one whole number as its key."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC and aware; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[E], name: str) -> Enum:
    """Return the column type for ``kind``: its values as text, checked by the database."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda members: [m.value for m in members],
    )


def connect(url: str) -> sessionmaker[Session]:
    """Return the maker of sessions for this database; ``postgresql://`` means psycopg 3."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    options: dict[str, Any] = {} if url.startswith("sqlite") else {"pool_pre_ping": True}
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    return sessionmaker(engine)


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Commit everything or nothing.

    SQLite takes its write lock at once: a transaction that begins by reading and is refused the lock
    when it comes to write cannot be saved by waiting.
    """
    with sessions.begin() as session:
        if isinstance(session.get_bind(), Engine):
            session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
        yield session


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open a session that only reads; what it changed by mistake is rolled back."""
    with sessions() as session:
        yield session


def sacrificed(error: OperationalError) -> bool:
    """Say whether PostgreSQL ended this transaction so that another could go on: it may run again."""
    return getattr(error.orig, "sqlstate", None) in (SERIALIZATION_FAILURE, DEADLOCK)


def busy(error: OperationalError) -> bool:
    """Say whether only another transaction stood in the way; SQLite says so after a long wait."""
    if getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT:
        return True
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or sacrificed(error)


def columns_of(
    session: Session, query: Executable, values: Mapping[str, Any] | None = None
) -> CursorResult[Any]:
    """Run a query for columns, without what the ORM does for objects: a third of a short one's time."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(query, values)


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite honour foreign keys and savepoints, and wait for its one writer."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, record: object) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))
