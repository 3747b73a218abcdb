"""What rows become, and what is wrong with those that fail."""

import csv
import io

import pytest
from exchange_stories import (
    CAPABILITY,
    ENTERPRISE,
    LISTING,
    NOW,
    ORGANISATION,
    a_file,
    bring_in,
    problems,
    settle,
)
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.audit import AuditRow
from marketplace.core.outbox import OutboxRow
from marketplace.exchange.importing import rejected
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.refusals import sentence

BAD = {
    "organisations": (
        ORGANISATION,
        [
            ({"org_ref": ""}, "org_ref", "required"),
            ({"org_ref": "x" * 61}, "org_ref", "too_long"),
            ({"name": ""}, "name", "required"),
            ({"kind": ""}, "kind", "required"),
            ({"kind": "firm"}, "kind", "not_one_of"),
            ({"market_tier": "2"}, "market_tier", "market_tier_not_for_them"),
            ({"market_tier": "4", "kind": "social_enterprise"}, "market_tier", "not_one_of"),
            ({"country": "Austria"}, "country", "not_a_country"),
            ({"city": "Nirgendhausen"}, "city", "row_place_unknown"),
            ({"city": "", "country": ""}, "city", "place_required"),
            ({"lat": "47.8"}, "lon", "required"),
            ({"lat": "147.8", "lon": "16.2"}, "lat", "not_on_earth"),
            ({"lat": "north", "lon": "16.2"}, "lat", "not_a_number"),
            ({"vat_id": "ATU1"}, "vat_id", "vat_id_not_valid"),
            ({"email": "koller"}, "email", "email_not_valid"),
            ({"phone": "call me"}, "phone", "phone_not_valid"),
            ({"website": "nowhere"}, "website", "website_not_valid"),
            ({"verified": "maybe"}, "verified", "not_yes_or_no"),
        ],
    ),
    "listings": (
        LISTING,
        [
            ({"listing_ref": ""}, "listing_ref", "required"),
            ({"org_ref": ""}, "org_ref", "required"),
            ({"org_ref": "Z9"}, "org_ref", "row_unknown_organisation"),
            ({"kind": "gift"}, "kind", "not_one_of"),
            ({"title": ""}, "title", "required"),
            ({"title": "x" * 121}, "title", "too_long"),
            ({"description": "x" * 5001}, "description", "too_long"),
            ({"material": "Wolfilz"}, "material", "material_suggested"),
            ({"material": "Qwrtzpf"}, "material", "material_unknown"),
            ({"material": "Leder;Holz"}, "material", "one_material"),
            ({"material": ""}, "material", "material_required"),
            ({"techniques": "Nähn"}, "techniques", "technique_suggested"),
            ({"techniques": "Qwrtzpf"}, "techniques", "technique_unknown"),
            ({"quantity": "many"}, "quantity", "not_a_number"),
            ({"quantity": "1,500"}, "quantity", "number_ambiguous"),
            ({"quantity": "-1"}, "quantity", "not_positive"),
            ({"quantity": "10000000000"}, "quantity", "too_big"),
            ({"unit": "bag"}, "unit", "not_one_of"),
            ({"mass_kg": "0"}, "mass_kg", "not_positive"),
            ({"recurrence": "daily"}, "recurrence", "not_one_of"),
            ({"available_from": "1.11.2026"}, "available_from", "not_a_date"),
            ({"available_until": "2026-02-30"}, "available_until", "not_a_date"),
            ({"available_until": "2026-10-01"}, "available_until", "dates_reversed"),
            ({"condition": "mint"}, "condition", "not_one_of"),
            ({"hazardous": "a bit"}, "hazardous", "not_yes_or_no"),
            ({"waste_code": "99 99 99"}, "waste_code", "waste_code_unknown"),
            ({"photos": "nowhere.jpg"}, "photos", "photo_file_missing"),
            ({"work_place": "moon"}, "work_place", "not_one_of"),
            ({"work_hours": "long"}, "work_hours", "not_a_number"),
            ({"price_direction": "both"}, "price_direction", "not_one_of"),
            ({"status": "live"}, "status", "not_one_of"),
            ({"city": "Nirgendhausen"}, "city", "row_place_unknown"),
        ],
    ),
    "capabilities": (
        CAPABILITY,
        [
            ({"capability_ref": ""}, "capability_ref", "required"),
            ({"org_ref": "Z9"}, "org_ref", "row_unknown_organisation"),
            ({"title": ""}, "title", "required"),
            ({"materials": "Qwrtzpf"}, "materials", "material_unknown"),
            ({"techniques": "Qwrtzpf"}, "techniques", "technique_unknown"),
            ({"materials": "", "techniques": ""}, "materials", "materials_or_techniques_required"),
            ({"conditions": "mint"}, "conditions", "not_one_of"),
            ({"capacity_kg_per_month": "-5"}, "capacity_kg_per_month", "not_positive"),
            ({"capacity_hours_per_month": "x"}, "capacity_hours_per_month", "not_a_number"),
            ({"lead_time_days": "2.5"}, "lead_time_days", "not_a_whole_number"),
            ({"service_radius_km": ""}, "service_radius_km", "radius_required"),
            ({"service_radius_km": "2000"}, "service_radius_km", "radius_too_large"),
            ({"service_area": "here"}, "service_area", "area_not_geojson"),
            ({"accepts_hazardous": "?"}, "accepts_hazardous", "not_yes_or_no"),
            ({"on_site": "?"}, "on_site", "not_yes_or_no"),
            ({"storage_m2": "big"}, "storage_m2", "not_a_number"),
            ({"available_from": "soon"}, "available_from", "not_a_date"),
            ({"status": "on"}, "status", "not_one_of"),
        ],
    ),
}
CASES = [(kind, row, *case) for kind, (row, cases) in BAD.items() for case in cases]


