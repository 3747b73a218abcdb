"""Fills an empty marketplace with the demo region, round by round of its past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, User
from marketplace.core.outbox import OutboxRow
from marketplace.core.storage import Storage
from marketplace.demo import cases, cluster, fates, goods, seals, stories, talks, taxonomy
from marketplace.demo.people import SIGN_INS
from marketplace.demo.region import People, settle
from marketplace.demo.tables import days_ago, rows
from marketplace.impact.booking import book_all
from marketplace.listings.map_tiles import recount
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import Proposal
from marketplace.proposals.relearning import relearn_everything

ROUNDS = (240, 150, 90, 45, 25, 12, 4, 0)
"""How many days ago the marketplace was matched and its brokers drew up orders."""
NEWS = timedelta(days=10)
WORTH_TELLING = (
    "OrderMoved",
    "InterestShown",
    "OrganisationToVerify",
    "CaseOpened",
    "CaseReferred",
    "PartnerApplied",
)
Progress = Callable[[int, int], None]


def is_inhabited(session: Session) -> bool:
    """Tell whether there is any organisation."""
    return session.scalar(select(Organisation.id).limit(1)) is not None


def is_loaded(session: Session) -> bool:
    """Tell whether the demo's people can sign in."""
    found = select(User.id).where(User.email == SIGN_INS["company"])
    return session.scalar(found) is not None


def load(
    session: Session,
    storage: Storage,
    *,
    photos: Path,
    secret: bytes,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> dict[str, int]:
    """Make the region; return how many of each there are. Everything is matched as of ``now``.

    Dates count back from ``now``, so that the region looks the same whenever it is loaded.
    """
    people = settle(session, secret=secret, now=now)
    album = goods.Album(photos, storage)
    offers = {row["ref"]: row for row in rows("listings")}
    skills = {row["ref"]: row for row in rows("capabilities")}
    orders = rows("orders")
    ages = {ref: int(row["age"]) for ref, row in offers.items()}
    for row in orders:
        told = min(r for r in ROUNDS if r >= int(row["days"]))
        ages[row["listing"]] = max(ages[row["listing"]], told + 3)
    made = stories.Made()
    total = len(offers) + len(skills) + len(orders)
    done = 0
    for back in ROUNDS:
        for ref, row in skills.items():
            if ref not in made.capabilities and int(row["age"]) >= back:
                made.capabilities[ref] = goods.show(
                    session, row, people, album, now=now, age=int(row["age"])
                )
                done += 1
        for ref, row in offers.items():
            if ref not in made.listings and ages[ref] >= back:
                made.listings[ref] = goods.post(session, row, people, album, now=now, age=ages[ref])
                done += 1
            progress(done, total)
        then = days_ago(now, back, 6, 30)
        match_all(session, as_of=then.date(), now=then)
        later = max((r for r in ROUNDS if r < back), default=-1)
        for row in orders:
            if later < int(row["days"]) <= back:
                stories.tell_order(session, row, people, made, now=now)
                done += 1
        progress(done, total)
    return _finish(session, people, album, made, offers, now=now)


def _finish(
    session: Session,
    people: People,
    album: goods.Album,
    made: stories.Made,
    offers: dict[str, dict[str, str]],
    *,
    now: datetime,
) -> dict[str, int]:
    for ref, row in offers.items():
        goods.age_listing(session, made.listings[ref], row, people, now=now)
    stories.renew_old_listings(session, people, made, offers, now=now)
    match_all(session, as_of=now.date(), now=now)
    stories.decide_on_proposals(session, people, made, now=now)
    stories.show_interest(session, people, made, now=now)
    match_all(session, as_of=now.date(), now=now)
    told = cases.tell_cases(session, people, made, now=now)
    written = talks.tell_talks(session, people, now=now)
    talks.save_searches(session, now=now)
    cluster.tell_cluster(session, people, now=now)
    taxonomy.tell_edition(session, now=now)
    relearn_everything(session, now=now)
    recount(session)
    fates.tell_fates(session, now=now)
    book_all(session, now=now)
    seals.tell_seals(session, people, album, now=now)
    _let_the_past_rest(session, now)
    session.flush()
    return {
        "organisations": len(people.organisations),
        "listings": len(made.listings),
        "capabilities": len(made.capabilities),
        "proposals": session.scalar(select(func.count()).select_from(Proposal)) or 0,
        "orders": made.orders,
        "cases": told,
        "messages": written,
    }


def _let_the_past_rest(session: Session, now: datetime) -> None:
    """Leave only fresh news to the worker: all is matched, and nobody is told of last spring."""
    session.flush()
    stale = OutboxRow.recorded_at < now - NEWS
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.done_at.is_(None), stale | OutboxRow.kind.not_in(WORTH_TELLING))
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )
