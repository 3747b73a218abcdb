"""What whoever handed a case on still sees of it: as much as went along, nothing from later on."""

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.cases.drafts import NeedsDraft
from marketplace.cases.models import Attempt, Case, Idea, NeedsSheet, Referral, Trial
from marketplace.cases.policy import Sight, sight
from marketplace.core.actor import Actor
from marketplace.listings.models import Kind

MOMENTS = {
    "parties": "joined_at",
    "attempts": "began_at",
    "ideas": "at",
    "trials": "at",
    "notes": "at",
    "tasks": "created_at",
    "files": "at",
    "steps": "at",
}
COUNTED = ("needs", "appointments")
"""These have no moment of their own; the referral knows how many went along."""
SAID_LATER: dict[str, tuple[type[Idea | Trial | Attempt], tuple[str, ...]]] = {
    "ideas": (Idea, ("verdict", "verdict_reason")),
    "trials": (Trial, ("verdict", "result", "reason")),
    "attempts": (Attempt, ("state", "reason")),
}
"""What is said of these after they began: texts and enums."""


def standing(session: Session, case: Case) -> dict[str, Any]:
    """Return, as plain values, what of a case changes later on, as it stands now."""
    sheets = select(NeedsSheet).where(NeedsSheet.case_id == case.id).order_by(NeedsSheet.id)
    found: dict[str, Any] = {"needs": [_plain(sheet) for sheet in session.scalars(sheets)]}
    for part, (kind, names) in SAID_LATER.items():
        rows = session.scalars(select(kind).where(kind.case_id == case.id))
        found[part] = {str(row.id): [getattr(row, name) for name in names] for row in rows}
    return found


def _plain(sheet: NeedsSheet) -> dict[str, Any]:
    values = {each.name: getattr(sheet, each.name) for each in fields(NeedsDraft)}
    deadline, budget = sheet.deadline, sheet.budget
    return values | {
        "deadline": deadline and deadline.isoformat(),
        "budget": None if budget is None else str(budget),
    }


def _sheet(values: dict[str, Any]) -> NeedsSheet:
    deadline, budget = values["deadline"], values["budget"]
    known = {
        "kind": Kind(values["kind"]),
        "deadline": deadline and date.fromisoformat(deadline),
        "budget": None if budget is None else Decimal(budget),
    }
    return NeedsSheet(**values | known)


def trim(case: Case, *, actor: Actor) -> None:
    """Leave in a loaded case only what was handed over, where the actor has no more part in it.

    Brokers of the service point that has it see all, and so does whoever it is offered to.
    """
    last = _last(case, actor)
    if last is None:
        return
    until, counts, stood = last
    for name, moment in MOMENTS.items():
        _keep(case, name, [part for part in getattr(case, name) if getattr(part, moment) <= until])
    for name in COUNTED:
        first = sorted(part.id for part in getattr(case, name))[: counts.get(name, 0)]
        _keep(case, name, [part for part in getattr(case, name) if part.id in first])
    if stood:
        _put_back(case, stood)


def _put_back(case: Case, stood: dict[str, Any]) -> None:
    """Show a trimmed case's parts as they stood; the session takes nothing of it for a change."""
    _keep(case, "needs", [_sheet(values) for values in stood["needs"]])
    for part, (_, names) in SAID_LATER.items():
        for row in getattr(case, part):
            for name, value in zip(names, stood[part].get(str(row.id), ()), strict=False):
                set_committed_value(row, name, type(getattr(row, name))(value))


def until(case: Case, *, actor: Actor) -> datetime | None:
    """Return the moment up to which the actor reads a case; None where they read all of it."""
    last = _last(case, actor)
    return last[0] if last is not None else None


def _last(case: Case, actor: Actor) -> tuple[datetime, dict[str, int], dict[str, Any]] | None:
    """Return when the actor's service point last gave the case away, what went along, how it stood.

    Of referrals older than what stood is kept, nothing stands.
    """
    here = actor.service_point_id
    if sight(actor, case) is not Sight.READER or any(_offered(r, here) for r in case.referrals):
        return None
    given = [
        (referral.answered_at, referral.handed_over, referral.stood)
        for referral in case.referrals
        if referral.accepted and referral.from_point_id == here and referral.answered_at
    ]
    return max(given, key=lambda one: one[0])


def _offered(referral: Referral, point_id: int | None) -> bool:
    return referral.answered_at is None and referral.to_point_id == point_id


def _keep(case: Case, name: str, parts: list[Any]) -> None:
    set_committed_value(case, name, parts)