@pytest.mark.parametrize(("kind", "row", "change", "column", "code"), CASES)
def test_a_bad_cell_is_named_by_column_and_explained(
    app, session, tmp_path, kind, row, change, column, code
):
    settle(session, tmp_path)

    report = bring_in(session, kind, a_file(tmp_path, [row | change]))

    assert problems(report) == [(2, column, code)]
    assert not report.stored
    problem = report.failed[0].problems[0]
    with app.app_context():
        with force_locale("en"):
            english = sentence(problem)
        with force_locale("de"):
            assert sentence(problem) != english


def test_all_that_is_wrong_with_a_row_is_told_at_once(session, tmp_path):
    settle(session, tmp_path)
    row = LISTING | {
        "kind": "gift",
        "material": "Qwrtzpf",
        "quantity": "x",
        "city": "Nirgendhausen",
    }

    report = bring_in(session, "listings", a_file(tmp_path, [row]))

    assert {column for _, column, _ in problems(report)} == {"kind", "material", "quantity", "city"}


def test_words_in_any_language_become_codes(session, tmp_path):
    settle(session, tmp_path)
    rows = [
        LISTING | {"listing_ref": "1", "material": "kamionponyva"},
        LISTING | {"listing_ref": "2", "material": "truck tarpaulin"},
        LISTING | {"listing_ref": "3", "material": "tarpaulin.truck"},
    ]

    assert problems(bring_in(session, "listings", a_file(tmp_path, rows))) == []
    assert set(session.scalars(select(Listing.material_code))) == {"tarpaulin.truck"}


def test_importing_twice_changes_nothing(session, tmp_path):
    rows = [LISTING, LISTING | {"listing_ref": "L2", "quantity": "3", "unit": "m2"}]
    area = '{"type":"Polygon","coordinates":[[[16,47],[17,47],[17,48],[16,48],[16,47]]]}'
    able = [CAPABILITY, CAPABILITY | {"capability_ref": "C2", "service_area": area}]
    files = [
        ("organisations", a_file(tmp_path, [ORGANISATION, ENTERPRISE], "o.csv")),
        ("listings", a_file(tmp_path, rows, "l.csv")),
        ("capabilities", a_file(tmp_path, able, "c.csv")),
    ]
    for kind, path in files:
        assert bring_in(session, kind, path).created == 2
    told = session.scalar(select(func.count()).select_from(OutboxRow))
    noted = session.scalar(select(func.count()).select_from(AuditRow))

    for kind, path in files:
        report = bring_in(session, kind, path, now=NOW.replace(month=12))
        assert (report.created, report.changed, report.unchanged) == (0, 0, 2)

    assert session.scalar(select(func.count()).select_from(OutboxRow)) == told
    assert session.scalar(select(func.count()).select_from(AuditRow)) == noted
    assert set(session.scalars(select(Listing.revision))) == {1}


def test_a_changed_cell_changes_only_its_listing(session, tmp_path):
    settle(session, tmp_path)
    rows = [LISTING, LISTING | {"listing_ref": "L2"}]
    bring_in(session, "listings", a_file(tmp_path, rows))
    rows[1] = rows[1] | {"quantity": "90"}

    report = bring_in(session, "listings", a_file(tmp_path, rows))

    assert (report.changed, report.unchanged) == (1, 1)
    changed = session.scalars(select(Listing).where(Listing.ref == "L2")).one()
    assert (changed.quantity, changed.mass_kg, changed.revision) == (90, 90, 2)


