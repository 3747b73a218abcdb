"""The numbers of cases, such as F-2026-0001: one after the other within a year."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.cases.models import Case
from marketplace.core.errors import Outrun

TRIES = 20


def add_numbered(session: Session, case: Case, year: int) -> None:
    """Store a new case under the next free number of the year.

    Where two cases reach for the same number, the later one waits for the earlier and takes the next.
    """
    for _ in range(TRIES):
        case.number = _next(session, year)
        try:
            with session.begin_nested():
                session.add(case)
        except IntegrityError:
            if not _taken(session, case.number):
                raise
        else:
            return
    raise Outrun("no free number")


def _next(session: Session, year: int) -> str:
    prefix = f"F-{year}-"
    last = session.scalar(
        select(Case.number)
        .where(Case.number.startswith(prefix, autoescape=True))
        .order_by(func.length(Case.number).desc(), Case.number.desc())
        .limit(1)
    )
    count = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{count + 1:04d}"


def _taken(session: Session, number: str) -> bool:
    return session.scalar(select(Case.id).where(Case.number == number)) is not None
