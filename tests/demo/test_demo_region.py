"""The demo region: enough of everything, in every state, the same whenever it is loaded."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from marketplace.accounts.actions import sign_in
from marketplace.accounts.models import Organisation, OrganisationKind, ServicePoint, Verification
from marketplace.app import create_app
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.outbox import OutboxRow
from marketplace.core.storage import ObjectStorage
from marketplace.demo import loading
from marketplace.demo.people import PASSWORD, SIGN_INS
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Interest, Kind, Listing, ListingPhoto
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order, OrderParty
from marketplace.photos.models import Photo
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import Proposal
from marketplace.taxonomy.materials import materials
from marketplace.vocabulary import editions

PHOTOS = Path(loading.__file__).resolve().parent.parent / "demo_photos"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def region(engine, media):
    """The region, loaded once for this file and undone afterwards."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint")
        with sessions.begin() as session:
            figures = loading.load(
                session,
                ObjectStorage(f"file://{media}"),
                photos=PHOTOS,
                secret=b"test-place",
                now=NOW,
            )
        yield sessions, figures
        outer.rollback()


@pytest.fixture
def demo(region):
    sessions, _ = region
    with sessions() as session:
        yield session


def counts(session, column):
    return dict(session.execute(select(column, func.count()).group_by(column)).all())


def test_there_is_enough_of_everything(region, demo):
    figures = region[1]

    assert figures["organisations"] >= 60
    assert figures["listings"] >= 150
    assert figures["capabilities"] >= 80
    assert figures["orders"] >= 20
    kinds = counts(demo, Organisation.kind)
    assert kinds[OrganisationKind.SOCIAL_ENTERPRISE] >= 28
    assert kinds[OrganisationKind.CONSULTANCY] == 1
    assert len(demo.scalars(select(ServicePoint)).all()) == 5


@pytest.mark.parametrize(
    ("column", "states"),
    [
        (Listing.state, set(ListingState)),
        (Listing.kind, set(Kind)),
        (Capability.state, set(CapabilityState)),
        (Proposal.state, set(ProposalState)),
        (Order.state, set(OrderState)),
        (Organisation.verification, set(Verification)),
    ],
)
def test_every_state_occurs(demo, column, states):
    assert set(counts(demo, column)) == states


def test_every_organisation_has_its_service_point(demo):
    assert (
        demo.scalars(select(Organisation).where(Organisation.service_point_id.is_(None))).all()
        == []
    )
    assert counts(demo, Organisation.verification)[Verification.PENDING] == 4


def test_the_agency_has_added_a_material(demo):
    editions.refresh(demo)
    blanket = materials().find("Rettungsdecke")
    assert (blanket.code, materials().find("mentőfólia")) == (
        "plastic.film.rescue_blankets",
        blanket,
    )
    assert [(past.number, past.put_by) for past in editions.history(demo)] == [
        (1, "Agnes Winter"),
        (0, ""),
    ]


def test_capabilities_differ_in_reach_and_need(demo):
    assert demo.scalars(select(Capability).where(Capability.service_area.is_not(None))).all()
    assert demo.scalars(select(Capability).where(Capability.seeking_work)).all()
    assert demo.scalars(select(Capability).where(Capability.accepts_hazardous)).all()


def test_hungarians_write_hungarian(demo):
    rows = demo.execute(
        select(Listing.language, Organisation.country).join(
            Organisation, Organisation.id == Listing.organisation_id
        )
    ).all()
    assert {(r.country, r.language) for r in rows} == {("AT", "de"), ("HU", "hu")}


def test_nothing_that_is_shown_has_ended(demo):
    shown = demo.scalars(select(Listing).where(Listing.state == ListingState.PUBLISHED)).all()
    assert all(listing.expires_on > NOW.date() for listing in shown)
    assert all(listing.created_at <= NOW for listing in shown)


def test_photos_have_words_in_the_language_of_their_listing(demo):
    assert len(demo.scalars(select(ListingPhoto)).all()) >= 50
    assert all(demo.scalars(select(Photo.alt)))


def test_it_is_matched_and_the_worker_finds_only_news(demo):
    changes = match_all(demo, as_of=NOW.date(), now=NOW)
    assert (changes.made, changes.refreshed, changes.expired) == (0, 0, 0)
    waiting = set(demo.scalars(select(OutboxRow.kind).where(OutboxRow.done_at.is_(None))))
    assert waiting <= set(loading.WORTH_TELLING) | {"ProposalsFound"}


def test_everybody_named_can_sign_in(demo):
    for email in SIGN_INS.values():
        user = sign_in(demo, email, PASSWORD)
        assert user is not None
        assert user.confirmed_at is not None


def test_the_demo_company_and_enterprises_have_something_to_decide(demo):
    for email in ("firma@demo.sopro.example", "muhely@demo.sopro.example"):
        user = sign_in(demo, email, PASSWORD)
        mine = user.last_organisation_id
        waiting = select(Order).where(
            Order.state == OrderState.OFFERED,
            Order.parties.any(OrderParty.organisation_id == mine),
        )
        assert demo.scalars(waiting).all()
    company = sign_in(demo, SIGN_INS["company"], PASSWORD).last_organisation_id
    own = select(Listing.state).where(Listing.organisation_id == company)
    assert len(set(demo.scalars(own))) >= 4
    assert len(demo.scalars(select(Interest)).all()) >= 10


def test_orders_tell_their_story_in_order(demo):
    for order in demo.scalars(select(Order)):
        demo.refresh(order, ["steps"])
        moments = [step.at for step in order.steps]
        assert moments == sorted(moments)
        assert moments[-1] <= NOW
        assert order.created_at <= moments[0]


@pytest.fixture
def run(settings, region):
    sessions, _ = region
    app = create_app(settings, sessions)
    return lambda *arguments: app.test_cli_runner().invoke(args=[*arguments, "--lang", "en"])


def test_loading_once_more_does_nothing_and_loading_again_is_refused(run):
    once, again = run("demo", "load", "--once"), run("demo", "load")

    assert (once.exit_code, once.output) == (0, "")
    assert again.exit_code == 1


def test_the_sign_ins_are_printed(run):
    printed = run("demo", "sign-ins").output

    assert PASSWORD in printed
    assert all(email in printed for email in SIGN_INS.values())


def test_an_empty_marketplace_has_no_sign_ins_and_production_refuses(settings, sessions):
    settings.PRODUCTION = True
    runner = create_app(settings, sessions).test_cli_runner()

    assert "not loaded" in runner.invoke(args=["demo", "sign-ins", "--lang", "en"]).output
    refused = runner.invoke(args=["demo", "load", "--lang", "en"])
    assert refused.exit_code == 1
    assert "--force" in refused.output
