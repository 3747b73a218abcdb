"""The columns as compiled functions read them: one record a row, everything worked out beforehand.

Records lie side by side, so that judging one pair touches few lines of the processor's cache.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from marketplace.geo.areas import reaches_km
from marketplace.geo.distance import Floats, ecef
from marketplace.matching.columns import Capabilities, Days, Ints, Listings, Sets
from marketplace.matching.kinds import Kind, Recurrence
from marketplace.matching.ontology import Ontology, Tree
from marketplace.matching.threads import together

DISTANT_PAST = -(10**7)
DISTANT_FUTURE = 10**7
HORIZON_DAYS = 180
DAYS_PER_MONTH = 30.4375
WEEKS_PER_MONTH = 52 / 12
PER_MONTH = {
    Recurrence.WEEKLY: WEEKS_PER_MONTH,
    Recurrence.MONTHLY: 1.0,
    Recurrence.QUARTERLY: 1 / 3,
    Recurrence.YEARLY: 1 / 12,
}
NONE = -1.0
# What a listing needs and a capability takes, as bits; the lowest four are those of ``Condition``.
UNKNOWN_CONDITION, HAZARD, CLIENT_SITE = 16, 32, 64
ANY_CONDITION = 31
AT_ONCE = 4_000

Records = NDArray[np.void]
Numbers = NDArray[np.int32]

PLACE = [(name, "f8") for name in ("x", "y", "z", "latitude", "longitude")]
LISTING = np.dtype(
    [
        *PLACE,
        *((name, "f8") for name in ("mass_kg", "monthly_kg", "monthly_pieces", "monthly_hours")),
        ("value", "f8"),
        *((name, "i8") for name in ("organisation", "families")),
        *((name, "i4") for name in ("first", "last", "begin", "end", "own_days")),
        *((name, "i4") for name in ("material", "named_from", "named_to")),
        *((name, "i4") for name in ("refused_from", "refused_to")),
        *((name, "i1") for name in ("kind", "needs")),
        ("live", "?"),
    ],
    align=True,
)
CAPABILITY = np.dtype(
    [
        *PLACE,
        *((name, "f8") for name in ("radius_km", "reach_km", "min_batch_kg")),
        *((name, "f8") for name in ("free_kg", "free_pieces", "free_hours")),
        *((name, "f8") for name in ("value", "fairness")),
        *((name, "i8") for name in ("organisation", "families")),
        *((name, "i4") for name in ("opens", "closes", "area", "tie")),
        *((name, "i4") for name in ("accepted_from", "accepted_to", "offered_from", "offered_to")),
        ("takes", "i1"),
        ("live", "?"),
    ],
    align=True,
)


class Tables(NamedTuple):
    """All that compiled functions read. ``*_from`` and ``*_to`` of a record bound its numbers in
    ``named``, ``refused``, ``accepted`` and ``offered``; ``area`` is a row of ``area_rings``, that
    holds the first ring of each area, as ``ring_corners`` holds each ring's first corner."""

    listings: Records
    capabilities: Records
    named: Numbers
    refused: Numbers
    accepted: Numbers
    offered: Numbers
    material_parent: Numbers
    technique_parent: Numbers
    area_rings: Numbers
    ring_corners: Numbers
    corners: Floats
    today: int


def tabulate(
    listings: Listings,
    capabilities: Capabilities,
    ontology: Ontology,
    today: int,
    refused: NDArray[np.intp],
    threads: int = 1,
) -> Tables:
    """Return the records of both sides. ``today`` is a day since 1970-01-01; ``refused`` is (n, 2):
    a listing's row and a capability's."""
    bars = refused[np.argsort(refused[:, 0], kind="stable")]
    offered, able = together(
        threads,
        partial(_listing_records, listings, ontology, today, bars[:, 0]),
        partial(_capability_records, capabilities, ontology),
    )
    area_rings, ring_corners, corners = _rings(capabilities.area)
    return Tables(
        offered,
        able,
        listings.techniques.indices.astype(np.int32),
        bars[:, 1].astype(np.int32),
        capabilities.materials.indices.astype(np.int32),
        capabilities.techniques.indices.astype(np.int32),
        ontology.materials.parent.astype(np.int32),
        ontology.techniques.parent.astype(np.int32),
        area_rings,
        ring_corners,
        corners,
        today,
    )


def _listing_records(
    listings: Listings, ontology: Ontology, today: int, barred: NDArray[np.intp]
) -> Records:
    first, last = windows(listings.available_from, listings.available_until)
    start = np.where(first >= today + HORIZON_DAYS, first, today)
    begin, end = np.maximum(start, first), np.minimum(start + HORIZON_DAYS - 1, last)
    monthly = monthly_amounts(listings, today)
    rows = np.arange(len(listings))
    return _records(
        LISTING,
        **_placed(listings),
        mass_kg=listings.mass_kg,
        monthly_kg=monthly[:, 0],
        monthly_pieces=monthly[:, 1],
        monthly_hours=monthly[:, 2],
        value=best_of(listings.techniques, ontology.value_retention),
        organisation=listings.organisation,
        families=families(listings.techniques, ontology.techniques),
        first=first,
        last=last,
        begin=begin,
        end=end,
        own_days=np.maximum(end - begin + 1, 0),
        material=np.where(listings.kind == Kind.SERVICE, -1, listings.material),
        named_from=listings.techniques.indptr[:-1],
        named_to=listings.techniques.indptr[1:],
        refused_from=np.searchsorted(barred, rows, side="left"),
        refused_to=np.searchsorted(barred, rows, side="right"),
        kind=listings.kind,
        needs=np.where(listings.condition == 0, UNKNOWN_CONDITION, listings.condition)
        | np.where(listings.hazardous, HAZARD, 0)
        | np.where(listings.client_site, CLIENT_SITE, 0),
        live=listings.published & listings.organisation_active,
    )


