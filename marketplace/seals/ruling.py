"""Whether the seal may be awarded: every must holds, the panel has voted, and nothing is left open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from marketplace.seals.assessment import Finding, Judgement, SealOffice, SealRole, Vote
from marketplace.seals.computing import Value
from marketplace.seals.criteria import Criterion, Strength
from marketplace.seals.separation import serving

EXCUSED_BY_EXCEPTION = frozenset({"R1", "R2"})
EXCEPTION = "R3"


class Obstacle(StrEnum):
    """Why the seal cannot be awarded now."""

    UNJUDGED = auto()
    MUST_FAILS = auto()
    POINTS_MISSING = auto()
    QUORUM_MISSING = auto()
    INDEPENDENT_MISSING = auto()
    PANEL_AGAINST = auto()


@dataclass(frozen=True)
class Outcome:
    """What was found of one criterion; ``asked`` is false where another one makes it needless."""

    criterion: Criterion
    finding: Finding | None
    figure: float | None = None
    points: float = 0.0
    reason: str = ""
    asked: bool = True
    excused: bool = False

    @property
    def fails(self) -> bool:
        """Tell whether this criterion alone forbids the seal."""
        if not self.asked or self.excused or self.criterion.strength is not Strength.MUST:
            return False
        spared = self.criterion.computed and self.finding is Finding.NOT_APPLICABLE
        return self.finding is not None and self.finding is not Finding.HOLDS and not spared


def outcomes(
    criteria: Iterable[Criterion],
    values: Mapping[str, Value],
    judgements: Iterable[Judgement],
) -> list[Outcome]:
    """Return what was found of every criterion, in their order.

    S1b is asked only where S1a does not hold, and then stands for it; R3 excuses R1 and R2.
    """
    judged = {row.criterion_id: row for row in judgements}
    rows = list(criteria)
    below = values.get("S1a", Value(None)).finding is not Finding.HOLDS
    replaced = below and values.get("S1b", Value(None)).finding is Finding.HOLDS
    exception = any(
        c.code == EXCEPTION and c.id in judged and judged[c.id].finding is Finding.HOLDS
        for c in rows
    )
    found = []
    for criterion in rows:
        value, line = values.get(criterion.code, Value(None)), judged.get(criterion.id)
        finding = value.finding if criterion.computed else (line.finding if line else None)
        excused = (criterion.code == "S1a" and replaced) or (
            exception and criterion.code in EXCUSED_BY_EXCEPTION
        )
        found.append(
            Outcome(
                criterion,
                finding,
                value.figure,
                line.points if line else 0.0,
                line.reason if line else "",
                asked=criterion.code != "S1b" or below,
                excused=excused and finding is not Finding.HOLDS,
            )
        )
    return found


def unjudged(found: Iterable[Outcome]) -> list[str]:
    """Return the codes of what is still open; an exception that nobody claimed is none."""
    return [
        each.criterion.code
        for each in found
        if each.finding is None
        and each.asked
        and not each.excused
        and each.criterion.strength is not Strength.EXCEPTION
    ]


def obstacles(
    found: Sequence[Outcome],
    appointments: list[SealOffice],
    votes: Sequence[Vote],
    *,
    points: float,
    pass_mark: float | None,
) -> list[Obstacle]:
    """Return why the seal cannot be awarded; empty where it can. ``votes`` are those of this round."""
    checks = {
        Obstacle.UNJUDGED: bool(unjudged(found)),
        Obstacle.MUST_FAILS: any(each.fails for each in found),
        Obstacle.POINTS_MISSING: pass_mark is not None and points < pass_mark,
        **_panel(appointments, votes),
        Obstacle.PANEL_AGAINST: 2 * sum(v.yes for v in votes) <= len(votes),
    }
    return [obstacle for obstacle, stands in checks.items() if stands]


def _panel(appointments: list[SealOffice], votes: Sequence[Vote]) -> dict[Obstacle, bool]:
    panel = serving(appointments, SealRole.PANEL)
    voted = {vote.user_id for vote in votes}
    present = [member for member in panel if member.user_id in voted]
    return {
        Obstacle.QUORUM_MISSING: 2 * len(present) <= len(panel),
        Obstacle.INDEPENDENT_MISSING: not any(member.independent for member in present),
    }
