"""The best plan for a region: which listings go where when everything is decided at once.

A listing goes whole to one capability, or in shares to several where its owner allows that. What a
capability takes stays within what it has free per month, in every unit that both sides know. The
worth of a plan is the sum over its pairings of score x weight x share: a weight is a listing's mass
per month, so that no listing counts more because it was written down in small pieces.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Bools, Ints, Rows

EXACT_EDGES = 2_000
EXACT_EFFORT = 0.2
PARTS = 1_000
LEAST_SHARE = 0.01
SLACK = 1e-9
COST_STEPS = 1_000_000
FLOW_STEPS = 2.0**34
PER_UNIT = 1_000.0


@dataclass(frozen=True)
class Problem:
    """What can be paired, and what limits it.

    By edge, (n,): ``listing`` and ``capability`` as rows, ``score`` in [0, 1]. By listing, (l,):
    ``amounts`` per month in kg, pieces and hours, (l, 3), NaN where unknown; ``weight`` above 0;
    ``divisible``; ``turn``, the order in which they came. By capability: ``free`` per month, (c, 3),
    NaN where it states none.
    """

    listing: Rows
    capability: Rows
    score: Floats
    amounts: Floats
    weight: Floats
    divisible: Bools
    turn: Ints
    free: Floats

    @cached_property
    def needs(self) -> Floats:
        """The amounts with 0 for what is not known: it takes nothing."""
        return np.nan_to_num(self.amounts, nan=0.0)

    @cached_property
    def room(self) -> Floats:
        """The free amounts with infinity for what is not stated."""
        return np.where(np.isnan(self.free), np.inf, self.free)

    @cached_property
    def worth(self) -> Floats:
        """What each edge brings when the whole listing takes it, (n,)."""
        found: Floats = self.score * self.weight[self.listing]
        return found

    @cached_property
    def possible(self) -> Bools:
        """Whether an edge can be taken at all: whole listings must find room for the whole, (n,)."""
        needs, room = self.needs[self.listing], self.room[self.capability]
        fits = np.all(needs <= room * (1 + SLACK), axis=1)
        able: Bools = fits | self.divisible[self.listing]
        return able


@dataclass(frozen=True)
class Best:
    """Shares by edge, (n,) in [0, 1], their worth, and what no plan can exceed."""

    share: Floats
    worth: float
    bound: float


def worth(problem: Problem, share: Floats) -> float:
    """Return the worth of a plan's shares, (n,)."""
    return float((problem.worth * share).sum())


def greedy(problem: Problem) -> Floats:
    """Return the shares, (n,), when the best score of all goes first, again and again."""
    return _filled(problem, np.lexsort((problem.listing, -problem.score)))


def first_come(problem: Problem) -> Floats:
    """Return the shares, (n,), when each listing in its turn takes the best that is still free."""
    return _filled(problem, np.lexsort((-problem.score, problem.turn[problem.listing])))


def best(problem: Problem) -> Best:
    """Return the best plan that can be found, and a bound that holds for every plan.

    The bound is that of a min-cost flow of weight, in steps of at most a 2^34th of the whole, from
    listings through capabilities, each limited by the unit that binds. The flow itself is the best
    plan where every listing is divisible and one unit counts. Elsewhere its shares are put in order and
    filled in anew under all limits; up to ``EXACT_EDGES`` edges CP-SAT goes on from there, shares in
    steps of a thousandth and amounts to the thousandth of their unit.
    """
    if not len(problem.listing):
        return Best(np.zeros(0), 0.0, 0.0)
    flow, bound = _flow(problem)
    order = np.lexsort((-problem.score, -np.round(flow, 6)))
    candidates = [_filled(problem, order, flow), greedy(problem), first_come(problem)]
    share = max(candidates, key=lambda each: worth(problem, each))
    if worth(problem, share) < bound * (1 - SLACK) and len(share) <= EXACT_EDGES:
        exact, exact_bound = _exact(problem, share)
        bound = min(bound, exact_bound)
        share = max((share, exact), key=lambda each: worth(problem, each))
    found = worth(problem, share)
    return Best(share, found, max(found, bound))


def _filled(problem: Problem, order: Rows, wanted: Floats | None = None) -> Floats:
    """Return the shares that come about when edges take their part in ``order``.

    ``wanted`` limits the first round to what each edge should have; what is free then goes by score.
    """
    share = np.zeros(len(problem.listing))
    rest, room = [1.0] * len(problem.weight), problem.room.tolist()
    if wanted is not None:
        _take(problem, order[wanted[order] > 0], wanted.tolist(), share, rest, room)
        order = np.argsort(-problem.score, kind="stable")
    _take(problem, order, None, share, rest, room)
    return share


