"""``python -m marketplace.matching.warm``: compile the matcher now, so that nobody waits for it later.

The machine code stays on disk; a second call only reads it.
"""

import numpy as np

from marketplace.matching.columns import Capabilities, Listings, Sets
from marketplace.matching.explain import reasons
from marketplace.matching.obstacles import shut_out, shut_out_of_capability
from marketplace.matching.ontology import Ontology, Tree
from marketplace.matching.ranking import capability_best, rank, rank_all
from marketplace.matching.weights import Weights

TODAY = np.datetime64("2026-01-01", "D")


def warm() -> None:
    """Ask everything once of one listing and two capabilities, of which one does not fit."""
    one, two, nothing = np.array([1]), np.array([2, 3]), np.array([np.nan, np.nan])
    listings = Listings(
        ref=np.array(["L"]), organisation=one, organisation_active=one > 0, published=one > 0,
        kind=one - 1, material=one - 1, techniques=Sets.of([[0]]), latitude=one * 47.0,
        longitude=one * 16.0, hazardous=one < 0, condition=one, mass_kg=one * 1.0,
        pieces=nothing[:1], hours=nothing[:1], recurrence=one, available_from=np.array([TODAY]),
        available_until=np.array([TODAY]), client_site=one < 0,
    )  # fmt: skip
    open_end = np.array(["NaT", "NaT"], dtype="datetime64[D]")
    capabilities = Capabilities(
        ref=np.array(["A", "B"]), organisation=two, organisation_active=two > 0, active=two > 0,
        materials=Sets.of([[0], []]), techniques=Sets.of([[0], [0]]), latitude=two * 0 + 47.0,
        longitude=two * 0 + 16.0, radius_km=two * 9.0, area=np.array([None, None]),
        accepts_hazardous=two < 0, conditions=two * 0, min_batch_kg=nothing, capacity_kg=nothing,
        capacity_pieces=nothing, capacity_hours=nothing, committed_kg=nothing,
        committed_pieces=nothing, committed_hours=nothing, open_orders=two * 0,
        available_from=open_end, available_until=open_end, on_site=two > 0,
    )  # fmt: skip
    root = Tree(np.array([-1]))
    tables = listings, capabilities, Ontology(root, root, np.array([1.0]))
    rank(0, *tables, Weights(), TODAY)
    rank_all(*tables, Weights(), TODAY)
    capability_best(0, *tables, Weights(), TODAY)
    reasons(0, 0, *tables, Weights(), TODAY)
    shut_out(0, *tables, TODAY)
    shut_out_of_capability(1, *tables, TODAY)


if __name__ == "__main__":
    warm()
