"""The page of an order asks the database as often for a big order as for one half its size."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from marketplace.orders import actions, call_offs, deliveries, terms, work_log
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.carrying import TargetGroup
from marketplace.orders.deliveries import DeliveryDraft
from marketplace.orders.drafts import PartyDraft
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.models import Part
from marketplace.orders.work_log import WorkDraft
from tests.builders import NOW, a_capability, a_person, actor_for, an_enterprise, sign_in
from tests.orders.order_stories import TODAY, a_line, a_story, some_terms


def a_chain(session, *, lines, size):
    """A standing order of Koller with two workshops, carried out in ``size`` of everything."""
    story = a_story(session)
    second = an_enterprise(
        session, name="Sortierwerk", service_point_id=story.company.service_point_id
    )
    able = a_capability(session, second)
    sorter = actor_for(session, a_person(session, second))
    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    who = (story.company.id, story.enterprise.id, second.id)
    parties = (
        PartyDraft(organisation_id=who[0], part=Part.CLIENT),
        PartyDraft(organisation_id=who[1], part=Part.ENTERPRISE),
        PartyDraft(organisation_id=who[2], part=Part.ENTERPRISE, capability_id=able.id),
    )
    wanted = some_terms(
        parties=parties,
        lines=tuple(a_line(who[0], who[1 + n % 2], description=f"Los {n}") for n in range(lines)),
        standing=True,
        recurrence="monthly",
    )
    terms.edit(session, order, wanted, actor=story.maria, now=NOW)
    terms.offer(session, order, actor=story.maria, now=NOW)
    for party in (story.andrea, story.emre, sorter):
        terms.accept(session, order, terms=1, actor=party, now=NOW)
    actions.start(session, order, actor=story.emre, now=NOW)
    carried_out(session, story, order, size)
    session.commit()
    return story, order.id


def carried_out(session, story, order, size):
    """Call-offs, twice as many deliveries, and hours."""
    for n in range(size):
        line = order.lines[n % len(order.lines)]
        line.waste_code = "040222"
        day = TODAY + timedelta(days=1 + n % 30)
        asked = CallOffDraft(line_id=line.id, quantity=2.0, due_on=day)
        call_offs.ask(session, order, asked, actor=story.andrea, now=NOW)
        for _ in range(2):
            way = DeliveryDraft(line_id=line.id, planned_on=day, expected=1.0)
            deliveries.plan(session, order, way, actor=story.emre, now=NOW)
        done = WorkDraft(
            party_id=order.enterprises[0].id, first_day=TODAY, last_day=TODAY, people=4,
            target_group=TargetGroup.TRANSIT, hours_worked=30.0, qualified=1, qualification="Nähen",
        )  # fmt: skip
        work_log.record(session, order, done, actor=story.emre, now=NOW)


def asked(session, client, path):
    """Return how many statements a page needs; the first call warms what is kept for good."""
    client.get(path)
    heard, engine = [], session.get_bind().engine

    def listen(*args):
        if not args[2].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            heard.append(args[2])

    session.expire_all()
    event.listen(engine, "before_cursor_execute", listen)
    try:
        page = client.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert page.status_code == 200
    return len(heard), page.get_data(as_text=True)


@pytest.mark.parametrize("who", ["maria_user", "emre_user"])
def test_twice_as_much_asks_no_more(app, session, who):
    found = []
    for lines, size in ((5, 5), (10, 10)):
        story, order_id = a_chain(session, lines=lines, size=size)
        client = sign_in(app.test_client(), getattr(story, who))
        many, page = asked(session, client, f"/orders/{order_id}")
        assert page.count("note.pdf") >= 2 * size
        assert page.count("Los ") > lines
        found.append(many)
    assert found[0] == found[1] <= 45, found
