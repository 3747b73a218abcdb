"""Consortia: organisations find together, share roles and tasks, and answer a call."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.models import Organisation, Verification
from marketplace.cluster.calls import is_open
from marketplace.cluster.drafts import TASK, ConsortiumDraft
from marketplace.cluster.events import PlaceAnswered, PlaceOffered
from marketplace.cluster.lifecycle import (
    CONSORTIUM,
    PLACE,
    ConsortiumAction,
    ConsortiumState,
    PlaceAction,
    PlaceState,
)
from marketplace.cluster.models import Call, Consortium, ConsortiumPlace, ConsortiumRole
from marketplace.cluster.partners import can_decide, can_speak
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.text import clean


def found(
    session: Session, call: Call, draft: ConsortiumDraft, *, actor: Actor, now: datetime
) -> Consortium:
    """Begin a consortium for a call; the founder's organisation coordinates it."""
    require(can_speak(actor) and _takes_part(session, actor))
    if not is_open(call, today=now.date()):
        raise WrongState("the call is over")
    taken = select(Consortium.id).where(
        Consortium.call_id == call.id, Consortium.name == draft.name
    )
    if session.scalar(taken) is not None:
        raise Invalid.one("name", "name_taken")
    place = ConsortiumPlace(
        organisation_id=actor.organisation_id,
        role=ConsortiumRole.COORDINATOR,
        task=draft.task,
        state=PlaceState.TAKEN,
        at=now,
    )
    made = Consortium(
        call_id=call.id,
        name=draft.name,
        text=draft.text,
        language=draft.language,
        state=CONSORTIUM.start,
        created_at=now,
        places=[place],
    )
    session.add(made)
    session.flush()
    audit.note(session, "create", made, actor=actor, now=now, after={"name": made.name})
    return made