def _capability_records(table: Capabilities, ontology: Ontology) -> Records:
    opens, closes = windows(table.available_from, table.available_until)
    has_area = np.array([area is not None for area in table.area], dtype=np.bool_)
    reach = np.array(np.nan_to_num(table.radius_km, nan=NONE), dtype=np.float64)
    if has_area.any():
        base = table.latitude[has_area], table.longitude[has_area]
        reach[has_area] = reaches_km(table.area[has_area], *base)
    free = {
        f"free_{unit}": np.maximum(whole - np.nan_to_num(taken), 0.0)
        for unit, whole, taken in (
            ("kg", table.capacity_kg, table.committed_kg),
            ("pieces", table.capacity_pieces, table.committed_pieces),
            ("hours", table.capacity_hours, table.committed_hours),
        )
    }
    return _records(
        CAPABILITY,
        **_placed(table),
        radius_km=table.radius_km,
        reach_km=reach,
        min_batch_kg=table.min_batch_kg,
        **free,
        value=best_of(table.techniques, ontology.value_retention),
        fairness=1 / (1 + table.open_orders),
        organisation=table.organisation,
        families=families(table.techniques, ontology.techniques),
        opens=opens,
        closes=closes,
        area=np.where(has_area, np.cumsum(has_area) - 1, -1),
        tie=text_order(table.ref),
        accepted_from=table.materials.indptr[:-1],
        accepted_to=table.materials.indptr[1:],
        offered_from=table.techniques.indptr[:-1],
        offered_to=table.techniques.indptr[1:],
        takes=np.where(table.conditions == 0, ANY_CONDITION, table.conditions)
        | np.where(table.accepts_hazardous, HAZARD, 0)
        | np.where(table.on_site, CLIENT_SITE, 0),
        live=table.active & table.organisation_active,
    )


def _placed(table: Listings | Capabilities) -> dict[str, Floats]:
    x, y, z = ecef(table.latitude, table.longitude)
    return {"x": x, "y": y, "z": z, "latitude": table.latitude, "longitude": table.longitude}


def _records(layout: np.dtype[np.void], /, **columns: NDArray[Any]) -> Records:
    """Return the columns as records, some thousand at a time, which the processor's cache holds."""
    rows = np.zeros(len(columns["x"]), dtype=layout)
    for start in range(0, len(rows), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        for name, column in columns.items():
            rows[name][some] = column[some]
    return rows


def _rings(areas: NDArray[np.object_]) -> tuple[Numbers, Numbers, Floats]:
    """Return the areas' rings: the first of each area, the first corner of each, the corners."""
    shapes = np.array([area for area in areas if area is not None], dtype=np.object_)
    polygons, area_of_polygon = shapely.get_parts(shapes, return_index=True)
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    area_of_ring = area_of_polygon[polygon_of_ring]
    first_ring = np.searchsorted(area_of_ring, np.arange(len(shapes) + 1))
    first_corner = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))])
    corners = np.ascontiguousarray(shapely.get_coordinates(rings))
    return first_ring.astype(np.int32), first_corner.astype(np.int32), corners


def day_numbers(days: Days, open_end: int) -> Ints:
    """Return days since 1970-01-01, ``open_end`` where a date is open."""
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(days), open_end, numbers)


def windows(first: Days, last: Days) -> tuple[Ints, Ints]:
    """Return first and last days as numbers, open ends very far away."""
    return day_numbers(first, DISTANT_PAST), day_numbers(last, DISTANT_FUTURE)


def text_order(refs: NDArray[np.str_]) -> Ints:
    """Return for each reference its place in the order of the text, so that sorting is cheap."""
    return np.unique(refs, return_inverse=True)[1].astype(np.int64)


def best_of(sets: Sets, figures: Floats) -> Floats:
    """Return the highest figure of each row's numbers, (n,); ``NONE`` where a row has none."""
    best = np.full(len(sets), NONE)
    owners = np.repeat(np.arange(len(sets)), sets.sizes)
    np.maximum.at(best, owners, figures[sets.indices])
    return best


def families(sets: Sets, tree: Tree) -> Ints:
    """Return a bit for each family (root) of each row's numbers, (n,). The 65th family shares the first
    one's bit: who lacks a bit lacks the family, not the other way round."""
    root = np.arange(len(tree))
    for _ in range(len(tree)):
        above = tree.parent[root]
        if (above < 0).all():
            break
        root = np.where(above < 0, root, above)
    nth = np.searchsorted(np.flatnonzero(tree.parent < 0), root)
    bits = np.left_shift(np.int64(1), nth % 64)
    found = np.zeros(len(sets), dtype=np.int64)
    np.bitwise_or.at(found, np.repeat(np.arange(len(sets)), sets.sizes), bits[sets.indices])
    return found


def monthly_amounts(listings: Listings, today: int) -> Floats:
    """Return what each listing brings per month in kg, pieces and hours, (n, 3), NaN if unknown.

    What comes once is spread over the months of its window, at least one.
    """
    first, last = windows(listings.available_from, listings.available_until)
    days = last - np.maximum(first, today) + 1
    months = np.where(last >= DISTANT_FUTURE, 1.0, np.maximum(1.0, days / DAYS_PER_MONTH))
    share = 1 / months
    for recurrence, factor in PER_MONTH.items():
        share[listings.recurrence == recurrence] = factor
    amounts = np.stack([listings.mass_kg, listings.pieces, listings.hours], axis=1)
    monthly: Floats = amounts * share[:, np.newaxis]
    return monthly
