"""Who gave the material of a sealed product is named only where all parties told of it publicly."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from marketplace.orders import actions, stories
from marketplace.orders.models import LineRole
from marketplace.orders.stories import StoryDraft, stamp
from marketplace.seals import catalogue, process, queries
from tests.builders import NOW
from tests.orders.order_stories import a_line
from tests.orders.order_stories import a_story as an_order_story
from tests.seals.seal_stories import TODAY, a_story

STORY = StoryDraft(title="Die Tasche", text="So war es.", language="de")


@pytest.fixture
def deal(session):
    return an_order_story(session)


@pytest.fixture
def order(session, deal):
    client, maker = deal.company.id, deal.enterprise.id
    material = a_line(
        client, maker, role=LineRole.MATERIAL_IN, description="Planen", mass_kg=180.0,
        giver_id=client, taker_id=maker, listing_id=deal.listing.id,
    )  # fmt: skip
    order = deal.running(lines=(material, a_line(client, maker)))
    actions.deliver(session, order, actor=deal.emre, now=NOW)
    actions.complete(session, order, actor=deal.andrea, now=NOW)
    return order


@pytest.fixture
def certificate(session, deal, order):
    story = a_story(session)
    story.maker, story.emre = deal.enterprise, deal.emre
    made = story.draft(order_ids=[order.id])
    made = queries.get(session, made.id, actor=story.emre)
    process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)
    story.appoint(made)
    process.begin(session, made, actor=story.agnes, now=NOW)
    story.judge(made)
    process.report(session, made, actor=story.actors["bela"], now=NOW)
    process.convene(session, made, actor=story.agnes, now=NOW)
    story.vote(made)
    found = story.award(made)
    session.commit()
    return found


@pytest.fixture
def pages(app, certificate):
    def pages():
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["lang"] = "en"
        paths = (f"/seal/{certificate.number}", f"/seal/{certificate.number}/product")
        found = [client.get(path) for path in (*paths, "/seal/register")]
        assert {each.status_code for each in found} == {200}
        return [each.get_data(as_text=True) for each in found]

    return pages


def test_only_a_town_without_a_story(deal, pages):
    for page in pages():
        assert deal.company.name not in page
        assert f"a company near {deal.listing.city}" in page
    assert re.search(rf"a company near {deal.listing.city} \(\d+ km\)", pages()[0])


def test_the_name_once_all_have_consented_and_no_longer_than_that(session, deal, order, pages):
    story = stories.write(session, order, STORY, actor=deal.emre, now=NOW)
    session.commit()
    assert all(deal.company.name not in page for page in pages()), "one yes is not all"
    stories.consent(session, order, seen=stamp(story), actor=deal.andrea, now=NOW)
    session.commit()
    for page in pages():
        assert deal.company.name in page
        assert "a company near" not in page
    stories.withdraw(session, order, actor=deal.andrea, now=NOW)
    session.commit()
    assert all(deal.company.name not in page for page in pages())


def test_a_row_that_the_maker_changed_names_nobody(session, deal, order, certificate, pages):
    story = stories.write(session, order, STORY, actor=deal.emre, now=NOW)
    stories.consent(session, order, seen=stamp(story), actor=deal.andrea, now=NOW)
    application = queries.get(session, certificate.application_id, actor=deal.emre)
    row = next(r for r in application.inputs if r.order_number)
    row.order_number = None
    session.commit()
    assert all(deal.company.name not in page for page in pages())


def test_the_register_asks_once_for_all_rows(session, engine, certificate):
    rows, _total = catalogue.register(session, catalogue.Filter(), today=TODAY + timedelta(1))
    asked = []

    def count(*given):
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", count)
    found = catalogue.told_orders(session, rows)
    event.remove(engine, "before_cursor_execute", count)
    assert (found, len(asked)) == (set(), 1)
