"""The criteria that follow from figures: rows in, values out.

Thresholds are met exactly at their value: shares are added as fractions of the decimals that were
typed, so that 0.1 + 0.2 is 0.3, and compared to the billionth of a percent, since what an order
divides by its pieces ends somewhere; kilometres are compared to the millimetre.
Source of the rules: the initiative's criteria (social 30 %, steps 50 %, region 150 km, mass > 50 %).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import geodesic_km
from marketplace.seals.assessment import Finding
from marketplace.seals.models import Route

STANDS_OUT = frozenset({Route.LEFTOVER, Route.RENEWABLE, Route.CERTIFIED})
DIGITS = 9
USUAL = {"S1a": 30.0, "S1b": 50.0, "R1": 50.0, "R2": 150.0}


@dataclass(frozen=True)
class InputRow:
    """A material: kilograms for one unit, where it comes from, and its route."""

    mass_kg: float
    origin: Coordinate
    route: Route


@dataclass(frozen=True)
class StepRow:
    """A step: hours for one unit (None: not known), and who does it."""

    hours: float | None
    disadvantaged: bool
    social_enterprise: bool


@dataclass(frozen=True)
class MakerRow:
    """A maker's people; None where it was not stated."""

    employees: int | None
    disadvantaged: int | None


@dataclass(frozen=True)
class Value:
    """What came out: the finding (None: figures are missing) and the figure in percent or km."""

    finding: Finding | None
    figure: float | None = None


@dataclass(frozen=True)
class Figures:
    """All computed criteria by code, per input the kilometres that R2 asks about and those to where it
    is made, and two shares in percent."""

    values: Mapping[str, Value]
    km: tuple[float, ...]
    ways: tuple[float, ...]
    social_work: float | None
    reused: float | None


def compute(
    inputs: Sequence[InputRow],
    steps: Sequence[StepRow],
    makers: Sequence[MakerRow],
    near: Sequence[Coordinate],
    *,
    made_at: Sequence[Coordinate] = (),
    service: bool = False,
    thresholds: Mapping[str, float] = USUAL,
) -> Figures:
    """Return what the rows say. ``near`` are the points of clients and makers, ``made_at`` of makers.

    A ``service`` without materials has nothing that E1, E2, R1 and R2 could be asked of.
    """
    limits = {code: Fraction(str(value)) for code, value in (USUAL | dict(thresholds)).items()}
    km = tuple(_km(inputs, near))
    values = {
        "S1a": _employed(makers, limits["S1a"]),
        "S1b": _reached(_share([(1, s.disadvantaged) for s in steps]), limits["S1b"]),
        **_materials(inputs, km, limits, service=service),
    }
    hours = [(s.hours, s.social_enterprise) for s in steps if s.hours]
    reused = [(row.mass_kg, row.route is Route.LEFTOVER) for row in inputs]
    ways = tuple(_km(inputs, made_at))
    return Figures(values, km, ways, _percent(_share(hours)), _percent(_share(reused)))


def _materials(
    inputs: Sequence[InputRow],
    km: Sequence[float],
    limits: Mapping[str, Fraction],
    *,
    service: bool,
) -> dict[str, Value]:
    if not inputs:
        nothing = Value(Finding.NOT_APPLICABLE if service else None)
        return dict.fromkeys(("E1", "E2", "R1", "R2"), nothing)
    routes = [row.route for row in inputs]
    near = [each <= float(limits["R2"]) for each in km]
    regional = _share([(row.mass_kg, n) for row, n in zip(inputs, near, strict=True)])
    assert regional is not None
    return {
        "E1": Value(_finding(Route.NOT_ACCEPTABLE not in routes)),
        "E2": Value(_finding(not STANDS_OUT.isdisjoint(routes))),
        "R1": Value(_finding(regional > limits["R1"]), _percent(regional)),
        "R2": Value(_finding(all(near)), max(km)),
    }


def _km(inputs: Sequence[InputRow], near: Sequence[Coordinate]) -> list[float]:
    """Return for every input the way to the nearest of the points, in km to the millimetre."""
    if not inputs or not near:
        return [float("inf")] * len(inputs)
    origins = [row.origin for row in inputs]
    ways = geodesic_km(
        np.array([o.latitude for o in origins])[:, None],
        np.array([o.longitude for o in origins])[:, None],
        [p.latitude for p in near],
        [p.longitude for p in near],
    )
    return [round(float(each), 6) for each in ways.min(axis=1)]


def _employed(makers: Sequence[MakerRow], least: Fraction) -> Value:
    """Every maker counts: the one with the smallest share decides."""
    shares = []
    for maker in makers:
        if not maker.employees or maker.disadvantaged is None:
            return Value(None)
        shares.append(Fraction(100 * maker.disadvantaged, maker.employees))
    return _reached(min(shares, default=None), least)


def _reached(share: Fraction | None, least: Fraction) -> Value:
    if share is None:
        return Value(None)
    return Value(_finding(share >= least), _percent(share))


def _share(rows: Iterable[tuple[float, bool]]) -> Fraction | None:
    """Return how much of the whole belongs to the marked rows, in percent; None of nothing."""
    parts = [(Fraction(str(amount)), marked) for amount, marked in rows]
    whole = sum((amount for amount, _ in parts), Fraction(0))
    if not whole:
        return None
    share = 100 * sum((amount for amount, marked in parts if marked), Fraction(0)) / whole
    return round(share, DIGITS)


def _finding(holds: bool) -> Finding:
    return Finding.HOLDS if holds else Finding.DOES_NOT


def _percent(share: Fraction | None) -> float | None:
    return None if share is None else float(share)
