"""Rows out of the database as columns of plain values, and those as numpy wants them.

A block has thousands of rows: whatever is done for each value by itself costs more than the matching.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ColumnElement, Select, String, Text, bindparam, cast, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.core.db import columns_of
from marketplace.matching.columns import Sets
from marketplace.taxonomy.tree import Tree

Columns = dict[str, Sequence[Any]]
TEXTS = 20_000


def plain(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Return a column to be read as the driver gives it: an enum as its text, a list as JSON."""
    value = cast(column, Text) if isinstance(column.type, JSON) else type_coerce(column, String)
    return value.label(column.key)


def read_columns(session: Session, query: Select[Any]) -> Columns:
    """Return what a query finds by the names of its columns, each as long as there are rows."""
    result = columns_of(session, query)
    names = list(result.keys())
    values = list(chain.from_iterable(result.all()))
    return {name: values[n :: len(names)] for n, name in enumerate(names)}


def one_of(column: InstrumentedAttribute[int], keys: Iterable[int]) -> ColumnElement[bool]:
    """Return the filter for rows by key, however many: written out, since parameters are limited."""
    return column.in_(bindparam("keys", list(keys), expanding=True, literal_execute=True))


def sets(tree: Tree[Any], texts: Sequence[str]) -> Sets:
    """Return sets of codes, written as JSON, by number."""
    known = {text: _parsed(tree, text) for text in set(texts)}
    return Sets.of([known[text] for text in texts])


@lru_cache(TEXTS)
def _parsed(tree: Tree[Any], text: str) -> list[int]:
    return numbers(tree, json.loads(text))


def numbers(tree: Tree[Any], codes: Sequence[str]) -> list[int]:
    """Return the numbers of those codes that the tree has."""
    return [tree.numbers[code] for code in codes if code in tree]


def coded(values: Sequence[Any], codes: Mapping[Any, int], other: int = 0) -> NDArray[np.int64]:
    """Return a code for each value; ``other`` where it has none."""
    return np.array([codes.get(value, other) for value in values], dtype=np.int64)


def floats(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return amounts; NaN where unknown."""
    return np.array(values, dtype=np.float64)


def whole(values: Sequence[Any]) -> NDArray[np.int64]:
    """Return whole numbers."""
    return np.array(values, dtype=np.int64)


def flags(values: Sequence[Any]) -> NDArray[np.bool_]:
    """Return truth values, which SQLite keeps as 0 and 1."""
    return np.array(values, dtype=np.bool_)


def are(values: Sequence[Any], wanted: StrEnum) -> NDArray[np.bool_]:
    """Tell which values say this."""
    said = wanted.value
    return np.array([value == said for value in values], dtype=np.bool_)


def days(values: Sequence[Any]) -> NDArray[np.datetime64]:
    """Return calendar days, given as dates or in ISO form; NaT where open. Each distinct one is
    parsed once."""
    distinct = list(set(values))
    parsed = np.array(distinct, dtype="datetime64[D]").view(np.int64).tolist()
    return coded(values, dict(zip(distinct, parsed, strict=True))).view("datetime64[D]")
