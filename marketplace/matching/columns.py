"""Listings and capabilities as columns: row ``i`` describes one of them throughout.

Whoever reads the database fills these; the matcher knows nothing else. Unknown numbers are NaN,
open dates NaT, no material -1. Coordinates are degrees of WGS84, masses kilograms.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from marketplace.geo.distance import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]
Days = NDArray[np.datetime64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Sets:
    """One set of node numbers per row: row ``i`` has ``indices[indptr[i]:indptr[i + 1]]``."""

    indptr: Ints
    indices: Ints

    @classmethod
    def of(cls, sets: list[list[int]]) -> Self:
        """Return the columns of a list of sets."""
        sizes = np.array([0, *map(len, sets)], dtype=np.int64)
        flat = np.array([number for one in sets for number in one], dtype=np.int64)
        return cls(np.cumsum(sizes), flat)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def __getitem__(self, row: int) -> Ints:
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    @cached_property
    def sizes(self) -> Ints:
        """Return how many each row has, (n,)."""
        return np.diff(self.indptr)

    def nth(self, position: int, rows: Rows) -> Ints:
        """Return the ``position``-th number of each of ``rows``, -1 where a row has fewer."""
        found = np.full(len(rows), -1, dtype=np.int64)
        has = self.sizes[rows] > position
        found[has] = self.indices[self.indptr[rows[has]] + position]
        return found

    def take(self, rows: Rows) -> "Sets":
        """Return the sets of ``rows``, in that order."""
        sizes = self.sizes[rows]
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        offsets = np.arange(indptr[-1]) - np.repeat(indptr[:-1], sizes)
        return Sets(indptr, self.indices[np.repeat(self.indptr[rows], sizes) + offsets])


class _Columns:
    """What both tables share. Raises ValueError where columns differ in length."""

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")

    def columns(self) -> dict[str, Any]:
        """Return all columns by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))

    def take(self, rows: Rows) -> Self:
        """Return a table of ``rows``, in that order."""
        taken = {
            name: column.take(rows) if isinstance(column, Sets) else column[rows]
            for name, column in self.columns().items()
        }
        return type(self)(**taken)


@dataclass(frozen=True, kw_only=True)
class Listings(_Columns):
    """What companies and public bodies offer or ask for.

    ``organisation_active``: verified and active. ``hazardous``: by its flag or its waste code (see
    ``eligibility.is_hazardous``). ``mass_kg`` is that of one delivery, ``pieces`` its quantity
    where that is counted in pieces, ``hours`` the estimated work for it.
    """

    ref: Texts
    organisation: Ints
    organisation_active: Bools
    published: Bools
    kind: Ints
    material: Ints
    techniques: Sets
    latitude: Floats
    longitude: Floats
    hazardous: Bools
    condition: Ints
    mass_kg: Floats
    pieces: Floats
    hours: Floats
    recurrence: Ints
    available_from: Days
    available_until: Days
    client_site: Bools


@dataclass(frozen=True, kw_only=True)
class Capabilities(_Columns):
    """What social enterprises can do.

    ``area`` holds shapely polygons or multipolygons, or None: then ``radius_km`` decides (NaN with
    no area reaches nobody). ``conditions`` is a set of bits, 0 accepting all. The capacities are
    per month, ``committed_*`` what open orders take of them, ``open_orders`` the number of the
    organisation's open orders.
    """

    ref: Texts
    organisation: Ints
    organisation_active: Bools
    active: Bools
    materials: Sets
    techniques: Sets
    latitude: Floats
    longitude: Floats
    radius_km: Floats
    area: NDArray[np.object_]
    accepts_hazardous: Bools
    conditions: Ints
    min_batch_kg: Floats
    capacity_kg: Floats
    capacity_pieces: Floats
    capacity_hours: Floats
    committed_kg: Floats
    committed_pieces: Floats
    committed_hours: Floats
    open_orders: Ints
    available_from: Days
    available_until: Days
    on_site: Bools
