"""What kinds of files are read, and what their cells may look like."""

from datetime import date

import pytest
from exchange_stories import LISTING, a_file, bring_in, csv_text, problems, settle
from openpyxl import Workbook
from sqlalchemy import select

from marketplace.core.errors import Invalid
from marketplace.exchange.numbers import Ambiguous, Spelling, spelling_of
from marketplace.exchange.reading import read_table
from marketplace.listings.models import Listing


def the_listing(session):
    return session.scalars(select(Listing)).one()


def test_semicolons_a_byte_order_mark_and_decimal_commas(session, tmp_path):
    settle(session, tmp_path)
    row = LISTING | {"quantity": "12,5", "mass_kg": "1.250,75", "hazardous": "nein"}
    path = a_file(tmp_path, [row], separator=";", encoding="utf-8-sig")

    report = bring_in(session, "listings", path)

    assert (report.created, problems(report)) == (1, [])
    assert the_listing(session).quantity == 12.5
    assert the_listing(session).mass_kg == 1250.75


def test_a_workbook_with_real_numbers_and_dates(session, tmp_path):
    settle(session, tmp_path)
    book = Workbook()
    book.active.append([*LISTING, "available_until", "hazardous"])
    row = LISTING | {"quantity": 12.125, "available_from": date(2026, 11, 1)}
    book.active.append([*row.values(), date(2027, 3, 31), True])
    book.save(tmp_path / "listings.xlsx")

    report = bring_in(session, "listings", tmp_path / "listings.xlsx")

    assert problems(report) == []
    listing = the_listing(session)
    assert (listing.quantity, listing.available_until) == (12.125, date(2027, 3, 31))
    assert listing.hazardous


def test_columns_in_any_order_and_unknown_ones_are_told(session, tmp_path):
    settle(session, tmp_path)
    row = {"colour": "blue", **dict(reversed(LISTING.items())), "reason": "was wrong"}

    report = bring_in(session, "listings", a_file(tmp_path, [row]))

    assert report.created == 1
    assert report.unknown_columns == ["colour"]


def test_line_numbers_count_line_breaks_inside_quotes(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text('a,b\n"one\ntwo",x\n\nlast,y\n', encoding="utf-8")

    assert [row.line for row in read_table(path).rows] == [2, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"org_ref,name,kind\nx,\xff\xfe,company\n", "file_not_utf8"),
        (b'org_ref,name,kind\nx,"open,company\n', "file_not_csv"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, code):
    path = tmp_path / "f.csv"
    path.write_bytes(content)

    with pytest.raises(Invalid) as refusal:
        read_table(path)

    assert [p.code for p in refusal.value.problems] == [code]


def test_a_workbook_that_is_none(tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(b"no workbook")

    with pytest.raises(Invalid) as refusal:
        read_table(path)

    assert [p.code for p in refusal.value.problems] == ["file_not_xlsx"]


def test_missing_and_doubled_columns_are_named_before_any_row(session, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("org_ref,name,name\nA1,x,y\n", encoding="utf-8")

    with pytest.raises(Invalid) as refusal:
        bring_in(session, "organisations", path)

    assert [(p.field, p.code) for p in refusal.value.problems] == [
        ("name", "column_twice"),
        ("kind", "column_missing"),
    ]


def test_a_row_with_more_cells_than_columns_fails(session, tmp_path):
    settle(session, tmp_path)
    path = tmp_path / "f.csv"
    path.write_text(csv_text([LISTING]).rstrip("\r\n") + ",,surplus\n", encoding="utf-8")

    assert problems(bring_in(session, "listings", path)) == [(2, "listing_ref", "row_too_long")]


@pytest.mark.parametrize(
    ("text", "spelling", "value"),
    [
        ("1.5", Spelling(), 1.5),
        ("1,5", Spelling(), 1.5),
        ("1.500", Spelling("."), 1.5),
        ("1,500", Spelling(",", shown=True), 1.5),
        ("1.500", Spelling(",", shown=True), 1500.0),
        ("1.234.567", Spelling(None), 1234567.0),
        ("1.234,5", Spelling(None), 1234.5),
        ("1,234.5", Spelling(None), 1234.5),
        ("0,125", Spelling(None), 0.125),
        ("12 500", Spelling(None), 12500.0),
        ("-47.84612", Spelling(None), -47.84612),
    ],
)
def test_numbers_that_are_understood(text, spelling, value):
    assert spelling.read(text) == value


@pytest.mark.parametrize(
    ("text", "spelling"), [("1,500", Spelling(".")), ("1.500", Spelling(None))]
)
def test_numbers_that_read_two_ways(text, spelling):
    with pytest.raises(Ambiguous):
        spelling.read(text)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1,2.3,4", "--1", "1e5"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match=r".*"):
        Spelling().read(text)


def test_a_file_shows_its_own_decimal_sign():
    assert spelling_of(["12,5", "1.500"], None) == Spelling(",", shown=True)
    assert spelling_of(["12,5", "12.5"], ".") == Spelling(".")
