"""EU calls: written down by the agency, found by everybody, answered by those who are interested."""

from dataclasses import fields
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.queries import members
from marketplace.cluster.drafts import CallDraft, InterestDraft
from marketplace.cluster.events import DeadlineNear
from marketplace.cluster.lifecycle import PlaceState
from marketplace.cluster.models import (
    Call,
    CallInterest,
    Consortium,
    ConsortiumPlace,
    Theme,
    about,
)
from marketplace.cluster.partners import can_decide, can_speak
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.calendars import Entry
from marketplace.core.errors import NotFound, WrongState

REMIND = (28, 7, 1)
"""How many days before its deadline those who are interested hear of a call again."""


def can_keep(actor: Actor) -> bool:
    """The agency keeps the calls."""
    return can_decide(actor)


def write(session: Session, draft: CallDraft, *, actor: Actor, now: datetime) -> Call:
    """Write down a call; everybody sees it."""
    require(can_keep(actor))
    call = Call(created_by=actor.user_id, created_at=now)
    _fill(session, call, draft)
    audit.note(session, "create", call, actor=actor, now=now, after={"title": call.title})
    return call


def edit(session: Session, call: Call, draft: CallDraft, *, actor: Actor, now: datetime) -> None:
    """Change a call."""
    require(can_keep(actor))
    before: dict[str, object] = {"deadline_on": call.deadline_on.isoformat()}
    _fill(session, call, draft)
    after: dict[str, object] = {"deadline_on": call.deadline_on.isoformat()}
    audit.note(session, "edit", call, actor=actor, now=now, before=before, after=after)


def _fill(session: Session, call: Call, draft: CallDraft) -> None:
    for one in fields(draft):
        setattr(call, one.name, getattr(draft, one.name))
    call.themes = [theme.value for theme in draft.themes]
    session.add(call)
    session.flush()


def withdraw(
    session: Session, call: Call, *, again: bool = False, actor: Actor, now: datetime
) -> None:
    """Take a call off the list, or put it back; consortia keep what they have."""
    require(can_keep(actor))
    call.withdrawn = not again
    session.flush()
    audit.note(session, "restore" if again else "withdraw", call, actor=actor, now=now)


def get(session: Session, call_id: int, *, actor: Actor) -> Call:
    """Return a call; one that was withdrawn only to those who have to do with it."""
    found = session.get(Call, call_id)
    if found is None:
        raise NotFound
    if found.withdrawn and not can_keep(actor) and not _concerned(session, found, actor=actor):
        raise NotFound
    return found


def _concerned(session: Session, call: Call, *, actor: Actor) -> bool:
    return actor.organisation_id in _organisations(session, call)


def _organisations(session: Session, call: Call) -> set[int]:
    interested = select(CallInterest.organisation_id).where(CallInterest.call_id == call.id)
    placed = (
        select(ConsortiumPlace.organisation_id)
        .join(Consortium, Consortium.id == ConsortiumPlace.consortium_id)
        .where(Consortium.call_id == call.id, ConsortiumPlace.state != PlaceState.DECLINED)
    )
    return set(session.scalars(interested)) | set(session.scalars(placed))


def listed(
    session: Session,
    *,
    today: date,
    words: str = "",
    theme: Theme | None = None,
    ended: bool = False,
    withdrawn: bool = False,
    page: int = 1,
    size: int = 100,
) -> tuple[list[Call], int]:
    """Return one page of the calls that are open, the next deadline first, and how many there are.

    ``ended``: those that are over instead, the last first; ``withdrawn``: also those off the list.
    """
    wanted = select(Call)
    if not withdrawn:
        wanted = wanted.where(Call.withdrawn.is_(False))
    wanted = wanted.where(Call.deadline_on < today if ended else Call.deadline_on >= today)
    if words:
        sought = f"%{words.lower().replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        texts = (Call.title, Call.programme, Call.reference, Call.text)
        wanted = wanted.where(or_(*(func.lower(one).like(sought, escape="/") for one in texts)))
    if theme is not None:
        wanted = wanted.where(about(Call.themes, theme))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    order = (Call.deadline_on.desc(), Call.id.desc()) if ended else (Call.deadline_on, Call.id)
    rows = session.scalars(wanted.order_by(*order).limit(size).offset((page - 1) * size))
    return list(rows), total


def interests(session: Session, call: Call) -> list[CallInterest]:
    """Return who is interested, by name."""
    wanted = (
        select(CallInterest)
        .join(CallInterest.organisation)
        .where(CallInterest.call_id == call.id, Organisation.active)
        .options(joinedload(CallInterest.organisation))
    )
    return list(session.scalars(wanted.order_by(func.lower(Organisation.name))))


def declare(
    session: Session, call: Call, draft: InterestDraft, *, actor: Actor, now: datetime
) -> CallInterest:
    """Say what the organisation would bring to a call, and whom it looks for; or say it anew.

    Raises ``WrongState`` once the call is over or withdrawn.
    """
    require(can_speak(actor))
    organisation = session.get_one(Organisation, actor.organisation_id)
    require(organisation.takes_part)
    if not is_open(call, today=now.date()):
        raise WrongState("the call is over")
    row = interest_of(session, call, actor=actor)
    if row is None:
        row = CallInterest(call_id=call.id, organisation_id=organisation.id)
        session.add(row)
    row.brings, row.seeks, row.language, row.at = draft.brings, draft.seeks, draft.language, now
    session.flush()
    audit.note(session, "declare", row, actor=actor, now=now, after={"call": call.id})
    return row


def take_back(session: Session, call: Call, *, actor: Actor, now: datetime) -> None:
    """Be no longer interested."""
    require(can_speak(actor))
    row = interest_of(session, call, actor=actor)
    if row is None:
        raise NotFound
    audit.note(session, "take_back", row, actor=actor, now=now, before={"call": call.id})
    session.delete(row)
    session.flush()


def interest_of(session: Session, call: Call, *, actor: Actor) -> CallInterest | None:
    """Return what the actor's organisation said to a call."""
    if actor.organisation_id is None:
        return None
    return session.scalars(
        select(CallInterest).where(
            CallInterest.call_id == call.id, CallInterest.organisation_id == actor.organisation_id
        )
    ).one_or_none()


def is_open(call: Call, *, today: date) -> bool:
    """Tell whether a call can still be answered; its last day counts."""
    return not call.withdrawn and call.deadline_on >= today


def remind(session: Session, *, today: date, now: datetime) -> int:
    """Record which deadlines are near, once a day for each call; return how many are."""
    days = {today + timedelta(days=n): n for n in REMIND}
    wanted = select(Call).where(
        Call.deadline_on.in_(list(days)),
        Call.withdrawn.is_(False),
        or_(Call.reminded_on.is_(None), Call.reminded_on < today),
    )
    near = list(session.scalars(wanted))
    for call in near:
        call.reminded_on = today
        outbox.record(session, DeadlineNear(call.id, days[call.deadline_on]), now=now)
    session.flush()
    return len(near)


def concerned(session: Session, call: Call) -> list[User]:
    """Return the people of all organisations that have to do with a call."""
    return [user for key in sorted(_organisations(session, call)) for user in members(session, key)]


def entry(call: Call, *, url: str, host: str) -> Entry:
    """Return a call's deadline as it stands in calendars."""
    return Entry(
        uid=f"call-{call.id}@{host}",
        begins=call.deadline_on,
        title=f"{call.title} ({call.programme})",
        text=call.text[:1000],
        url=url,
        sequence=call.version,
        cancelled=call.withdrawn,
    )
