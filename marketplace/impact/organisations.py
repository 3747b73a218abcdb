"""Organisations in the ledger: whose figures one may see, and where they gave and worked."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.impact.models import Entry, Measure
from marketplace.impact.queries import Filter, matching, visible_to

_M = Measure
MOST_PLACES = 200


def called(session: Session, words: str, *, at_most: int, actor: Actor) -> list[Organisation]:
    """Return the organisations called so of which the actor may see lines, by name."""
    named = [Organisation.name.icontains(word, autoescape=True) for word in words.split()[:6]]
    return list(
        session.scalars(
            select(Organisation)
            .where(*named, _seen_of(actor))
            .order_by(func.lower(Organisation.name), Organisation.id)
            .limit(at_most)
        )
    )


def get(session: Session, organisation_id: int, *, actor: Actor) -> Organisation:
    """Return an organisation of which the actor may see lines; raise ``NotFound`` for any other."""
    found = session.scalars(
        select(Organisation).where(Organisation.id == organisation_id, _seen_of(actor))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _seen_of(actor: Actor) -> ColumnElement[bool]:
    """The actor may see a line in which the organisation gives or takes."""
    ends = (Entry.giver_id, Entry.taker_id)
    return or_(*(exists().where(end == Organisation.id, visible_to(actor)) for end in ends))


class Place(NamedTuple):
    """An organisation's town and public point, and its mass in kg or its hours."""

    name: str
    city: str
    latitude: float
    longitude: float
    enterprise: bool
    amount: float


def places(session: Session, wanted: Filter, *, actor: Actor) -> list[Place]:
    """Return where material was given and where work was done, the most first."""
    found = []
    for measure, whose in ((_M.MASS_GIVEN_KG, Entry.giver_id), (_M.HOURS, Entry.taker_id)):
        each = (
            select(whose.label("key"), func.sum(Entry.result).label("amount"))
            .where(Entry.measure == measure, *matching(wanted, actor=actor))
            .group_by(whose)
            .subquery()
        )
        o = Organisation
        rows = session.execute(
            select(o.name, o.city, o.public_latitude, o.public_longitude, each.c.amount)
            .join(each, each.c.key == o.id)
            .order_by(each.c.amount.desc(), o.name)
            .limit(MOST_PLACES)
        )
        worked = measure is _M.HOURS
        found += [Place(name, city, y, x, worked, amount) for name, city, y, x, amount in rows]
    return found
