"""What refusals teach, in points of 100: how far a proposal steps back at the desk.

The matcher's score stays what it is. Beside it stands a correction, never above zero, that rests on
what the brokers of one service point accepted and refused, and says so.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Bools, Ints, Rows
from marketplace.proposals.models import RefusalReason
from marketplace.taxonomy.edition import Edition, in_force
from marketplace.taxonomy.tree import Node

REASONS = (
    RefusalReason.DISTANCE,
    RefusalReason.QUALITY,
    RefusalReason.NO_CAPACITY,
    RefusalReason.PRICE,
)
"""What can be read off a pair; the other reasons say nothing about the next one."""
ACCEPTED = -1
SPAN = timedelta(days=365)
"""A whole year, so that no season is left out; what is older says little about today."""
MOST = 5.0
"""Points for one reason: what a few kilometres or one level of fit make, so that a pair that is much
better for another reason stays ahead."""
BOUND = 10.0
"""Points for all reasons together: the matcher decides, the desk's habits only put in order."""
DOUBT = 4
"""How many decisions to the contrary are taken for granted, so that one refusal does little."""
DIGITS = 1
"""What is shown is what sorts."""


@dataclass(frozen=True)
class Traits:
    """What the four reasons are about, (n,) each: km, two components in [0, 1], ``family``."""

    km: Floats
    fit: Floats
    capacity: Floats
    family: Ints

    def __len__(self) -> int:
        return len(self.km)

    def take(self, rows: Rows | Bools) -> "Traits":
        """Return the traits of ``rows`` (positions or a mask)."""
        return Traits(self.km[rows], self.fit[rows], self.capacity[rows], self.family[rows])

    def burdens(self) -> NDArray[np.complex128]:
        """Return how unfavourable each is for each reason, (4, n): by family, then ascending.

        Complex numbers sort by their real part, then by the imaginary one. Distance and capacity are
        alike for all families; price knows nothing but the family.
        """
        found = np.zeros((len(REASONS), len(self)), dtype=np.complex128)
        found.imag = [self.km, -self.fit, -self.capacity, np.zeros(len(self))]
        found.real[[1, 3]] = self.family
        return found


@dataclass(frozen=True)
class Evidence:
    """What one service point decided: traits and outcome, a position in REASONS or ACCEPTED, (m,)."""

    traits: Traits
    outcome: Ints

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True)
class Balance:
    """For each proposal and reason, (n, 4): refusals of what was at least as favourable, and
    acceptances of what was at least as unfavourable."""

    against: Ints
    in_favour: Ints

    def points(self) -> Floats:
        """Return -5 x against / (against + in favour + 4), (n, 4), to a tenth of a point."""
        share = self.against / (self.against + self.in_favour + DOUBT)
        points: Floats = 0.0 - np.round(MOST * share, DIGITS)
        return points


def balance(evidence: Evidence, proposals: Traits) -> Balance:
    """Return what speaks against each proposal and what in its favour."""
    known, asked = evidence.traits.burdens(), proposals.burdens()
    against = np.zeros((len(proposals), len(REASONS)), dtype=np.int64)
    in_favour = np.zeros_like(against)
    for n, burden in enumerate(asked):
        refused = np.sort(known[n, evidence.outcome == n])
        accepted = np.sort(known[n, evidence.outcome == ACCEPTED])
        first, last = burden.copy(), burden.copy()
        first.imag, last.imag = -np.inf, np.inf
        upto = np.searchsorted(refused, burden, "right")
        against[:, n] = upto - np.searchsorted(refused, first, "left")
        upto = np.searchsorted(accepted, last, "right")
        in_favour[:, n] = upto - np.searchsorted(accepted, burden, "left")
    return Balance(against, in_favour)


def corrections(evidence: Evidence, proposals: Traits) -> Floats:
    """Return the points of each proposal for each of REASONS, (n, 4), from -5 to 0."""
    return balance(evidence, proposals).points()


def together(points: Floats) -> Floats:
    """Return the correction of each proposal, (n,): its points for all reasons, at least -10."""
    total: Floats = np.maximum(np.round(points.sum(axis=1), DIGITS), -BOUND)
    return total


@dataclass(frozen=True)
class Lesson:
    """What one reason comes to, in one family where that counts.

    ``first`` is where the correction begins, ``last`` the most unfavourable pair that was decided: km,
    fit or capacity, whichever the reason is about. Points are below zero.
    """

    reason: RefusalReason
    family: int
    refused: int
    accepted: int
    first: float
    first_points: float
    last: float
    last_points: float


def lessons(evidence: Evidence) -> list[Lesson]:
    """Return what the decisions teach, by reason, then the strongest first."""
    burdens, points = evidence.traits.burdens(), corrections(evidence, evidence.traits)
    found: list[Lesson] = []
    for n, reason in enumerate(REASONS):
        refused, accepted = evidence.outcome == n, evidence.outcome == ACCEPTED
        of_reason: list[Lesson] = []
        for family in np.unique(burdens[n, refused].real):
            here, value = burdens[n].real == family, burdens[n].imag
            rows, decided = (
                np.flatnonzero(here & refused),
                np.flatnonzero(here & (refused | accepted)),
            )
            first, last = rows[value[rows].argmin()], decided[value[decided].argmax()]
            of_reason.append(
                Lesson(
                    reason,
                    int(family),
                    len(rows),
                    int((here & accepted).sum()),
                    abs(float(value[first])),
                    float(points[first, n]),
                    abs(float(value[last])),
                    float(points[last, n]),
                )
            )
        found += sorted(of_reason, key=lambda lesson: lesson.last_points)
    return found


@lru_cache(maxsize=2)
def _families(edition: Edition) -> tuple[list[Node], dict[str, int], dict[str, int]]:
    """Return all families by their number, and the numbers of materials and of techniques by code."""
    first, second = edition.materials.roots, edition.techniques.roots
    return (
        [*first, *second],
        {root.code: n for n, root in enumerate(first)},
        {root.code: n for n, root in enumerate(second, len(first))},
    )


def family_number(material_code: str | None, technique_codes: list[str] | None) -> int:
    """Return the family of a listing: of its material, or else of its first technique; -1 without."""
    _, of_materials, of_techniques = _families(in_force())
    if material_code:
        return of_materials.get(material_code.partition(".")[0], -1)
    if technique_codes:
        return of_techniques.get(technique_codes[0].partition(".")[0], -1)
    return -1


def family_name(number: int, language: str) -> str:
    """Return what people call a family; nothing where there is none."""
    return _families(in_force())[0][number].name(language) if number >= 0 else ""
