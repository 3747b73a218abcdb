"""Joining the value cluster: an organisation applies, the agency admits or refuses."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from marketplace.accounts.models import Organisation, OrganisationKind, Verification
from marketplace.cluster.drafts import TEXT, PartnerDraft
from marketplace.cluster.events import PartnerApplied, PartnerDecided
from marketplace.cluster.lifecycle import PARTNER, PartnerAction, PartnerState
from marketplace.cluster.models import Partner, Theme, about
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, Role, require
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.text import clean


def can_speak(actor: Actor) -> bool:
    """Managers speak for their organisation in the cluster."""
    return actor.organisation_id is not None and actor.has(Role.MANAGER)


def can_decide(actor: Actor) -> bool:
    """The agency keeps the cluster."""
    return actor.has(Role.AGENCY, Role.SYSTEM)


def of_organisation(session: Session, organisation_id: int | None) -> Partner | None:
    """Return an organisation's place in the cluster, whatever became of it."""
    if organisation_id is None:
        return None
    wanted = select(Partner).where(Partner.organisation_id == organisation_id)
    return session.scalars(wanted.options(joinedload(Partner.organisation))).one_or_none()


def is_partner(session: Session, actor: Actor) -> bool:
    """Tell whether the actor's organisation is admitted and may take part."""
    found = of_organisation(session, actor.organisation_id)
    return found is not None and _is_shown(found)


def _is_shown(partner: Partner) -> bool:
    return partner.state is PartnerState.ADMITTED and partner.organisation.takes_part


def apply(session: Session, draft: PartnerDraft, *, actor: Actor, now: datetime) -> Partner:
    """Apply for a place, apply again, or change what a partner says of itself."""
    require(can_speak(actor))
    found = of_organisation(session, actor.organisation_id)
    if found is None:
        found = Partner(organisation_id=actor.organisation_id, state=PARTNER.start, applied_at=now)
        session.add(found)
        _write(session, found, draft)
        _applied(session, found, actor=actor, now=now)
    elif PartnerAction.APPLY in PARTNER.open_to(found.state):
        found.state = PARTNER.after(found.state, PartnerAction.APPLY)
        found.applied_at, found.decided_at, found.decided_by, found.reason = now, None, None, ""
        _write(session, found, draft)
        _applied(session, found, actor=actor, now=now)
    else:
        _write(session, found, draft)
        audit.note(session, "edit", found, actor=actor, now=now)
    return found


def _write(session: Session, partner: Partner, draft: PartnerDraft) -> None:
    partner.text, partner.language = draft.text, draft.language
    partner.themes = [theme.value for theme in draft.themes]
    session.flush()


def _applied(session: Session, partner: Partner, *, actor: Actor, now: datetime) -> None:
    audit.note(session, "apply", partner, actor=actor, now=now)
    outbox.record(session, PartnerApplied(partner.id), now=now)


def leave(session: Session, *, actor: Actor, now: datetime) -> None:
    """End the organisation's place; its page and what it offers are no longer shown."""
    require(can_speak(actor))
    found = of_organisation(session, actor.organisation_id)
    if found is None:
        raise NotFound
    before = found.state
    found.state = PARTNER.after(before, PartnerAction.LEAVE)
    session.flush()
    _moved(session, found, "leave", before, actor=actor, now=now)


def decide(
    session: Session,
    partner_id: int,
    action: PartnerAction,
    reason: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> Partner:
    """Admit an organisation, or refuse it with a reason that its people read."""
    require(can_decide(actor) and action in (PartnerAction.ADMIT, PartnerAction.REFUSE))
    found = session.get(Partner, partner_id, options=[joinedload(Partner.organisation)])
    if found is None:
        raise NotFound
    before, reason = found.state, clean(reason)
    found_state = PARTNER.after(before, action)
    if action is PartnerAction.REFUSE and not reason:
        raise Invalid.one("reason", "reason_required")
    if len(reason) > TEXT:
        raise Invalid.one("reason", "too_long", most=TEXT)
    found.state, found.reason = found_state, reason
    found.decided_at, found.decided_by = now, actor.user_id
    session.flush()
    _moved(session, found, action.value, before, actor=actor, now=now)
    outbox.record(session, PartnerDecided(found.id), now=now)
    return found


def _moved(
    session: Session,
    partner: Partner,
    action: str,
    before: PartnerState,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    old: dict[str, object] = {"state": before.value}
    new: dict[str, object] = {"state": partner.state.value}
    audit.note(session, action, partner, actor=actor, now=now, before=old, after=new)


def shown() -> Select[Partner]:
    """Select the partners whom everybody sees."""
    return (
        select(Partner)
        .join(Partner.organisation)
        .where(
            Partner.state == PartnerState.ADMITTED,
            Organisation.active,
            Organisation.verification == Verification.VERIFIED,
        )
    )


def directory(
    session: Session,
    *,
    kind: OrganisationKind | None = None,
    theme: Theme | None = None,
    page: int,
    size: int,
) -> tuple[list[Partner], int]:
    """Return one page of the partners by name, and how many there are."""
    wanted = shown()
    if kind is not None:
        wanted = wanted.where(Organisation.kind == kind)
    if theme is not None:
        wanted = wanted.where(about(Partner.themes, theme))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    order = wanted.order_by(func.lower(Organisation.name), Partner.id)
    loaded = order.options(contains_eager(Partner.organisation))
    return list(session.scalars(loaded.limit(size).offset((page - 1) * size))), total


def public(session: Session, organisation_id: int) -> Partner:
    """Return the partner whose page everybody may read; raise ``NotFound`` for any other."""
    wanted = shown().where(Partner.organisation_id == organisation_id)
    found = session.scalars(wanted.options(joinedload(Partner.organisation))).one_or_none()
    if found is None:
        raise NotFound
    return found


def waiting(session: Session) -> list[Partner]:
    """Return the applications, the oldest first."""
    wanted = select(Partner).where(Partner.state == PartnerState.APPLIED)
    order = wanted.order_by(Partner.applied_at, Partner.id)
    return list(session.scalars(order.options(joinedload(Partner.organisation))))
