"""EU calls: who keeps them, who answers them, and that nobody misses a deadline."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation, Verification
from marketplace.cluster import calls, consortia
from marketplace.cluster.drafts import CallDraft, ConsortiumDraft, InterestDraft
from marketplace.cluster.lifecycle import (
    ConsortiumAction,
    ConsortiumState,
    PlaceAction,
    PlaceState,
)
from marketplace.cluster.models import ConsortiumRole, Theme
from marketplace.core.calendars import calendar
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.jobs import schedule
from marketplace.notifications.models import Notification, Topic
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_person,
    actor_for,
    an_agency_person,
    an_enterprise,
)
from tests.jobs.mail_stories import work

TODAY = NOW.date()
BRINGS = InterestDraft(brings="Eine Werkstatt", seeks="Eine Hochschule", language="de")
IDEA = ConsortiumDraft(name="Kreislauf Grenzland", text="Planen zu Taschen.", language="de")


def words(**changes):
    plain = {"title": "Kreislaufwirtschaft im Grenzraum", "programme": "Interreg AT-HU"}
    plain |= {"text": "Gefördert wird, was verbindet.", "language": "de"}
    plain |= {"deadline_on": TODAY + timedelta(days=28), "themes": [Theme.CIRCULAR_ECONOMY]}
    return CallDraft(**plain | changes)


@pytest.fixture
def agnes(session):
    return actor_for(session, an_agency_person(session))


@pytest.fixture
def call(session, agnes):
    return calls.write(session, words(), actor=agnes, now=NOW)


@pytest.fixture
def lead(session):
    return actor_for(session, a_person(session, an_enterprise(session)))


@pytest.fixture
def other(session):
    return actor_for(session, a_person(session, a_company(session)))


@pytest.fixture
def group(session, call, lead):
    return consortia.found(session, call, IDEA, actor=lead, now=NOW)


def invite(session, group, whom, lead, role=ConsortiumRole.PARTNER):
    return consortia.invite(session, group, whom.organisation_id, role, actor=lead, now=NOW)


def test_the_agency_keeps_the_calls(session, call, lead):
    for who in (lead, actor_for(session, a_broker(session))):
        with pytest.raises(NotAllowed):
            calls.write(session, words(), actor=who, now=NOW)
        with pytest.raises(NotAllowed):
            calls.withdraw(session, call, actor=who, now=NOW)


def test_what_is_wrong_with_a_call_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        words(
            title="", deadline_on=None, budget=Decimal(0), funding_percent=101,
            website="javascript:alert(1)",
        )  # fmt: skip
    found = {p.field for p in refused.value.problems}
    assert found == {"title", "deadline_on", "budget", "funding_percent", "website"}
    with pytest.raises(Invalid):
        words(opens_on=TODAY + timedelta(days=40))


def test_the_last_day_counts(session, call, lead):
    calls.declare(session, call, BRINGS, actor=lead, now=NOW + timedelta(days=28))
    with pytest.raises(WrongState):
        calls.declare(session, call, BRINGS, actor=lead, now=NOW + timedelta(days=29))


def test_lists_open_ones_by_deadline_and_finds_by_words_and_topic(session, call, agnes):
    sooner = calls.write(
        session,
        words(title="100 % sozial_neu", deadline_on=TODAY, themes=[Theme.SKILLS]),
        actor=agnes,
        now=NOW,
    )
    assert calls.listed(session, today=TODAY) == ([sooner, call], 2)
    assert calls.listed(session, today=TODAY, words="0 % SOZ")[0] == [sooner]
    assert calls.listed(session, today=TODAY, words="l_n")[0] == [sooner]
    assert calls.listed(session, today=TODAY, words="%")[0] == [sooner]
    assert calls.listed(session, today=TODAY, theme=Theme.CIRCULAR_ECONOMY)[0] == [call]
    tomorrow = TODAY + timedelta(days=1)
    assert calls.listed(session, today=tomorrow)[0] == [call]
    assert calls.listed(session, today=tomorrow, ended=True)[0] == [sooner]


def test_a_withdrawn_call_is_only_for_those_concerned(session, call, lead, other, agnes):
    calls.declare(session, call, BRINGS, actor=lead, now=NOW)
    calls.withdraw(session, call, actor=agnes, now=NOW)
    assert calls.get(session, call.id, actor=lead) is call
    with pytest.raises(NotFound):
        calls.get(session, call.id, actor=other)
    assert calls.listed(session, today=TODAY)[1] == 0


def test_interest_is_one_row_each_and_goes_away_again(session, call, lead):
    calls.declare(session, call, BRINGS, actor=lead, now=NOW)
    calls.declare(session, call, InterestDraft(brings="Zwei", language="de"), actor=lead, now=NOW)
    assert [(row.brings, row.seeks) for row in calls.interests(session, call)] == [("Zwei", "")]
    calls.take_back(session, call, actor=lead, now=NOW)
    assert calls.interests(session, call) == []
    with pytest.raises(NotFound):
        calls.take_back(session, call, actor=lead, now=NOW)


def test_unverified_organisations_wait(session, call):
    waiting = a_company(session, verification=Verification.PENDING)
    who = actor_for(session, a_person(session, waiting))
    with pytest.raises(NotAllowed):
        calls.declare(session, call, BRINGS, actor=who, now=NOW)
    with pytest.raises(NotAllowed):
        consortia.found(session, call, IDEA, actor=who, now=NOW)


def test_whoever_lost_its_verification_steps_out_but_not_in(session, call, group, lead, other):
    invite(session, group, other, lead)
    theirs = session.get_one(Organisation, other.organisation_id)
    theirs.active = False
    with pytest.raises(NotAllowed):
        consortia.answer(session, group, PlaceAction.TAKE, actor=other, now=NOW)
    consortia.answer(session, group, PlaceAction.DECLINE, actor=other, now=NOW)
    theirs.active = True
    ours = session.get_one(Organisation, lead.organisation_id)
    ours.verification = Verification.REFUSED
    with pytest.raises(NotAllowed):
        invite(session, group, other, lead)
    with pytest.raises(NotAllowed):
        consortia.move(session, group, ConsortiumAction.SUBMIT, actor=lead, now=NOW)
    consortia.move(session, group, ConsortiumAction.DISSOLVE, actor=lead, now=NOW)


def test_a_plain_member_does_not_speak_for_its_organisation(session, call, group, lead, other):
    invite(session, group, other, lead)
    theirs = session.get_one(Organisation, other.organisation_id)
    plain = actor_for(session, a_person(session, theirs, role="member"))
    with pytest.raises(NotAllowed):
        consortia.answer(session, group, PlaceAction.TAKE, actor=plain, now=NOW)
    with pytest.raises(NotAllowed):
        calls.declare(session, call, BRINGS, actor=plain, now=NOW)


def test_a_consortium_is_seen_by_its_own_and_the_agency(session, group, lead, other, agnes):
    for who in (lead, agnes):
        assert consortia.get(session, group.id, actor=who) is group
    with pytest.raises(NotFound):
        consortia.get(session, group.id, actor=other)
    invite(session, group, other, lead)
    assert consortia.get(session, group.id, actor=other) is group
    consortia.answer(session, group, PlaceAction.DECLINE, actor=other, now=NOW)
    with pytest.raises(NotFound):
        consortia.get(session, group.id, actor=other)


def test_an_answer_is_handed_in_once_all_have_answered(session, group, lead, other):
    with pytest.raises(Invalid) as alone:
        consortia.move(session, group, ConsortiumAction.SUBMIT, actor=lead, now=NOW)
    assert alone.value.problems[0].code == "coordinator_alone"
    invite(session, group, other, lead)
    with pytest.raises(Invalid) as waiting:
        consortia.move(session, group, ConsortiumAction.SUBMIT, actor=lead, now=NOW)
    assert waiting.value.problems[0].code == "places_open"
    consortia.answer(session, group, PlaceAction.TAKE, actor=other, now=NOW)
    with pytest.raises(NotAllowed):
        consortia.move(session, group, ConsortiumAction.SUBMIT, actor=other, now=NOW)
    consortia.move(session, group, ConsortiumAction.SUBMIT, actor=lead, now=NOW)
    with pytest.raises(WrongState):
        consortia.answer(session, group, PlaceAction.DECLINE, actor=other, now=NOW)
    consortia.move(session, group, ConsortiumAction.FUND, actor=lead, now=NOW)
    assert group.state is ConsortiumState.FUNDED


def test_who_declined_can_be_invited_again_but_nobody_twice(session, group, lead, other):
    invite(session, group, other, lead)
    with pytest.raises(Invalid):
        invite(session, group, other, lead)
    consortia.answer(session, group, PlaceAction.DECLINE, actor=other, now=NOW)
    place = invite(session, group, other, lead, ConsortiumRole.ASSOCIATED)
    assert (place.state, place.role) == (PlaceState.INVITED, ConsortiumRole.ASSOCIATED)
    assert len(group.places) == 2


def test_there_is_one_coordinator_who_does_not_slip_away(session, group, lead, other):
    with pytest.raises(Invalid):
        invite(session, group, other, lead, ConsortiumRole.COORDINATOR)
    with pytest.raises(WrongState):
        consortia.answer(session, group, PlaceAction.DECLINE, actor=lead, now=NOW)
    with pytest.raises(NotAllowed):
        consortia.invite(
            session, group, other.organisation_id, ConsortiumRole.PARTNER, actor=other, now=NOW
        )


def test_names_are_free_within_a_call(session, call, group, other):
    with pytest.raises(Invalid):
        consortia.found(session, call, IDEA, actor=other, now=NOW)


def test_everybody_concerned_hears_of_the_deadline_once(app, session, call, group, lead, other):
    interested = actor_for(session, a_person(session, a_company(session, name="Dritte")))
    calls.declare(session, call, BRINGS, actor=interested, now=NOW)
    invite(session, group, other, lead)
    consortia.answer(session, group, PlaceAction.DECLINE, actor=other, now=NOW)
    session.commit()
    for moment in (NOW, NOW + timedelta(hours=1)):
        schedule.run(app.extensions["sessions"], app.extensions["storage"], today=TODAY, now=moment)
        work(app, session)
    wanted = select(Notification.user_id).where(Notification.topic == Topic.CALL_DEADLINE)
    assert sorted(session.scalars(wanted)) == sorted([lead.user_id, interested.user_id])


def test_invitations_and_answers_are_told(app, session, group, lead, other):
    invite(session, group, other, lead)
    consortia.answer(session, group, PlaceAction.TAKE, actor=other, now=NOW)
    session.commit()
    work(app, session)
    wanted = select(Notification.topic, Notification.user_id)
    told = {tuple(row) for row in session.execute(wanted)}
    assert (Topic.CONSORTIUM_INVITED, other.user_id) in told
    assert (Topic.CONSORTIUM_ANSWERED, lead.user_id) in told


def test_deadlines_stand_in_the_calendar_as_whole_days(session, call):
    entry = calls.entry(call, url="https://sopro.example/calls/1", host="sopro.example")
    lines = calendar([entry], now=NOW, name="Aufrufe").split("\r\n")
    assert "DTSTART;VALUE=DATE:20261221" in lines
    assert "X-WR-CALNAME:Aufrufe" in lines
    assert f"UID:call-{call.id}@sopro.example" in lines
