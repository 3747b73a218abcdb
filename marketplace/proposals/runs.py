"""Matching everything, in parts that any number of workers share through the database.

A listing's ranking depends on no other listing, so that the result is the same whatever the parts
are and whoever works on them.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from marketplace.core import outbox
from marketplace.listings.models import Listing
from marketplace.proposals.candidates import Able, matchable, read_capabilities
from marketplace.proposals.events import MatchRunFinished
from marketplace.proposals.matches import TOP, Changes, match_part, worth_matching
from marketplace.proposals.models import MatchPart, MatchRun

LEASE = timedelta(minutes=3)
PART = 20_000


def start(
    session: Session, *, as_of: date, now: datetime, top: int = TOP, size: int = PART
) -> MatchRun:
    """Begin a run over every listing that is published, or still has proposals from when it was."""
    run = MatchRun(as_of=as_of, top=top, started_at=now)
    session.add(run)
    session.flush()
    rows = session.execute(
        select(Listing.band, func.count())
        .where(worth_matching())
        .group_by(Listing.band)
        .order_by(Listing.band)
    ).all()
    bands: list[int] = []
    count = 0
    for band, there in rows:
        bands.append(band)
        count += there
        if count >= size:
            _add(session, run, bands, count)
            bands, count = [], 0
    if bands:
        _add(session, run, bands, count)
    session.flush()
    finish(session, run.id, now=now)
    return run


def _add(session: Session, run: MatchRun, bands: list[int], count: int) -> None:
    part = MatchPart(run_id=run.id, first_band=bands[0], last_band=bands[-1], listings=count)
    session.add(part)


def claim(session: Session, run_id: int, *, now: datetime) -> MatchPart | None:
    """Lease the next free part of a run; None where none is free. Commit before working."""
    free = (
        MatchPart.run_id == run_id,
        MatchPart.done_at.is_(None),
        or_(MatchPart.leased_until.is_(None), MatchPart.leased_until < now),
    )
    next_one = (
        select(MatchPart.id)
        .where(*free)
        .order_by(MatchPart.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(MatchPart)
        .where(MatchPart.id == next_one, *free)
        .values(leased_until=now + LEASE)
        .returning(MatchPart)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(taken).one_or_none()


def able_now(session: Session) -> Able:
    """Return every capability that may be matched, to be used for all parts of a run."""
    return read_capabilities(session, *matchable())


def work(session: Session, part_id: int, able: Able, *, now: datetime) -> Changes:
    """Match the listings of a part and store the differences, all or nothing."""
    part = session.get_one(MatchPart, part_id)
    run = session.get_one(MatchRun, part.run_id)
    inside = worth_matching() & Listing.band.between(part.first_band, part.last_band)
    changes = match_part(session, inside, able, as_of=run.as_of, now=now, top=run.top)
    session.execute(
        update(MatchPart)
        .where(MatchPart.id == part_id, MatchPart.done_at.is_(None))
        .values(
            done_at=now,
            made=changes.made,
            refreshed=changes.refreshed,
            expired=changes.expired,
            listings=changes.listings,
        )
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    finish(session, run.id, now=now)
    return changes


def finish(session: Session, run_id: int, *, now: datetime) -> None:
    """Close the run if every part of it is done.

    Whoever finishes a part waits here for who finishes another one, so that the second of them sees
    that the first one is done.
    """
    session.execute(select(MatchRun.id).where(MatchRun.id == run_id).with_for_update())
    left = select(MatchPart.id).where(MatchPart.run_id == run_id, MatchPart.done_at.is_(None))
    closed = session.scalar(
        update(MatchRun)
        .where(MatchRun.id == run_id, MatchRun.finished_at.is_(None), ~left.exists())
        .values(finished_at=now)
        .returning(MatchRun.id)
        .execution_options(synchronize_session=False)
    )
    if closed is not None:
        outbox.record(session, MatchRunFinished(run_id), now=now)
        session.flush()
    session.expire_all()


def open_run(session: Session) -> int | None:
    """Return the oldest run that is not finished."""
    return session.scalar(
        select(MatchRun.id).where(MatchRun.finished_at.is_(None)).order_by(MatchRun.id).limit(1)
    )


def ran_on(session: Session, day: date) -> bool:
    """Tell whether a whole run as of that day was begun."""
    asked = select(MatchRun.id).where(MatchRun.as_of == day, MatchRun.top == TOP).limit(1)
    return session.scalar(asked) is not None


def progress(session: Session, run_id: int) -> tuple[Changes, int, bool]:
    """Return what a run changed so far, how many listings it has in all, and whether it is over."""
    done = MatchPart.done_at.is_not(None)
    listings, made, refreshed, expired = session.execute(
        select(
            func.coalesce(func.sum(MatchPart.listings).filter(done), 0),
            func.coalesce(func.sum(MatchPart.made), 0),
            func.coalesce(func.sum(MatchPart.refreshed), 0),
            func.coalesce(func.sum(MatchPart.expired), 0),
        ).where(MatchPart.run_id == run_id)
    ).one()
    total = session.scalar(select(func.sum(MatchPart.listings)).where(MatchPart.run_id == run_id))
    over = session.get_one(MatchRun, run_id).finished_at is not None
    return Changes(int(listings), int(made), int(refreshed), int(expired)), int(total or 0), over
