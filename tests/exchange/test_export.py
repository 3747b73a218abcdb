"""What is exported, and that it comes back unchanged."""

import csv
import io
import json

import pytest
from builders import NOW, a_capability, a_company, a_listing, an_enterprise
from exchange_stories import CAPABILITY, LISTING, a_file, bring_in, settle
from openpyxl import load_workbook

from marketplace.core.errors import Invalid
from marketplace.exchange import export
from marketplace.exchange.columns import COLUMNS, Content, Format
from marketplace.exchange.writing import write
from marketplace.proposals.matches import match_all

AREA = '{"type":"Polygon","coordinates":[[[16,47],[17,47],[17,48],[16,48],[16,47]]]}'


def a_region(session, folder):
    settle(session, folder)
    listings = [
        LISTING | {"description": 'Mit "Ösen",\nzwei Zeilen', "mass_kg": "12.3456"},
        LISTING | {"listing_ref": "L2", "title": "=1+1", "quantity": "3.125", "unit": "m2"},
        LISTING | {"listing_ref": "L3", "status": "draft", "waste_code": "16 02 13*"},
    ]
    able = [
        CAPABILITY,
        CAPABILITY
        | {
            "capability_ref": "C2",
            "service_area": AREA,
            "on_site": "yes",
            "permits": "BH Wiener Neustadt, § 24a AWG, Zl. 4711",
        },
    ]
    assert bring_in(session, "listings", a_file(folder, listings)).created == 3
    assert bring_in(session, "capabilities", a_file(folder, able)).created == 2


def exported(session, kind, form=Format.CSV):
    return write(export.sheet(session, Content(kind), public_url="http://localhost"), form)


@pytest.mark.parametrize("kind", ["organisations", "listings", "capabilities"])
@pytest.mark.parametrize("form", [Format.CSV, Format.XLSX])
def test_what_is_exported_imports_unchanged(session, tmp_path, kind, form):
    a_region(session, tmp_path)
    path = tmp_path / f"out.{form}"
    path.write_bytes(exported(session, kind, form))

    report = bring_in(session, kind, path)

    assert report.failed == []
    assert report.unknown_columns == []
    assert (report.created, report.changed) == (0, 0)
    assert report.unchanged >= 2
    assert path.read_bytes() == exported(session, kind, form) or form is Format.XLSX


@pytest.mark.parametrize("kind", list(Content))
def test_the_columns_are_those_of_the_format(session, tmp_path, kind):
    a_region(session, tmp_path)

    header = exported(session, kind).decode().split("\r\n", 1)[0]

    assert header == ",".join(COLUMNS[kind])


def test_proposals_have_nine_decimals_and_distances_three(session):
    a_listing(session, a_company(session))
    a_capability(session, an_enterprise(session))
    match_all(session, as_of=NOW.date(), now=NOW)

    (row,) = csv.DictReader(io.StringIO(exported(session, "proposals").decode()))

    assert len(row["score"].partition(".")[2]) == 9
    assert len(row["fairness"].partition(".")[2]) == 9
    assert len(row["distance_km"].partition(".")[2]) == 3
    assert (row["rank"], row["status"], row["as_of"]) == ("1", "proposed", "2026-11-23")


def test_cells_that_look_like_formulas_are_guarded(session, tmp_path):
    a_region(session, tmp_path)

    assert "'=1+1" in exported(session, "listings").decode()
    book = load_workbook(io.BytesIO(exported(session, "listings", Format.XLSX)))
    titles = [row[3].value for row in book.active.iter_rows(min_row=2)]
    assert "'=1+1" in titles
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in kinds


def test_negative_numbers_are_not_guarded(session):
    a_company(session, place=None).longitude = -16.5
    session.flush()

    (row,) = csv.DictReader(io.StringIO(exported(session, "organisations").decode()))

    assert row["lon"] == "-16.5"


def test_json_keeps_numbers_lists_and_nothing(session, tmp_path):
    a_region(session, tmp_path)

    listing = json.loads(exported(session, "listings", Format.JSON))[0]

    assert listing["quantity"] == 180
    assert listing["hazardous"] is False
    assert listing["techniques"] == []
    assert listing["available_until"] is None


def test_geojson_has_a_point_each_and_a_line_between_two(session, tmp_path):
    a_region(session, tmp_path)
    match_all(session, as_of=NOW.date(), now=NOW)

    points = json.loads(exported(session, "organisations", Format.GEOJSON))
    lines = json.loads(exported(session, "proposals", Format.GEOJSON))

    assert points["type"] == "FeatureCollection"
    longitude, latitude = points["features"][0]["geometry"]["coordinates"]
    assert 16 < longitude < 17
    assert 47 < latitude < 48
    assert "lat" not in points["features"][0]["properties"]
    assert {f["geometry"]["type"] for f in lines["features"]} == {"LineString"}


def test_materials_and_techniques_come_whole_but_lie_nowhere(session):
    materials = list(csv.DictReader(io.StringIO(exported(session, "materials").decode())))

    assert [m["code"] for m in materials] == sorted(m["code"] for m in materials)
    by_code = {m["code"]: m for m in materials}
    assert by_code["textile.felt"]["parent"] == "textile"
    assert by_code["textile"]["parent"] == ""
    with pytest.raises(Invalid):
        exported(session, "techniques", Format.GEOJSON)
