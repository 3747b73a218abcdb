"""What all benchmarks share: interleaved runs, medians, tables, and what machine it was.

CPU time counts the children that have ended; a database server's is read from its own process.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from statistics import median, quantiles
from typing import Self, TypeVar

PACKAGES = (
    "numpy", "numba", "scipy", "scikit-learn", "shapely", "pyproj", "duckdb", "h3",
    "sqlalchemy", "psycopg", "ortools",
)  # fmt: skip

Q = TypeVar("Q")


@dataclass(frozen=True)
class Run:
    """Seconds of one run: on the clock, and of computing."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Runs:
    """All runs of one competitor."""

    runs: list[Run]

    @classmethod
    def of(cls, wall: float, cpu: float) -> Self:
        """Return a single run."""
        return cls([Run(wall, cpu)])

    @property
    def wall(self) -> float:
        return median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.runs)

    @property
    def spread(self) -> str:
        """Return the fastest and the slowest run beside the median, in per cent of it; of ten runs
        and more, the quartiles."""
        walls = sorted(run.wall for run in self.runs)
        ends = quantiles(walls, n=4)[::2] if len(walls) >= 10 else (walls[0], walls[-1])
        return " ".join(f"{end / median(walls) - 1:+.0%}" for end in ends)

    def against(self, rival: Self) -> str:
        """Return microseconds, how many times the rival's, and the spread, as one cell."""
        return f"{self.wall * 1e6:,.0f} = {self.wall / rival.wall:.2f} x ({self.spread})"


def cpu_seconds() -> float:
    """Return the computing done by this process and by its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(call: Callable[[], object], cpu: Callable[[], float] = cpu_seconds) -> Run:
    """Return how long a call takes."""
    cpu_before, before = cpu(), time.perf_counter()
    call()
    wall = time.perf_counter() - before
    return Run(wall, cpu() - cpu_before)


def interleaved(
    calls: dict[str, Callable[[], object]],
    runs: int,
    cpu: Callable[[], float] = cpu_seconds,
) -> dict[str, Runs]:
    """Return the runs of each call, one after the other and round again, so that whatever else the
    machine does at the time meets all of them."""
    found: dict[str, list[Run]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            found[name].append(timed(call, cpu))
    return {name: Runs(times) for name, times in found.items()}


def over(asked: list[Q], calls: dict[str, Callable[[Q], object]]) -> dict[str, Runs]:
    """Return the runs of each call: every question is put to all of them before the next one."""
    rounds = [interleaved({n: partial(c, one) for n, c in calls.items()}, 1) for one in asked]
    return {name: Runs([one[name].runs[0] for one in rounds]) for name in calls}


def alone(module: str, *arguments: object) -> dict[str, float]:
    """Run a module in a process of its own and return what it says (see ``confess``)."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    return _status_mb("VmHWM")


def held_mb() -> float:
    """Return the memory that this process holds now, in MB."""
    return _status_mb("VmRSS")


def _status_mb(field: str) -> float:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


def forget_peak() -> None:
    """Let the peak begin anew from what is held now (Linux)."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def confess(**figures: float) -> None:
    """Print figures for ``alone``."""
    print(json.dumps(figures))


def machine() -> str:
    """Return the processor, its cores, the memory and the versions, as a sentence."""
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    versions = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    return (
        f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}, "
        f"{memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def heading(title: str) -> None:
    """Print a heading with the machine, as Markdown."""
    print(f"## {title}\n\n{machine()}\n")


def table(head: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table; the first column to the left, the others to the right."""
    cells = [[_cell(one) for one in row] for row in rows]
    wide = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    print(_line(head, wide))
    print(
        "| "
        + " | ".join("-" * w if n == 0 else "-" * (w - 1) + ":" for n, w in enumerate(wide))
        + " |"
    )
    for row in cells:
        print(_line(row, wide))
    print(flush=True)


def _line(cells: list[str], wide: list[int]) -> str:
    first, *others = zip(cells, wide, strict=True)
    padded = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return "| " + " | ".join(padded) + " |"


def _cell(one: object) -> str:
    return (
        f"{one:.3g}"
        if isinstance(one, float) and abs(one) < 100
        else f"{one:,.0f}"
        if isinstance(one, float)
        else str(one)
    )


def options(description: str, **more: dict[str, object]) -> argparse.Namespace:
    """Read the command line: ``--runs``, ``--quick`` and ``--huge`` besides ``more``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the small sizes alone")
    parser.add_argument("--huge", action="store_true", help="the million as well")
    for name, details in more.items():
        parser.add_argument(f"--{name}", **details)
    return parser.parse_args()
