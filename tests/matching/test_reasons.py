"""Why a pair scores as it does, and why a near one is no pair."""

from datetime import date, timedelta

import numpy as np
import pytest
from matching_worlds import AS_OF, TODAY, UNITS, capability, columns, listing, world
from reference_matcher import distance
from shapely.geometry import box

from marketplace.matching.explain import reasons
from marketplace.matching.kinds import Component, Rule
from marketplace.matching.obstacles import shut_out, shut_out_of_capability
from marketplace.matching.weights import Weights


def told(one, other):
    found = reasons(0, 0, *columns(world([one], [other])), Weights(), AS_OF)
    return {(reason.component, reason.code): reason for reason in found}


def test_a_plain_pair_in_six_sentences():
    found = told(listing(material=4), capability(open_orders=2))
    assert list(found) == [
        (Component.PROXIMITY, "distance"),
        (Component.FIT, "material_above"),
        (Component.CAPACITY, "unlimited"),
        (Component.TIMING, "days"),
        (Component.VALUE, "technique"),
        (Component.FAIRNESS, "open_orders"),
    ]
    above = found[Component.FIT, "material_above"]
    assert above.params == {"material": 4, "accepted": 0, "levels": 2}
    assert above.value == pytest.approx(0.64)
    days = found[Component.TIMING, "days"]
    assert days.params == {"shared_days": 180, "listing_days": 180}
    assert found[Component.VALUE, "technique"].params == {"technique": 0, "retention": 0.7}
    assert found[Component.FAIRNESS, "open_orders"].params == {"open_orders": 2}


def test_materials_and_techniques_are_both_told():
    one = listing(kind="csr_product", material=0, techniques=[0, 5])
    found = told(one, capability(techniques=[0, 4]))
    assert found[Component.FIT, "material_exact"].params == {"material": 0}
    above = found[Component.FIT, "technique_above"].params
    assert above == {"technique": 5, "offered": 4, "levels": 1}
    named = told(one | {"techniques": [0]}, capability())
    assert named[Component.FIT, "technique_exact"].params == {"technique": 0}


@pytest.mark.parametrize(
    ("limit", "code", "share"),
    [(500.0, "enough", 1.0), (25.0, "part", 0.25), (0.0, "nothing_free", 0.0)],
)
def test_capacity_names_the_scarcest_unit(limit, code, share):
    per_month = dict.fromkeys(UNITS) | {"pieces": limit, "kg": 1000.0}
    reason = told(listing(pieces=100.0), capability(per_month=per_month))[Component.CAPACITY, code]
    assert reason.value == share
    if code != "enough":
        assert reason.params == {"unit": "piece", "free": limit, "monthly": 100.0, "share": share}


def test_no_technique_anywhere_is_unknown():
    found = told(listing(), capability(techniques=[]))
    assert found[Component.VALUE, "unknown"].params == {"retention": 0.5}


def test_the_nearest_that_are_shut_out_say_why():
    one = listing(kg=30.0, condition="offcut", until=TODAY + timedelta(days=3))
    others = [
        capability(ref="C-fits"),
        capability(ref="C-far", lat=48.2, radius=40.0),
        capability(ref="C-picky", least_kg=50.0, conditions=["new"], lat=47.7),
        capability(ref="C-later", lat=47.8, **{"from": TODAY + timedelta(days=10)}),
        capability(ref="C-draft", live=False),
        capability(ref="C-own", owner=1),
    ]
    found = shut_out(0, *columns(world([one], others)), AS_OF)
    assert [(f.capability, f.rules) for f in found] == [
        (2, (Rule.CONDITION, Rule.BATCH)),
        (3, (Rule.TIME,)),
        (1, (Rule.PLACE,)),
    ]
    assert found[0].facts[Rule.BATCH] == {
        "mass_kg": 30.0,
        "least_kg": 50.0,
        "missing_kg": 20.0,
    }
    opens = (TODAY + timedelta(days=10) - date(1970, 1, 1)).days
    assert found[1].facts[Rule.TIME] == {"gap_days": 7, "opens": opens}
    place = found[2].facts[Rule.PLACE]
    assert place["beyond_km"] == pytest.approx(distance(one, others[1]) - 40)


def test_what_is_missing_is_named():
    one = listing(kind="service", techniques=[2, 1])
    facts = shut_out(0, *columns(world([one], [capability()])), AS_OF)[0].facts
    assert facts == {Rule.TECHNIQUE: {"technique": 1}}
    facts = shut_out(0, *columns(world([listing(material=7)], [capability()])), AS_OF)[0].facts
    assert facts == {Rule.MATERIAL: {"material": 7}}


def test_how_far_outside_of_an_area():
    outside = capability(area=box(16.0, 47.0, 16.4, 48.0), radius=None)
    place = shut_out(0, *columns(world([listing()], [outside])), AS_OF)[0].facts[Rule.PLACE]
    border = distance(listing(), {"lat": 47.685, "lon": 16.4})
    assert place["outside_area"] == 1
    assert place["beyond_km"] == pytest.approx(border, rel=1e-3)


def test_a_window_that_has_closed_does_not_open_again():
    over = capability(until=TODAY - timedelta(days=2))
    facts = shut_out(0, *columns(world([listing()], [over])), AS_OF)[0].facts
    assert facts == {Rule.TIME: {"gap_days": 2}}


def test_a_capability_is_told_what_it_just_missed():
    rows = [
        listing(ref="L-fits"),
        listing(ref="L-far", lat=48.2),
        listing(ref="L-small", kg=5.0, lat=47.7),
        listing(ref="L-own", owner=2),
        listing(ref="L-draft", live=False),
    ]
    able = capability(radius=40.0, least_kg=20.0)
    found = shut_out_of_capability(0, *columns(world(rows, [able])), AS_OF)
    assert [(f.listing, f.rules) for f in found] == [(2, (Rule.BATCH,)), (1, (Rule.PLACE,))]
    barred = shut_out_of_capability(
        0, *columns(world(rows, [able])), AS_OF, nearest=1, refused=np.array([0])
    )
    assert [(f.listing, f.rules) for f in barred] == [(0, (Rule.REFUSED,))]


def test_what_takes_the_least_effort_comes_first():
    one = listing(kg=5.0)
    others = [
        capability(ref="C-other", materials=[1]),
        capability(ref="C-two", least_kg=20.0, conditions=["offcut"]),
        capability(ref="C-far", lat=48.5, radius=50.0),
        capability(ref="C-small", least_kg=20.0, lat=47.9),
    ]
    found = shut_out(0, *columns(world([one], others)), AS_OF)
    assert [f.capability for f in sorted(found, key=lambda f: f.effort)] == [3, 2, 0, 1]
