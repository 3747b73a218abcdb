"""Versions of the terms: offered, hashed, accepted by all, changed while the order runs."""

import dataclasses
import hashlib
from decimal import Decimal

import pytest
from sqlalchemy import select

from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, WrongState
from marketplace.listings.lifecycle import ListingState
from marketplace.orders import actions, policy, queries, snapshots, terms
from marketplace.orders.drafts import MilestoneDraft, PartyDraft, Pays
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import LineRole, OrderPairing, OrderTerms, Part
from marketplace.proposals.lifecycle import ProposalState
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
from tests.orders.order_stories import TODAY, a_line, a_story


def chain(session, story):
    """Sort in Baden, then sew in Wiener Neustadt."""
    sorter = an_enterprise(session, name="Sortierhof", place=a_place("Baden"),
                           service_point_id=story.company.service_point_id)  # fmt: skip
    able = a_capability(session, sorter, title="Sortieren", techniques=["sorting"])
    story.sorter, story.sorting = sorter, able
    story.sara = actor_for(session, a_person(session, sorter, name="Sara"))
    client, sewer = story.company.id, story.enterprise.id
    return story.terms(
        parties=(
            PartyDraft(organisation_id=client, part=Part.CLIENT, sells=True),
            PartyDraft(organisation_id=sorter.id, part=Part.ENTERPRISE, capability_id=able.id),
            PartyDraft(organisation_id=sewer, part=Part.ENTERPRISE),
        ),
        lines=(
            a_line(client, sorter.id, role=LineRole.MATERIAL_IN, description="Planen", unit="kg",
                   quantity=180.0, pays=Pays.GIVER, price=Decimal("0.5"), giver_id=client,
                   taker_id=sorter.id),
            a_line(sorter.id, sewer, role=LineRole.MATERIAL_IN, description="Sortierte Planen",
                   quantity=150.0, unit="kg", pays=Pays.NOBODY, price=None, giver_id=sorter.id,
                   taker_id=sewer),
            a_line(client, sewer),
        ),
    )  # fmt: skip


def accept_all(session, story, order, people, version=1):
    for actor in people:
        terms.accept(session, order, terms=version, free_of_charge=True, actor=actor, now=NOW)


def test_a_chain_of_two_workshops_is_agreed_by_all_three(session):
    story = a_story(session)
    order = story.order()
    kept = {p.organisation_id: p.id for p in order.parties}
    terms.edit(session, order, chain(session, story), actor=story.maria, now=NOW)
    assert [p.organisation.name for p in order.enterprises] == ["Sortierhof", "Nähwerk"]
    assert {p.organisation_id: p.id for p in order.parties}.items() >= kept.items()
    session.refresh(story.sorter)
    session.refresh(story.sorting)
    assert (story.sorter.open_orders, story.sorting.committed_kg_per_month) == (1, 180.0)

    terms.offer(session, order, actor=story.maria, now=NOW)
    accept_all(session, story, order, (story.andrea, story.emre))
    assert order.state is OrderState.OFFERED, "Sara has not said yes"
    accept_all(session, story, order, (story.sara,))
    assert order.state is OrderState.AGREED

    actions.pause(session, order, "Betriebsurlaub.", actor=story.sara, now=NOW)
    session.refresh(story.sorting)
    assert story.sorting.committed_kg_per_month == 0.0, "hands are free while it rests"
    actions.cancel(session, order, "Aus.", actor=story.maria, now=NOW)
    session.refresh(story.sorter)
    assert story.sorter.open_orders == 0
    assert story.proposal.state is ProposalState.PROPOSED
    again = draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert again.number == "A-2026-0002"


def test_whoever_leaves_a_draft_is_free_again(session):
    story = a_story(session)
    order = story.order()
    terms.edit(session, order, chain(session, story), actor=story.maria, now=NOW)
    terms.edit(session, order, story.terms(), actor=story.maria, now=NOW)
    session.refresh(story.sorter)
    session.refresh(story.sorting)
    assert (story.sorter.open_orders, story.sorting.committed_kg_per_month) == (0, 0.0)
    assert [p.organisation.name for p in order.parties] == ["Spedition Koller", "Nähwerk"]
    terms.offer(session, order, actor=story.maria, now=NOW)
    with pytest.raises(NotFound):
        queries.get(session, order.id, actor=story.sara)


