"""Reading a file into the marketplace: all of it or nothing, or what is good of it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from marketplace.core.errors import Invalid, MarketplaceError, Problem
from marketplace.core.outbox import OutboxRow
from marketplace.exchange.capabilities import CapabilityRows
from marketplace.exchange.columns import COLUMNS, REASON, Content
from marketplace.exchange.listings import ListingRows
from marketplace.exchange.numbers import spelling_of
from marketplace.exchange.organisations import OrganisationRows
from marketplace.exchange.reading import Row, Table
from marketplace.exchange.rows import CHUNK, Circumstances, Outcome, Rows, parts
from marketplace.exchange.writing import csv_bytes

READERS: dict[Content, type[Rows[Any, Any]]] = {
    Content.ORGANISATIONS: OrganisationRows,
    Content.LISTINGS: ListingRows,
    Content.CAPABILITIES: CapabilityRows,
}
TELL_MATCHER = ("ListingChanged", "CapabilityChanged", "OrganisationChanged")
Progress = Callable[[int, int], None]
Plans = list[tuple[Row, Hashable, Any]]


class OnError(StrEnum):
    STOP = auto()
    SKIP = auto()


@dataclass(frozen=True)
class Failed:
    """A row that cannot be stored, with all that is wrong with it, by column."""

    row: Row
    problems: list[Problem]


@dataclass
class Report:
    """What a run did. ``stored`` is False where it stopped, so that nothing was."""

    table: Table
    unknown_columns: list[str]
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: list[Failed] = field(default_factory=list)
    remarks: list[tuple[int, Problem]] = field(default_factory=list)
    stored: bool = True

    def count(self, outcome: Outcome) -> None:
        name = outcome.name.lower()
        setattr(self, name, getattr(self, name) + 1)


def run(
    session: Session,
    content: Content,
    table: Table,
    *,
    on_error: OnError = OnError.STOP,
    around: Circumstances,
    match: bool = True,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Store what the table says, keyed by its references; what is the same already is left alone.

    ``progress`` hears how many of twice the rows are done: each is checked, then stored. Without
    ``match`` the matcher is not told. Raises ``Invalid`` where the header cannot be read.
    """
    reader = READERS[content]
    table.check_columns(reader.needed)
    texts = (row.cells.get(c, "") for row in table.rows for c in ("lat", "lon", *reader.numbers))
    rows = reader(session, table, spelling_of(texts, table.decimal), around)
    report = Report(table, table.unknown(COLUMNS[content]))
    heard = _last_event(session)
    with session.no_autoflush:
        plans = _check(rows, table, report, progress)
        if not (report.failed and on_error is OnError.STOP):
            _store(session, rows, plans, report, on_error, progress)
    report.remarks = rows.remarks.found
    if report.failed and on_error is OnError.STOP:
        report.created = report.changed = report.unchanged = 0
        report.stored = False
    elif not match:
        _leave_matcher_alone(session, heard)
    return report


def _check(rows: Rows[Any, Any], table: Table, report: Report, progress: Progress) -> Plans:
    plans: Plans = []
    lines: dict[Hashable, int] = {}
    done = 0
    for part in parts(table.rows, CHUNK):
        rows.prepare(part)
        for row in part:
            key = rows.key_of(row)
            try:
                first = lines.setdefault(key, row.line)
                if first != row.line:
                    raise Invalid.one(
                        rows.key, "row_ref_twice", text=row.cells[rows.key], line=first
                    )
                plans.append((row, key, rows.plan(row)))
            except Invalid as refusal:
                report.failed.append(Failed(row, refusal.problems))
        done += len(part)
        progress(done, 2 * len(table.rows))
    return plans


def _store(
    session: Session,
    rows: Rows[Any, Any],
    plans: Plans,
    report: Report,
    on_error: OnError,
    progress: Progress,
) -> None:
    """Store the plans in one savepoint, or in one each where bad rows are skipped."""
    whole = session.begin_nested() if on_error is OnError.STOP else None
    total = 2 * len(report.table.rows)
    for number, (row, key, plan) in enumerate(plans, start=1):
        single = session.begin_nested() if whole is None else None
        try:
            report.count(rows.store(plan, key))
            if single is not None:
                single.commit()
        except MarketplaceError as refusal:
            (single or whole).rollback()  # type: ignore[union-attr]
            report.failed.append(Failed(row, _problems(rows, refusal)))
            if whole is not None:
                return
        if number % CHUNK == 0 or number == len(plans):
            progress(total - len(plans) + number, total)
    if whole is not None:
        whole.commit()


def _problems(rows: Rows[Any, Any], refusal: MarketplaceError) -> list[Problem]:
    if isinstance(refusal, Invalid):
        return [rows.by_column(problem) for problem in refusal.problems]
    return [Problem(rows.key, "row_wrong_state")]


def _last_event(session: Session) -> int:
    return session.scalar(select(func.max(OutboxRow.id))) or 0


def _leave_matcher_alone(session: Session, heard: int) -> None:
    session.flush()
    session.execute(
        delete(OutboxRow)
        .where(OutboxRow.id > heard, OutboxRow.kind.in_(TELL_MATCHER))
        .execution_options(synchronize_session=False)
    )


def matcher_has_heard(session: Session, *, now: datetime) -> None:
    """Mark as done what the worker was still to match, after everything was matched at once."""
    told = ("ListingChanged", "CapabilityChanged")
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.kind.in_(told), OutboxRow.done_at.is_(None), OutboxRow.leased_until.is_(None)
        )
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )


def rejected(report: Report, word: Callable[[Problem], str]) -> bytes:
    """Return the failed rows as CSV: their columns in their order, and ``reason`` in words."""
    table = report.table
    columns = [column for column in table.columns if column not in {"", REASON}]
    records = [
        {
            **failed.row.cells,
            REASON: "; ".join(f"{problem.field}: {word(problem)}" for problem in failed.problems),
        }
        for failed in sorted(report.failed, key=lambda failed: failed.row.line)
    ]
    return csv_bytes([*columns, REASON], records, table.separator)
