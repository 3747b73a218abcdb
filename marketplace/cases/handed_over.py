"""What whoever handed a case on still sees of it: as much as went along, nothing from later on."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from marketplace.cases.models import Case, Referral
from marketplace.cases.policy import Sight, sight
from marketplace.core.actor import Actor

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


def trim(case: Case, *, actor: Actor) -> None:
    """Leave in a loaded case only what was handed over, where the actor has no more part in it.

    Brokers of the service point that has it see all, and so does whoever it is offered to.
    """
    last = _last(case, actor)
    if last is None:
        return
    until, counts = last
    for name, moment in MOMENTS.items():
        _keep(case, name, [part for part in getattr(case, name) if getattr(part, moment) <= until])
    for name in COUNTED:
        first = sorted(part.id for part in getattr(case, name))[: counts.get(name, 0)]
        _keep(case, name, [part for part in getattr(case, name) if part.id in first])


def until(case: Case, *, actor: Actor) -> datetime | None:
    """Return the moment up to which the actor reads a case; None where they read all of it."""
    last = _last(case, actor)
    return last[0] if last is not None else None


def _last(case: Case, actor: Actor) -> tuple[datetime, dict[str, int]] | None:
    """Return when the actor's service point last gave the case away, and what went along."""
    here = actor.service_point_id
    if sight(actor, case) is not Sight.READER or any(_offered(r, here) for r in case.referrals):
        return None
    given = [
        (referral.answered_at, referral.handed_over)
        for referral in case.referrals
        if referral.accepted and referral.from_point_id == here and referral.answered_at
    ]
    return max(given, key=lambda one: one[0])


def _offered(referral: Referral, point_id: int | None) -> bool:
    return referral.answered_at is None and referral.to_point_id == point_id


def _keep(case: Case, name: str, parts: list[Any]) -> None:
    set_committed_value(case, name, parts)
