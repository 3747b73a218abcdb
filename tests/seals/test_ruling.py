"""What makes up for what: S1b for S1a, the exception R3 for R1; nothing for E1."""

import pytest

from marketplace.seals import versions
from marketplace.seals.assessment import Finding, Judgement, SealOffice, SealRole, Vote
from marketplace.seals.computing import Value
from marketplace.seals.ruling import Obstacle, obstacles, outcomes, unjudged

HOLDS, FAILS = Finding.HOLDS, Finding.DOES_NOT
GOOD = {code: Value(HOLDS) for code in ("S1a", "S1b", "E1", "E2", "R1", "R2")}


def criteria():
    found = versions.first().criteria
    for key, criterion in enumerate(found, start=1):
        criterion.id = key
    return found


def judged(rows, **findings):
    return [
        Judgement(
            criterion_id=c.id, finding=findings.get(c.code, HOLDS), points=1.0, reason="Gesehen."
        )
        for c in rows
        if not c.computed and findings.get(c.code, HOLDS) is not None
    ]


def against(values, **findings):
    rows = criteria()
    found = outcomes(rows, GOOD | values, judged(rows, **{"R3": None} | findings))
    panel = [
        SealOffice(role=SealRole.PANEL, user_id=n, independent=n == 1, ended=False)
        for n in (1, 2, 3)
    ]
    votes = [Vote(user_id=n, yes=True) for n in (1, 2)]
    return set(obstacles(found, panel, votes, points=7, pass_mark=None))


@pytest.mark.parametrize(
    ("values", "findings", "expected"),
    [
        ({}, {}, set()),
        ({"S1a": FAILS}, {}, set()),
        ({"S1b": FAILS}, {}, set()),
        ({"S1b": None}, {}, set()),
        ({"S1a": FAILS, "S1b": FAILS}, {}, {Obstacle.MUST_FAILS}),
        ({"S1a": None, "S1b": None}, {}, {Obstacle.UNJUDGED}),
        ({"R1": FAILS}, {}, {Obstacle.MUST_FAILS}),
        ({"R1": FAILS}, {"R3": HOLDS}, set()),
        ({"R1": FAILS}, {"R3": FAILS}, {Obstacle.MUST_FAILS}),
        ({"R2": FAILS}, {}, set()),
        ({"E1": FAILS}, {"R3": HOLDS}, {Obstacle.MUST_FAILS}),
        ({"E2": FAILS}, {}, {Obstacle.MUST_FAILS}),
        ({"E1": Finding.NOT_APPLICABLE}, {}, set()),
        ({}, {"S2": Finding.NOT_APPLICABLE}, {Obstacle.MUST_FAILS}),
        ({}, {"I1": FAILS, "S4": FAILS}, set()),
        ({}, {"Q1": None}, {Obstacle.UNJUDGED}),
    ],
)
def test_every_must_holds_or_is_made_up_for(values, findings, expected):
    given = {code: Value(finding) for code, finding in values.items()}
    assert against(given, **findings) == expected


def test_the_open_ones_are_named():
    rows = criteria()
    found = outcomes(rows, GOOD | {"E1": Value(None)}, judged(rows, Q1=None, R3=None))
    assert unjudged(found) == ["E1", "Q1"]


@pytest.mark.parametrize(
    ("voters", "expected"),
    [
        ([1, 2], set()),
        ([2, 3], {Obstacle.INDEPENDENT_MISSING}),
        ([1], {Obstacle.QUORUM_MISSING}),
        ([], {Obstacle.QUORUM_MISSING, Obstacle.INDEPENDENT_MISSING, Obstacle.PANEL_AGAINST}),
        ([1, 9], {Obstacle.QUORUM_MISSING}),
    ],
)
def test_more_than_half_of_the_panel_votes_one_of_them_from_outside(voters, expected):
    rows = criteria()
    found = outcomes(rows, GOOD, judged(rows, R3=None))
    panel = [
        SealOffice(role=SealRole.PANEL, user_id=n, independent=n == 1, ended=False)
        for n in (1, 2, 3)
    ]
    votes = [Vote(user_id=n, yes=True) for n in voters]
    assert set(obstacles(found, panel, votes, points=7, pass_mark=None)) == expected
