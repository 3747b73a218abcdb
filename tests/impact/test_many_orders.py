"""Stories of several orders told in any order: the ledger holds every kilogram once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.core.actor import SYSTEM
from marketplace.core.errors import Invalid
from marketplace.impact import booking, queries
from marketplace.impact.models import Path
from marketplace.impact.queries import Filter
from tests.builders import NOW
from tests.impact.impact_stories import M, a_world, entries, the_next

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bring", "correct", "re_used", "recycled", "passed_on", "book"]),
        st.integers(0, 2),
        st.integers(1, 400),
    ),
    min_size=3,
    max_size=14,
)


def take(session, worlds, brought, step):
    """Take one step, where it is not refused."""
    what, number, kg = step
    world = worlds[number]
    if what == "bring":
        brought[number].append(world.bring(float(kg), lost=float(kg % 3)))
    elif what == "correct" and brought[number]:
        world.correct(brought[number][-1], float(kg))
    elif what == "book":
        world.book()
    elif what in set(Path):
        to = worlds[number + 1] if what == "passed_on" and number < 2 else None
        try:
            world.say(Path(what), float(kg), to=to)
        except Invalid:
            return


def test_every_kilogram_is_somewhere_and_once(session):
    first = a_world(session)
    second = the_next(session, first)
    worlds = [first, second, the_next(session, second)]
    company = first.story.company.id

    @given(STEPS)
    @settings(max_examples=15, deadline=None)
    def told(steps):
        before = session.begin_nested()
        brought = [[], [], []]
        for step in steps:
            take(session, worlds, brought, step)
        check(session, worlds, company, brought[0])
        before.rollback()

    told()


def check(session, worlds, company, brought):
    booking.book_all(session, now=NOW)
    mine = entries(session, *worlds)

    def kg(*measures):
        return sum(e.result for e in mine if e.measure in measures)

    handed = sum(d.arrived + d.lost for d in brought)
    assert kg(M.MASS_GIVEN_KG) == pytest.approx(handed), "what workshops hand on is no gift"
    assert kg(M.MASS_LOST_KG, M.MASS_KG) <= handed + 1e-6
    assert all(e.result >= 0 for e in mine)
    assert {e.giver_id for e in mine if e.measure is M.MASS_KG} <= {company}
    points = queries.by_service_point(session, Filter(), actor=SYSTEM)
    assert sum(sums.of(M.MASS_GIVEN_KG) for _point, sums in points) == pytest.approx(handed)
    before = [(e.key, e.result) for e in mine]
    booking.book_all(session, now=NOW)
    assert [(e.key, e.result) for e in entries(session, *worlds)] == before
