"""The plan as a linear or a mixed-integer program for HiGHS, in a process of its own: HiGHS and
OR-tools do not load together. Reads the problem from a file that ``benchmarks.plan`` wrote.
"""

import sys

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, vstack

from benchmarks.bench import confess, timed

SECONDS = 60


def solve(path: str, whole: bool) -> float:
    """Return the worth of the best shares; with ``whole`` indivisible listings go whole, and after
    ``SECONDS`` the best that was found counts."""
    with np.load(path) as file:
        given = dict(file)
    edges = np.arange(len(given["listing"]))
    worth = given["score"] * given["weight"][given["listing"]]
    once = np.ones(len(edges)), (given["listing"], edges)
    rows = [coo_array(once, shape=(len(given["weight"]), len(edges)))]
    limits = [np.ones(len(given["weight"]))]
    room = given["free"]
    for unit in range(room.shape[1]):
        need = np.nan_to_num(given["amounts"][given["listing"], unit])
        stated = np.isfinite(room[:, unit])
        kept = (need > 0) & stated[given["capability"]]
        shape = (len(room), len(edges))
        rows.append(coo_array((need[kept], (given["capability"][kept], edges[kept])), shape=shape))
        limits.append(np.where(stated, room[:, unit], 0.0))
    matrix, limit = vstack(rows).tocsr(), np.concatenate(limits)
    if not whole:
        return -linprog(-worth, A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs").fun
    found = milp(
        -worth,
        integrality=~given["divisible"][given["listing"]],
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, ub=limit),
        options={"time_limit": SECONDS},
    )
    return -found.fun


if __name__ == "__main__":
    worths = []
    run = timed(lambda: worths.append(solve(sys.argv[1], whole=sys.argv[2] == "whole")))
    confess(wall=run.wall, cpu=run.cpu, worth=worths[0])
