"""What social enterprises do with their capabilities."""

from dataclasses import fields
from datetime import date, datetime

from sqlalchemy.orm import Session

from marketplace.capabilities import policy
from marketplace.capabilities.drafts import CapabilityDraft
from marketplace.capabilities.events import CapabilityChanged, WorkSought
from marketplace.capabilities.lifecycle import CAPABILITY, CapabilityAction
from marketplace.capabilities.models import Capability, CapabilityPhoto, CapabilityState
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.text import new_ref
from marketplace.photos.actions import chosen

PLAIN = [f.name for f in fields(CapabilityDraft) if f.name not in {"place", "photo_ids"}]
MATCHED_ON = (
    "materials", "techniques", "conditions", "capacity_kg_per_month", "capacity_pieces_per_month",
    "capacity_hours_per_month", "min_batch_kg", "service_radius_km", "service_area",
    "accepts_hazardous", "on_site", "available_from", "available_until", "latitude", "longitude",
)  # fmt: skip


def create(
    session: Session,
    draft: CapabilityDraft,
    *,
    actor: Actor,
    now: datetime,
    organisation_id: int | None = None,
    ref: str = "",
) -> Capability:
    """Save a capability that only its enterprise sees so far."""
    require(policy.can_create(actor))
    owner = organisation_id if organisation_id is not None else actor.organisation_id
    if owner is None:
        require(False)
    capability = Capability(
        ref=ref or new_ref("C"),
        organisation_id=owner,
        created_by=actor.user_id,
        state=CAPABILITY.start,
        created_at=now,
        revision=1,
        pictures=[],
    )
    _write(session, capability, draft)
    session.add(capability)
    session.flush()
    audit.note(
        session, "create", capability, actor=actor, now=now, after={"title": capability.title}
    )
    return capability


def update(
    session: Session, capability: Capability, draft: CapabilityDraft, *, actor: Actor, now: datetime
) -> None:
    """Store what changed; where matching reads it, near listings are matched again.

    ``capability`` needs its ``pictures`` loaded.
    """
    require(policy.can_edit(actor, capability))
    if capability.state is CapabilityState.ACTIVE:
        draft.fit_to_show()
    before = {name: getattr(capability, name) for name in MATCHED_ON}
    sought = (capability.seeking_work, capability.seeking_from)
    _write(session, capability, draft)
    changed = [name for name in MATCHED_ON if getattr(capability, name) != before[name]]
    if changed:
        capability.revision += 1
        outbox.record(session, CapabilityChanged(capability.id), now=now)
    if sought != (capability.seeking_work, capability.seeking_from):
        _tell_of_work_sought(session, capability, now)
    session.flush()
    audit.note(
        session,
        "update",
        capability,
        actor=actor,
        now=now,
        before={name: str(before[name]) for name in changed},
        after={name: str(getattr(capability, name)) for name in changed},
    )


def _write(session: Session, capability: Capability, draft: CapabilityDraft) -> None:
    for name in PLAIN:
        setattr(capability, name, getattr(draft, name))
    capability.move_to(draft.place)
    photos = chosen(session, draft.photo_ids, organisation_id=capability.organisation_id)
    kept = {picture.photo_id: picture for picture in capability.pictures}
    capability.pictures = [
        kept.get(photo.id) or CapabilityPhoto(photo_id=photo.id, photo=photo) for photo in photos
    ]
    for position, picture in enumerate(capability.pictures):
        picture.position = position


def _tell_of_work_sought(session: Session, capability: Capability, now: datetime) -> None:
    if capability.seeking_work and capability.state is CapabilityState.ACTIVE:
        outbox.record(session, WorkSought(capability.id), now=now)


def move(
    session: Session,
    capability: Capability,
    action: CapabilityAction,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Show the capability or take it off show. ``capability`` needs its ``pictures`` loaded."""
    require(policy.can_edit(actor, capability))
    before = capability.state
    capability.state = CAPABILITY.after(before, action)
    if action is CapabilityAction.ACTIVATE:
        draft_of(capability).fit_to_show()
        capability.shown_at = capability.shown_at or now
        _tell_of_work_sought(session, capability, now)
    session.flush()
    outbox.record(session, CapabilityChanged(capability.id), now=now)
    audit.note(
        session,
        action.value,
        capability,
        actor=actor,
        now=now,
        before={"state": before.value},
        after={"state": capability.state.value},
    )


def seek_work(
    session: Session,
    capability: Capability,
    *,
    seeking: bool,
    since: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say that the workshop looks for work from a day on, or no longer."""
    require(policy.can_edit(actor, capability))
    capability.seeking_work = seeking
    capability.seeking_from = since if seeking else None
    session.flush()
    _tell_of_work_sought(session, capability, now)


def draft_of(capability: Capability) -> CapabilityDraft:
    """Return the capability as a draft. ``capability`` needs its ``pictures`` loaded."""
    return CapabilityDraft(
        **{name: getattr(capability, name) for name in PLAIN},
        place=capability.place,
        photo_ids=[picture.photo_id for picture in capability.pictures],
    )
