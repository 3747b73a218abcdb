"""What people do with listings."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.core import audit, outbox
from marketplace.core.actor import SYSTEM, Actor, Role, require
from marketplace.core.errors import Invalid
from marketplace.core.text import clean, new_ref
from marketplace.listings import policy
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.events import (
    InterestShown,
    ListingChanged,
    ListingExpired,
    ListingExpiring,
)
from marketplace.listings.lifecycle import LISTING, ListingAction, ListingState
from marketplace.listings.models import Interest, Listing, ListingPhoto, ListingWord
from marketplace.photos.actions import chosen
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.words import stems

PLAIN = [f.name for f in fields(ListingDraft) if f.name not in {"place", "photo_ids", "mass_kg"}]
MATCHED_ON = (
    "kind", "material_code", "techniques", "quantity", "unit", "mass_kg", "work_hours",
    "recurrence", "available_from", "available_until", "condition", "hazardous", "waste_code",
    "work_place", "latitude", "longitude",
)  # fmt: skip
REMIND_BEFORE = timedelta(days=7)


def create(
    session: Session,
    draft: ListingDraft,
    *,
    actor: Actor,
    now: datetime,
    organisation_id: int | None = None,
    ref: str = "",
) -> Listing:
    """Save a listing that only its owner sees so far."""
    require(policy.can_create(actor))
    owner = organisation_id if organisation_id is not None else actor.organisation_id
    if owner is None:
        require(False)
    listing = Listing(
        ref=ref or new_ref("L"),
        organisation_id=owner,
        created_by=actor.user_id,
        state=LISTING.start,
        created_at=now,
        revision=1,
        pictures=[],
    )
    _write(session, listing, draft)
    session.add(listing)
    session.flush()
    _index_words(session, listing)
    audit.note(session, "create", listing, actor=actor, now=now, after={"title": listing.title})
    return listing


def update(
    session: Session, listing: Listing, draft: ListingDraft, *, actor: Actor, now: datetime
) -> None:
    """Store what changed; where matching reads it, the listing is matched again.

    ``listing`` needs its ``pictures`` loaded.
    """
    require(policy.can_edit(actor, listing))
    if listing.state in policy.SHOWN:
        _check_shown(draft, actor, now.date())
    before = {name: getattr(listing, name) for name in MATCHED_ON}
    _write(session, listing, draft)
    session.flush()
    _index_words(session, listing)
    changed = [name for name in MATCHED_ON if getattr(listing, name) != before[name]]
    if changed:
        listing.revision += 1
        outbox.record(session, ListingChanged(listing.id), now=now)
    audit.note(
        session,
        "update",
        listing,
        actor=actor,
        now=now,
        before={name: str(before[name]) for name in changed},
        after={name: str(getattr(listing, name)) for name in changed},
    )


def _write(session: Session, listing: Listing, draft: ListingDraft) -> None:
    draft = draft.completed()
    for name in PLAIN:
        setattr(listing, name, getattr(draft, name))
    listing.mass_kg, listing.mass_estimated = draft.mass()
    listing.move_to(draft.place)
    photos = chosen(session, draft.photo_ids, organisation_id=listing.organisation_id)
    kept = {picture.photo_id: picture for picture in listing.pictures}
    listing.pictures = [
        kept.get(photo.id) or ListingPhoto(photo_id=photo.id, photo=photo) for photo in photos
    ]
    for position, picture in enumerate(listing.pictures):
        picture.position = position


def _index_words(session: Session, listing: Listing) -> None:
    session.execute(
        delete(ListingWord)
        .where(ListingWord.listing_id == listing.id)
        .execution_options(synchronize_session=False)
    )
    words = {w[:40] for w in stems(f"{listing.title} {listing.description}")}
    session.add_all(ListingWord(listing_id=listing.id, word=word) for word in sorted(words))


def move(
    session: Session,
    listing: Listing,
    action: ListingAction,
    *,
    actor: Actor,
    now: datetime,
    days: int = 90,
) -> None:
    """Take the listing one step through its life; publishing and renewing last ``days`` days."""
    require(policy.can_move(actor, listing, action))
    before = listing.state
    listing.state = LISTING.after(before, action)
    if action in {ListingAction.PUBLISH, ListingAction.RENEW}:
        _check_shown(draft_of(listing), actor, now.date())
        listing.published_at = listing.published_at or now
        listing.expires_on = now.date() + timedelta(days=days)
        if listing.available_until:
            listing.expires_on = min(listing.expires_on, listing.available_until)
        listing.reminded_at = None
    session.flush()
    outbox.record(session, ListingChanged(listing.id), now=now)
    audit.note(
        session,
        action.value,
        listing,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": listing.state.value},
    )


def _check_shown(draft: ListingDraft, actor: Actor, today: date) -> None:
    """Ask people for all that others need to see; what is imported is taken as it is."""
    if actor.has(Role.SYSTEM):
        draft.fit_to_match()
    else:
        draft.fit_to_publish(today)


def draft_of(listing: Listing) -> ListingDraft:
    """Return the listing as a draft, to be checked, edited or posted again.

    ``listing`` needs its ``pictures`` loaded.
    """
    values = {name: getattr(listing, name) for name in PLAIN}
    return ListingDraft(
        **values,
        mass_kg=None if listing.mass_estimated else listing.mass_kg,
        place=listing.place,
        photo_ids=[picture.photo_id for picture in listing.pictures],
    )


def post_again(
    session: Session, listing: Listing, *, actor: Actor, now: datetime, today: date
) -> Listing:
    """Make a new draft from an earlier listing, available from today for as long as that one was.

    In place of what the taxonomy has retired since, it names what is meant now, if anything is.
    """
    draft = draft_of(listing)
    material = materials().heir(draft.material_code) if draft.material_code else None
    heirs = [techniques().heir(code) for code in draft.techniques]
    until = draft.available_until
    if until is not None:
        until = today + min(until - draft.available_from, date.max - today)
    again = replace(
        draft,
        material_code=None if material is None else material.code,
        techniques=list(dict.fromkeys(heir.code for heir in heirs if heir is not None)),
        available_from=today,
        available_until=until,
    )
    return create(session, again, actor=actor, now=now)


def remove(session: Session, listing: Listing, *, actor: Actor, now: datetime) -> None:
    """Delete a draft that nobody else has seen."""
    require(policy.can_delete(actor, listing))
    audit.note(session, "delete", listing, actor=actor, now=now, before={"title": listing.title})
    session.delete(listing)


def show_interest(
    session: Session, listing: Listing, note: str, *, actor: Actor, now: datetime
) -> Interest:
    """Tell the brokers that the actor's enterprise would like this listing; twice is once."""
    require(policy.can_show_interest(actor, listing))
    note = clean(note)
    if len(note) > 1000:
        raise Invalid.one("note", "too_long", most=1000)
    known = session.scalars(
        select(Interest).where(
            Interest.listing_id == listing.id, Interest.organisation_id == actor.organisation_id
        )
    ).one_or_none()
    if known is not None:
        known.note = note or known.note
        return known
    interest = Interest(
        listing_id=listing.id,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        note=note,
        at=now,
    )
    session.add(interest)
    session.flush()
    outbox.record(session, InterestShown(interest.id), now=now)
    return interest


def expire_due(session: Session, *, today: date, now: datetime) -> int:
    """Expire what nobody renewed and warn those whose listing ends within a week; return how many."""
    living = (ListingState.PUBLISHED, ListingState.PAUSED)
    due = session.scalars(
        select(Listing).where(Listing.state.in_(living), Listing.expires_on < today).limit(500)
    ).all()
    for listing in due:
        move(session, listing, ListingAction.EXPIRE, actor=SYSTEM, now=now)
        outbox.record(session, ListingExpired(listing.id), now=now)
    soon = session.scalars(
        select(Listing)
        .where(
            Listing.state.in_(living),
            Listing.reminded_at.is_(None),
            Listing.expires_on >= today,
            Listing.expires_on <= today + REMIND_BEFORE,
        )
        .limit(500)
    ).all()
    for listing in soon:
        listing.reminded_at = now
        outbox.record(session, ListingExpiring(listing.id), now=now)
    return len(due) + len(soon)
