"""The region's best plan against greedy, first-come and HiGHS, over everybody's ten best.

    python -m benchmarks.plan [--quick] [--runs 3]

Twice: where every listing may be divided and only mass counts, the flow's optimum must be that of
HiGHS (the plan itself leaves out shares under a hundredth, so it stays a little below); with whole
listings, pieces and hours as well, all are measured against the plan's bound.
"""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bench import Runs, alone, heading, interleaved, options, table
from benchmarks.kernel import ours
from benchmarks.pairs import Prepared
from benchmarks.world import World, make_world
from marketplace.matching.kinds import Recurrence
from marketplace.matching.plan import Best, Problem, best, first_come, greedy, worth
from marketplace.matching.weights import Weights

SMALL = (10_000, 3_000)
LARGE = ((100_000, 20_000), (100_000, 100_000))
UNKNOWN_KG = 1.0
ALIKE = 1e-5  # the flow rounds up throughout


def problem_of(world: World, *, simple: bool) -> tuple[Problem, np.ndarray]:
    """Return the problem and the kilometres of its edges. ``simple``: all divisible, and mass alone,
    of the listings whose mass is known."""
    found, ready = ours(world, 2), Prepared(world, Weights())
    amounts = np.stack(ready.monthly, axis=1)
    free = np.stack([np.where(np.isinf(f), np.nan, f) for f in ready.free], axis=1)
    weight = np.where(np.isnan(amounts[:, 0]), UNKNOWN_KG, amounts[:, 0])
    divisible = world.listings.recurrence != Recurrence.ONCE
    edges = np.arange(len(found))
    if simple:
        amounts[:, 1:], free[:, 1:], divisible = np.nan, np.nan, np.ones_like(divisible)
        edges = np.flatnonzero(~np.isnan(amounts[found.listing, 0]))
    problem = Problem(
        listing=found.listing[edges],
        capability=found.capability[edges],
        score=found.score[edges],
        amounts=amounts,
        weight=weight,
        divisible=divisible,
        turn=np.random.default_rng(1).permutation(len(weight)),
        free=free,
    )
    return problem, found.distance_km[edges]


def solved_by_highs(problem: Problem, *, whole: bool) -> dict[str, float]:
    """Return what HiGHS finds, and how long it takes."""
    columns = ("listing", "capability", "score", "amounts", "weight", "divisible", "free")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        np.savez(path, **{name: getattr(problem, name) for name in columns})
        return alone("benchmarks.plan_highs", path, "whole" if whole else "shares")


def compare(size: tuple[int, int], runs: int, *, simple: bool) -> None:
    """Print one size of one kind of problem."""
    problem, km = problem_of(make_world(*size), simple=simple)
    share: dict[str, np.ndarray | Best] = {}
    calls = {
        "first-come": partial(_keep, share, "first-come", partial(first_come, problem)),
        "greedy": partial(_keep, share, "greedy", partial(greedy, problem)),
        "the plan": partial(_keep, share, "the plan", partial(best, problem)),
    }
    measured = interleaved(calls, runs)
    plan = share["the plan"]
    shares = share | {"the plan": plan.share}
    worths = {name: worth(problem, one) for name, one in shares.items()}
    whole = not simple and size == SMALL
    highs = solved_by_highs(problem, whole=whole)
    name = "HiGHS, shares" if not whole else "HiGHS, whole"
    measured[name], worths[name] = Runs.of(highs["wall"], highs["cpu"]), highs["worth"]
    if simple and abs(plan.bound / highs["worth"] - 1) > ALIKE:
        raise SystemExit(f"the flow's optimum is {plan.bound}, that of HiGHS {highs['worth']}")
    rows = [
        [one, runs.wall, runs.spread, f"{runs.wall / measured['greedy'].wall:.2f}",
         f"{worths[one] / plan.bound:.4f}", *_placed(problem, km, shares.get(one))]
        for one, runs in measured.items()
    ]  # fmt: skip
    kind = "all divisible, mass alone" if simple else "whole listings, three units"
    print(f"### {size[0]:,} listings, {len(problem.score):,} edges: {kind}\n")
    table(["", "seconds", "spread", "x greedy", "worth of bound", "t/month", "km, mean"], rows)


def _keep(store, name, call) -> None:
    store[name] = call()


def _placed(problem: Problem, km: np.ndarray, share: np.ndarray | None) -> list[str]:
    """Return tonnes a month that found a place, and the mean way of a tonne in km."""
    if share is None:
        return ["", ""]
    kg = problem.needs[problem.listing, 0] * share
    return [f"{kg.sum() / 1000:,.0f}", f"{(kg * km).sum() / kg.sum():.1f}"]


def main() -> None:
    given = options(__doc__)
    heading("Plan: everything decided at once")
    for size in (SMALL,) if given.quick else (SMALL, *LARGE):
        for simple in (True, False):
            compare(size, min(given.runs, 3), simple=simple)


if __name__ == "__main__":
    main()
