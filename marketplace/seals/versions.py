"""The versions of the criteria: the first comes with the product, the agency publishes the next."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from marketplace.core import audit
from marketplace.core.actor import Actor, Role, require
from marketplace.core.errors import Invalid, NotFound, Problem, WrongState
from marketplace.seals.criteria import CriteriaSet, Criterion, Dimension, Strength, Subject

COPIED = (
    "position", "code", "dimension", "strength", "subject", "threshold", "unit", "computed",
    "kinds", "de", "hu", "en",
)  # fmt: skip
SINCE = date(2016, 1, 1)
LONGEST = 1000


def first() -> CriteriaSet:
    """Return the criteria as the initiative published them, not stored."""
    table = files("marketplace.seals").joinpath("data", "criteria.csv")
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    found = [
        Criterion(
            position=position,
            code=row["code"],
            dimension=Dimension(row["dimension"]),
            strength=Strength(row["strength"]),
            subject=Subject(row["subject"]),
            threshold=float(row["threshold"]) if row["threshold"] else None,
            unit=row["unit"],
            computed=row["computed"] == "yes",
            kinds=row["kinds"].split(";"),
            de=row["de"],
            hu=row["hu"],
            en=row["en"],
        )
        for position, row in enumerate(rows)
    ]
    return CriteriaSet(version=1, valid_from=SINCE, note="", criteria=found)


def in_force(session: Session, *, today: date) -> CriteriaSet:
    """Return the version in force; the first one, not stored, where there is none yet."""
    found = session.scalars(
        select(CriteriaSet)
        .where(CriteriaSet.published_at.is_not(None), CriteriaSet.valid_from <= today)
        .options(selectinload(CriteriaSet.criteria))
        .order_by(CriteriaSet.version.desc())
        .limit(1)
    ).first()
    return found or first()


def established(session: Session, *, today: date, now: datetime) -> CriteriaSet:
    """Return the version in force, stored."""
    found = in_force(session, today=today)
    if found.published_at is None:
        found.published_at = now
        session.add(found)
        session.flush()
    return found


def history(session: Session) -> list[CriteriaSet]:
    """Return the published versions with their criteria, newest first."""
    rows = session.scalars(
        select(CriteriaSet)
        .where(CriteriaSet.published_at.is_not(None))
        .options(selectinload(CriteriaSet.criteria))
        .order_by(CriteriaSet.version.desc())
    ).all()
    return list(rows) or [first()]


def version(session: Session, number: int) -> CriteriaSet:
    """Return a published version by its number."""
    found = next((s for s in history(session) if s.version == number), None)
    if found is None:
        raise NotFound
    return found


def draft(session: Session) -> CriteriaSet | None:
    """Return the version that is being written."""
    return session.scalars(
        select(CriteriaSet)
        .where(CriteriaSet.published_at.is_(None))
        .options(selectinload(CriteriaSet.criteria))
    ).first()


def _being_written(session: Session) -> CriteriaSet | None:
    """Return the version that is being written, so that nobody publishes it under our hands."""
    unpublished = select(CriteriaSet.id).where(CriteriaSet.published_at.is_(None))
    session.execute(unpublished.with_for_update(key_share=True))
    return draft(session)


def begin(session: Session, *, today: date, actor: Actor, now: datetime) -> CriteriaSet:
    """Begin the next version as a copy of the latest one; return it where it is begun already."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    known = draft(session)
    if known is not None:
        return known
    established(session, today=today, now=now)
    last = history(session)[0]
    copies = [Criterion(**{name: getattr(c, name) for name in COPIED}) for c in last.criteria]
    row = CriteriaSet(version=last.version + 1, note="", criteria=copies)
    session.add(row)
    session.flush()
    audit.note(session, "begin", row, actor=actor, now=now, after={"version": row.version})
    return row


@dataclass(frozen=True, kw_only=True)
class CriterionDraft:
    """What of a criterion another version may change: its words, threshold and strength."""

    strength: Strength
    threshold: float | None
    de: str
    hu: str
    en: str

    def __post_init__(self) -> None:
        problems = [Problem(n, "required") for n in ("de", "hu", "en") if not getattr(self, n)]
        problems += [
            Problem(n, "too_long", {"most": LONGEST})
            for n in ("de", "hu", "en")
            if len(getattr(self, n)) > LONGEST
        ]
        if self.threshold is not None and not 0 <= self.threshold <= 1000:
            problems.append(Problem("threshold", "negative"))
        if problems:
            raise Invalid(problems)


def edit(
    session: Session, code: str, change: CriterionDraft, *, actor: Actor, now: datetime
) -> Criterion:
    """Change a criterion of the version that is being written."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    row = _criterion(_being_written(session), code)
    if row.threshold is not None and change.threshold is None:
        raise Invalid.one("threshold", "required")
    before: dict[str, object] = {"strength": row.strength.value, "threshold": row.threshold}
    row.strength = change.strength
    row.threshold = change.threshold if row.threshold is not None else None
    row.de, row.hu, row.en = change.de, change.hu, change.en
    session.flush()
    after: dict[str, object] = {"strength": row.strength.value, "threshold": row.threshold}
    audit.note(session, "edit", row, actor=actor, now=now, before=before, after=after)
    return row


def drafted(session: Session, code: str) -> Criterion:
    """Return a criterion of the version that is being written."""
    return _criterion(draft(session), code)


def _criterion(written: CriteriaSet | None, code: str) -> Criterion:
    found = next((c for c in written.criteria if c.code == code), None) if written else None
    if found is None:
        raise NotFound
    return found


def publish(
    session: Session, valid_from: date | None, note: str, *, actor: Actor, now: datetime
) -> CriteriaSet:
    """Publish the version; new applications from that day on begin with it."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    row = _being_written(session)
    if row is None:
        raise WrongState("no version is being written")
    if valid_from is None or not note:
        raise Invalid.one("note" if valid_from else "valid_from", "required")
    if valid_from < now.date():
        raise Invalid.one("valid_from", "day_past")
    row.valid_from, row.note, row.published_at = valid_from, note[:LONGEST], now
    session.flush()
    after: dict[str, object] = {"version": row.version, "valid_from": valid_from.isoformat()}
    audit.note(session, "publish", row, actor=actor, now=now, after=after)
    return row
