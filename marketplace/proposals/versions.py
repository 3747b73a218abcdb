"""The versions of the matcher's weights: which there were, and putting a new one into force."""

import math
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, Role, require
from marketplace.core.errors import Invalid, Outrun, Problem
from marketplace.core.text import clean
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import weights
from marketplace.proposals.events import WeightsChanged
from marketplace.proposals.models import COMPONENTS, WeightsRow

NUMBERS = (*COMPONENTS, "half_distance_km")
MOST_WEIGHT = 1_000.0
MOST_KM = 20_004.0
"""Half of the way around the Earth: nothing is farther."""
DIGITS = 6
MOST_COMMENT = 200


@dataclass(frozen=True)
class Version:
    """Weights as they once came into force; who and when are unknown of the specification's own."""

    weights: Weights
    set_at: datetime | None = None
    set_by: str = ""
    comment: str = ""

    @property
    def number(self) -> int:
        return self.weights.version

    @property
    def stored(self) -> bool:
        """Whether it was ever in force; what somebody only looks at was not."""
        return self.set_at is not None or self.number == Weights().version


@dataclass(frozen=True, kw_only=True)
class WeightsDraft:
    """Weights as somebody typed them; None where there is no number."""

    proximity: float | None = None
    fit: float | None = None
    capacity: float | None = None
    timing: float | None = None
    value: float | None = None
    fairness: float | None = None
    half_distance_km: float | None = None
    comment: str = ""

    @classmethod
    def of(cls, force: Weights) -> "WeightsDraft":
        """Return the draft that changes nothing."""
        return cls(**{name: getattr(force, name) for name in NUMBERS})

    def weights(self, version: int) -> Weights:
        """Return the weights to six decimals; raises ``Invalid`` where they cannot stand."""
        problems = [p for name in NUMBERS if (p := self._problem(name)) is not None]
        if problems:
            raise Invalid(problems)
        numbers = {name: round(getattr(self, name), DIGITS) for name in NUMBERS}
        if not any(numbers[name] for name in COMPONENTS):
            raise Invalid.one(COMPONENTS[0], "weights_all_zero")
        if not numbers["half_distance_km"]:
            raise Invalid.one("half_distance_km", "not_positive")
        return Weights(**numbers, version=version)

    def _problem(self, name: str) -> Problem | None:
        number: float | None = getattr(self, name)
        if number is None or not math.isfinite(number):
            return Problem(name, "required")
        if name == "half_distance_km":
            code = "not_positive" if number <= 0 else "too_big" if number > MOST_KM else ""
        else:
            code = "negative" if number < 0 else "too_big" if number > MOST_WEIGHT else ""
        return Problem(name, code) if code else None


def history(session: Session) -> list[Version]:
    """Return every version that was in force, the present one first."""
    rows = session.execute(
        select(WeightsRow, User.name)
        .outerjoin(User, User.id == WeightsRow.set_by)
        .order_by(WeightsRow.version.desc())
    ).all()
    found = [Version(_stored(row), row.set_at, name or "", row.comment) for row, name in rows]
    first = Weights()
    if all(version.number != first.version for version in found):
        found.append(Version(first))
    return found


def _stored(row: WeightsRow) -> Weights:
    return Weights(**{f.name: getattr(row, f.name) for f in fields(Weights)})


def put_into_force(
    session: Session, draft: WeightsDraft, *, actor: Actor, now: datetime
) -> WeightsRow:
    """Store a new version; the worker matches everything anew with it.

    Raises ``Invalid`` where a number cannot stand, nothing would change or no reason is given, and
    ``Outrun`` where somebody else stored one at the same time.
    """
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    before = weights(session)
    after = draft.weights(before.version + 1)
    comment = clean(draft.comment)
    _check_comment(comment)
    if WeightsDraft.of(after) == WeightsDraft.of(before):
        raise Invalid.one("", "weights_unchanged")
    row = WeightsRow(
        **_plain(after),
        version=after.version,
        set_by=actor.user_id,
        set_at=now,
        comment=comment,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Outrun("another version came into force meanwhile") from None
    outbox.record(session, WeightsChanged(row.version), now=now)
    audit.note(
        session,
        "set_weights",
        row,
        actor=actor,
        now=now,
        before={"version": before.version, **_plain(before)},
        after={"version": after.version, **_plain(after)},
    )
    return row


def _check_comment(comment: str) -> None:
    if not comment:
        raise Invalid.one("comment", "required")
    if len(comment) > MOST_COMMENT:
        raise Invalid.one("comment", "too_long", most=MOST_COMMENT)


def _plain(force: Weights) -> dict[str, Any]:
    return {name: getattr(force, name) for name in NUMBERS}
