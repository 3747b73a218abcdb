"""What partners offer each other, and seek."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from marketplace.accounts.models import Organisation, Verification
from marketplace.cluster.drafts import CooperationDraft
from marketplace.cluster.lifecycle import PartnerState
from marketplace.cluster.models import Cooperation, Direction, Partner
from marketplace.cluster.partners import can_speak, is_partner
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import NotFound

PLAIN = ("direction", "title", "text", "language", "ends_on")


def post(session: Session, draft: CooperationDraft, *, actor: Actor, now: datetime) -> Cooperation:
    """Offer something to the other partners, or say what is sought."""
    require(can_speak(actor) and is_partner(session, actor))
    row = Cooperation(organisation_id=actor.organisation_id, created_at=now)
    _write(session, row, draft)
    audit.note(session, "create", row, actor=actor, now=now, after={"title": row.title})
    return row


def edit(
    session: Session, row: Cooperation, draft: CooperationDraft, *, actor: Actor, now: datetime
) -> None:
    """Say it differently."""
    require(can_edit(actor, row) and is_partner(session, actor))
    before: dict[str, object] = {"title": row.title}
    _write(session, row, draft)
    after: dict[str, object] = {"title": row.title}
    audit.note(session, "edit", row, actor=actor, now=now, before=before, after=after)


def _write(session: Session, row: Cooperation, draft: CooperationDraft) -> None:
    for name in PLAIN:
        setattr(row, name, getattr(draft, name))
    row.themes = [theme.value for theme in draft.themes]
    session.add(row)
    session.flush()


def remove(session: Session, row: Cooperation, *, actor: Actor, now: datetime) -> None:
    """Take it off the list."""
    require(can_edit(actor, row))
    audit.note(session, "remove", row, actor=actor, now=now, before={"title": row.title})
    session.delete(row)
    session.flush()


def can_edit(actor: Actor, row: Cooperation) -> bool:
    """Tell whether the actor speaks for who wrote it."""
    return can_speak(actor) and actor.belongs_to(row.organisation_id)


def own(session: Session, cooperation_id: int, *, actor: Actor) -> Cooperation:
    """Return one of the actor's own; raise ``NotFound`` for any other."""
    found = session.get(Cooperation, cooperation_id)
    if found is None or not actor.belongs_to(found.organisation_id):
        raise NotFound
    return found


def current(
    session: Session,
    *,
    today: date,
    direction: Direction | None = None,
    organisation_id: int | None = None,
    page: int = 1,
    size: int = 100,
) -> tuple[list[Cooperation], int]:
    """Return one page of what is offered and sought by partners today, newest first, and the count."""
    wanted = (
        select(Cooperation)
        .join(Cooperation.organisation)
        .join(Partner, Partner.organisation_id == Organisation.id)
        .where(
            Cooperation.ends_on >= today,
            Partner.state == PartnerState.ADMITTED,
            Organisation.active,
            Organisation.verification == Verification.VERIFIED,
        )
    )
    if direction is not None:
        wanted = wanted.where(Cooperation.direction == direction)
    if organisation_id is not None:
        wanted = wanted.where(Cooperation.organisation_id == organisation_id)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    order = wanted.options(contains_eager(Cooperation.organisation)).order_by(
        Cooperation.created_at.desc(), Cooperation.id.desc()
    )
    return list(session.scalars(order.limit(size).offset((page - 1) * size))), total


def of_mine(session: Session, *, actor: Actor) -> list[Cooperation]:
    """Return everything that the actor's organisation wrote, what has ended too."""
    wanted = select(Cooperation).where(Cooperation.organisation_id == actor.organisation_id)
    order = wanted.order_by(Cooperation.ends_on.desc(), Cooperation.id.desc())
    return list(session.scalars(order.options(joinedload(Cooperation.organisation))))
