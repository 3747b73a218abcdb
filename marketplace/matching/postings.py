"""For each material and technique, the capabilities that take it: a k-d tree for each, one array.

Nodes count through both taxonomies, materials first. A capability stands once under each node that it
accepts or offers, so that under one node everything fits equally well and the place tells most apart.
"""

import math
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from marketplace.matching.columns import Capabilities
from marketplace.matching.components import UNKNOWN_VALUE
from marketplace.matching.jit import compiled, inlined
from marketplace.matching.market import Market
from marketplace.matching.tables import Numbers, Records
from marketplace.matching.threads import together

LEAF = 16
NOTHING = -1
ENTRY = np.dtype(
    [
        *((name, "f8") for name in ("x", "y", "z", "reach2")),
        ("families", "i8"),
        *((name, "f4") for name in ("free_kg", "free_pieces", "free_hours", "value", "fairness")),
        *((name, "i4") for name in ("row", "opens", "closes", "takes")),
    ],
    align=True,
)
BRANCH = np.dtype(
    [
        *((name, "f8") for name in ("west", "east", "south", "north", "low", "high", "reach2")),
        ("families", "i8"),
        *((name, "f4") for name in ("value", "fairness")),
        *((name, "i4") for name in ("start", "end", "other")),
    ],
    align=True,
)
REACH_SLACK = 1 + 1e-9
MERIT_SLACK = 1 + 1e-6  # single precision must not make anything smaller
UNLIMITED = 1e30


class Postings(NamedTuple):
    """``roots`` has one branch per node of both taxonomies, ``NOTHING`` where nobody takes it, and
    ``sizes`` how many do. A branch's left part stands behind it, its right part at ``other`` (a leaf
    has none); ``start`` and ``end`` bound its entries. Boxes and reaches are in earth-centred km; an
    unknown capacity is ``UNLIMITED``."""

    entries: Records
    branches: Records
    roots: Numbers
    sizes: Numbers
    materials: int


def post(market: Market, threads: int = 1) -> Postings:
    """Return the trees over all capabilities of the market that are live."""
    table, capabilities = market.tables.capabilities, market.capabilities
    nodes, rows = _taken(capabilities, len(market.ontology.materials))
    live = table["live"][rows]
    nodes, rows = nodes[live], rows[live]
    order = np.argsort(nodes, kind="stable")
    nodes, rows = nodes[order], rows[order].astype(np.int32)
    count = len(market.ontology.materials) + len(market.ontology.techniques)
    bounds = np.searchsorted(nodes, np.arange(count + 1)).astype(np.int32)
    entries = np.empty(len(rows), dtype=ENTRY)
    branches = np.empty(_most_branches(len(rows), count), dtype=BRANCH)
    roots = np.full(count, NOTHING, dtype=np.int32)

    def plant(first: int, last: int) -> None:
        start, end = int(bounds[first]), int(bounds[last])
        _enter(entries, table, rows, start, end)
        used = _most_branches(start, first)
        _plant(entries, bounds[first : last + 1], branches, used, roots[first:last])

    cuts = np.searchsorted(bounds, np.linspace(0, len(rows), threads + 1)[1:-1]).tolist()
    together(threads, *(partial(plant, *share) for share in pairwise([0, *cuts, count])))
    sizes = np.diff(bounds).astype(np.int32)
    return Postings(entries, branches, roots, sizes, len(market.ontology.materials))


