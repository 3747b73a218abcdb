"""Looking for what is new to saved searches, and telling of it once.

A search reads only what was shown first since it looked last: those rows by their keys, or where
they are many those of its place. Its work follows what is new or near, not what there is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Membership, Organisation, User
from marketplace.accounts.nearby import WIDEST_KM, disc, public
from marketplace.accounts.nearest import Search
from marketplace.capabilities import policy as capabilities
from marketplace.capabilities.models import Capability, CapabilityNode, CapabilityState
from marketplace.geo.bands import chord_limits
from marketplace.listings.browse import conditions
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Listing
from marketplace.notifications.actions import tell
from marketplace.notifications.models import Frequency, Topic
from marketplace.notifications.searches.models import Find, SavedSearch, Subject
from marketplace.notifications.searches.saving import filter_of, near_of, next_look
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tables import Branch
from marketplace.taxonomy.techniques import techniques
from marketplace.vocabulary import words

OVERLAP = timedelta(minutes=10)
FEW = 1000
MOST_FINDS = 500
AT_ONCE = 100
Conditions = Sequence[ColumnElement[bool]]


def look_through(session: Session, *, zone: str, now: datetime) -> int:
    """Look for the searches that are due, at most ``AT_ONCE``; return how many were looked at."""
    due = session.scalars(
        select(SavedSearch)
        .where(SavedSearch.due_at <= now)
        .order_by(SavedSearch.due_at, SavedSearch.id)
        .limit(AT_ONCE)
    ).all()
    if due:
        news = News(session, since=min(search.known_to for search in due) - OVERLAP)
        for search in due:
            _look(session, search, news, now=now)
            search.known_to = now
            search.due_at = next_look(search.frequency, zone=zone, now=now)
    return len(due)


class News:
    """What all searches share: who was verified lately, and whether anything was shown at all.

    What an organisation posted before it was verified is shown first at that moment.
    """

    def __init__(self, session: Session, *, since: datetime) -> None:
        verified = select(Organisation.id, Organisation.verified_at)
        rows = session.execute(verified.where(Organisation.verified_at > since)).all()
        self._verified = [(row.id, row.verified_at) for row in rows]
        shown = [Listing.state == ListingState.PUBLISHED, Listing.published_at > since]
        some = select(Listing.id, Listing.published_at).where(*shown).limit(FEW + 1)
        self._shown = session.execute(some).all()
        active = [Capability.state == CapabilityState.ACTIVE, Capability.shown_at > since]
        self.capabilities = session.scalar(select(exists().where(*active)))
        self._session = session

    @cached_property
    def own_materials(self) -> Lookup:
        """The agency's words for materials."""
        return words.own(self._session, Branch.MATERIALS)

    @property
    def many(self) -> bool:
        return len(self._shown) > FEW

    def shown_since(self, since: datetime) -> list[int]:
        """Return the keys of the listings published since; only where they are not ``many``."""
        return [row.id for row in self._shown if row.published_at > since]

    def verified_since(self, since: datetime) -> list[int]:
        return [key for key, at in self._verified if at > since]


def _look(session: Session, search: SavedSearch, news: News, *, now: datetime) -> None:
    since = search.known_to - OVERLAP
    if search.subject is Subject.MATERIALS:
        found = _new_listings(session, search, news, since)
        column, topic = "listing_id", Topic.MATERIALS_FOUND
    else:
        found = _new_capabilities(session, search, news, since)
        column, topic = "capability_id", Topic.WORKSHOPS_FOUND
    fresh = _untold(session, search, column, found) if found else []
    user = session.get(User, search.user_id) if fresh else None
    if user is None or not user.active:
        return
    alike = {"search_id": search.id, "user_id": search.user_id, "at": now}
    session.execute(insert(Find), [alike | {column: key} for key in fresh])
    about = {"name": search.name, "count": len(fresh), "search": search.id}
    path, occasion = f"/searches/{search.id}", f"search:{search.id}:{now.isoformat()}"
    gathered = search.frequency in (Frequency.DAILY, Frequency.WEEKLY)
    digest_at = now if gathered else None
    tell(session, user, topic, about, path, occasion, digest_at=digest_at, now=now)


def _untold(session: Session, search: SavedSearch, column: str, keys: list[int]) -> list[int]:
    """Return what the person was not told of, whichever of their searches would tell it again."""
    known = getattr(Find, column)
    told = set(
        session.scalars(select(known).where(Find.user_id == search.user_id, known.in_(keys)))
    )
    return [key for key in dict.fromkeys(keys) if key not in told][:MOST_FINDS]


def _new_listings(session: Session, search: SavedSearch, news: News, since: datetime) -> list[int]:
    verified, shown = news.verified_since(since), news.shown_since(since)
    found: list[int] = []
    if not (verified or shown):
        return found
    asked = replace(filter_of(search), own=news.own_materials)
    wanted = [*conditions(asked), _not_own(Listing.organisation_id, search)]
    if news.many:
        new = [*wanted, Listing.published_at > since]
        found += _matching(session, search, Listing, new, by_place=True)
    elif shown:
        new = [*wanted, Listing.id.in_(shown)]
        found += _matching(session, search, Listing, new, by_place=False)
    if verified:
        new = [*wanted, Listing.organisation_id.in_(verified)]
        found += _matching(session, search, Listing, new, by_place=False)
    return found


def _new_capabilities(
    session: Session, search: SavedSearch, news: News, since: datetime
) -> list[int]:
    verified = news.verified_since(since)
    if not news.capabilities and not verified:
        return []
    first = or_(Capability.shown_at > since, Capability.organisation_id.in_(verified))
    own = _not_own(Capability.organisation_id, search)
    new = [first, own, *_wanted_of_capabilities(search)]
    return _matching(session, search, Capability, new, by_place=False)


def _matching(
    session: Session, search: SavedSearch, table: Any, wanted: Conditions, *, by_place: bool
) -> list[int]:
    """Return the keys of the rows that fit and, where a radius is asked for, lie within it."""
    near, radius = near_of(search), search.radius_km
    if near is None or radius is None:
        return list(session.scalars(select(table.id).where(*wanted).limit(MOST_FINDS)))
    around = Search(table.id, public(table), near, wanted, radius)
    rows = around.rows(by_place=by_place and radius <= WIDEST_KM).limit(MOST_FINDS)
    values = disc(near, radius, chord_limits(radius)[1])
    return [hit.key for hit in around.hits(session, session.execute(rows, values).all())]


def _not_own(organisation_id: Any, search: SavedSearch) -> ColumnElement[bool]:
    mine = select(Membership.organisation_id).where(Membership.user_id == search.user_id)
    return and_(organisation_id.not_in(mine))


def _wanted_of_capabilities(search: SavedSearch) -> list[ColumnElement[bool]]:
    kept, found = search.wanted, [capabilities.is_public()]
    if kept.get("seeking_work"):
        found.append(Capability.seeking_work.is_(True))
    material, technique = str(kept.get("material", "")), str(kept.get("technique", ""))
    if material in materials():
        found.append(_has_node([node.code for node in materials().ancestors(material)]))
    if technique in techniques():
        found.append(_has_node(["~" + node.code for node in techniques().ancestors(technique)]))
    for word in str(kept.get("words", "")).split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        title = Capability.title.icontains(word, autoescape=True)
        found.append(or_(title, Capability.organisation.has(named)))
    return found


def _has_node(codes: list[str]) -> ColumnElement[bool]:
    return exists().where(
        CapabilityNode.capability_id == Capability.id, CapabilityNode.node.in_(codes)
    )
