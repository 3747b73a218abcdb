"""What happens by itself: listings end, loose photos go, old mails are forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from marketplace.core.outbox import OutboxRow
from marketplace.jobs import schedule, worker
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing, ListingPhoto
from marketplace.notifications.models import Mail
from marketplace.photos.models import Photo, Size
from marketplace.tables import metadata
from tests.builders import NOW, a_company, a_listing


@pytest.fixture
def storage(app):
    return app.extensions["storage"]


def a_photo(session, storage, organisation, key, days):
    photo = Photo(
        key=key,
        organisation_id=organisation.id,
        width=10,
        height=10,
        source_hash=key,
        created_at=NOW - timedelta(days=days),
    )
    session.add(photo)
    session.flush()
    for size in Size:
        storage.put(photo.file(size), b"webp")
    return photo


def test_photos_that_hang_on_nothing_go_after_a_week(app, session, storage):
    koller = a_company(session)
    loose = a_photo(session, storage, koller, "loose", 8)
    a_photo(session, storage, koller, "fresh", 6)
    a_photo(session, storage, koller, "logo", 30)
    koller.logo_key = "logo"
    hung = a_photo(session, storage, koller, "hung", 30)
    listing = a_listing(session, koller)
    session.add(ListingPhoto(listing_id=listing.id, photo_id=hung.id, position=0))
    session.flush()
    names = [loose.file(size) for size in Size]
    assert schedule.remove_loose_photos(session, storage, now=NOW) == 1
    assert set(session.scalars(select(Photo.key))) == {"fresh", "logo", "hung"}
    for name in names:
        with pytest.raises(FileNotFoundError):
            storage.get(name)
    assert storage.get("logo-s.webp") == b"webp"


def referring_to_photos():
    return [
        key.parent
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is Photo.__table__.c.id
    ]


@pytest.mark.parametrize("column", referring_to_photos(), ids=lambda column: column.table.name)
def test_no_table_with_photos_is_forgotten(app, session, storage, column):
    """Whatever hangs a photo keeps it: also tables that are yet to come."""
    hung = a_photo(session, storage, a_company(session), "hung", 30)
    needed = {c.name: 1 for c in column.table.c if not c.nullable and not c.primary_key}
    off, on = {"sqlite": ("PRAGMA defer_foreign_keys=ON", None)}.get(
        session.get_bind().dialect.name,
        ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
    )
    session.execute(text(off))
    session.execute(column.table.insert().values({**needed, column.name: hung.id}))
    if on:
        session.execute(text(on))
    assert schedule.remove_loose_photos(session, storage, now=NOW) == 0
    assert set(session.scalars(select(Photo.key))) == {"hung"}
    session.rollback()


def test_listings_end_and_old_mails_are_forgotten(app, session):
    listing = a_listing(session, a_company(session), expires_on=NOW.date() - timedelta(days=1))
    for days in (40, 10):
        at = NOW - timedelta(days=days)
        session.add(
            Mail(
                recipient=f"{days}@example.org",
                language="de",
                subject="x",
                text="x",
                html="x",
                created_at=at,
                sent_at=at,
            )
        )
        session.add(OutboxRow(kind="Old", payload={}, recorded_at=at, due_at=at, done_at=at))
    session.commit()
    worker.on_schedule(app, clock=lambda: NOW)
    session.expire_all()
    assert session.get(Listing, listing.id).state is ListingState.EXPIRED
    assert list(session.scalars(select(Mail.recipient))) == ["10@example.org"]
    assert len(session.scalars(select(OutboxRow).where(OutboxRow.kind == "Old")).all()) == 1


def test_a_task_that_fails_does_not_keep_the_others_back(app, session, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(schedule, "expire_due", broken)
    seen = []
    monkeypatch.setattr(schedule, "forget_old", lambda session, now: seen.append(now))
    worker.on_schedule(app, clock=lambda: NOW)
    assert seen == [NOW]
