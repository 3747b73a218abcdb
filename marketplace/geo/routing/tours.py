"""The shortest way from a base through all stops and back."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from marketplace.geo.distance import Floats

METRES = 1000
SOLUTIONS = 200


@dataclass(frozen=True)
class Tour:
    """``order`` are the rows of the stops as they are visited, ``legs_km`` one more than stops.

    ``separate_km`` is what it takes to fetch from each stop by itself and come back.
    """

    order: list[int]
    legs_km: list[float]
    separate_km: float

    @property
    def km(self) -> float:
        return sum(self.legs_km)


def tour(km: Floats) -> Tour:
    """Return the tour through all rows of ``km`` (n, n) from row 0 and back; to the metre.

    OR-tools' local search, guided out of local optima, for a fixed number of solutions: the same
    tour every time.
    """
    order = _shortest(np.round(km * METRES).astype(np.int64))
    way = [0, *order, 0]
    legs = [float(km[a, b]) for a, b in pairwise(way)]
    return Tour(order, legs, float((km[0] + km[:, 0])[1:].sum()))


def _shortest(metres: NDArray[np.int64]) -> list[int]:
    manager = pywrapcp.RoutingIndexManager(len(metres), 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(metres.tolist()))
    wanted = pywrapcp.DefaultRoutingSearchParameters()
    wanted.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    meta = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wanted.local_search_metaheuristic = meta
    wanted.solution_limit = SOLUTIONS
    found = routing.SolveWithParameters(wanted)
    order, index = [], routing.Start(0)
    while not routing.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(routing.NextVar(index))
    return order[1:]
