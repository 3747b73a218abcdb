"""``flask import``, ``flask export`` and ``flask match`` as somebody at a terminal meets them."""

import json

import pytest
from builders import NOW, a_capability, a_company, a_listing, an_enterprise
from sqlalchemy import func, select

from marketplace.accounts.models import Organisation
from marketplace.core import outbox
from marketplace.core.outbox import OutboxRow
from marketplace.listings.events import ListingChanged
from marketplace.proposals.models import Proposal

GOOD = "org_ref,name,kind,country,city,verified\nA1,Koller,company,AT,Eisenstadt,yes\n"
BAD = GOOD + "A2,Blech,firm,AT,Nirgendhausen,yes\n"


@pytest.fixture
def run(app):
    def run(*arguments, **options):
        return app.test_cli_runner().invoke(args=list(arguments), **options)

    return run


@pytest.fixture
def file(tmp_path):
    def file(text, name="orgs.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return file


def test_a_good_file_is_stored_and_counted(run, file, session):
    result = run("import", "organisations", str(file(GOOD)), "--lang", "en")

    assert result.exit_code == 0, result.output
    assert "1 new, 0 changed, 0 unchanged, 0 rejected" in result.output
    assert session.scalars(select(Organisation.ref)).one() == "A1"


def test_stop_ends_with_one_and_stores_nothing(run, file, session):
    path = file(BAD)

    result = run("import", "organisations", str(path), "--lang", "de")

    assert result.exit_code == 1
    assert "Zeile 3, kind:" in result.output
    assert "Zeile 3, city:" in result.output
    assert "Nirgendhausen" in result.output
    assert session.scalars(select(Organisation)).all() == []
    assert not path.with_name("orgs.csv.rejected.csv").exists()


def test_skip_gives_the_bad_rows_back(run, file, session):
    path = file(BAD)

    result = run("import", "organisations", str(path), "--on-error", "skip", "--lang", "en")

    assert result.exit_code == 0
    back = path.with_name("orgs.csv.rejected.csv").read_text(encoding="utf-8")
    assert back.startswith("org_ref,name,kind,country,city,verified,reason")
    assert "A2" in back
    assert "A1" not in back
    assert session.scalars(select(Organisation.ref)).one() == "A1"


def test_the_language_comes_from_the_environment(run, file):
    path = file(BAD)

    hungarian = run("import", "organisations", str(path), env={"LANG": "hu_HU.UTF-8", "LC_ALL": ""})
    other = run("import", "organisations", str(path), env={"LANG": "C", "LC_ALL": ""})

    assert "Line 3" in other.output
    assert "Line 3" not in hungarian.output


def test_a_file_without_its_columns_is_refused_in_words(run, file):
    result = run("import", "organisations", str(file("name\nKoller\n")), "--lang", "en")

    assert result.exit_code == 1
    assert "org_ref: The column “org_ref” is missing." in result.output


def test_export_to_the_terminal_and_to_a_file(run, session, tmp_path):
    a_company(session, ref="A1")
    session.commit()

    printed = run("export", "organisations")
    path = tmp_path / "out.geojson"
    written = run("export", "organisations", "--output", str(path), "--lang", "en")

    assert printed.output.startswith("org_ref,name")
    assert "A1" in printed.output
    assert written.exit_code == 0
    assert json.loads(path.read_text(encoding="utf-8"))["type"] == "FeatureCollection"


def test_materials_do_not_go_on_a_map(run):
    result = run("export", "materials", "--format", "geojson", "--lang", "en")

    assert result.exit_code == 1
    assert "do not lie anywhere" in result.output


def test_match_stores_proposals_and_leaves_nothing_to_the_worker(run, session):
    listing = a_listing(session, a_company(session))
    a_capability(session, an_enterprise(session))
    outbox.record(session, ListingChanged(listing.id), now=NOW)
    session.commit()

    result = run("match", "--lang", "en")

    assert result.exit_code == 0, result.output
    assert "1 proposals new" in result.output
    assert session.scalar(select(func.count()).select_from(Proposal)) == 1
    waiting = select(OutboxRow.kind).where(OutboxRow.done_at.is_(None))
    assert "ListingChanged" not in set(session.scalars(waiting))


def test_match_as_of_another_day_with_fewer_places(run, session):
    a_listing(session, a_company(session))
    for _ in range(3):
        a_capability(session, an_enterprise(session))
    session.commit()

    result = run("match", "--as-of", "2026-12-24", "--top", "2", "--lang", "en")

    assert "as of 2026-12-24" in result.output
    assert len(session.scalars(select(Proposal)).all()) == 2
