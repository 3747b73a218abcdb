"""Plots as numbers: where bars stand and how high; the templates draw them, on screen and paper."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480.0, 200.0
LEFT, TOP, BASE = 52.0, 24.0, 172.0
GAP, WIDEST = 0.2, 64.0
TICKS = 4


@dataclass(frozen=True)
class Point:
    """One bar: its short label below, its value, and both in words."""

    label: str
    value: float
    text: str
    name: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar in the units of the drawing."""

    point: Point
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Plot:
    """Bars over a base line with a scale on the left."""

    bars: list[Bar]
    ticks: list[tuple[float, float]]

    @property
    def points(self) -> list[Point]:
        return [bar.point for bar in self.bars]

    @property
    def empty(self) -> bool:
        return not any(bar.point.value for bar in self.bars)


def step_for(most: float) -> float:
    """Return a round distance between the lines of a scale: 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return 1.0
    rough = most / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= rough)


def plot(points: Sequence[Point]) -> Plot:
    """Return where the bars of these points stand."""
    most = max((point.value for point in points), default=0.0)
    step = step_for(most)
    top = max(step, math.ceil(most / step) * step)
    room = (WIDTH - LEFT) / max(1, len(points))
    bars, width = [], min(WIDEST, room * (1 - GAP))
    for n, point in enumerate(points):
        height = (BASE - TOP) * max(0.0, point.value) / top
        x = LEFT + room * n + (room - width) / 2
        bars.append(Bar(point, *(round(v, 1) for v in (x, BASE - height, width, height))))
    ticks = [
        (round(BASE - (BASE - TOP) * n * step / top, 1), n * step)
        for n in range(1, round(top / step) + 1)
    ]
    return Plot(bars, ticks)


@dataclass(frozen=True)
class Part:
    """A part of a whole: which pattern, from where to where in percent, and in words."""

    number: int
    point: Point
    start: float
    share: float


def parts(points: Sequence[Point]) -> list[Part]:
    """Return the parts of a whole, side by side; their shares add up to 100."""
    whole = sum(point.value for point in points) or 1.0
    found, at = [], 0.0
    for n, point in enumerate(points):
        share = 100.0 * point.value / whole
        found.append(Part(n + 1, point, round(at, 2), round(share, 2)))
        at += share
    return found
