from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from marketplace.capabilities.models import Capability
from marketplace.core.errors import Invalid, NotAllowed, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Recurrence, Unit
from marketplace.orders import actions, queries, terms
from marketplace.orders.drafts import OrderDraft, Pays
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.lifecycle import OPEN, OrderState
from marketplace.orders.models import LineRole, Order, OrderPairing, OrderParty
from marketplace.proposals.lifecycle import ProposalState
from tests.builders import NOW, a_broker, a_capability, a_listing, actor_for
from tests.orders.order_stories import TODAY, a_story, some_terms


def facts(session, kind):
    return [r.payload for r in session.scalars(select(OutboxRow).where(OutboxRow.kind == kind))]


def codes(refused):
    return {(p.field, p.code) for p in refused.value.problems}


def test_an_order_is_drawn_up_from_what_both_sides_said(session):
    story = a_story(session, listing={"available_from": TODAY + timedelta(days=5)})

    order = draft_from(session, story.proposal, actor=story.maria, now=NOW)

    assert order.number == "A-2026-0001"
    (line,) = order.lines
    assert (order.title, line.description, line.quantity, line.unit, line.mass_kg) == (
        "Lkw-Planen, bedruckt", "Lkw-Planen, bedruckt", 180.0, Unit.KG, 180.0,
    )  # fmt: skip
    assert [(p.organisation_id, p.service_point_id) for p in order.parties] == [
        (story.company.id, story.company.service_point_id),
        (story.enterprise.id, story.enterprise.service_point_id),
    ]
    assert (line.role, line.giver, line.taker) == (LineRole.MATERIAL_IN, *order.parties)
    assert (line.payer_id, line.price, order.terms) == (None, None, 0)
    assert order.starts_on == TODAY + timedelta(days=5)
    assert order.due_on == order.starts_on + timedelta(weeks=6)
    (pairing,) = order.pairings
    assert (pairing.proposal_id, pairing.listing_id) == (story.proposal.id, story.listing.id)
    assert (pairing.distance_km, pairing.mass_kg) == (story.proposal.distance_km, 180.0)
    assert story.proposal.state is ProposalState.ACCEPTED
    assert story.listing.state is ListingState.RESERVED
    assert facts(session, "OrderMoved") == []


def test_what_comes_again_and_again_stays_published(session):
    story = a_story(session, listing={"recurrence": Recurrence.MONTHLY})
    draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert story.listing.state is ListingState.PUBLISHED


def test_numbers_go_on_past_ten_thousand_and_begin_anew_each_year(session):
    first, second, third = (a_story(session) for _ in range(3))
    order = draft_from(session, first.proposal, actor=first.maria, now=NOW)
    order.number = "A-2026-9999"
    session.flush()
    order = draft_from(session, second.proposal, actor=second.maria, now=NOW)
    assert order.number == "A-2026-10000"
    later = NOW + timedelta(days=60)
    order = draft_from(session, third.proposal, actor=third.maria, now=later)
    assert order.number == "A-2027-0001"


def test_only_brokers_of_either_side_draw_up_orders(session):
    story = a_story(session)
    stranger = actor_for(session, a_broker(session))
    for actor in (story.andrea, story.emre, stranger):
        with pytest.raises(NotAllowed):
            draft_from(session, story.proposal, actor=actor, now=NOW)


def test_a_proposal_has_one_order(session):
    story = a_story(session)
    story.order()
    with pytest.raises(WrongState):
        draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_hazardous_material_goes_only_to_those_permitted(session):
    story = a_story(session)
    story.listing.waste_code = "160601"
    session.flush()
    with pytest.raises(Invalid) as refused:
        draft_from(session, story.proposal, actor=story.maria, now=NOW)
    assert codes(refused) == {("capability", "hazard_not_permitted")}
    session.rollback()


def test_hazardous_material_goes_to_those_permitted(session):
    story = a_story(session, listing={"hazardous": True}, capability={"accepts_hazardous": True})
    assert story.order().state is OrderState.DRAFT


@pytest.mark.parametrize("gone", ["listing", "capability", "enterprise"])
def test_nobody_is_bound_who_has_left(session, gone):
    story = a_story(session)
    if gone == "enterprise":
        story.enterprise.active = False
    else:
        getattr(story, gone).state = "paused"
    session.flush()
    with pytest.raises(WrongState):
        draft_from(session, story.proposal, actor=story.maria, now=NOW)
    session.rollback()


@pytest.mark.parametrize(
    ("listing", "capability", "committed"),
    [
        ({}, {}, (180.0, 0.0, 0.0)),
        ({}, {"capacity_kg_per_month": 100.0}, (100.0, 0.0, 0.0)),
        ({"recurrence": "weekly"}, {}, (180.0 * 52 / 12, 0.0, 0.0)),
        ({"recurrence": "yearly", "work_hours": 24.0}, {}, (15.0, 0.0, 2.0)),
        ({"unit": "piece", "quantity": 300.0, "mass_kg": None, "recurrence": "quarterly"}, {},
         (0.0, 100.0, 0.0)),
    ],
)  # fmt: skip
def test_an_order_commits_what_the_listing_brings_per_month(
    session, listing, capability, committed
):
    story = a_story(session, listing=listing, capability=capability)
    order = story.order()
    found = (
        order.pairings[0].committed_kg_per_month,
        order.pairings[0].committed_pieces_per_month,
        order.pairings[0].committed_hours_per_month,
    )
    assert found == pytest.approx(committed)
    session.refresh(story.capability)
    assert story.capability.committed_kg_per_month == pytest.approx(committed[0])
    assert story.capability.committed_pieces_per_month == pytest.approx(committed[1])
    assert story.capability.committed_hours_per_month == pytest.approx(committed[2])


