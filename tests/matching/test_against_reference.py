"""The matcher agrees with a second one, written from the specification alone."""

import numpy as np
import pytest
from matching_worlds import AS_OF, TODAY, columns, random_world, refused_rows
from reference_matcher import all_pairs, distance, ranked, score, why_not

from marketplace.matching.obstacles import shut_out
from marketplace.matching.ranking import capability_best, rank, rank_all, touched_listings
from marketplace.matching.weights import Weights

WEIGHTS = Weights()


@pytest.fixture(scope="module", params=[1, 2])
def crowd(request):
    place = random_world(request.param, 300, 200)
    pairs = all_pairs(place, TODAY)
    assert len(pairs) > 1500
    return place, pairs, columns(place), refused_rows(place)


def test_every_eligible_pair_and_every_component(crowd):
    place, pairs, tables, refused = crowd
    found = rank_all(*tables, WEIGHTS, AS_OF, top=None, refused=refused)
    assert set(zip(found.listing.tolist(), found.capability.tolist(), strict=True)) == set(pairs)
    for n, (i, j) in enumerate(zip(found.listing.tolist(), found.capability.tolist(), strict=True)):
        assert found.components[n] == pytest.approx(pairs[i, j], abs=1e-9, rel=0)
        assert found.score[n] == pytest.approx(score(pairs[i, j]), abs=1e-9, rel=0)
        far = distance(place["listings"][i], place["capabilities"][j])
        assert found.distance_km[n] == pytest.approx(far, abs=1e-6, rel=0)


def test_every_rank(crowd):
    place, pairs, tables, refused = crowd
    by_listing, _ = ranked(place, pairs, TODAY)
    whole = rank_all(*tables, WEIGHTS, AS_OF, top=None, refused=refused)
    ten = rank_all(*tables, WEIGHTS, AS_OF, refused=refused)
    for found, top in ((whole, None), (ten, 10)):
        rows = {}
        for i, j, place_number in zip(
            found.listing.tolist(), found.capability.tolist(), found.rank.tolist(), strict=True
        ):
            rows.setdefault(i, []).append(j)
            assert len(rows[i]) == place_number
        assert rows == {i: order[:top] for i, order in by_listing.items()}


def test_one_listing_is_ranked_as_in_bulk(crowd):
    place, pairs, tables, refused = crowd
    by_listing, _ = ranked(place, pairs, TODAY)
    for i in range(0, 300, 7):
        barred = refused[refused[:, 0] == i, 1]
        found = rank(i, *tables, WEIGHTS, AS_OF, refused=barred)
        assert found.rows.tolist() == by_listing.get(i, [])[:10]


def test_one_capability_sees_the_same_pairs(crowd):
    place, pairs, tables, refused = crowd
    _, by_capability = ranked(place, pairs, TODAY)
    for j in range(0, 200, 5):
        barred = refused[refused[:, 1] == j, 0]
        best = capability_best(j, *tables, WEIGHTS, AS_OF, top=None, refused=barred)
        assert best.rows.tolist() == by_capability.get(j, [])
        touched = touched_listings(j, *tables, AS_OF, refused=barred)
        assert touched.tolist() == sorted(by_capability.get(j, []))


def test_what_shuts_out_the_nearest(crowd):
    place, _, tables, refused = crowd
    for i in range(0, 300, 11):
        one = place["listings"][i]
        expected = sorted(
            (round(distance(one, other), 3), other["ref"], j, why_not(place, one, other, TODAY))
            for j, other in enumerate(place["capabilities"])
            if other["live"] and other["owner_ok"] and other["owner"] != one["owner"]
        )
        expected = [row for row in expected if row[3]][:5]
        barred = refused[refused[:, 0] == i, 1]
        found = shut_out(i, *tables, AS_OF, refused=barred)
        assert [(f.capability, list(f.rules)) for f in found] == [
            (j, why) for *_, j, why in expected
        ]


def test_a_block_of_any_size_gives_the_same(crowd, monkeypatch):
    _, _, tables, refused = crowd
    whole = rank_all(*tables, WEIGHTS, AS_OF, refused=refused)
    monkeypatch.setattr("marketplace.matching.ranking.BLOCK", 50)
    parts = rank_all(*tables, WEIGHTS, AS_OF, refused=refused)
    assert np.array_equal(whole.capability, parts.capability)
    assert np.array_equal(whole.score, parts.score)
