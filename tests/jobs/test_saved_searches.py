"""Saved searches tell of what is new, once, as often as one wants to hear of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from marketplace.accounts.actions import decide
from marketplace.accounts.models import Verification
from marketplace.capabilities.models import CapabilityState
from marketplace.core.actor import SYSTEM
from marketplace.core.errors import Invalid, NotFound
from marketplace.geo.coordinates import Coordinate
from marketplace.jobs import worker
from marketplace.listings.browse import Filter
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind
from marketplace.notifications import preferences
from marketplace.notifications.models import Frequency, Group, Notification, Topic
from marketplace.notifications.searches import looking, saving
from marketplace.notifications.searches.models import Find, SavedSearch, Subject
from marketplace.notifications.searches.saving import SearchDraft, wanted_of
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import words
from marketplace.vocabulary.words import WordDraft
from tests.builders import (
    NOW,
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_place,
    actor_for,
    an_enterprise,
)
from tests.jobs.mail_stories import mails_to, work

VIENNA = Coordinate(48.208, 16.373)
HOUR = timedelta(hours=1)


@pytest.fixture
def emre(session):
    return a_person(session, an_enterprise(session), name="Emre Yıldız")


@pytest.fixture
def koller(session):
    return a_company(session)


def save(session, user, *, now=NOW, **changes):
    draft = SearchDraft(
        **{"subject": Subject.MATERIALS, "name": "Planen", "frequency": Frequency.AT_ONCE} | changes
    )
    actor = actor_for(session, user)
    return saving.save(session, draft, zone="Europe/Vienna", actor=actor, now=now)


def posted(session, organisation, *, now, **changes):
    return a_listing(session, organisation, published_at=now, **changes)


def look(app, session, now):
    session.commit()
    worker.on_schedule(app, clock=lambda: now)
    work(app, session, now=now)


def told(session, user):
    session.expire_all()
    mine = select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
    return [
        n
        for n in session.scalars(mine)
        if n.topic in (Topic.MATERIALS_FOUND, Topic.WORKSHOPS_FOUND)
    ]


def counts(session, user):
    return [notification.params["count"] for notification in told(session, user)]


def test_what_is_new_is_told_once(app, session, emre, koller):
    posted(session, koller, now=NOW - HOUR)
    save(session, emre)
    look(app, session, NOW + HOUR)
    assert counts(session, emre) == []
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + 2 * HOUR)
    look(app, session, NOW + 3 * HOUR)
    assert counts(session, emre) == [1]
    (mail,) = mails_to(session, emre)
    assert "Planen" in mail.subject
    assert told(session, emre)[0].path == f"/searches/{session.scalar(select(SavedSearch.id))}"


def test_two_searches_do_not_tell_the_same_listing_twice(app, session, emre, koller):
    save(session, emre)
    save(session, emre, name="Alles")
    bela = a_person(session, an_enterprise(session))
    save(session, bela)
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + 2 * HOUR)
    assert counts(session, emre) == [1]
    assert counts(session, bela) == [1]
    assert session.query(Find).count() == 2


def test_a_deleted_search_does_not_let_another_tell_it_again(app, session, emre, koller):
    first = save(session, emre)
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + HOUR + timedelta(minutes=1))
    session.delete(session.get(SavedSearch, first.id))
    second = save(session, emre, now=NOW + HOUR, name="Noch einmal")
    second.known_to = NOW
    look(app, session, NOW + 3 * HOUR)
    assert counts(session, emre) == [1]


def test_only_what_is_wanted(app, session, emre, koller):
    wanted = Filter(words="plane", kinds=[Kind.RESIDUAL], material="tarpaulin", mass_at_least=100.0)
    save(session, emre, wanted=wanted_of(wanted))
    save(session, emre, name="Holz", wanted=wanted_of(Filter(material="wood")))
    assert saving.filter_of(saving.mine(session, actor=actor_for(session, emre))[1]) == wanted
    later = NOW + HOUR
    posted(session, koller, now=later, mass_kg=50.0)
    posted(session, koller, now=later, material_code="wood", title="Bretter")
    posted(session, koller, now=later, state=ListingState.DRAFT)
    look(app, session, later + HOUR)
    assert [(n.params["name"], n.params["count"]) for n in told(session, emre)] == [("Holz", 1)]


def test_the_agency_s_own_words_are_understood(app, session, emre, koller):
    draft = WordDraft(
        branch=Branch.MATERIALS, code="wood", language="de", word="Brimbel", reason="x"
    )
    words.add(session, draft, actor=SYSTEM, now=NOW)
    save(session, emre, wanted=wanted_of(Filter(words="Brimbel")))
    posted(session, koller, now=NOW + HOUR, material_code="wood", title="Bretter")
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + 2 * HOUR)
    assert counts(session, emre) == [1]


def test_only_within_the_radius(app, session, emre, koller):
    save(session, emre, near=VIENNA, place="Wien", radius_km=30.0)
    later = NOW + HOUR
    posted(session, koller, now=later, place=a_place("Graz"))
    look(app, session, later + HOUR)
    assert counts(session, emre) == []
    posted(session, koller, now=later + HOUR, place=a_place("Wien", postal_code="1010"))
    look(app, session, later + 2 * HOUR)
    assert counts(session, emre) == [1]


@pytest.mark.parametrize("few", [0, 1000])
def test_it_finds_the_same_by_place_as_by_moment(app, session, emre, koller, monkeypatch, few):
    monkeypatch.setattr(looking, "FEW", few)
    save(session, emre, near=VIENNA, place="Wien", radius_km=60.0)
    for city in ("Wien", "Eisenstadt", "Graz", "Wiener Neustadt", "Linz"):
        posted(session, koller, now=NOW + HOUR, place=a_place(city))
    look(app, session, NOW + 2 * HOUR)
    assert counts(session, emre) == [3]


def test_one_s_own_are_no_news(app, session, koller):
    anna = a_person(session, koller)
    save(session, anna)
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + 2 * HOUR)
    assert counts(session, anna) == []


def test_what_was_posted_before_verification_is_new_when_it_is_shown(app, session, emre):
    new = a_company(session, verification=Verification.PENDING)
    posted(session, new, now=NOW - timedelta(days=3))
    save(session, emre)
    look(app, session, NOW + HOUR)
    assert counts(session, emre) == []
    decide(session, new, verified=True, actor=SYSTEM, now=NOW + 2 * HOUR)
    look(app, session, NOW + 3 * HOUR)
    assert counts(session, emre) == [1]


def test_a_listing_committed_late_is_not_missed(app, session, emre, koller):
    save(session, emre)
    look(app, session, NOW + HOUR)
    posted(session, koller, now=NOW + HOUR - timedelta(seconds=5))
    look(app, session, NOW + HOUR + timedelta(minutes=2))
    assert counts(session, emre) == [1]


MONDAY = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)


def test_daily_and_weekly_ones_come_in_the_gathered_mail(app, session, emre, koller):
    save(session, emre, name="täglich", frequency=Frequency.DAILY)
    save(session, emre, name="wöchentlich", frequency=Frequency.WEEKLY,
         wanted={"material": "wood"})  # fmt: skip
    posted(session, koller, now=NOW + HOUR)
    posted(session, koller, now=NOW + HOUR, material_code="wood")
    look(app, session, NOW + 2 * HOUR)
    assert counts(session, emre) == []
    look(app, session, NOW + timedelta(days=1))
    assert [n.params["name"] for n in told(session, emre)] == ["täglich"]
    (mail,) = mails_to(session, emre)
    assert "täglich" in mail.text
    look(app, session, MONDAY)
    assert len(mails_to(session, emre)) == 1, "the other search has told it already"


def test_the_weekly_one_waits_for_monday(app, session, emre, koller):
    save(session, emre, frequency=Frequency.WEEKLY)
    posted(session, koller, now=NOW + HOUR)
    posted(session, koller, now=NOW + timedelta(days=2))
    look(app, session, MONDAY - timedelta(minutes=1))
    assert mails_to(session, emre) == []
    look(app, session, MONDAY)
    assert counts(session, emre) == [2]
    assert len(mails_to(session, emre)) == 1


@pytest.mark.parametrize("silenced", ["search", "group"])
def test_in_the_app_only(app, session, emre, koller, silenced):
    never = silenced == "search"
    save(session, emre, frequency=Frequency.NEVER if never else Frequency.AT_ONCE)
    if not never:
        preferences.stop(session, emre.id, [Group.SEARCHES])
    posted(session, koller, now=NOW + HOUR)
    look(app, session, NOW + timedelta(days=1))
    assert counts(session, emre) == [1]
    assert mails_to(session, emre) == []


class TestWorkshops:
    def test_new_capabilities_near_my_material(self, app, session, koller):
        anna = a_person(session, koller)
        save(session, anna, subject=Subject.WORKSHOPS, wanted={"material": "tarpaulin"},
             near=VIENNA, place="Wien", radius_km=60.0)  # fmt: skip
        workshop, later = an_enterprise(session), NOW + HOUR
        a_capability(session, workshop, shown_at=NOW - timedelta(days=9))
        a_capability(session, workshop, shown_at=later, materials=["wood"])
        a_capability(session, workshop, shown_at=later, place=a_place("Linz"))
        a_capability(session, workshop, shown_at=later, state=CapabilityState.PAUSED)
        look(app, session, later + HOUR)
        assert counts(session, anna) == []
        a_capability(session, workshop, shown_at=later + HOUR)
        look(app, session, later + 2 * HOUR)
        assert counts(session, anna) == [1]
        assert told(session, anna)[0].topic is Topic.WORKSHOPS_FOUND

    def test_by_technique_words_and_free_hands(self, app, session, koller):
        anna = a_person(session, koller)
        wanted = {"technique": "sewing", "words": "Nähwerk", "seeking_work": True}
        save(session, anna, subject=Subject.WORKSHOPS, wanted=wanted)
        later = NOW + HOUR
        a_capability(session, an_enterprise(session), shown_at=later)
        a_capability(
            session, an_enterprise(session, name="Holzwerk"), shown_at=later, seeking_work=True
        )
        look(app, session, later + HOUR)
        assert counts(session, anna) == []
        a_capability(session, an_enterprise(session), shown_at=later + HOUR, seeking_work=True)
        look(app, session, later + 2 * HOUR)
        assert counts(session, anna) == [1]


class TestSaving:
    def test_a_search_has_a_name_of_its_own(self, session, emre):
        save(session, emre, name="  Planen   bei Wien ")
        for name, code in (
            ("", "required"),
            ("Planen bei Wien", "name_taken"),
            ("x" * 121, "too_long"),
        ):
            with pytest.raises(Invalid, match=code):
                save(session, emre, name=name)
        save(session, a_person(session), name="Planen bei Wien")

    def test_not_endlessly_many(self, session, emre, monkeypatch):
        monkeypatch.setattr(saving, "MOST_SEARCHES", 1)
        save(session, emre)
        with pytest.raises(Invalid, match="too_many_searches"):
            save(session, emre, name="noch eine")

    def test_nobody_reads_another_s(self, session, emre):
        search = save(session, emre)
        with pytest.raises(NotFound):
            saving.get(session, search.id, actor=actor_for(session, a_person(session)))
        assert saving.mine(session, actor=actor_for(session, a_person(session))) == []

    def test_changing_looks_again_in_its_new_rhythm(self, session, emre):
        search = save(session, emre)
        saving.change(session, search, name="Filz", frequency=Frequency.WEEKLY,
                      zone="Europe/Vienna", now=NOW)  # fmt: skip
        assert (search.name, search.due_at) == ("Filz", MONDAY)

    def test_a_radius_needs_a_point(self, session, emre):
        assert save(session, emre, radius_km=30.0).radius_km is None


def test_where_nothing_is_new_hardly_anything_is_asked(app, session, emre):
    """A look asks for what all searches share, and nothing for each of them."""
    for number in range(30):
        save(session, emre, name=f"Suche {number}", near=VIENNA, radius_km=30.0)
    session.commit()
    asked = []
    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    looking.look_through(session, zone="Europe/Vienna", now=NOW + HOUR)
    assert len([text for text in asked if text.startswith("SELECT")]) <= 6
