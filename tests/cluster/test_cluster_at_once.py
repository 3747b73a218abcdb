"""Several organisations at the same moment, each with a connection of their own, on a real database."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from marketplace.cluster import calls, consortia, partners
from marketplace.cluster.drafts import PartnerDraft
from marketplace.cluster.lifecycle import (
    ConsortiumAction,
    ConsortiumState,
    PartnerAction,
    PlaceAction,
    PlaceState,
)
from marketplace.cluster.models import ConsortiumPlace, ConsortiumRole, Theme
from marketplace.core import audit
from marketplace.core.db import transaction
from marketplace.core.errors import Invalid, WrongState
from tests.at_once import in_sessions
from tests.builders import NOW, a_company, a_person, actor_for, an_agency_person, an_enterprise
from tests.cluster.test_calls import IDEA, words


def at_once(real, *works):
    return in_sessions(real, works, (Invalid, WrongState, StaleDataError, IntegrityError))


@pytest.fixture
def group(real):
    """A consortium of two: Nähwerk leads, Koller has taken its place."""
    with transaction(real) as session:
        agnes = actor_for(session, an_agency_person(session))
        call = calls.write(session, words(), actor=agnes, now=NOW)
        lead = actor_for(session, a_person(session, an_enterprise(session)))
        other = actor_for(session, a_person(session, a_company(session)))
        third = a_company(session, name="Dritte GmbH")
        made = consortia.found(session, call, IDEA, actor=lead, now=NOW)
        partner = ConsortiumRole.PARTNER
        consortia.invite(session, made, other.organisation_id, partner, actor=lead, now=NOW)
        consortia.answer(session, made, PlaceAction.TAKE, actor=other, now=NOW)
        return made.id, lead, other, third.id


def test_nobody_steps_out_of_an_answer_that_was_handed_in(real, group):
    key, lead, other, third = group

    def submit(session):
        found = consortia.get(session, key, actor=lead)
        consortia.move(session, found, ConsortiumAction.SUBMIT, actor=lead, now=NOW)
        return "submitted"

    def decline(session):
        found = consortia.get(session, key, actor=other)
        consortia.answer(session, found, PlaceAction.DECLINE, actor=other, now=NOW)
        return "declined"

    def invite(session):
        found = consortia.get(session, key, actor=lead)
        role = ConsortiumRole.PARTNER
        consortia.invite(session, found, third, role, actor=lead, now=NOW)
        return "invited"

    outcomes = at_once(real, submit, decline, invite)
    with real() as session:
        found = consortia.get(session, key, actor=lead)
        states = [place.state for place in found.places]
    if found.state is ConsortiumState.SUBMITTED:
        assert states.count(PlaceState.TAKEN) >= 2, outcomes
        assert PlaceState.INVITED not in states, outcomes
    else:
        assert "submitted" not in outcomes


def test_invited_twice_at_once_is_one_place_and_a_sentence(real, group):
    key, lead, _other, third = group

    def invite(session):
        found = consortia.get(session, key, actor=lead)
        role = ConsortiumRole.PARTNER
        return consortia.invite(session, found, third, role, actor=lead, now=NOW).id

    outcomes = at_once(real, *[invite] * 4)
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert sum(isinstance(one, Invalid) for one in outcomes) == 3, outcomes
    with real() as session:
        places = select(ConsortiumPlace).where(ConsortiumPlace.organisation_id == third)
        assert len(session.scalars(places).all()) == 1


def test_admitted_and_refused_at_once_is_one_decision(real):
    with transaction(real) as session:
        agnes = actor_for(session, an_agency_person(session))
        house = actor_for(session, a_person(session, a_company(session)))
        draft = PartnerDraft(text="Wir nähen.", language="de", themes=[Theme.DESIGN])
        key = partners.apply(session, draft, actor=house, now=NOW).id

    def decide(action):
        def work(session):
            return partners.decide(session, key, action, "Grund", actor=agnes, now=NOW).state

        return work

    admit, refuse = decide(PartnerAction.ADMIT), decide(PartnerAction.REFUSE)
    outcomes = at_once(real, admit, refuse, admit, refuse)
    assert sum(not isinstance(one, Exception) for one in outcomes) == 1, outcomes
    with real() as session:
        found = partners.of_organisation(session, house.organisation_id)
        decided = [r for r in audit.trail(session, found) if r.action in ("admit", "refuse")]
        assert len(decided) == 1
        assert decided[0].after["state"] == found.state.value
