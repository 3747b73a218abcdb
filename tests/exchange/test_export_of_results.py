"""Certificates and booked figures as sheets: every figure with its source."""

import csv
import io

import pytest

from marketplace.exchange import export
from marketplace.exchange.columns import Content, Format
from marketplace.exchange.writing import write
from marketplace.impact.models import Path
from tests.impact.impact_stories import M, a_world, entries
from tests.seals.seal_stories import a_story


def exported(session, content):
    data = write(export.sheet(session, content), Format.CSV).decode()
    return list(csv.DictReader(io.StringIO(data)))


def test_certificates_with_their_figures(session):
    certificate = a_story(session).awarded()
    (row,) = exported(session, Content.SEALS)
    assert row["certificate_number"] == certificate.number
    assert row["application_number"] == certificate.application.number
    assert row["makers"] == ";".join(certificate.makers)
    assert (row["status"], row["since"], row["criteria_version"]) == ("valid", "", "1")
    assert float(row["points"]) == certificate.application.points > 0
    assert float(row["reused_percent"]) == certificate.figures["reused"]
    assert row["valid_until"] == certificate.valid_until.isoformat()


def test_figures_are_reckoned_with_the_factor_beside_them(session):
    world = a_world(session, listing={"material_code": "wood", "title": "Bretter"},
                    capability={"materials": ["wood"], "techniques": []})  # fmt: skip
    world.bring(800.0, lost=10.0)
    world.say(Path.RE_USED, 300.0)
    world.book()
    rows = exported(session, Content.IMPACT)
    assert len(rows) == len(entries(session, world))
    avoided = [row for row in rows if row["measure"] == M.CO2E_AVOIDED_KG]
    assert avoided
    for row in avoided:
        product = float(row["amount"]) * float(row["factor_value"])
        assert float(row["result"]) == pytest.approx(product)
        assert row["factor_source"]
        assert row["material"] == "wood"
    assert {row["order_number"] for row in rows} == {world.order.number}
    assert all(row["giver_ref"] for row in rows if row["measure"] == M.MASS_KG)
