from datetime import date, timedelta

import pytest
from sqlalchemy import select

from marketplace.core.actor import ANYBODY, SYSTEM
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.core.paging import Slice
from marketplace.geo.coordinates import Coordinate
from marketplace.listings import actions, queries
from marketplace.listings.browse import Filter, browse
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import LISTING, ListingAction, ListingState
from marketplace.listings.models import Kind, Unit
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_listing,
    a_person,
    a_place,
    a_service_point,
    actor_for,
    an_enterprise,
)


def a_draft(**changes):
    return ListingDraft(
        **{
            "kind": Kind.RESIDUAL,
            "title": "Wollfilz",
            "material_code": "textile.felt.wool",
            "quantity": 45.0,
            "unit": Unit.KG,
            "available_from": date(2026, 12, 1),
            "place": a_place(),
        }
        | changes
    )


def codes(refused):
    return {(p.field, p.code) for p in refused.value.problems}


@pytest.fixture
def koller(session):
    company = a_company(session)
    return company, actor_for(session, a_person(session, company))


def test_a_draft_says_everything_that_is_wrong():
    with pytest.raises(Invalid) as refused:
        a_draft(
            title="x" * 121,
            quantity=-3.0,
            mass_kg=1e30,
            material_code="unobtainium",
            waste_code="99 99 99",
            techniques=["magic"],
            available_until=date(2026, 11, 30),
        )
    assert codes(refused) == {
        ("title", "too_long"),
        ("quantity", "not_positive"),
        ("mass_kg", "too_big"),
        ("material", "material_unknown"),
        ("waste_code", "waste_code_unknown"),
        ("techniques", "technique_unknown"),
        ("available_until", "dates_reversed"),
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"material_code": None}, "material"),
        ({"quantity": None}, "quantity"),
        ({"kind": Kind.SERVICE}, "techniques"),
        ({"kind": Kind.PRODUCTION_STEP}, "techniques"),
        (
            {"available_from": date(2026, 1, 1), "available_until": date(2026, 2, 1)},
            "available_until",
        ),
    ],
)
def test_what_publishing_needs(changes, field):
    with pytest.raises(Invalid) as refused:
        a_draft(**changes).fit_to_publish(NOW.date())
    assert [p.field for p in refused.value.problems] == [field]


def test_mass_is_estimated_and_said_to_be(session, koller):
    _company, actor = koller
    sacks = a_draft(material_code="textile.jute.sack", quantity=300.0, unit=Unit.PIECE)
    listing = actions.create(session, sacks, actor=actor, now=NOW)
    assert listing.mass_estimated
    assert 100 < listing.mass_kg < 600
    weighed = actions.create(session, a_draft(), actor=actor, now=NOW)
    assert (weighed.mass_kg, weighed.mass_estimated) == (45.0, False)


def test_a_starred_waste_code_makes_it_hazardous(session, koller):
    listing = actions.create(session, a_draft(waste_code="160213"), actor=koller[1], now=NOW)
    assert listing.hazardous


def test_published_then_given(session, koller):
    _company, actor = koller
    listing = actions.create(session, a_draft(), actor=actor, now=NOW)
    assert listing.state is ListingState.DRAFT
    actions.move(session, listing, ListingAction.PUBLISH, actor=actor, now=NOW, days=30)
    assert listing.expires_on == NOW.date() + timedelta(days=30)
    with pytest.raises(WrongState):
        actions.move(session, listing, ListingAction.PUBLISH, actor=actor, now=NOW)
    actions.move(session, listing, ListingAction.GIVE, actor=actor, now=NOW)
    assert LISTING.open_to(listing.state) == frozenset()
    kinds = session.scalars(select(OutboxRow.kind)).all()
    assert kinds == ["ListingChanged", "ListingChanged"]


def test_owners_do_not_reserve(session, koller):
    listing = a_listing(session, koller[0])
    with pytest.raises(NotAllowed):
        actions.move(session, listing, ListingAction.RESERVE, actor=koller[1], now=NOW)
    actions.move(session, listing, ListingAction.RESERVE, actor=SYSTEM, now=NOW)
    assert listing.state is ListingState.RESERVED


