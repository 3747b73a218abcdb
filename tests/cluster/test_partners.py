"""Joining the value cluster, and what partners offer each other."""

from datetime import date, timedelta

import pytest

from marketplace.accounts.models import OrganisationKind, Verification
from marketplace.cluster import cooperations, partners
from marketplace.cluster.drafts import CooperationDraft, PartnerDraft
from marketplace.cluster.lifecycle import PartnerAction, PartnerState
from marketplace.cluster.models import Direction, Theme
from marketplace.core import audit
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_person,
    actor_for,
    an_agency_person,
    an_organisation,
)

TODAY = NOW.date()
WORDS = PartnerDraft(text="Wir beraten.", language="de", themes=[Theme.DESIGN])


@pytest.fixture
def agnes(session):
    return actor_for(session, an_agency_person(session))


@pytest.fixture
def house(session):
    return an_organisation(session, name="Beratungshaus", kind=OrganisationKind.CONSULTANCY)


@pytest.fixture
def berta(session, house):
    return actor_for(session, a_person(session, house))


@pytest.fixture
def partner(session, berta, agnes):
    made = partners.apply(session, WORDS, actor=berta, now=NOW)
    return partners.decide(session, made.id, PartnerAction.ADMIT, actor=agnes, now=NOW)


def offer(**changes):
    plain = {"direction": Direction.OFFER, "title": "Messestand", "text": "Platz für zwei."}
    plain |= {"language": "de", "ends_on": TODAY + timedelta(days=30), "today": TODAY}
    return CooperationDraft(**plain | changes)


def shown(session, **wanted):
    rows, total = partners.directory(session, page=1, size=20, **wanted)
    assert len(rows) == total
    return [row.organisation.name for row in rows]


def test_only_whom_the_agency_admitted_is_shown(session, berta, agnes, house):
    made = partners.apply(session, WORDS, actor=berta, now=NOW)
    assert shown(session) == []
    with pytest.raises(NotFound):
        partners.public(session, house.id)
    partners.decide(session, made.id, PartnerAction.ADMIT, actor=agnes, now=NOW)
    assert shown(session) == ["Beratungshaus"]
    assert [row.action for row in audit.trail(session, made)] == ["apply", "admit"]


def test_brokers_and_the_organisation_itself_do_not_decide(session, berta):
    made = partners.apply(session, WORDS, actor=berta, now=NOW)
    for who in (berta, actor_for(session, a_broker(session))):
        with pytest.raises(NotAllowed):
            partners.decide(session, made.id, PartnerAction.ADMIT, actor=who, now=NOW)


def test_a_refusal_needs_a_reason_and_can_be_answered(session, berta, agnes):
    made = partners.apply(session, WORDS, actor=berta, now=NOW)
    with pytest.raises(Invalid):
        partners.decide(session, made.id, PartnerAction.REFUSE, " ", actor=agnes, now=NOW)
    assert made.state is PartnerState.APPLIED
    partners.decide(session, made.id, PartnerAction.REFUSE, "zu kurz", actor=agnes, now=NOW)
    again = partners.apply(session, WORDS, actor=berta, now=NOW)
    assert (again.id, again.state, again.reason) == (made.id, PartnerState.APPLIED, "")


def test_nobody_decides_twice(session, partner, agnes):
    with pytest.raises(WrongState):
        partners.decide(session, partner.id, PartnerAction.ADMIT, actor=agnes, now=NOW)


def test_a_partner_changes_its_words_without_asking_again(session, partner, berta):
    partners.apply(
        session,
        PartnerDraft(text="Anders.", language="hu", themes=[Theme.SKILLS]),
        actor=berta,
        now=NOW,
    )
    assert (partner.state, partner.text) == (PartnerState.ADMITTED, "Anders.")
    assert shown(session, theme=Theme.SKILLS) == ["Beratungshaus"]
    assert shown(session, theme=Theme.DESIGN) == []


def test_whoever_leaves_or_loses_its_verification_is_hidden(session, partner, berta, house):
    cooperations.post(session, offer(), actor=berta, now=NOW)
    house.verification = Verification.REFUSED
    session.flush()
    assert (shown(session), cooperations.current(session, today=TODAY)[1]) == ([], 0)
    house.verification = Verification.VERIFIED
    partners.leave(session, actor=berta, now=NOW)
    assert (shown(session), cooperations.current(session, today=TODAY)[1]) == ([], 0)


def test_words_and_topics_are_asked_for():
    with pytest.raises(Invalid) as refused:
        PartnerDraft(text="", language="de")
    assert {p.field for p in refused.value.problems} == {"text", "themes"}


def test_only_partners_offer(session, berta, partner):
    other = a_company(session)
    with pytest.raises(NotAllowed):
        cooperations.post(
            session, offer(), actor=actor_for(session, a_person(session, other)), now=NOW
        )
    cooperations.post(session, offer(), actor=berta, now=NOW)
    assert cooperations.current(session, today=TODAY)[1] == 1


def test_what_has_ended_is_no_longer_shown_on_the_next_day(session, berta, partner):
    row = cooperations.post(session, offer(ends_on=TODAY), actor=berta, now=NOW)
    assert cooperations.current(session, today=TODAY)[0] == [row]
    assert cooperations.current(session, today=TODAY + timedelta(days=1))[0] == []
    assert cooperations.of_mine(session, actor=berta) == [row]
    with pytest.raises(Invalid):
        offer(ends_on=TODAY - timedelta(days=1))


def test_others_cannot_touch_it(session, berta, partner):
    row = cooperations.post(session, offer(), actor=berta, now=NOW)
    stranger = actor_for(session, a_person(session, a_company(session)))
    with pytest.raises(NotFound):
        cooperations.own(session, row.id, actor=stranger)
    with pytest.raises(NotAllowed):
        cooperations.remove(session, row, actor=stranger, now=NOW)


def test_every_problem_of_an_offer_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        CooperationDraft(
            direction=Direction.SEEK, title="", text="x" * 5000, language="de",
            ends_on=None, today=date(2026, 1, 1),
        )  # fmt: skip
    assert {p.field for p in refused.value.problems} == {"title", "text", "ends_on"}
