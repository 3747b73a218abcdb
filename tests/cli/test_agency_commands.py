"""``flask agency`` and ``flask service-points``."""

import pytest
from builders import a_service_point, an_agency_person
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.accounts.passwords import matches


@pytest.fixture
def run(app):
    return lambda *arguments, **options: app.test_cli_runner().invoke(
        args=[*arguments, "--lang", "en"], **options
    )


def test_the_hint_shows_how_while_nobody_administers(run, session):
    assert "flask agency create" in run("agency", "hint").output

    an_agency_person(session)
    session.commit()

    assert run("agency", "hint").output == ""


def test_create_asks_for_the_password(run, session):
    result = run(
        "agency", "create", "--email", "Agnes@Example.org", "--name", "Agnes",
        input="Werkbank-2026\nWerkbank-2026\n",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "Werkbank" not in result.output
    user = session.scalars(select(User)).one()
    assert (user.email, user.agency) == ("agnes@example.org", True)
    assert user.confirmed_at is not None
    assert matches(user.password_hash, "Werkbank-2026")


def test_a_weak_password_and_a_known_address_are_refused(run, session):
    an_agency_person(session, email="agnes@example.org")
    session.commit()
    create = ("agency", "create", "--email", "agnes@example.org", "--name", "Agnes")

    weak = run(*create, input="short\nshort\n")
    known = run(*create, input="Werkbank-2026\nWerkbank-2026\n")

    assert (weak.exit_code, known.exit_code) == (1, 1)
    assert "At least 10 characters" in weak.output
    assert "already" in known.output


def test_service_points_are_listed(run, session):
    assert "no service point" in run("service-points", "list").output

    a_service_point(session, name="Servicestelle Burgenland", regions=["AT-1"])
    session.commit()

    assert "Servicestelle Burgenland\tAT\tAT-1" in run("service-points", "list").output