def _most_branches(entries: int, nodes: int) -> int:
    """Return how many branches so many entries under so many nodes can have at most."""
    return 2 * (entries // (LEAF // 2) + nodes)


def _taken(table: Capabilities, materials: int) -> tuple[Any, Any]:
    """Return (node, capability row) of everything accepted or offered."""
    rows = np.arange(len(table))
    return (
        np.concatenate([table.materials.indices, table.techniques.indices + materials]),
        np.concatenate(
            [np.repeat(rows, table.materials.sizes), np.repeat(rows, table.techniques.sizes)]
        ),
    )


@compiled
def _enter(entries: Any, table: Any, rows: Any, start: int, end: int) -> None:
    """Write what a search reads first of some of the rows."""
    for k in range(start, end):
        b, e = table[rows[k]], entries[k]
        e.x, e.y, e.z = b.x, b.y, b.z
        e.reach2 = -1.0 if b.reach_km < 0.0 else (b.reach_km * REACH_SLACK + 1e-6) ** 2
        e.row, e.opens, e.closes, e.takes = rows[k], b.opens, b.closes, b.takes
        e.families = b.families
        e.free_kg, e.free_pieces = _limit(b.free_kg), _limit(b.free_pieces)
        e.free_hours = _limit(b.free_hours)
        e.value = MERIT_SLACK * (b.value if b.value >= 0.0 else UNKNOWN_VALUE)
        e.fairness = MERIT_SLACK * b.fairness


@inlined
def _limit(free: float) -> float:
    return UNLIMITED if math.isnan(free) else min(free * MERIT_SLACK, UNLIMITED)


@compiled
def _plant(entries: Any, bounds: Any, branches: Any, used: int, roots: Any) -> None:
    """Order some nodes' entries as trees, their branches from ``used`` on; tell where each begins."""
    stack = np.empty((64, 3), dtype=np.int64)
    for node in range(len(bounds) - 1):
        if bounds[node] == bounds[node + 1]:
            continue
        roots[node] = used
        stack[0, 0], stack[0, 1], stack[0, 2] = bounds[node], bounds[node + 1], NOTHING
        depth = 1
        while depth:
            depth -= 1
            start, end, parent = stack[depth, 0], stack[depth, 1], stack[depth, 2]
            if parent != NOTHING:
                branches[parent].other = used
            _bound(entries, start, end, branches[used])
            if end - start > LEAF:
                middle = (start + end) // 2
                _split(entries, start, end, middle, branches[used])
                stack[depth, 0], stack[depth, 1], stack[depth, 2] = middle, end, used
                depth += 1
                stack[depth, 0], stack[depth, 1], stack[depth, 2] = start, middle, NOTHING
                depth += 1
            used += 1


@compiled
def _bound(entries: Any, start: int, end: int, branch: Any) -> None:
    """Write the box, the longest reach, the families and the best value and fairness of some entries."""
    branch.start, branch.end, branch.other = start, end, NOTHING
    branch.west, branch.south, branch.low = np.inf, np.inf, np.inf
    branch.east, branch.north, branch.high = -np.inf, -np.inf, -np.inf
    branch.reach2, branch.families, branch.value, branch.fairness = -1.0, 0, 0.0, 0.0
    for k in range(start, end):
        e = entries[k]
        branch.west, branch.east = min(branch.west, e.x), max(branch.east, e.x)
        branch.south, branch.north = min(branch.south, e.y), max(branch.north, e.y)
        branch.low, branch.high = min(branch.low, e.z), max(branch.high, e.z)
        branch.reach2 = max(branch.reach2, e.reach2)
        branch.families |= e.families
        branch.value = max(branch.value, e.value)
        branch.fairness = max(branch.fairness, e.fairness)


@compiled
def _along(e: Any, axis: int) -> float:
    if axis == 0:
        return e.x
    return e.y if axis == 1 else e.z


@compiled
def _split(entries: Any, start: int, end: int, middle: int, branch: Any) -> None:
    """Put the smaller half before ``middle`` along the widest side of the box (quickselect)."""
    wide, deep, tall = (
        branch.east - branch.west,
        branch.north - branch.south,
        branch.high - branch.low,
    )
    axis = 0 if wide >= deep and wide >= tall else 1 if deep >= tall else 2
    left, right = start, end - 1
    while left < right:
        pivot = _along(entries[(left + right) // 2], axis)
        i, j = left, right
        while i <= j:
            while _along(entries[i], axis) < pivot:
                i += 1
            while _along(entries[j], axis) > pivot:
                j -= 1
            if i <= j:
                _swap(entries, i, j)
                i += 1
                j -= 1
        if middle <= j:
            right = j
        elif middle >= i:
            left = i
        else:
            return


@compiled
def _swap(entries: Any, i: int, j: int) -> None:
    a, b = entries[i], entries[j]
    a.x, b.x = b.x, a.x
    a.y, b.y = b.y, a.y
    a.z, b.z = b.z, a.z
    a.reach2, b.reach2 = b.reach2, a.reach2
    a.families, b.families = b.families, a.families
    a.free_kg, b.free_kg = b.free_kg, a.free_kg
    a.free_pieces, b.free_pieces = b.free_pieces, a.free_pieces
    a.free_hours, b.free_hours = b.free_hours, a.free_hours
    a.value, b.value = b.value, a.value
    a.fairness, b.fairness = b.fairness, a.fairness
    a.row, b.row = b.row, a.row
    a.opens, b.opens = b.opens, a.opens
    a.closes, b.closes = b.closes, a.closes
    a.takes, b.takes = b.takes, a.takes