def test_strangers_may_do_nothing(session, koller):
    listing = a_listing(session, koller[0])
    stranger = actor_for(session, a_person(session, a_company(session)))
    enterprise = actor_for(session, a_person(session, an_enterprise(session)))
    for actor in (stranger, enterprise, ANYBODY):
        with pytest.raises(NotAllowed):
            actions.move(session, listing, ListingAction.PAUSE, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        actions.create(session, a_draft(), actor=enterprise, now=NOW)


def test_only_a_change_that_matters_raises_the_revision(session, koller):
    _company, actor = koller
    listing = actions.create(session, a_draft(), actor=actor, now=NOW)
    actions.update(session, listing, a_draft(title="Filz, fein"), actor=actor, now=NOW)
    assert listing.revision == 1
    actions.update(session, listing, a_draft(quantity=50.0), actor=actor, now=NOW)
    assert listing.revision == 2


def test_expires_on_its_own_and_warns_a_week_before(session, koller):
    today = NOW.date()
    soon = a_listing(session, koller[0], expires_on=today + timedelta(days=6))
    gone = a_listing(session, koller[0], expires_on=today - timedelta(days=1))
    last_day = a_listing(session, koller[0], expires_on=today)
    actions.expire_due(session, today=today, now=NOW)
    assert gone.state is ListingState.EXPIRED
    assert soon.state is last_day.state is ListingState.PUBLISHED
    kinds = sorted(session.scalars(select(OutboxRow.kind)).all())
    assert kinds == ["ListingChanged", "ListingExpired", "ListingExpiring", "ListingExpiring"]
    actions.expire_due(session, today=today, now=NOW)
    assert len(session.scalars(select(OutboxRow.kind)).all()) == 4


def test_post_again_starts_today(session, koller):
    _company, actor = koller
    draft = a_draft(available_until=date(2026, 12, 31))
    listing = actions.create(session, draft, actor=actor, now=NOW)
    again = actions.post_again(session, listing, actor=actor, now=NOW, today=date(2027, 5, 1))
    assert (again.available_from, again.available_until) == (date(2027, 5, 1), date(2027, 5, 31))
    assert again.state is ListingState.DRAFT


def test_who_knows_of_what(session):
    point, other = a_service_point(session), a_service_point(session, regions=["HU-GS"])
    company = a_company(session, service_point_id=point.id)
    owner = actor_for(session, a_person(session, company))
    broker = actor_for(session, a_broker(session, point))
    far_broker = actor_for(session, a_broker(session, other))
    draft = a_listing(session, company, state=ListingState.DRAFT)
    paused = a_listing(session, company, state=ListingState.PAUSED)
    shown = a_listing(session, company)

    def sees(actor):
        seen = set()
        for listing in (draft, paused, shown):
            try:
                seen.add(queries.get(session, listing.id, actor=actor).id)
            except NotFound:
                continue
        return seen

    assert sees(owner) == {draft.id, paused.id, shown.id}
    assert sees(broker) == {paused.id, shown.id}
    assert sees(far_broker) == {shown.id}
    assert sees(ANYBODY) == {shown.id}


def test_what_unverified_organisations_post_waits(session):
    company = a_company(session, verification="pending")
    listing = a_listing(session, company)
    with pytest.raises(NotFound):
        queries.get(session, listing.id, actor=ANYBODY)
    assert browse(session, Filter()) == Slice([], 0, False, "")


def test_browse_near_to_far_by_the_blurred_place(session):
    company = a_company(session)
    for city in ("Graz", "Wien", "Eisenstadt"):
        a_listing(session, company, place=a_place(city), title=city)
    vienna = Coordinate(48.2082, 16.3738)
    found = browse(session, Filter(near=vienna))
    assert [f.listing.title for f in found.rows] == ["Wien", "Eisenstadt", "Graz"]
    assert found.total == 3
    near = browse(session, Filter(near=vienna, radius_km=60))
    assert [f.listing.title for f in near.rows] == ["Wien", "Eisenstadt"]


def test_words_find_text_and_materials_in_any_language(session, koller):
    _company, actor = koller
    felt = actions.create(session, a_draft(title="Abschnitte vom Zuschnitt"), actor=actor, now=NOW)
    actions.move(session, felt, ListingAction.PUBLISH, actor=actor, now=NOW)
    for word in ("filc", "Filz", "felt", "Zuschnitte"):
        found = browse(session, Filter(words=word))
        assert [f.listing.id for f in found.rows] == [felt.id], word
    assert browse(session, Filter(words="Aluminium")).total == 0


def test_interest_is_shown_once(session):
    listing = a_listing(session, a_company(session))
    workshop = actor_for(session, a_person(session, an_enterprise(session)))
    first = actions.show_interest(session, listing, "Taschen", actor=workshop, now=NOW)
    again = actions.show_interest(session, listing, "", actor=workshop, now=NOW)
    assert first is again
    assert again.note == "Taschen"
    company = actor_for(session, a_person(session, a_company(session)))
    with pytest.raises(NotAllowed):
        actions.show_interest(session, listing, "", actor=company, now=NOW)