def invite(
    session: Session,
    consortium: Consortium,
    organisation_id: int,
    role: ConsortiumRole,
    task: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> ConsortiumPlace:
    """Offer an organisation a place, or offer it again to one that had declined.

    Raises ``Invalid`` on ``organisation`` where it is in already or takes no part in the marketplace.
    """
    _lock(session, consortium)
    require(leads(actor, consortium) and _takes_part(session, actor))
    _forming(consortium)
    task = clean(task)
    if len(task) > TASK:
        raise Invalid.one("task", "too_long", most=TASK)
    if role is ConsortiumRole.COORDINATOR:
        raise Invalid.one("role", "not_a_choice")
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or not organisation.takes_part:
        raise Invalid.one("organisation", "organisation_unknown")
    place = next((p for p in consortium.places if p.organisation_id == organisation_id), None)
    if place is None:
        place = ConsortiumPlace(organisation_id=organisation_id, state=PLACE.start)
        consortium.places.append(place)
    elif place.state is not PlaceState.DECLINED:
        raise Invalid.one("organisation", "already_in")
    else:
        place.state = PLACE.after(place.state, PlaceAction.INVITE)
    place.role, place.task, place.at = role, task, now
    session.flush()
    after: dict[str, object] = {"organisation": organisation_id, "role": role.value}
    audit.note(session, "invite", place, actor=actor, now=now, after=after)
    outbox.record(session, PlaceOffered(place.id), now=now)
    return place


def answer(
    session: Session, consortium: Consortium, action: PlaceAction, *, actor: Actor, now: datetime
) -> None:
    """Take the offered place, or decline it; also later, while the consortium is forming."""
    require(can_speak(actor) and action in (PlaceAction.TAKE, PlaceAction.DECLINE))
    require(action is PlaceAction.DECLINE or _takes_part(session, actor))
    _lock(session, consortium)
    place = place_of(actor, consortium)
    if place is None:
        raise NotFound
    _forming(consortium)
    if place.role is ConsortiumRole.COORDINATOR:
        raise WrongState("the coordinator dissolves a consortium instead")
    before, place.state = place.state, PLACE.after(place.state, action)
    place.at = now
    session.flush()
    old: dict[str, object] = {"state": before.value}
    new: dict[str, object] = {"state": place.state.value}
    audit.note(session, action.value, place, actor=actor, now=now, before=old, after=new)
    outbox.record(session, PlaceAnswered(place.id), now=now)


def move(
    session: Session,
    consortium: Consortium,
    action: ConsortiumAction,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Hand the answer in, say what came of it, or dissolve the consortium.

    Raises ``Invalid`` where somebody has not answered yet, or the coordinator is alone.
    """
    _lock(session, consortium)
    require(leads(actor, consortium))
    require(action is ConsortiumAction.DISSOLVE or _takes_part(session, actor))
    before = consortium.state
    after = CONSORTIUM.after(before, action)
    if action is ConsortiumAction.SUBMIT:
        if any(place.state is PlaceState.INVITED for place in consortium.places):
            raise Invalid.one("", "places_open")
        if sum(place.state is PlaceState.TAKEN for place in consortium.places) < 2:
            raise Invalid.one("", "coordinator_alone")
    consortium.state = after
    session.flush()
    old: dict[str, object] = {"state": before.value}
    new: dict[str, object] = {"state": after.value}
    audit.note(session, action.value, consortium, actor=actor, now=now, before=old, after=new)


def _lock(session: Session, consortium: Consortium) -> None:
    """Have the consortium for ourselves, with its places as they are now."""
    session.refresh(consortium, ("state", "version"), with_for_update={"key_share": True})
    session.refresh(consortium, ("places",))


def _takes_part(session: Session, actor: Actor) -> bool:
    return session.get_one(Organisation, actor.organisation_id).takes_part


def _forming(consortium: Consortium) -> None:
    if consortium.state is not ConsortiumState.FORMING:
        raise WrongState("the consortium is no longer forming")


def place_of(actor: Actor, consortium: Consortium) -> ConsortiumPlace | None:
    """Return the place of the actor's organisation."""
    mine = (p for p in consortium.places if actor.belongs_to(p.organisation_id))
    return next(mine, None)


def leads(actor: Actor, consortium: Consortium) -> bool:
    """Tell whether the actor speaks for the coordinator."""
    place = place_of(actor, consortium)
    return can_speak(actor) and place is not None and place.role is ConsortiumRole.COORDINATOR


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """A consortium is its members', those invited and the agency's; others never hear of it."""
    if can_decide(actor):
        return true()
    mine = ConsortiumPlace.organisation_id == (actor.organisation_id or -1)
    return Consortium.places.any(mine & (ConsortiumPlace.state != PlaceState.DECLINED))


def get(session: Session, consortium_id: int, *, actor: Actor) -> Consortium:
    """Return a consortium with call, places and their organisations, if the actor may know of it."""
    seen = session.scalars(
        select(Consortium)
        .where(Consortium.id == consortium_id, _visible_to(actor))
        .options(
            joinedload(Consortium.call),
            selectinload(Consortium.places).joinedload(ConsortiumPlace.organisation),
        )
    ).one_or_none()
    if seen is None:
        raise NotFound
    return seen


def of_call(session: Session, call: Call, *, actor: Actor) -> list[Consortium]:
    """Return the consortia for a call that the actor may know of."""
    wanted = select(Consortium).where(Consortium.call_id == call.id, _visible_to(actor))
    return list(session.scalars(wanted.order_by(Consortium.id)))


def mine(session: Session, *, actor: Actor) -> list[Consortium]:
    """Return the consortia in which the actor's organisation has a place, the newest first."""
    wanted = (
        select(Consortium)
        .where(_visible_to(actor))
        .options(joinedload(Consortium.call), selectinload(Consortium.places))
        .order_by(Consortium.id.desc())
        .limit(100)
    )
    return list(session.scalars(wanted))


def candidates(session: Session, consortium: Consortium, words: str) -> list[Organisation]:
    """Return up to 20 organisations that could be invited, by what their name begins with or holds."""
    there = {p.organisation_id for p in consortium.places if p.state is not PlaceState.DECLINED}
    sought = words.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    wanted = select(Organisation).where(
        Organisation.active,
        Organisation.verification == Verification.VERIFIED,
        func.lower(Organisation.name).like(f"%{sought}%", escape="/"),
        Organisation.id.not_in(there),
    )
    return list(session.scalars(wanted.order_by(func.lower(Organisation.name)).limit(20)))
