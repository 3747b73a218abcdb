"""Everything matched, end to end: read out of the database, ranked, and what differs written back.

    bin/with-postgresql python -m benchmarks.whole [--quick | --huge] [--runs 3]

The runs are the product's own, in parts and commits, one worker. Beside them stands the kernel alone, on
the same data in memory. PostgreSQL's computing is that of the server's process for the connection.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.bench import Run, Runs, cpu_seconds, heading, options, table, timed
from benchmarks.kernel import ours
from benchmarks.storing import NOW, analyse, both_databases
from benchmarks.world import World, make_world
from marketplace.core.db import reading, transaction
from marketplace.jobs.runs import see_through
from marketplace.matching.ranking import Rankings
from marketplace.proposals import runs
from marketplace.proposals.candidates import matchable, read_capabilities, read_listings
from marketplace.proposals.lifecycle import LIVE
from marketplace.proposals.matches import Changes
from marketplace.proposals.models import Proposal

SIZE = (20_000, 20_000)
QUICK = (5_000, 5_000)
HUGE = (100_000, 100_000)
KERNEL = "the kernel alone"
CHANGED = 100  # every hundredth listing
AFTERWARDS = f"UPDATE listings SET mass_kg = mass_kg * 2 WHERE id % {CHANGED} = 1"
BEFORE = (
    "DELETE FROM proposals WHERE state <> 'refused'",
    "DELETE FROM outbox",
    f"UPDATE listings SET mass_kg = mass_kg / 2 WHERE id % {CHANGED} = 1",
)
FIRST, AGAIN, SOME, NEXT = (
    "all is new",
    "nothing has changed",
    "one listing in a hundred has",
    "the next day",
)

Sessions = sessionmaker[Session]


class Story:
    """One database, and what happens to it: each step is timed, and its result known beforehand."""

    def __init__(self, name: str, sessions: Sessions, world: World) -> None:
        self.name, self.sessions = name, sessions
        heavier = world.listings.mass_kg.copy()
        heavier[::CHANGED] *= 2
        changed = replace(world, listings=replace(world.listings, mass_kg=heavier))
        tomorrow = replace(changed, as_of=world.as_of + 1)
        self.steps = {FIRST: world, AGAIN: world, SOME: changed, NEXT: tomorrow}
        self.cpu = computing(sessions)

    def told(self) -> Iterator[tuple[str, Changes, Run]]:
        """Yield each step with what it changed and took; at the end all is as it was before."""
        for step, world in self.steps.items():
            if step == SOME:
                execute(self.sessions, AFTERWARDS)
            yield step, *self._match(world.as_of)
        execute(self.sessions, *BEFORE)
        analyse(self.sessions.kw["bind"])

    def _match(self, as_of: np.datetime64) -> tuple[Changes, Run]:
        found: list[Changes] = []
        run = timed(lambda: found.append(match(self.sessions, as_of)), self.cpu)
        return found[0], run

    def read(self) -> Run:
        """Return what reading both sides takes, without anything else."""
        return timed(lambda: read_everything(self.sessions), self.cpu)


def match(sessions: Sessions, as_of: np.datetime64) -> Changes:
    """Match everything as ``flask match`` does."""
    day: date = as_of.astype(object)
    with transaction(sessions) as session:
        run_id = runs.start(session, as_of=day, now=NOW).id
    return see_through(sessions, run_id, clock=lambda: NOW + timedelta(seconds=1))


def read_everything(sessions: Sessions) -> None:
    """Read all listings and capabilities as columns."""
    with reading(sessions) as session:
        read_capabilities(session, *matchable())
        read_listings(session)


def execute(sessions: Sessions, *statements: str) -> None:
    """Change the database."""
    with transaction(sessions) as session:
        for statement in statements:
            session.execute(text(statement))


def computing(sessions: Sessions) -> Callable[[], float]:
    """Return a clock of the computing done here and, for PostgreSQL, by the server for us."""
    if sessions.kw["bind"].dialect.name == "sqlite":
        return cpu_seconds
    with reading(sessions) as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    tick = os.sysconf("SC_CLK_TCK")

    def clock() -> float:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return cpu_seconds() + (int(fields[11]) + int(fields[12])) / tick

    return clock


def check(story: Story, answers: dict[str, Rankings]) -> dict[str, Changes]:
    """Return what each step changed; stop where the stored proposals are not the kernel's."""
    said: dict[str, Changes] = {}
    for step, changes, _ in story.told():
        said[step] = changes
        if difference := differs(story.sessions, answers[step]):
            raise SystemExit(f"{story.name}, {step}: {difference}")
    return said


def differs(sessions: Sessions, expected: Rankings) -> str:
    """Return in what the stored proposals differ from a ranking; nothing where they do not."""
    names = ("listing_id", "capability_id", "rank", "score", "distance_km")
    with reading(sessions) as session:
        query = select(*(getattr(Proposal, name) for name in names))
        rows = session.execute(
            query.where(Proposal.state.in_(LIVE)).order_by(Proposal.listing_id, Proposal.rank)
        )
        stored = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, len(names))
    pair = expected.listing + 1, expected.capability + 1
    wanted = np.column_stack([*pair, expected.rank, expected.score, expected.distance_km])
    if stored.shape != wanted.shape:
        return f"{len(stored)} proposals, {len(wanted)} pairs"
    wrong = (np.abs(stored - wanted) > 1e-9).any(axis=1)
    return f"{wrong.sum()} proposals say something else" if wrong.any() else ""


def compare(size: tuple[int, int], rounds: int) -> None:
    """Print one size: each step on both databases beside the kernel alone, in turns."""
    world = make_world(*size)
    with both_databases(world) as databases:
        stories = [
            Story(name, sessions, world)
            for name, sessions in zip(("SQLite", "PostgreSQL"), databases, strict=True)
        ]
        answers = {step: ours(at, 2) for step, at in stories[0].steps.items()}
        changes = {story.name: check(story, answers) for story in stories}
        taken: dict[tuple[str, str], list[Run]] = {}
        for _ in range(rounds):
            taken.setdefault((KERNEL, ""), []).append(timed(lambda: ours(world, 2)))
            for story in stories:
                taken.setdefault((story.name, "reading alone"), []).append(story.read())
                for step, _, run in story.told():
                    taken.setdefault((story.name, step), []).append(run)
    print(f"### {size[0]:,} x {size[1]:,}: {len(answers[FIRST]):,} pairs, {rounds} runs\n")
    show({key: Runs(each) for key, each in taken.items()}, changes)


def show(measured: dict[tuple[str, str], Runs], changes: dict[str, dict[str, Changes]]) -> None:
    """Print seconds, ratios to the kernel, and how many proposals were written."""
    kernel = measured[KERNEL, ""]
    rows = []
    for (name, step), found in measured.items():
        label = f"{name}: {step}" if step else name
        said = changes.get(name, {}).get(step)
        written = f"{said.made + said.refreshed + said.expired:,}" if said else ""
        rows.append(
            [label, found.wall, found.cpu, found.spread, f"{found.wall / kernel.wall:.2f}",
             f"{found.cpu / kernel.cpu:.2f}", written]
        )  # fmt: skip
    head = ["", "seconds", "CPU seconds", "spread", "x kernel", "x kernel, CPU", "written"]
    table(head, rows)


def main() -> None:
    given = options(__doc__)
    heading("Everything, end to end")
    compare(QUICK if given.quick else SIZE, min(given.runs, 3))
    if given.huge:
        compare(HUGE, 1)


if __name__ == "__main__":
    main()
