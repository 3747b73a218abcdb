"""Numbers such as A-2026-0001: one after the other within a year."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.core.errors import Outrun

TRIES = 20


def add_numbered(
    session: Session,
    thing: Any,
    column: InstrumentedAttribute[str],
    prefix: str,
    *,
    taken: Callable[[], bool] = lambda: False,
) -> None:
    """Store ``thing`` under the next free number after ``prefix``, such as ``A-2026-``.

    Where two reach for the same number, the later one waits for the earlier and takes the next.
    Raises ``Outrun`` where ``taken`` says that somebody else has done the same already.
    """
    for _ in range(TRIES):
        setattr(thing, column.key, _next(session, column, prefix))
        try:
            with session.begin_nested():
                session.add(thing)
        except IntegrityError:
            if taken():
                raise Outrun("somebody else was faster") from None
        else:
            return
    raise Outrun("no free number")


def _next(session: Session, column: InstrumentedAttribute[str], prefix: str) -> str:
    last = session.scalar(
        select(column)
        .where(column.startswith(prefix, autoescape=True))
        .order_by(func.length(column).desc(), column.desc())
        .limit(1)
    )
    count = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{count + 1:04d}"
