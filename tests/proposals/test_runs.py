"""Matching everything in parts: the same whatever the parts, whoever works, and whoever dies."""

from datetime import timedelta

from sqlalchemy import delete, event, select, update

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.jobs.runs import Hand, see_through
from marketplace.jobs.schedule import match_daily
from marketplace.proposals import runs
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import COMPONENTS, MatchPart, MatchRun, Proposal
from tests.builders import NOW, a_capability, a_company, a_listing, a_place, an_enterprise

TODAY = NOW.date()
TOWNS = ("Eisenstadt", "Wiener Neustadt", "Graz", "Linz", "Wien", "St. Pölten", "Oberwart")


def a_region(session):
    company = a_company(session)
    for n, town in enumerate(TOWNS):
        a_listing(session, company, place=a_place(town))
        workshop = an_enterprise(session, place=a_place(town), open_orders=n % 3)
        a_capability(session, workshop, place=a_place(town), service_radius_km=90.0)


def stored(session):
    columns = (Proposal.listing_id, Proposal.capability_id, Proposal.rank, Proposal.score)
    rows = session.execute(
        select(*columns, *(getattr(Proposal, c) for c in COMPONENTS), Proposal.distance_km)
    )
    return sorted(tuple(row) for row in rows)


def clock():
    return NOW


def test_the_parts_do_not_matter(session, sessions):
    a_region(session)
    session.commit()
    match_all(session, as_of=TODAY, now=NOW)
    whole = stored(session)
    assert len(whole) > len(TOWNS)
    for size in (1, 3, 1000):
        session.execute(delete(Proposal))
        run = runs.start(session, as_of=TODAY, now=NOW, size=size)
        parts = len(session.scalars(select(MatchPart).where(MatchPart.run_id == run.id)).all())
        run_id = run.id
        session.commit()
        told = []
        changes = see_through(
            sessions,
            run_id,
            clock=clock,
            tell=lambda done, total, told=told: told.append((done, total)),
        )
        session.expire_all()
        assert stored(session) == whole
        assert (changes.made, changes.listings) == (len(whole), len(TOWNS))
        assert told[-1] == (len(TOWNS), len(TOWNS))
        assert (parts > 1) == (size < 1000)


def test_twice_in_a_row_changes_nothing(session, sessions):
    a_region(session)
    session.commit()
    made = []
    for _ in range(2):
        run_id = runs.start(session, as_of=TODAY, now=NOW, size=2).id
        session.commit()
        changes = see_through(sessions, run_id, clock=clock)
        made.append((changes.made, changes.refreshed, changes.expired))
    assert made[0][0] > 0
    assert made[1] == (0, 0, 0)


def test_a_part_has_one_worker_until_its_lease_runs_out(session):
    a_region(session)
    run_id = runs.start(session, as_of=TODAY, now=NOW, size=1000).id
    first = runs.claim(session, run_id, now=NOW)
    assert first is not None
    assert runs.claim(session, run_id, now=NOW + runs.LEASE) is None
    again = runs.claim(session, run_id, now=NOW + runs.LEASE + timedelta(seconds=1))
    assert again.id == first.id


def test_what_a_dead_worker_left_is_done_by_another(session, sessions):
    a_region(session)
    run_id = runs.start(session, as_of=TODAY, now=NOW, size=3).id
    runs.claim(session, run_id, now=NOW)
    session.commit()
    hand = Hand(sessions, clock)
    while hand.work_one():
        pass
    session.expire_all()
    assert session.get(MatchRun, run_id).finished_at is None
    late = Hand(sessions, lambda: NOW + runs.LEASE + timedelta(seconds=1))
    assert late.work_one()
    session.expire_all()
    assert session.get(MatchRun, run_id).finished_at is not None
    by_parts = stored(session)
    session.execute(delete(Proposal))
    match_all(session, as_of=TODAY, now=NOW)
    assert by_parts == stored(session)


def test_a_run_over_nothing_is_over_at_once(session):
    run = runs.start(session, as_of=TODAY, now=NOW)
    assert run.finished_at == NOW
    assert runs.open_run(session) is None


def test_everything_is_matched_once_a_day(session):
    a_region(session)
    match_daily(session, today=TODAY, now=NOW)
    match_daily(session, today=TODAY, now=NOW)
    assert len(session.scalars(select(MatchRun)).all()) == 1
    match_daily(session, today=TODAY + timedelta(days=1), now=NOW)
    assert len(session.scalars(select(MatchRun)).all()) == 2


def writes_of(engine, session, as_of):
    """Match everything and return (changes, statements that write)."""
    asked = []

    def listen(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        changes = match_all(session, as_of=as_of, now=NOW)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return changes, [s for s in asked if s.startswith(("INSERT", "UPDATE", "DELETE"))]


def everything_of(session):
    session.expire_all()
    rows = session.execute(select(Proposal.__table__).order_by(Proposal.id))
    return [dict(row._mapping) for row in rows]


def test_a_second_run_writes_nothing_at_all(session, engine):
    a_region(session)
    changes, writes = writes_of(engine, session, TODAY)
    assert changes.made > len(TOWNS)
    assert len([s for s in writes if s.startswith("INSERT INTO proposals")]) == 1
    before = everything_of(session)
    changes, writes = writes_of(engine, session, TODAY)
    assert (changes.made, changes.refreshed, changes.expired, writes) == (0, 0, 0, [])
    assert everything_of(session) == before


def test_the_next_day_only_the_day_moves_and_all_at_once(session, engine):
    a_region(session)
    match_all(session, as_of=TODAY, now=NOW)
    before = everything_of(session)
    changes, writes = writes_of(engine, session, TODAY + timedelta(days=1))
    assert (changes.made, changes.refreshed, changes.expired) == (0, len(before), 0)
    assert len(writes) == 1
    assert everything_of(session) == [p | {"as_of": TODAY + timedelta(days=1)} for p in before]


def test_what_was_decided_is_not_written_again(session, engine):
    a_region(session)
    match_all(session, as_of=TODAY, now=NOW)
    session.execute(update(Proposal).values(state="accepted", score=0.25))
    before = everything_of(session)
    changes, writes = writes_of(engine, session, TODAY + timedelta(days=1))
    assert (changes.made, changes.refreshed, changes.expired, writes) == (0, 0, 0, [])
    assert everything_of(session) == before


def test_the_statements_do_not_grow_with_the_rows(session, engine):
    counts = []
    for regions in (1, 5):
        for _ in range(regions):
            a_region(session)
        session.execute(delete(Proposal))
        first, made = writes_of(engine, session, TODAY)
        session.execute(update(Organisation).values(open_orders=Organisation.open_orders + 1))
        session.execute(update(Capability).values(service_radius_km=30.0))
        second, moved = writes_of(engine, session, TODAY + timedelta(days=1))
        assert first.made == second.refreshed + second.expired
        assert min(first.made, second.refreshed, second.expired) > 0
        counts.append((len(made), len(moved)))
    assert counts[0] == counts[1]
