"""Working on a run over everything, part by part, beside whoever else does."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from marketplace.core.db import reading, transaction
from marketplace.proposals import runs
from marketplace.proposals.candidates import Able
from marketplace.proposals.matches import Changes
from marketplace.taxonomy.edition import in_force
from marketplace.vocabulary import editions

WAIT_SECONDS = 0.5
Clock = Callable[[], datetime]


class Hand:
    """Somebody who works on runs; keeps the capabilities of a run for all its parts."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock
        self._kept: tuple[int, int] | None = None
        self._able: Able | None = None

    def work_one(self, run_id: int | None = None) -> bool:
        """Match one free part of a run, of the oldest open one by default; False where none is free."""
        with transaction(self._sessions) as session:
            editions.refresh(session)
            run_id = run_id if run_id is not None else runs.open_run(session)
            part = None if run_id is None else runs.claim(session, run_id, now=self._clock())
            if run_id is None or part is None:
                self._kept = self._able = None
                return False
            part_id = part.id
        able = self._capabilities(run_id)
        with transaction(self._sessions) as session:
            runs.work(session, part_id, able, now=self._clock())
        return True

    def _capabilities(self, run_id: int) -> Able:
        """Return the capabilities of a run; anew where another edition numbers the trees otherwise."""
        wanted = run_id, in_force().number
        if self._able is None or self._kept != wanted:
            with reading(self._sessions) as session:
                self._kept, self._able = wanted, runs.able_now(session)
        return self._able


def see_through(
    sessions: sessionmaker[Session],
    run_id: int,
    *,
    clock: Clock,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Changes:
    """Work on a run until it is over, others' parts included; ``tell`` hears (done, all) listings."""
    hand = Hand(sessions, clock)
    while True:
        worked = hand.work_one(run_id)
        with reading(sessions) as session:
            changes, total, over = runs.progress(session, run_id)
        tell(changes.listings, total)
        if over:
            return changes
        if not worked:
            time.sleep(WAIT_SECONDS)