def test_a_column_that_the_file_lacks_keeps_its_value(session, tmp_path):
    settle(session, tmp_path)
    bring_in(session, "listings", a_file(tmp_path, [LISTING | {"description": "Mit Ösen."}]))
    few = {k: LISTING[k] for k in ("listing_ref", "org_ref", "kind")} | {"title": "Planen"}

    report = bring_in(session, "listings", a_file(tmp_path, [few]))

    listing = session.scalars(select(Listing)).one()
    assert report.changed == 1
    assert (listing.title, listing.description, listing.quantity) == ("Planen", "Mit Ösen.", 180)
    assert listing.state is ListingState.PUBLISHED


def test_references_are_unique_within_their_owner_only(session, tmp_path):
    settle(session, tmp_path)
    rows = [LISTING, LISTING | {"org_ref": "B1"}]

    assert bring_in(session, "listings", a_file(tmp_path, rows)).created == 2


def test_the_same_reference_twice_in_a_file(session, tmp_path):
    settle(session, tmp_path)

    report = bring_in(session, "listings", a_file(tmp_path, [LISTING, LISTING]))

    assert problems(report) == [(3, "listing_ref", "row_ref_twice")]
    assert report.failed[0].problems[0].params == {"text": "L1", "line": 2}


def test_stop_stores_nothing_and_skip_stores_the_good_rows(app, session, tmp_path):
    settle(session, tmp_path)
    bad = LISTING | {"listing_ref": "L2", "material": "Wolfilz", "title": "=cmd", "note": "kept"}
    path = a_file(tmp_path, [LISTING | {"note": ""}, bad], separator=";")

    assert not bring_in(session, "listings", path).stored
    assert session.scalars(select(Listing)).all() == []

    report = bring_in(session, "listings", path, on_error="skip")
    assert (report.created, len(report.failed)) == (1, 1)
    with app.app_context(), force_locale("de"):
        text = rejected(report, sentence).decode()
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert list(row) == [*LISTING, "note", "reason"]
    assert row["note"] == "kept"
    assert row["title"] == "'=cmd"
    assert row["reason"].startswith("material: ")
    assert "Wollfilz" in row["reason"]


def test_a_rejected_file_put_right_imports(app, session, tmp_path):
    settle(session, tmp_path)
    bad = LISTING | {"material": "Wolfilz", "title": "-20 % Planen"}
    report = bring_in(session, "listings", a_file(tmp_path, [bad]), on_error="skip")
    with app.app_context(), force_locale("de"):
        text = rejected(report, sentence).decode()
    path = tmp_path / "again.csv"
    path.write_text(text.replace("Wolfilz,", "Wollfilz,", 1), encoding="utf-8", newline="")

    report = bring_in(session, "listings", path)

    assert (report.created, report.unknown_columns) == (1, [])
    assert session.scalars(select(Listing)).one().title == "-20 % Planen"


def test_a_row_without_an_address_lies_with_its_organisation(session, tmp_path):
    settle(session, tmp_path)
    rows = [
        LISTING | {"city": "", "country": "AT"},
        LISTING | {"listing_ref": "L2", "city": "Sopron", "country": "HU"},
        LISTING | {"listing_ref": "L3", "lat": "48.2", "lon": "16.37"},
    ]

    bring_in(session, "listings", a_file(tmp_path, rows))

    listings = session.scalars(select(Listing).order_by(Listing.ref)).all()
    assert [listing.city for listing in listings][:2] == ["Eisenstadt", "Sopron"]
    assert (listings[2].latitude, listings[2].region) == (48.2, "AT-9")


def test_status_moves_through_the_lifecycle(session, tmp_path):
    settle(session, tmp_path)
    states = []
    for status in ("draft", "published", "draft", "published"):
        row = LISTING | {"status": status}
        bring_in(session, "listings", a_file(tmp_path, [row]))
        states.append(session.scalars(select(Listing.state)).one())

    assert states == [
        ListingState.DRAFT, ListingState.PUBLISHED, ListingState.PAUSED, ListingState.PUBLISHED,
    ]  # fmt: skip
    actions = session.scalars(select(AuditRow.action).where(AuditRow.subject == "listings"))
    assert list(actions) == ["create", "publish", "pause", "resume"]


