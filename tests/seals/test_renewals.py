"""Holders are reminded before a certificate ends, and a renewal begins with what was stated before."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.core.outbox import OutboxRow
from marketplace.jobs.job import Job
from marketplace.jobs.telling_seals import seal_ending
from marketplace.notifications.models import Group, Notification, Topic
from marketplace.orders.models import LineRole
from marketplace.seals import applying, process, queries, renewing
from marketplace.seals.drafts import InputDraft
from marketplace.seals.lifecycle import CertificateState
from marketplace.seals.models import Route
from marketplace.topics import TOPICS, notification_sentence
from tests.builders import NOW, sign_in
from tests.orders.order_stories import a_line
from tests.orders.order_stories import a_story as an_order_story
from tests.seals.seal_stories import TODAY, a_story, an_input, head


@pytest.fixture
def story(session):
    return a_story(session)


def reminded(session, day):
    """The days before the end that holders were reminded of on a day."""
    last = session.query(OutboxRow).count()
    renewing.remind(session, today=day, now=NOW)
    rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id).offset(last))
    return [row.payload["days"] for row in rows if row.kind == "SealEnding"]


def test_three_times_and_each_once(session, story):
    certificate = story.awarded()
    ends = certificate.valid_until
    assert reminded(session, ends - timedelta(184)) == []
    assert reminded(session, ends - timedelta(183)) == [183]
    assert reminded(session, ends - timedelta(183)) == []
    assert reminded(session, ends - timedelta(62)) == []
    assert reminded(session, ends - timedelta(60)) == [61], "a day without a worker is made up for"
    assert reminded(session, ends - timedelta(14)) == [14]
    assert reminded(session, ends) == []
    assert reminded(session, ends + timedelta(1)) == []


def test_only_whoever_has_still_to_act(session, story):
    certificate = story.awarded()
    day = certificate.valid_until - timedelta(183)
    certificate.state = CertificateState.SUSPENDED
    assert reminded(session, day) == []
    certificate.state = CertificateState.VALID
    made = story.draft()
    made.renews = certificate.number
    process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)
    assert reminded(session, day) == []
    process.withdraw(session, made, actor=story.emre, now=NOW)
    assert reminded(session, day) == [183]


def test_the_reminder_leads_to_the_renewal(app, session, story):
    certificate = story.awarded()
    day = certificate.valid_until - timedelta(14)
    with app.test_request_context():
        for key in (1, 2):
            job = Job(key=key, now=NOW, today=day)
            seal_ending(session, job, certificate_id=certificate.id, days=14)
        late = Job(key=3, now=NOW, today=certificate.valid_until + timedelta(1))
        seal_ending(session, late, certificate_id=certificate.id, days=61)
        (told,) = session.scalars(
            select(Notification).where(Notification.topic == Topic.SEAL_ENDING)
        ).all()
        said = notification_sentence(told.topic, told.params)
    assert (told.user_id, told.path) == (
        story.emre_user.id, f"/seals/new?renews={certificate.number}",
    )  # fmt: skip
    assert certificate.number in said
    assert TOPICS[Topic.SEAL_ENDING].group is Group.SEALS


def test_it_begins_with_what_was_stated_before(session, story):
    certificate = story.awarded()
    certificate.valid_until = TODAY + timedelta(30)
    made = applying.begin(
        session, head(renews=certificate.number), today=TODAY, actor=story.emre, now=NOW
    )
    made = queries.get(session, made.id, actor=story.emre)
    before = queries.get(session, certificate.application_id, actor=story.emre)
    assert [(m.employees, m.disadvantaged) for m in made.makers] == [(20, 9)]
    assert [(r.name, r.mass_kg, r.route) for r in made.inputs] == [
        ("Lkw-Plane", 0.9, Route.LEFTOVER),
    ]  # fmt: skip
    assert [(s.name, s.organisation_id) for s in made.steps] == [
        (s.name, s.organisation_id) for s in before.steps
    ]
    assert len(before.inputs) == 1, "copied, not taken away"
    process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)


def of_an_order(session, story):
    """An application of Nähwerk whose material comes from an order, as changed by Nähwerk."""
    deal = an_order_story(session)
    client, maker = deal.company.id, deal.enterprise.id
    order = deal.agreed(
        lines=(
            a_line(client, maker, role=LineRole.MATERIAL_IN, description="Planen", mass_kg=180.0,
                   giver_id=client, taker_id=maker, listing_id=deal.listing.id),
            a_line(client, maker, role=LineRole.SERVICE, description="Waschen"),
            a_line(client, maker),
        )
    )  # fmt: skip
    story.maker, story.emre = deal.enterprise, deal.emre
    made = story.draft(order_ids=[order.id])
    made = queries.get(session, made.id, actor=story.emre)
    row = next(r for r in made.inputs if r.name == "Planen")
    changed = an_input(name="Planen", mass_kg=0.5)
    assert isinstance(changed, InputDraft)
    applying.put_input(session, made, row.id, changed, actor=story.emre, now=NOW)
    return made, order


def test_rows_of_orders_are_not_doubled_and_go_with_their_order(session, story):
    made, order = of_an_order(session, story)
    process.submit(session, made, today=TODAY, actor=story.emre, now=NOW)
    story.appoint(made)
    process.begin(session, made, actor=story.agnes, now=NOW)
    story.judge(made)
    process.report(session, made, actor=story.actors["bela"], now=NOW)
    process.convene(session, made, actor=story.agnes, now=NOW)
    story.vote(made)
    certificate = story.award(made)
    certificate.valid_until = TODAY + timedelta(30)
    session.flush()

    def names(order_ids):
        again = applying.begin(
            session, head(renews=certificate.number, order_ids=order_ids),
            today=TODAY, actor=story.emre, now=NOW,
        )  # fmt: skip
        again = queries.get(session, again.id, actor=story.emre)
        return sorted(r.name for r in again.inputs), sorted(s.name for s in again.steps)

    assert names([order.id]) == (["Lkw-Plane", "Planen"], ["Nähen", "Waschen", "Zuschnitt"])
    assert names([]) == (["Lkw-Plane", "Planen"], ["Nähen", "Zuschnitt"])


def test_from_the_reminder_to_the_draft_on_the_pages(app, session, story):
    certificate = story.awarded()
    certificate.valid_until = TODAY + timedelta(30)
    session.commit()
    client = sign_in(app.test_client(), story.emre_user)
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    begins = f"/seals/new?renews={certificate.number}"
    assert begins in client.get(f"/seal/{certificate.number}").get_data(as_text=True)
    assert begins not in app.test_client().get(f"/seal/{certificate.number}").get_data(as_text=True)
    page = client.get(begins).get_data(as_text=True)
    assert "Kuriertasche Leitha" in page
    data = {
        "kind": "product", "name": "Kuriertasche Leitha", "description": "Wie bisher.",
        "written_in": "de", "group": "textile", "renews": certificate.number,
    }  # fmt: skip
    made = client.post("/seals/new", data=data).location
    shown = client.get(made).get_data(as_text=True)
    assert "Lkw-Plane" in shown
    assert f"Renewal of {certificate.number}" in shown
    certificate.valid_until = TODAY - timedelta(1)
    certificate.valid_from = TODAY - timedelta(400)
    session.commit()
    shown = client.get(f"/seal/{certificate.number}").get_data(as_text=True)
    assert "This seal has expired" in shown
    assert begins not in shown
    assert client.post("/seals/new", data=data).status_code == 422
