"""What the agency fills in about the seal; what is empty does not count."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Float, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.core import audit
from marketplace.core.actor import Actor, Role, require
from marketplace.core.db import Base
from marketplace.core.errors import Invalid, Problem
from marketplace.seals.models import ProductGroup

MOST_FEE = Decimal(1_000_000)
ONLY = 1
"""The key of the one row."""


class SealSettings(Base):
    """One row. ``fees``: by product group the euro once and a year, as decimal texts."""

    __tablename__ = "seal_settings"
    __table_args__ = (
        CheckConstraint("pass_mark IS NULL OR pass_mark > 0", name="pass_mark_positive"),
        CheckConstraint("years BETWEEN 1 AND 20", name="years_in_range"),
        CheckConstraint("appeal_days BETWEEN 1 AND 365", name="appeal_days_in_range"),
        CheckConstraint("id = 1", name="only_row"),
    )

    pass_mark: Mapped[float | None] = mapped_column(Float(53))
    years: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    appeal_days: Mapped[int] = mapped_column(default=28, server_default=text("28"))
    fees: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default="{}")

    def fee(self, group: ProductGroup) -> tuple[Decimal, Decimal] | None:
        """Return the euro once and a year for a product group; None where they are not set."""
        found = self.fees.get(group.value)
        return (Decimal(found[0]), Decimal(found[1])) if found else None


@dataclass(frozen=True, kw_only=True)
class SettingsDraft:
    """``fees`` holds both amounts of every group that has one."""

    pass_mark: float | None = None
    years: int = 3
    appeal_days: int = 28
    fees: dict[ProductGroup, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = []
        if self.pass_mark is not None and not 0 < self.pass_mark <= 10_000:
            problems.append(Problem("pass_mark", "not_positive"))
        if not 1 <= self.years <= 20:
            problems.append(Problem("years", "seal_years"))
        if not 1 <= self.appeal_days <= 365:
            problems.append(Problem("appeal_days", "days_of_silence", {"most": 365}))
        for group, pair in self.fees.items():
            if any(not 0 <= amount <= MOST_FEE for amount in pair):
                problems.append(Problem(f"once_{group.value}", "negative"))
        if problems:
            raise Invalid(problems)


def load(session: Session) -> SealSettings:
    """Return the settings, those of the beginning where nobody changed them."""
    return session.get(SealSettings, ONLY) or _first()


def _first() -> SealSettings:
    return SealSettings(id=ONLY, pass_mark=None, years=3, appeal_days=28, fees={})


def _locked(session: Session) -> SealSettings:
    """Return the one row, made where there is none; nobody else changes it until the commit."""
    if session.get(SealSettings, ONLY) is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(_first())
    return session.get_one(SealSettings, ONLY, with_for_update=True, populate_existing=True)


def change(session: Session, draft: SettingsDraft, *, actor: Actor, now: datetime) -> None:
    """Put other settings into force; of two at once the later one counts, and says so on record."""
    require(actor.has(Role.AGENCY, Role.SYSTEM))
    row = _locked(session)
    before: dict[str, object] = {"pass_mark": row.pass_mark, "years": row.years, "fees": row.fees}
    row.pass_mark, row.years, row.appeal_days = draft.pass_mark, draft.years, draft.appeal_days
    row.fees = {g.value: [str(once), str(yearly)] for g, (once, yearly) in draft.fees.items()}
    session.flush()
    after: dict[str, object] = {"pass_mark": row.pass_mark, "years": row.years, "fees": row.fees}
    audit.note(session, "change", row, actor=actor, now=now, before=before, after=after)
