"""All listings against all capabilities, the exact ten best of each: the matcher and its peers.

    python -m benchmarks.kernel [--quick] [--huge] [--size LISTINGS CAPABILITIES] [--runs 5]

Everyone begins with the same columns and ends with the same rows in the same order; the answers
are compared before anything is timed.
"""

import math
from collections.abc import Callable
from functools import partial

from benchmarks.bench import (
    Runs,
    alone,
    confess,
    forget_peak,
    heading,
    held_mb,
    interleaved,
    options,
    peak_mb,
    table,
    timed,
)
from benchmarks.kernel_duckdb import rank_in_duckdb
from benchmarks.kernel_peers import PEERS, one_by_one, rank_with
from benchmarks.pairs import Prepared, Top
from benchmarks.world import World, make_world
from marketplace.matching.ranking import Rankings, rank_all
from marketplace.matching.weights import Weights
from marketplace.proposals.candidates import ontology

SMALL = ((10_000, 1_000), (10_000, 10_000), (100_000, 10_000))
LARGE = (100_000, 100_000)
HUGE = (1_000_000, 100_000)
SAMPLES = (50_000, 150_000)
OURS = "the matcher"
OURS_ALONE = "the matcher, 1 thread"
DUCKDB = "DuckDB, 2 threads"
USUAL = "cKDTree, listing by listing"
WHOLE = (OURS, OURS_ALONE, DUCKDB)  # what the million is put to as a whole
BY_SAMPLES = (USUAL, *PEERS)


def ours(world: World, threads: int) -> Rankings:
    """Return the product's answer."""
    return rank_all(
        world.listings,
        world.capabilities,
        ontology(),
        Weights(),
        world.as_of,
        refused=world.refused,
        threads=threads,
    )


def competitors(world: World) -> dict[str, Callable[[], Rankings | Top]]:
    """Return what each of them does with a world, by name."""
    indexed = {
        name: partial(lambda pairing: rank_with(pairing, Prepared(world, Weights())), pairing)
        for name, pairing in PEERS.items()
    }
    return {
        OURS: lambda: ours(world, 2),
        OURS_ALONE: lambda: ours(world, 1),
        USUAL: lambda: one_by_one(Prepared(world, Weights())),
        **indexed,
        DUCKDB: lambda: rank_in_duckdb(Prepared(world, Weights())),
    }


def agree(world: World) -> int:
    """Return how many pairs everybody found; stop where they differ."""
    answers = {name: call() for name, call in competitors(world).items()}
    expected = answers.pop(OURS)
    for name, answer in answers.items():
        if isinstance(answer, Top) and (difference := answer.differs(expected)):
            raise SystemExit(f"{name} differs from {OURS}: {difference}")
    return len(expected)


def compare(size: tuple[int, int], runs: int) -> dict[str, Runs]:
    """Time everybody on one size and print it."""
    world = make_world(*size)
    found = agree(world)
    rivals = competitors(world)
    slow = {USUAL: rivals.pop(USUAL)} if size == LARGE else {}
    measured = interleaved(rivals, runs) | interleaved(slow, 1)
    print(f"### {size[0]:,} x {size[1]:,}: {found:,} pairs, identical in all, {runs} runs\n")
    show(measured, {name: f"{peak(name, size):,.0f}" for name in measured})
    return measured