def test_an_imported_listing_needs_no_quantity_and_may_be_over(session, tmp_path):
    settle(session, tmp_path)
    row = LISTING | {
        "quantity": "",
        "available_from": "2025-01-01",
        "available_until": "2025-12-31",
    }

    assert problems(bring_in(session, "listings", a_file(tmp_path, [row]))) == []
    assert session.scalars(select(Listing.state)).one() is ListingState.PUBLISHED


def test_a_capability_with_all_its_columns(session, tmp_path):
    settle(session, tmp_path)
    row = CAPABILITY | {
        "conditions": "new;offcut",
        "equipment": "Kühlraum;Stapler",
        "cooling": "ja",
        "seeking_work": "igen",
        "lead_time_days": "14",
        "storage_m2": "80,5",
    }

    assert problems(bring_in(session, "capabilities", a_file(tmp_path, [row]))) == []

    capability = session.scalars(select(Capability)).one()
    assert capability.state is CapabilityState.ACTIVE
    assert capability.conditions == ["new", "offcut"]
    assert capability.equipment == ["Kühlraum", "Stapler"]
    assert (capability.cooling, capability.seeking_work) == (True, True)
    assert (capability.lead_time_days, capability.storage_m2) == (14, 80.5)


def test_a_permit_is_read_and_only_a_file_that_has_the_column_changes_it(session, tmp_path):
    settle(session, tmp_path)
    seen = []
    for row in (
        CAPABILITY | {"permits": "§ 24a AWG, Zl. 4711"},
        CAPABILITY | {"title": "Taschen"},
        CAPABILITY | {"permits": "x" * 301},
        CAPABILITY | {"permits": ""},
    ):
        report = bring_in(session, "capabilities", a_file(tmp_path, [row]))
        seen.append((session.scalars(select(Capability.permits)).one(), problems(report)))
    permit = "§ 24a AWG, Zl. 4711"
    assert seen == [(permit, []), (permit, []), (permit, [(2, "permits", "too_long")]), ("", [])]


def test_organisations_are_verified_and_unverified_by_the_file(session, tmp_path):
    seen = []
    for verified in ("", "yes", "", "no"):
        row = ORGANISATION | {"verified": verified}
        bring_in(session, "organisations", a_file(tmp_path, [row]))
        seen.append(session.scalars(select(Organisation.verification)).one())

    assert seen == [
        Verification.PENDING, Verification.VERIFIED, Verification.VERIFIED, Verification.REFUSED,
    ]  # fmt: skip


def test_photos_beside_the_file_are_taken_in_and_addresses_are_not_fetched(
    session, tmp_path, media
):
    settle(session, tmp_path)
    write_picture(tmp_path / "plane.png")
    row = LISTING | {"photos": "plane.png;https://example.org/x.jpg"}
    path = a_file(tmp_path, [row])

    first = bring_in(session, "listings", path, media=media)
    again = bring_in(session, "listings", path, media=media)

    assert [(line, p.code) for line, p in first.remarks] == [(2, "photo_not_fetched")]
    assert (first.created, again.unchanged) == (1, 1)
    options = selectinload(Listing.pictures).joinedload("*")
    listing = session.scalars(select(Listing).options(options)).one()
    assert len(listing.pictures) == 1


def test_a_photo_that_is_none_stops_the_run(session, tmp_path, media):
    settle(session, tmp_path)
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")

    report = bring_in(
        session, "listings", a_file(tmp_path, [LISTING | {"photos": "text.jpg"}]), media=media
    )

    assert problems(report) == [(2, "photos", "photo_not_a_picture")]
    assert session.scalars(select(Listing)).all() == []


def write_picture(path):
    from PIL import Image  # noqa: PLC0415

    Image.new("RGB", (40, 30), "navy").save(path)


def test_the_matcher_is_told_once_a_listing_or_not_at_all(session, tmp_path):
    settle(session, tmp_path)
    told = select(func.count()).where(OutboxRow.kind == "ListingChanged")

    bring_in(session, "listings", a_file(tmp_path, [LISTING]), match=False)
    assert session.scalar(told) == 0
    bring_in(session, "listings", a_file(tmp_path, [LISTING | {"listing_ref": "L2"}]))
    assert session.scalar(told) == 1


def test_three_thousand_rows_in_one_go(session, tmp_path):
    settle(session, tmp_path)
    rows = [LISTING | {"listing_ref": f"L{n}", "status": "draft"} for n in range(3_000)]
    path = a_file(tmp_path, rows)
    heard = []

    report = bring_in(session, "listings", path, progress=lambda *at: heard.append(at))

    assert (report.created, report.failed) == (3_000, [])
    assert heard[-1] == (6_000, 6_000)
    assert heard == sorted(heard)
