"""Thousands of rows in one call, as the drivers take them.

SQLAlchemy looks at every value of every row, which takes as long as the writing itself: here the
caller gives plain numbers and texts, and SQLAlchemy only writes what all rows have alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, literal
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from marketplace.core.db import Base


def execute_rows(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute a statement once for each row; return how many rows of the table that touched.

    The statement marks each value of a row by ``?``. Days are given in ISO form.
    """
    if not rows:
        return 0
    connection = session.connection()
    if not connection.dialect.positional:
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, rows).rowcount


def insert_columns(
    session: Session,
    model: type[Base],
    columns: Mapping[str, Sequence[Any]],
    alike: Mapping[str, object],
) -> None:
    """Add rows, given as columns of plain values and what is ``alike`` in all of them.

    What is not given gets the column's default, where that is a plain value.
    """
    rows = list(zip(*columns.values(), strict=True))
    connection, table = session.connection(), Base.metadata.tables[model.__tablename__]
    given = {**_defaults(table), **alike}
    written = {
        name: _written(connection, value, table.c[name].type)
        for name, value in given.items()
        if name not in columns
    }
    names = ", ".join([*columns, *written])
    values = ", ".join([*"?" * len(columns), *written.values()])
    execute_rows(session, f"INSERT INTO {table.name} ({names}) VALUES ({values})", rows)


def _defaults(table: Table) -> dict[str, object]:
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


def _written(connection: Connection, value: object, kind: TypeEngine[Any]) -> str:
    """Return a value as it is written in a statement of this database."""
    compiled = literal(value, kind).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    return str(compiled)