def truth(session, story):
    theirs = OrderParty.organisation_id == story.enterprise.id
    rows = session.scalars(select(Order).where(Order.parties.any(theirs))).all()
    opened = [o for o in rows if o.state in OPEN]
    bound = session.scalars(
        select(OrderPairing).where(OrderPairing.capability_id == story.capability.id)
    ).all()
    mine = [b for b in bound if b.order_id in {o.id for o in opened}]
    return len(opened), sum(b.committed_kg_per_month for b in mine)


def counted(session, story):
    session.refresh(story.enterprise)
    session.refresh(story.capability)
    return story.enterprise.open_orders, story.capability.committed_kg_per_month


def test_what_is_committed_is_always_counted_from_the_orders(session):
    story = a_story(session)
    beside = a_capability(session, story.enterprise, title="Zweites")
    session.flush()
    assert counted(session, story) == (0, 0.0)

    order = story.agreed()
    assert counted(session, story) == truth(session, story) == (1, 180.0)
    told = {f["capability_id"] for f in facts(session, "CapabilityChanged")}
    assert told == {story.capability.id, beside.id}, "fairness moves all that it can do"

    actions.start(session, order, actor=story.emre, now=NOW)
    actions.deliver(session, order, actor=story.emre, now=NOW)
    assert counted(session, story) == (1, 180.0)
    actions.complete(session, order, actor=story.andrea, now=NOW)
    assert counted(session, story) == truth(session, story) == (0, 0.0)
    assert story.listing.state is ListingState.GIVEN


def test_a_count_that_went_wrong_heals_with_the_next_step(session):
    story = a_story(session)
    order = story.order()
    session.execute(
        Capability.__table__.update()
        .where(Capability.__table__.c.id == story.capability.id)
        .values(committed_kg_per_month=7.0)
    )
    terms.offer(session, order, actor=story.maria, now=NOW)
    assert counted(session, story) == (1, 180.0)


def test_the_terms_say_everything_that_is_wrong():
    with pytest.raises(Invalid) as refused:
        some_terms(quantity=0.0, pays=None, vat_percent=Decimal(101), taker_id=2, waste_code="1")
    assert codes(refused) == {
        ("quantity", "not_positive"),
        ("pays", "price_required"),
        ("vat_percent", "not_a_percentage"),
        ("taker", "two_parties"),
        ("waste_code", "waste_code_unknown"),
    }
    with pytest.raises(Invalid) as refused:
        some_terms(
            title="", product="x" * 5001, due_on=TODAY - timedelta(days=1), lines=(), standing=True,
            parties=some_terms().parties[:1] * 2,
        )  # fmt: skip
    assert codes(refused) == {
        ("title", "required"),
        ("product", "too_long"),
        ("due_on", "dates_reversed"),
        ("recurrence", "rhythm_required"),
        ("lines", "line_required"),
        ("parties", "both_sides_required"),
        ("parties", "party_twice"),
    }
    with pytest.raises(Invalid) as refused:
        some_terms(giver_id=99)
    assert codes(refused) == {("lines-0-giver", "party_unknown")}


@pytest.mark.parametrize(
    ("pays", "price", "code"),
    [
        (Pays.TAKER, None, "price_required"),
        (Pays.NOBODY, Decimal(5), "price_and_free"),
        (Pays.GIVER, Decimal("0.00"), "not_positive"),
        (Pays.GIVER, Decimal("-4"), "not_positive"),
        (Pays.TAKER, Decimal("1e9"), "too_big"),
    ],
)
def test_a_price_or_free_of_charge(pays, price, code):
    with pytest.raises(Invalid) as refused:
        some_terms(pays=pays, price=price)
    assert codes(refused) == {("price", code)}


def test_quantities_are_numbers():
    with pytest.raises(Invalid):
        some_terms(quantity=float("nan"))
    with pytest.raises(Invalid):
        some_terms(quantity=float("inf"))
    assert isinstance(some_terms(), OrderDraft)


def test_the_landing_page_counts_what_both_sides_accepted(session):
    story = a_story(session)
    assert queries.figures(session) == queries.Figures(0, None, 0.0)
    order = story.agreed()
    found = queries.figures(session)
    assert (found.agreed, found.mass_kg) == (1, 180.0)
    assert found.mean_km == pytest.approx(order.pairings[0].distance_km)
    other = a_listing(session, story.company)
    assert other.state is ListingState.PUBLISHED


def test_nothing_is_made_of_a_listing_that_has_expired(session):
    story = a_story(session)
    story.listing.expires_on = NOW.date() - timedelta(days=1)
    session.flush()
    with pytest.raises(WrongState, match="expired"):
        story.order()
