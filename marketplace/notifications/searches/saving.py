"""Saving searches: what is looked for, under which name, how often to write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.text import clean
from marketplace.geo.coordinates import Coordinate
from marketplace.listings.browse import Filter
from marketplace.listings.models import Kind, Recurrence
from marketplace.notifications.models import Frequency
from marketplace.notifications.preferences import next_digest
from marketplace.notifications.searches.models import SavedSearch, Subject
from marketplace.taxonomy.conditions import Condition

MOST_SEARCHES = 50
NAME = 120
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class SearchDraft:
    """A search as somebody wants it kept; ``radius_km`` needs ``near``."""

    subject: Subject
    name: str
    frequency: Frequency
    wanted: Mapping[str, object] = field(default_factory=dict)
    place: str = ""
    near: Coordinate | None = None
    radius_km: float | None = None


def save(
    session: Session, draft: SearchDraft, *, zone: str, actor: Actor, now: datetime
) -> SavedSearch:
    """Keep a search: what is shown from now on and fits is told.

    ``zone`` names the time zone of gathered mails. Raises ``Invalid`` on ``name``.
    """
    require(actor.user_id is not None)
    owner = session.get_one(User, actor.user_id)
    name = _free_name(session, draft.name, user_id=owner.id)
    count = select(func.count()).select_from(SavedSearch).where(SavedSearch.user_id == owner.id)
    if (session.scalar(count) or 0) >= MOST_SEARCHES:
        raise Invalid.one("name", "too_many_searches", most=MOST_SEARCHES)
    near = draft.near
    saved = SavedSearch(
        user_id=owner.id,
        subject=draft.subject,
        name=name,
        wanted=dict(draft.wanted),
        place=draft.place[:100],
        latitude=near.latitude if near is not None else None,
        longitude=near.longitude if near is not None else None,
        radius_km=draft.radius_km if near is not None else None,
        frequency=draft.frequency,
        known_to=now,
        due_at=next_look(draft.frequency, zone=zone, now=now),
        created_at=now,
    )
    session.add(saved)
    session.flush()
    return saved


def _free_name(session: Session, text: str, *, user_id: int, except_id: int = 0) -> str:
    name = " ".join(clean(text).split())
    if not name:
        raise Invalid.one("name", "required")
    if len(name) > NAME:
        raise Invalid.one("name", "too_long", most=NAME)
    taken = select(SavedSearch.id).where(
        SavedSearch.user_id == user_id, SavedSearch.name == name, SavedSearch.id != except_id
    )
    if session.scalar(taken) is not None:
        raise Invalid.one("name", "name_taken")
    return name


def next_look(frequency: Frequency, *, zone: str, now: datetime) -> datetime:
    """Return when to look for something new again; what writes no mails is looked at once a day."""
    if frequency is Frequency.AT_ONCE:
        return now + LOOK_AGAIN
    return next_digest(frequency, now=now, zone=zone)


def mine(session: Session, *, actor: Actor) -> list[SavedSearch]:
    """Return the actor's searches, by name."""
    wanted = select(SavedSearch).where(SavedSearch.user_id == actor.user_id)
    return list(session.scalars(wanted.order_by(func.lower(SavedSearch.name), SavedSearch.id)))


def get(session: Session, search_id: int, *, actor: Actor) -> SavedSearch:
    """Return one of the actor's searches; raise ``NotFound`` for any other."""
    found = session.get(SavedSearch, search_id)
    if found is None or actor.user_id is None or found.user_id != actor.user_id:
        raise NotFound
    return found


def change(
    session: Session,
    search: SavedSearch,
    *,
    name: str,
    frequency: Frequency,
    zone: str,
    now: datetime,
) -> None:
    """Give a search another name, or let it write more or less often. Raises ``Invalid``."""
    search.name = _free_name(session, name, user_id=search.user_id, except_id=search.id)
    search.frequency = frequency
    search.due_at = next_look(frequency, zone=zone, now=now)
    session.flush()


def near_of(search: SavedSearch) -> Coordinate | None:
    """Return the point around which is searched."""
    if search.latitude is None or search.longitude is None:
        return None
    return Coordinate(search.latitude, search.longitude)


def wanted_of(filter_: Filter) -> dict[str, object]:
    """Return a filter for materials as plain values, without what is empty and without the place."""
    plain: dict[str, object] = {
        "words": filter_.words,
        "kinds": [kind.value for kind in filter_.kinds],
        "material": filter_.material,
        "conditions": [condition.value for condition in filter_.conditions],
        "recurrences": [recurrence.value for recurrence in filter_.recurrences],
        "mass_at_least": filter_.mass_at_least,
    }
    return {name: value for name, value in plain.items() if value}


def filter_of(search: SavedSearch) -> Filter:
    """Return the filter that was saved; what no longer exists by name is left out."""
    kept = search.wanted
    mass = kept.get("mass_at_least")
    return Filter(
        words=str(kept.get("words", "")),
        kinds=[Kind(value) for value in texts(search, "kinds") if value in set(Kind)],
        material=str(kept.get("material", "")),
        conditions=[Condition(v) for v in texts(search, "conditions") if v in set(Condition)],
        recurrences=[Recurrence(v) for v in texts(search, "recurrences") if v in set(Recurrence)],
        mass_at_least=float(mass) if isinstance(mass, int | float) else None,
        near=near_of(search),
        radius_km=search.radius_km,
    )


def texts(search: SavedSearch, name: str) -> list[str]:
    """Return one of the lists that were saved."""
    values = search.wanted.get(name)
    return [str(value) for value in values] if isinstance(values, list) else []
