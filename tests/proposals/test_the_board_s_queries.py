from datetime import timedelta

import pytest
from sqlalchemy import event, select

from marketplace.core.actor import SYSTEM
from marketplace.core.errors import NotFound
from marketplace.listings.models import Kind
from marketplace.proposals import queries
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from marketplace.proposals.queries import Filter
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_place,
    actor_for,
    an_enterprise,
)
from tests.orders.order_stories import TODAY, a_story


def more(session, story, n, **changes):
    listings = [a_listing(session, story.company, **changes) for _ in range(n)]
    match_listings(session, [one.id for one in listings], as_of=TODAY, now=NOW)
    return listings


def found(session, story, **wanted):
    return queries.board(session, Filter(**wanted), actor=story.maria)


def test_the_board_is_ranked_and_paged(session):
    story = a_story(session)
    near = a_place("Wiener Neustadt")
    best = more(session, story, 1, place=near, title="Ganz nah")[0]
    rows, total = found(session, story)
    assert total == 2
    assert rows[0].listing is best
    assert [r.score for r in rows] == sorted((r.score for r in rows), reverse=True)
    second, _ = queries.board(session, Filter(), actor=story.maria, page=2, size=1)
    assert second == [rows[1]]


def test_brokers_see_their_own_and_the_agency_everything(session):
    story = a_story(session)
    stranger = actor_for(session, a_broker(session))
    assert queries.board(session, Filter(), actor=stranger)[1] == 0
    assert queries.board(session, Filter(), actor=story.andrea)[1] == 0
    assert queries.board(session, Filter(), actor=SYSTEM)[1] == 1
    assert queries.get(session, story.proposal.id, actor=story.maria) is story.proposal
    with pytest.raises(NotFound):
        queries.get(session, story.proposal.id, actor=stranger)
    with pytest.raises(NotFound):
        queries.get(session, story.proposal.id, actor=story.emre)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"kinds": [Kind.RESIDUAL]}, True),
        ({"kinds": [Kind.SERVICE]}, False),
        ({"material": "tarpaulin"}, True),
        ({"material": "wood"}, False),
        ({"region": "AT-1"}, True),
        ({"region": "AT-3"}, True),
        ({"region": "AT-7"}, False),
        ({"points_at_least": 40}, True),
        ({"points_at_least": 99}, False),
        ({"km_at_most": 30}, True),
        ({"km_at_most": 10}, False),
        ({"since": NOW - timedelta(days=1)}, True),
        ({"since": NOW + timedelta(days=1)}, False),
        ({"across_border": True}, False),
        ({"states": [ProposalState.ACCEPTED]}, False),
        ({"words": "Koller nähwerk"}, True),
        ({"words": "lkw-planen"}, True),
        ({"words": "Plane"}, True),
        ({"words": "Eisenstadt"}, True),
        ({"words": "50%"}, False),
        ({"words": "Holz"}, False),
    ],
)
def test_every_filter_keeps_and_drops(session, wanted, fits):
    story = a_story(session)
    assert found(session, story, **wanted)[1] == int(fits)


def test_pairs_across_the_border(session):
    story = a_story(session)
    over = an_enterprise(session, name="Műhely", place=a_place("Sopron", "HU"))
    a_capability(session, over, place=a_place("Sopron", "HU"))
    match_listings(session, [story.listing.id], as_of=TODAY, now=NOW)
    rows, total = found(session, story, across_border=True)
    assert total == 1
    assert rows[0].capability.organisation is over


def test_the_board_asks_as_often_for_one_row_as_for_many(session):
    story = a_story(session)

    def statements(expected):
        session.expire_all()
        session.execute(select(1))
        heard = []
        listen = lambda *args: heard.append(args[2])  # noqa: E731
        engine = session.get_bind().engine
        event.listen(engine, "before_cursor_execute", listen)
        rows, _ = found(session, story)
        for row in rows:
            assert row.listing.organisation.name
            assert row.capability.organisation.name
            assert row.listing.photos == []
        event.remove(engine, "before_cursor_execute", listen)
        assert len(rows) == expected
        return len(heard)

    few = statements(1)
    more(session, story, 12)
    session.commit()
    assert statements(13) == few


def test_listings_that_nothing_is_proposed_for(session):
    story = a_story(session)
    lonely = a_listing(session, story.company, title="Glas", material_code="glass")
    a_listing(session, story.company, title="Entwurf", state="draft", material_code="glass")
    elsewhere = a_company(session, name="Anderswo")
    a_listing(session, elsewhere, material_code="glass")
    rows, total = queries.unmatched(session, actor=story.maria)
    assert (rows, total) == ([lonely], 1)
    assert queries.unmatched(session, actor=SYSTEM)[1] == 2
    story.order()
    assert queries.unmatched(session, actor=story.maria)[1] == 1, "an order is a good hand"
    lonely_pair = session.scalars(select(Proposal).where(Proposal.listing_id == lonely.id)).all()
    assert lonely_pair == []


def test_proposals_of_interested_pairs(session):
    story = a_story(session)
    pair = (story.listing.id, story.enterprise.id)
    wanted = [pair, (story.listing.id, 999)]
    assert queries.of_pairs(session, wanted, actor=story.maria) == {pair: story.proposal}
    assert queries.of_pairs(session, [], actor=story.maria) == {}
    assert set(LIVE) == {ProposalState.PROPOSED, ProposalState.SHORTLISTED}