def _take(
    problem: Problem,
    order: Rows,
    wanted: list[float] | None,
    share: Floats,
    rest: list[float],
    room: list[list[float]],
) -> None:
    """Give each edge what is left for it, writing ``share``, ``rest`` and ``room``."""
    needs, divisible = problem.needs.tolist(), problem.divisible.tolist()
    listings, capabilities = problem.listing[order].tolist(), problem.capability[order].tolist()
    for edge, i, j in zip(order.tolist(), listings, capabilities, strict=True):
        most = rest[i]
        if most < LEAST_SHARE:
            continue
        need, free = needs[i], room[j]
        for n in range(3):
            if need[n] * most > free[n]:
                most = free[n] / need[n]
        if not divisible[i]:
            most = 1.0 if most >= 1 - SLACK else 0.0
        elif wanted is not None:
            most = min(most, wanted[edge])
        if most < LEAST_SHARE:
            continue
        share[edge] += most
        rest[i] -= most
        for n in range(3):
            free[n] = max(0.0, free[n] - need[n] * most)


def _flow(problem: Problem) -> tuple[Floats, float]:
    """Return the shares of the best flow, (n,), and its worth, rounded up throughout."""
    edges = np.flatnonzero(problem.possible)
    i, j = problem.listing[edges], problem.capability[edges]
    count, total = len(problem.weight), float(problem.weight.sum())
    scale = min(PER_UNIT, FLOW_STEPS / total)
    supply = np.ceil(problem.weight * scale).astype(np.int64)
    limit = np.minimum(_limits(problem, i, j), total)
    sink = count + len(problem.free)
    rows, ends = np.arange(count), np.arange(count, sink)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([i, ends, rows]),
        np.concatenate([j + count, np.full(len(ends) + count, sink)]),
        np.concatenate([supply[i], np.ceil(limit * scale).astype(np.int64), supply]),
        np.concatenate(
            [
                -np.ceil(problem.score[edges] * COST_STEPS).astype(np.int64),
                np.zeros(len(ends) + count, dtype=np.int64),
            ]
        ),
    )
    flow.set_nodes_supplies(np.append(rows, sink), np.append(supply, -supply.sum()))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the flow has no solution: {status}")
    share = np.zeros(len(problem.listing))
    share[edges] = flow.flows(arcs[: len(edges)]) / supply[i]
    return share, -flow.optimal_cost() / (scale * COST_STEPS)


def _limits(problem: Problem, i: Rows, j: Rows) -> Floats:
    """Return the most weight that each capability can take of these edges, (c,).

    Of each unit: what is free times the greatest weight that a listing brings per unit, and all of
    those that take nothing of it. The smallest of the units binds.
    """
    limits = np.full(len(problem.free), np.inf)
    weight = problem.weight[i]
    for unit in range(problem.free.shape[1]):
        need = problem.needs[i, unit]
        takes = need > 0
        ratio, besides = np.zeros(len(limits)), np.zeros(len(limits))
        np.maximum.at(ratio, j[takes], weight[takes] / need[takes])
        np.add.at(besides, j[~takes], weight[~takes])
        stated = np.isfinite(problem.room[:, unit])
        most = problem.room[stated, unit] * ratio[stated] + besides[stated]
        limits[stated] = np.minimum(limits[stated], most)
    return limits


def _exact(problem: Problem, hint: Floats) -> tuple[Floats, float]:
    """Return shares, (n,), and a bound, from CP-SAT; always the same for the same problem."""
    model = cp_model.CpModel()
    steps = np.where(problem.divisible, 1, PARTS)[problem.listing]
    parts = [
        model.new_int_var(0, (PARTS // int(step)) if able else 0, "")
        for step, able in zip(steps, problem.possible, strict=True)
    ]
    for edge, part in enumerate(parts):
        model.add_hint(part, int(hint[edge] * PARTS + SLACK) // int(steps[edge]))
    for edges in _groups(problem.listing):
        some = [parts[e] for e in edges]
        model.add(cp_model.LinearExpr.weighted_sum(some, steps[edges].tolist()) <= PARTS)
    needs = np.round(problem.needs * PER_UNIT).astype(np.int64)
    for edges in _groups(problem.capability):
        j = problem.capability[edges[0]]
        for unit in np.flatnonzero(np.isfinite(problem.room[j])):
            taken = needs[problem.listing[edges], unit] * steps[edges]
            room = round(problem.room[j, unit] * PER_UNIT) * PARTS
            some = [parts[e] for e in edges]
            model.add(cp_model.LinearExpr.weighted_sum(some, taken.tolist()) <= room)
    value = np.round(problem.worth * PER_UNIT).astype(np.int64) * steps
    model.maximize(cp_model.LinearExpr.weighted_sum(parts, value.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EXACT_EFFORT
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return hint, np.inf
    share = np.array([solver.value(part) for part in parts]) * steps / PARTS
    rounding = 0.5 * len(parts)
    return share, (solver.best_objective_bound / PARTS + rounding) / PER_UNIT


def _groups(owner: Rows) -> list[Rows]:
    """Return the edges of each owner that has any."""
    order = np.argsort(owner, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(owner[order])) + 1)
