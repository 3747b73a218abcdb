"""What came of an order, told to everybody once every party has consented to these words."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, Outrun, Problem, WrongState
from marketplace.core.text import clean
from marketplace.orders import policy
from marketplace.orders.carrying import Story, StoryConsent, StoryPhoto
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order, OrderParty
from marketplace.orders.steps import lock, tell
from marketplace.photos.models import Photo

TITLE, TEXT, MOST_PHOTOS = 160, 5000, 6


@dataclass(frozen=True, kw_only=True)
class StoryDraft:
    """``photo_ids`` are photos of any of the parties."""

    title: str
    text: str
    language: str
    photo_ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = []
        for name, most in (("title", TITLE), ("text", TEXT)):
            if not getattr(self, name):
                problems.append(Problem(name, "required"))
            if len(getattr(self, name)) > most:
                problems.append(Problem(name, "too_long", {"most": most}))
        if len(self.photo_ids) > MOST_PHOTOS:
            problems.append(Problem("photos", "too_many_photos", {"most": MOST_PHOTOS}))
        if problems:
            raise Invalid(problems)


def write(
    session: Session,
    order: Order,
    draft: StoryDraft,
    *,
    seen: str = "",
    actor: Actor,
    now: datetime,
) -> Story:
    """Write the story, or write it anew: every consent belongs to one version of the words.

    ``seen`` is the ``stamp`` of the version that the writer had before them.
    """
    lock(session, order)
    require(bool(policy.sides(actor, order)))
    if order.state is not OrderState.COMPLETED:
        raise WrongState("the order is not completed")
    story = of_order(session, order)
    if story is None:
        story = Story(order_id=order.id, slug=_slug(session, draft.title), consents=[], pictures=[])
        session.add(story)
    elif seen != stamp(story):
        raise Outrun("somebody else has written the story since")
    story.title, story.text, story.language = draft.title, draft.text, draft.language
    story.written_at, story.published_at = now, None
    story.consents.clear()
    story.pictures.clear()
    session.flush()
    for position, photo in enumerate(_theirs(session, order, draft.photo_ids)):
        story.pictures.append(StoryPhoto(photo_id=photo.id, photo=photo, position=position))
    mine = policy.party_of(actor, order)
    if mine is not None:
        _add_consent(story, mine, order, actor=actor, now=now)
    session.flush()
    audit.note(session, "write", story, actor=actor, now=now, after={"title": story.title})
    tell(session, order, "order_moved", actor=actor, now=now)
    return story


def consent(session: Session, order: Order, *, seen: str, actor: Actor, now: datetime) -> Story:
    """Say yes to the story as it stands, for the actor's party; with every yes it is published."""
    lock(session, order)
    party = policy.speaks_for(actor, order)
    story = of_order(session, order)
    if story is None:
        raise NotFound
    if seen != stamp(story):
        raise Outrun("somebody else has written the story since")
    if party.id not in {each.party_id for each in story.consents}:
        _add_consent(story, party, order, actor=actor, now=now)
        session.flush()
        audit.note(session, "consent", story, actor=actor, now=now)
        tell(session, order, "order_moved", actor=actor, now=now)
    return story


def withdraw(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Take the party's yes back: the story is nobody's to read any more."""
    lock(session, order)
    party = policy.speaks_for(actor, order)
    story = of_order(session, order)
    if story is None:
        raise NotFound
    story.consents[:] = [each for each in story.consents if each.party_id != party.id]
    story.published_at = None
    session.flush()
    audit.note(session, "withdraw", story, actor=actor, now=now)


def _add_consent(
    story: Story, party: OrderParty, order: Order, *, actor: Actor, now: datetime
) -> None:
    story.consents.append(StoryConsent(party_id=party.id, user_id=actor.user_id, at=now))
    if {each.party_id for each in story.consents} == {each.id for each in order.parties}:
        story.published_at = now


def stamp(story: Story) -> str:
    """Return what tells one version of the words from the next."""
    return story.written_at.isoformat()


def of_order(session: Session, order: Order) -> Story | None:
    """Return the story of an order, as it is now."""
    return session.scalars(
        select(Story)
        .where(Story.order_id == order.id)
        .options(
            selectinload(Story.consents),
            selectinload(Story.pictures).joinedload(StoryPhoto.photo),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()


def published(session: Session, *, page: int = 1, size: int = 12) -> tuple[list[Story], int]:
    """Return one page of the stories that everybody may read, newest first, and how many."""
    shown = Story.published_at.is_not(None)
    total = session.scalar(select(func.count()).select_from(Story).where(shown)) or 0
    rows = session.scalars(
        select(Story)
        .where(shown)
        .options(selectinload(Story.pictures).joinedload(StoryPhoto.photo))
        .order_by(Story.published_at.desc(), Story.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def by_slug(session: Session, slug: str) -> Story:
    """Return a published story; raise ``NotFound`` for any other."""
    found = session.scalars(
        select(Story)
        .where(Story.slug == clean(slug), Story.published_at.is_not(None))
        .options(selectinload(Story.pictures).joinedload(StoryPhoto.photo))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def possible_photos(session: Session, order: Order, *, size: int = 24) -> list[Photo]:
    """Return photos that the parties uploaded, the latest first."""
    owners = [party.organisation_id for party in order.parties]
    rows = select(Photo).where(Photo.organisation_id.in_(owners)).order_by(Photo.id.desc())
    return list(session.scalars(rows.limit(size)))


def _theirs(session: Session, order: Order, ids: list[int]) -> list[Photo]:
    owners = [party.organisation_id for party in order.parties]
    rows = select(Photo).where(Photo.id.in_(ids), Photo.organisation_id.in_(owners))
    by_id = {photo.id: photo for photo in session.scalars(rows)}
    return [by_id[i] for i in dict.fromkeys(ids) if i in by_id]


def _slug(session: Session, title: str) -> str:
    """Return a free address made of the title."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore")
    stem = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:60] or "story"
    taken = set(session.scalars(select(Story.slug).where(Story.slug.startswith(stem))))
    count = 1
    slug = stem
    while slug in taken:
        count += 1
        slug = f"{stem}-{count}"
    return slug