def test_several_givers_feed_one_doer(session):
    story = a_story(session)
    office = a_company(session, name="Büro", service_point_id=story.company.service_point_id)
    packs = a_listing(session, office)
    order = story.order()
    draft = story.terms()
    more = PartyDraft(organisation_id=office.id, part=Part.CLIENT, listing_id=packs.id)
    draft = dataclasses.replace(draft, parties=(*draft.parties, more))
    terms.edit(session, order, draft, actor=story.maria, now=NOW)
    assert len(order.bound) == 2
    assert packs.state is ListingState.RESERVED
    session.refresh(story.capability)
    assert story.capability.committed_kg_per_month == 360.0
    terms.edit(session, order, story.terms(), actor=story.maria, now=NOW)
    assert packs.state is ListingState.PUBLISHED
    stolen = dataclasses.replace(more, listing_id=story.listing.id)
    draft = dataclasses.replace(draft, parties=(*story.terms().parties, stolen))
    with pytest.raises(Invalid):
        terms.edit(session, order, draft, actor=story.maria, now=NOW)


def test_every_offer_is_kept_with_its_hash(session):
    story = a_story(session)
    order = story.offered()
    actions.revise(session, order, "Weniger.", actor=story.emre, now=NOW)
    fewer = story.terms(quantity=200.0, id=order.lines[0].id)
    terms.edit(session, order, fewer, actor=story.maria, now=NOW)
    terms.offer(session, order, actor=story.maria, now=NOW)
    kept = session.scalars(select(OrderTerms).order_by(OrderTerms.version)).all()
    assert [(t.version, t.offered_by) for t in kept] == [(n, story.maria.user_id) for n in (1, 2)]
    for each in kept:
        assert each.digest == hashlib.sha256(each.snapshot.encode()).hexdigest()
    one, other = (snapshots.read(t.snapshot) for t in kept)
    assert other == snapshots.read(snapshots.written(order)), "reads back as it was written"
    found = snapshots.differences(one, other)
    assert found == [snapshots.Difference("quantity", "Kuriertaschen", 400.0, 200.0)]


def amended(story, order, **changes):
    line = dataclasses.replace(story.terms().lines[0], id=order.lines[0].id, **changes)
    return story.terms(
        lines=(line,), milestones=(MilestoneDraft(title="Nullserie", planned_on=TODAY),)
    )


def test_other_terms_hold_once_all_have_accepted(session):
    story = a_story(session)
    order = story.running()
    line = order.lines[0].id
    terms.amend(session, order, amended(story, order, quantity=500.0), actor=story.maria, now=NOW)
    terms.accept(session, order, terms=2, actor=story.andrea, now=NOW)
    assert (order.terms, order.lines[0].quantity) == (1, 400.0), "it goes on as agreed"
    assert order.state is OrderState.IN_PRODUCTION
    with pytest.raises(Outrun):
        terms.accept(session, order, terms=1, actor=story.emre, now=NOW)
    terms.accept(session, order, terms=2, actor=story.emre, now=NOW)
    assert (order.terms, order.lines[0].quantity, order.lines[0].id) == (2, 500.0, line)
    assert [m.title for m in order.milestones] == ["Nullserie"]
    assert policy.agreed_by_all(order, 2)
    assert order.state is OrderState.IN_PRODUCTION
    actions.deliver(session, order, actor=story.emre, now=NOW)


def test_other_terms_can_be_refused_and_replaced(session):
    story = a_story(session)
    order = story.running()
    terms.amend(session, order, amended(story, order, quantity=500.0), actor=story.maria, now=NOW)
    terms.amend(session, order, amended(story, order, quantity=450.0), actor=story.maria, now=NOW)
    with pytest.raises(Outrun):
        terms.accept(session, order, terms=2, actor=story.emre, now=NOW)
    with pytest.raises(Invalid):
        terms.refuse_amendment(session, order, " ", actor=story.emre, now=NOW)
    terms.refuse_amendment(session, order, "Zu viel.", actor=story.emre, now=NOW)
    assert policy.amendment(order) is None
    with pytest.raises(WrongState):
        terms.refuse_amendment(session, order, "Nein.", actor=story.emre, now=NOW)
    with pytest.raises(Outrun):
        terms.accept(session, order, terms=3, actor=story.emre, now=NOW)
    assert (order.terms, order.lines[0].quantity) == (1, 400.0)


def test_who_takes_part_stays_while_it_runs(session):
    story = a_story(session)
    order = story.running()
    with pytest.raises(Invalid) as refused:
        terms.amend(session, order, chain(session, story), actor=story.maria, now=NOW)
    assert refused.value.problems[0].code == "parties_fixed"
    with pytest.raises(NotAllowed):
        terms.amend(session, order, amended(story, order), actor=story.emre, now=NOW)
    actions.cancel(session, order, "Aus.", actor=story.maria, now=NOW)
    with pytest.raises(WrongState):
        terms.amend(session, order, amended(story, order), actor=story.maria, now=NOW)
    assert session.scalars(select(OrderPairing.released)).all() == [True]
