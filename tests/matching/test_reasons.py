"""Why a pair scores as it does, and why a near one is no pair."""

from datetime import timedelta

import pytest
from matching_worlds import AS_OF, TODAY, UNITS, capability, columns, listing, world
from reference_matcher import distance

from marketplace.matching.explain import reasons, shut_out
from marketplace.matching.kinds import Component, Rule
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
    assert found[0].facts[Rule.BATCH] == {"mass_kg": 30.0, "missing_kg": 20.0}
    assert found[1].facts[Rule.TIME] == {"gap_days": 7}
    place = found[2].facts[Rule.PLACE]
    assert place["beyond_km"] == pytest.approx(distance(one, others[1]) - 40)


def test_what_is_missing_is_named():
    one = listing(kind="service", techniques=[2, 1])
    facts = shut_out(0, *columns(world([one], [capability()])), AS_OF)[0].facts
    assert facts == {Rule.TECHNIQUE: {"technique": 1}}
    facts = shut_out(0, *columns(world([listing(material=7)], [capability()])), AS_OF)[0].facts
    assert facts == {Rule.MATERIAL: {"material": 7}}
