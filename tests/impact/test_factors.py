"""The factors: as the source prints them, each with its versions."""

import csv
from pathlib import Path as File

import pytest
from sqlalchemy import select

import marketplace.taxonomy
from marketplace.core.actor import SYSTEM
from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun
from marketplace.impact import factors
from marketplace.impact.factors import VersionDraft, key_for
from marketplace.impact.models import FactorVersion, ImpactFactor, Path
from tests.builders import NOW, a_broker, actor_for
from tests.orders.order_stories import TODAY

TABLE = File(marketplace.taxonomy.__file__).parent / "data" / "material_factors.csv"


def printed():
    """Every factor by key, worked out from the published columns alone."""
    found = {}
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()):
        name = f"{row['factor_group']}: {row['factor_material']}"
        primary = float(row["kg_co2e_per_kg"])
        reused = row["reused_kg_co2e_per_kg"] and float(row["reused_kg_co2e_per_kg"])
        closed = row["closed_loop_kg_co2e_per_kg"] and float(row["closed_loop_kg_co2e_per_kg"])
        found[f"re_used:{name}"] = (primary - (reused or 0.0),) * 3
        if closed != "":
            found[f"recycled:{name}"] = (primary - closed,) * 3
        if reused != "":
            found[f"made_into_products:{name}"] = (primary - reused,) * 3
        elif closed != "":
            found[f"made_into_products:{name}"] = (primary - closed, primary - closed, primary)
    return found


def test_every_loaded_factor_is_the_published_one(session):
    assert factors.sync(session, now=NOW) == len(printed()) + 1
    rows = session.execute(select(ImpactFactor.key, FactorVersion).join(FactorVersion.factor)).all()
    loaded = {key: row for key, row in rows if key != factors.TRANSPORT}
    assert set(loaded) == set(printed())
    for key, figures in printed().items():
        row = loaded[key]
        assert (row.value, row.low, row.high) == pytest.approx(figures), key
        assert row.low <= row.value <= row.high
        assert (row.year, row.version) == (2025, 1)
        assert "UK Government GHG Conversion Factors for Company Reporting" in row.source
        assert row.source.endswith(key.split(":", 1)[1].replace(": ", ", ", 1))


def test_they_are_put_down_once(session):
    factors.sync(session, now=NOW)
    assert factors.sync(session, now=NOW) == 0


def test_the_van_is_the_published_average(session):
    factors.sync(session, now=NOW)
    table = factors.Book(session)
    van = table.in_force(factors.TRANSPORT, TODAY)
    assert (van.value, van.low, van.high) == (0.63823, 0.21992, 0.85537)
    assert "Vans, Average (up to 3.5 tonnes)" in van.source


def test_a_material_takes_its_row_and_no_other():
    assert key_for("wood", Path.RE_USED) == "re_used:Construction: Wood"
    assert key_for("textile.fabric", Path.RE_USED) is None, "fabric is not clothing"
    assert key_for(None, Path.RE_USED) is None
    assert key_for("no.such.thing", Path.RE_USED) is None


def a_draft(**changes):
    return VersionDraft(
        **{"value": 2.0, "low": 1.0, "high": 3.0, "source": "Umweltbundesamt",
           "year": 2026, "valid_from": TODAY} | changes
    )  # fmt: skip


def test_a_version_is_added_by_the_agency_only(session):
    factors.sync(session, now=NOW)
    (factor, *_others), total = factors.history(session, Path.RE_USED)
    assert (len(_others), total) == (19, 34)
    assert factor.key.startswith("re_used:")
    row = factors.add_version(session, factor.id, a_draft(), seen=1, actor=SYSTEM, now=NOW)
    assert row.version == 2
    with pytest.raises(Outrun):
        factors.add_version(session, factor.id, a_draft(), seen=1, actor=SYSTEM, now=NOW)
    with pytest.raises(NotFound):
        factors.add_version(session, 987654, a_draft(), actor=SYSTEM, now=NOW)
    broker = actor_for(session, a_broker(session))
    with pytest.raises(NotAllowed):
        factors.add_version(session, factor.id, a_draft(), actor=broker, now=NOW)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"low": 2.5}, ("low", "range_misses_value")),
        ({"high": float("nan")}, ("high", "range_misses_value")),
        ({"value": 1e9, "high": 1e9}, ("value", "too_big")),
        ({"source": ""}, ("source", "required")),
        ({"source": "x" * 301}, ("source", "too_long")),
        ({"year": 25}, ("year", "not_a_year")),
    ],
)
def test_what_a_version_cannot_be(changes, problem):
    with pytest.raises(Invalid) as refused:
        a_draft(**changes)
    assert problem in {(p.field, p.code) for p in refused.value.problems}