def compare_huge() -> None:
    """Compare at the million: the matcher and DuckDB on all, each in a process of its own, the
    others on two samples of the listings, from which a straight line leads to the whole."""
    world = make_world(*HUGE)
    samples = [world.sample(count) for count in SAMPLES]
    agree(samples[0])
    whole = {name: alone("benchmarks.kernel", "--only", name, "--size", *HUGE) for name in WHOLE}
    pairs = {figures["pairs"] for figures in whole.values()}
    if len(pairs) > 1:
        raise SystemExit(f"they differ: {whole}")
    measured = {name: Runs.of(figures["wall"], figures["cpu"]) for name, figures in whole.items()}
    low, high = (
        interleaved({name: competitors(sample)[name] for name in BY_SAMPLES}, 1)
        for sample in samples
    )
    for name in BY_SAMPLES:
        wall, cpu = (
            extended(getattr(low[name], clock), getattr(high[name], clock))
            for clock in ("wall", "cpu")
        )
        measured[f"{name}, from samples"] = Runs.of(wall, cpu)
    print(f"### {HUGE[0]:,} x {HUGE[1]:,}: {pairs.pop():,.0f} pairs; identical on {SAMPLES[0]:,}\n")
    show(measured, {name: f"{figures['peak']:,.0f}" for name, figures in whole.items()})


def extended(low: float, high: float) -> float:
    """Return what the whole takes on the straight line through both samples."""
    return high + (high - low) * (HUGE[0] - SAMPLES[1]) / (SAMPLES[1] - SAMPLES[0])


def show(measured: dict[str, Runs], peaks: dict[str, str]) -> None:
    """Print one size: seconds, ratios to the matcher on as many threads, memory."""
    rows = []
    for name, runs in measured.items():
        rival = measured[OURS if name == DUCKDB else OURS_ALONE]
        rows.append(
            [name, runs.wall, runs.cpu, runs.spread, f"{runs.wall / rival.wall:.2f}",
             f"{runs.cpu / rival.cpu:.2f}", peaks.get(name, "")]
        )  # fmt: skip
    table(["", "seconds", "CPU seconds", "spread", "x matcher", "x matcher, CPU", "peak MB"], rows)


def peak(name: str, size: tuple[int, int]) -> float:
    """Return the MB that one of them needs beyond the columns."""
    return alone("benchmarks.kernel", "--only", name, "--size", *size)["peak"]


def tell(name: str, size: tuple[int, int]) -> None:
    """Run one of them once, in this process, and say what it took (see ``bench.alone``)."""
    world = make_world(*size)
    competitors(world.sample(100))[name]()
    forget_peak()
    before = held_mb()
    found = []
    run = timed(lambda: found.append(competitors(world)[name]()))
    pairs = len(found[0].listing)
    confess(wall=run.wall, cpu=run.cpu, peak=peak_mb() - before, pairs=pairs)


def growth(measured: dict[tuple[int, int], dict[str, Runs]]) -> None:
    """Print by which power the computing grows with either side, and what a second thread gains."""
    steps = {
        "listings, 10,000 to 100,000": (SMALL[1], SMALL[2]),
        "capabilities, 1,000 to 10,000": (SMALL[0], SMALL[1]),
        "capabilities, 10,000 to 100,000": (SMALL[2], LARGE),
    }
    powers = []
    for label, (low, high) in steps.items():
        if low in measured and high in measured:
            pair = [measured[size][OURS_ALONE].cpu for size in (low, high)]
            powers.append([label, f"{math.log10(pair[1] / pair[0]):.2f}"])
    table(["growth of the matcher's computing", "power"], powers)
    gains = [
        [f"{size[0]:,} x {size[1]:,}", f"{runs[OURS_ALONE].wall / runs[OURS].wall:.2f}"]
        for size, runs in measured.items()
    ]
    table(["two threads against one", "x"], gains)


def main() -> None:
    given = options(__doc__, only={"default": ""}, size={"type": int, "nargs": 2})
    if given.only:
        tell(given.only, tuple(given.size))
        return
    heading("Kernel: everyone's ten best")
    sizes = SMALL if given.quick else (*SMALL, LARGE)
    if given.size:
        sizes = (tuple(given.size),)
    runs = {size: min(given.runs, 3) if size == LARGE else given.runs for size in sizes}
    measured = {size: compare(size, count) for size, count in runs.items()}
    if len(measured) > 1:
        growth(measured)
    if given.huge:
        compare_huge()


if __name__ == "__main__":
    main()
