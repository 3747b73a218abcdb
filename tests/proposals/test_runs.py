"""Matching everything in parts: the same whatever the parts, whoever works, and whoever dies."""

from datetime import timedelta

from sqlalchemy import delete, select

from marketplace.jobs.runs import Hand, see_through
from marketplace.jobs.schedule import match_daily
from marketplace.proposals import runs
from marketplace.proposals.matches import COMPONENTS, match_all
from marketplace.proposals.models import MatchPart, MatchRun, Proposal
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
