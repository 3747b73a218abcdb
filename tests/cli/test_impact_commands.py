"""``flask impact``: factors put down, and the ledger booked anew."""

from marketplace.impact.models import Measure
from tests.impact.impact_stories import a_world, sum_of


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["impact", *arguments, "--lang", "en"])


def test_factors_are_put_down_once(app):
    first = run(app, "factors")
    assert first.exit_code == 0, first.output
    assert first.output.strip().endswith("factors added.")
    assert not first.output.startswith("0 ")
    assert run(app, "factors").output == "0 factors added.\n"


def test_booking_everything_twice_changes_nothing(app, session):
    world = a_world(session)
    world.bring(100.0)
    session.commit()
    assert "3 lines added, 0 changed, 0 removed." in run(app, "book").output
    assert sum_of(session, Measure.MASS_GIVEN_KG, world) == 100.0
    assert "0 lines added, 0 changed, 0 removed." in run(app, "book").output
