"""Who hears of what, once, in their own language."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.actions import decide
from marketplace.accounts.events import OrganisationChanged, OrganisationToVerify, PersonErased
from marketplace.accounts.models import Organisation, OrganisationKind, Verification
from marketplace.capabilities.events import CapabilityChanged, WorkSought
from marketplace.core import outbox
from marketplace.core.actor import SYSTEM
from marketplace.jobs import digests, worker
from marketplace.listings.actions import expire_due
from marketplace.listings.events import InterestShown, ListingChanged
from marketplace.listings.models import Interest
from marketplace.notifications.actions import tell
from marketplace.notifications.models import Mail, Notification, Topic
from marketplace.orders.events import OrderMoved
from marketplace.orders.models import Acceptance, Order, OrderPairing, OrderParty, OrderStep
from marketplace.proposals.events import ProposalsFound
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_place,
    a_service_point,
    an_agency_person,
    an_enterprise,
    sign_in,
)


@pytest.fixture
def point(session):
    return a_service_point(session, name="Servicestelle Burgenland", phone="+43 2682 123")


@pytest.fixture
def maria(session, point):
    return a_broker(session, point)


@pytest.fixture
def koller(session, point):
    return a_company(session, service_point_id=point.id)


@pytest.fixture
def anna(session, koller):
    return a_person(session, koller, name="Anna Koller")


def work(app, session, *events, now=NOW):
    for event in events:
        outbox.record(session, event, now=now)
    session.commit()
    worker.work_off(app, clock=lambda: now)
    session.expire_all()


def mails_to(session, user):
    session.expire_all()
    return session.scalars(select(Mail).where(Mail.recipient == user.email)).all()


def told(session, user, topic=None):
    session.expire_all()
    found = session.scalars(
        select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
    )
    return [n for n in found if topic is None or n.topic is topic]


def test_brokers_hear_of_proposals_once_a_day(app, session, maria, koller):
    elsewhere = a_broker(session)
    listing = a_listing(session, koller)
    found = ProposalsFound(listing.id, 2)
    work(app, session, found, found)
    assert len(told(session, maria, Topic.PROPOSALS_FOUND)) == 1
    assert told(session, elsewhere) == []
    work(app, session, found, now=NOW + timedelta(days=1))
    assert len(told(session, maria, Topic.PROPOSALS_FOUND)) == 2
    assert mails_to(session, maria) == []
    for days in (1, 2):
        with app.app_context():
            digests.send_due(app.extensions["sessions"], now=NOW + timedelta(days=days))
    assert len(mails_to(session, maria)) == 2


def test_where_no_service_point_is_the_agency_hears(app, session):
    agnes = an_agency_person(session)
    company = a_company(session, verification=Verification.PENDING)
    work(app, session, OrganisationToVerify(company.id))
    assert told(session, agnes, Topic.ORGANISATION_TO_VERIFY)


def test_brokers_hear_of_interest(app, session, maria, koller):
    naehwerk = an_enterprise(session)
    person = a_person(session, naehwerk)
    interest = Interest(
        listing_id=a_listing(session, koller).id,
        organisation_id=naehwerk.id,
        user_id=person.id,
        at=NOW,
    )
    session.add(interest)
    session.flush()
    work(app, session, InterestShown(interest.id))
    (one,) = told(session, maria)
    assert one.params == {"organisation": "Nähwerk", "title": "Lkw-Planen, bedruckt"}


@pytest.mark.parametrize("verified", [True, False])
def test_members_hear_what_was_decided_and_why(app, session, koller, anna, verified):
    koller.verification = Verification.PENDING
    session.flush()
    decide(session, koller, verified=verified, reason="Die UID fehlt", actor=SYSTEM, now=NOW)
    work(app, session)
    (one,) = told(session, anna)
    mail = session.scalars(select(Mail).where(Mail.recipient == anna.email)).one()
    if verified:
        assert one.topic is Topic.ORGANISATION_VERIFIED
    else:
        assert one.topic is Topic.ORGANISATION_REFUSED
        assert "Die UID fehlt" in mail.text
    assert "Servicestelle Burgenland" in mail.text
    assert "+43 2682 123" in mail.text
    assert "Anna Koller" in mail.html


def test_owners_hear_in_time_that_a_listing_ends(app, session, koller, anna):
    a_listing(session, koller, expires_on=NOW.date() + timedelta(days=5), title="Filz")
    a_listing(session, koller, expires_on=NOW.date() - timedelta(days=1), title="Jute")
    expire_due(session, today=NOW.date(), now=NOW)
    work(app, session)
    topics = {n.topic: n.params["title"] for n in told(session, anna)}
    assert topics == {Topic.LISTING_EXPIRING: "Filz", Topic.LISTING_EXPIRED: "Jute"}
    expire_due(session, today=NOW.date(), now=NOW)
    work(app, session)
    assert len(told(session, anna)) == 2


def test_companies_within_reach_hear_that_a_workshop_looks_for_work(app, session):
    naehwerk = an_enterprise(session)
    near = a_person(session, a_company(session, name="Nahe GmbH"))
    office = a_person(session, a_company(session, kind=OrganisationKind.PUBLIC_BODY))
    far = a_person(session, a_company(session, place=a_place("Innsbruck")))
    waiting = a_person(session, a_company(session, verification=Verification.PENDING))
    workshop = a_person(session, an_enterprise(session, name="Andere Werkstatt"))
    march = date(2027, 3, 1)
    capability = a_capability(session, naehwerk, seeking_work=True, seeking_from=march)
    work(app, session, WorkSought(capability.id), WorkSought(capability.id))
    assert [len(told(session, u)) for u in (near, office, far, waiting, workshop)] == [
        1,
        1,
        0,
        0,
        0,
    ]
    capability.seeking_from = date(2027, 5, 1)
    work(app, session, WorkSought(capability.id))
    assert len(told(session, near)) == 2
    capability.seeking_work = False
    capability.seeking_from = None
    work(app, session, WorkSought(capability.id))
    assert len(told(session, near)) == 2


def test_an_area_on_the_map_counts_as_reach(app, session):
    inside = a_person(session, a_company(session))
    outside = a_person(session, a_company(session, place=a_place("Wien")))
    area = (
        '{"type": "Polygon", "coordinates": [[[16.3, 47.7], [16.8, 47.7], [16.8, 47.95], '
        "[16.3, 47.95], [16.3, 47.7]]]}"
    )
    capability = a_capability(
        session,
        an_enterprise(session),
        service_radius_km=None,
        service_area=area,
        seeking_work=True,
    )
    work(app, session, WorkSought(capability.id))
    assert len(told(session, inside)) == 1
    assert told(session, outside) == []


def test_a_change_of_the_capability_moves_the_proposals(app, session, koller):
    listing = a_listing(session, koller)
    capability = a_capability(session, an_enterprise(session))
    work(app, session, CapabilityChanged(capability.id))
    proposal = session.scalars(select(Proposal).where(Proposal.listing_id == listing.id)).one()
    capability.state = "paused"
    work(app, session, CapabilityChanged(capability.id))
    assert session.get(Proposal, proposal.id).state == "expired"


def test_a_change_of_the_organisation_moves_its_proposals_to_the_new_desk(app, session, koller):
    listing = a_listing(session, koller)
    a_capability(session, an_enterprise(session))
    work(app, session, ListingChanged(listing.id))
    other = a_service_point(session)
    session.get(Organisation, koller.id).service_point_id = other.id
    work(app, session, OrganisationChanged(koller.id))
    (proposal,) = session.scalars(select(Proposal))
    assert proposal.listing_service_point_id == other.id
    session.get(Organisation, koller.id).verification = Verification.REFUSED
    work(app, session, OrganisationChanged(koller.id))
    (proposal,) = session.scalars(select(Proposal))
    assert proposal.state == "expired"


def test_facts_about_what_is_gone_do_nothing(app, session):
    gone = 987654
    work(
        app,
        session,
        ListingChanged(gone),
        CapabilityChanged(gone),
        OrganisationChanged(gone),
        OrganisationToVerify(gone),
        ProposalsFound(gone, 1),
        InterestShown(gone),
        WorkSought(gone),
    )
    rows = session.scalars(select(outbox.OutboxRow)).all()
    assert [row.error for row in rows] == [None] * 7


def an_order(session, client, enterprise, broker):
    """An order as it is stored, without the way that led to it."""
    listing = a_listing(session, client)
    capability = a_capability(session, enterprise)
    match_listings(session, [listing.id], as_of=NOW.date(), now=NOW)
    proposal = session.scalars(select(Proposal).where(Proposal.listing_id == listing.id)).one()
    order = Order(
        number="SP-2026-001",
        broker_id=broker.id,
        title="Taschen aus Planen",
        recurrence="once",
        starts_on=NOW.date(),
        due_on=NOW.date(),
        created_at=NOW,
        parties=[
            OrderParty(position=0, part="client", organisation_id=client.id),
            OrderParty(position=1, part="enterprise", organisation_id=enterprise.id),
        ],
        pairings=[
            OrderPairing(
                position=0,
                proposal_id=proposal.id,
                listing_id=listing.id,
                capability_id=capability.id,
                distance_km=25.0,
            )
        ],
    )
    session.add(order)
    session.flush()
    return order


def test_everybody_in_an_order_hears_except_who_moved_it(app, session, koller, anna, maria):
    naehwerk = an_enterprise(session)
    nora = a_person(session, naehwerk)
    order = an_order(session, koller, naehwerk, maria)
    work(app, session, OrderMoved(order.id, "order_accepted", anna.id))
    assert told(session, anna, Topic.ORDER_ACCEPTED) == []
    (hers,) = told(session, nora, Topic.ORDER_ACCEPTED)
    assert hers.params == {
        "number": "SP-2026-001",
        "title": "Taschen aus Planen",
        "organisation": "Spedition Koller",
    }
    assert hers.path == f"/orders/{order.id}"
    assert told(session, maria, Topic.ORDER_ACCEPTED)
    work(app, session, OrderMoved(order.id, "order_accepted", anna.id))
    assert len(told(session, nora, Topic.ORDER_ACCEPTED)) == 2, "another occasion"


def test_an_erased_persons_name_leaves_the_orders(app, session, koller, anna, maria):
    order = an_order(session, koller, an_enterprise(session), maria)
    a_person(session, koller)
    for user in (anna, maria):
        session.add(
            OrderStep(order_id=order.id, state="offered", at=NOW, user_id=user.id, name=user.name)
        )
    session.add(
        Acceptance(
            order_id=order.id,
            party_id=order.parties[0].id,
            terms=1,
            user_id=anna.id,
            name="Anna",
            at=NOW,
        )
    )
    work(app, session, PersonErased(anna.id))
    assert session.scalars(select(Acceptance)).one().name == ""
    assert sorted(session.scalars(select(OrderStep.name))) == ["", "Maria Reisinger"]


def test_nobody_is_told_the_same_twice(session, anna):
    for expected in (True, False):
        one = tell(session, anna, Topic.LISTING_EXPIRED, {"title": "x"}, "/", "a", now=NOW)
        assert (one is not None) is expected
    assert len(told(session, anna)) == 1


def test_reading_ones_messages(app, client, session, anna, koller):
    stranger = a_person(session)
    first = tell(
        session, anna, Topic.LISTING_EXPIRED, {"title": "Filz"}, "/listings/", "a", now=NOW
    )
    tell(session, anna, Topic.ORGANISATION_VERIFIED, {"organisation": "K"}, "//x.y", "b", now=NOW)
    session.commit()
    sign_in(client, anna)
    page = client.get("/notifications").text
    assert "Filz" in page
    assert 'class="bell__n"' in page
    assert client.get(f"/notifications/{first.id}").location == "/listings/"
    session.expire_all()
    assert session.get(Notification, first.id).read_at is not None
    other = told(session, anna, Topic.ORGANISATION_VERIFIED)[0]
    assert client.get(f"/notifications/{other.id}").location == "/notifications", "only paths"
    client.post("/notifications/read")
    assert all(n.read_at for n in told(session, anna))
    sign_in(client, stranger)
    assert client.get(f"/notifications/{first.id}").status_code == 404
