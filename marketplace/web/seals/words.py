"""Applications and certificates in words: sources, figures, what stands against the seal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from flask_babel import gettext as _

from marketplace.seals.computing import Value
from marketplace.seals.criteria import Criterion
from marketplace.seals.models import ProductionStep, SealInput
from marketplace.seals.register import Standing
from marketplace.seals.ruling import Outcome
from marketplace.web.language import language, number

BADGES = {
    Standing.VALID: "yes",
    Standing.UPCOMING: "wait",
    Standing.EXPIRED: "",
    Standing.SUSPENDED: "wait",
    Standing.WITHDRAWN: "no",
}


def source(row: SealInput | ProductionStep) -> str:
    """Return where a row's figures come from."""
    if row.order_number is None:
        return _("stated by the applicant")
    if row.order_line is None:
        return _("order %(number)s, work log", number=row.order_number)
    if row.order_line == 0:
        return _("order %(number)s, its leftover", number=row.order_number)
    return _("order %(number)s, line %(n)s", number=row.order_number, n=row.order_line)


def giver(row: SealInput, told: Collection[str], km: float | None = None) -> str:
    """Return from whom an input came, as everybody may read it, with its way in km where it is given.

    Named is only who gave it in one of the orders ``told`` publicly; empty where nobody of ours did.
    """
    if row.organisation is None:
        return ""
    if row.order_number in told:
        name = row.organisation.name
    elif row.origin:
        name = _("a company near %(city)s", city=row.origin)
    else:
        name = _("a company in the region")
    return name if km is None else f"{name} ({number(km, 0)} km)"


def givers(
    rows: Sequence[SealInput], told: Collection[str], ways: Sequence[float | None] = ()
) -> list[str]:
    """Return from whom the inputs came, each once; ``ways`` are their km, row by row."""
    found = (giver(row, told, km) for row, km in zip_longest(rows, ways))
    return list(dict.fromkeys(each for each in found if each))


def figure(criterion: Criterion, value: float | None) -> str:
    """Return a computed figure with its unit."""
    if value is None or not criterion.unit:
        return ""
    if value == float("inf"):
        return _("not known")
    return f"{number(value, 1)} {criterion.unit}"


def threshold(criterion: Criterion) -> str:
    """Return what a criterion demands in figures."""
    if criterion.threshold is None:
        return ""
    amount = f"{number(criterion.threshold, 2)} {criterion.unit}"
    if criterion.code == "R1":
        return _("more than %(amount)s", amount=amount)
    if criterion.unit == "km":
        return _("at most %(amount)s", amount=amount)
    return _("at least %(amount)s", amount=amount)


@dataclass(frozen=True)
class Line:
    """An outcome with its words."""

    outcome: Outcome
    text: str
    figure: str
    threshold: str


def lines(found: list[Outcome]) -> list[Line]:
    """Return outcomes as tables show them."""
    return [
        Line(
            each,
            each.criterion.text(language()),
            figure(each.criterion, each.figure),
            threshold(each.criterion),
        )
        for each in found
    ]


def shown(values: dict[str, Value], code: str) -> float | None:
    """Return one figure of the computed criteria."""
    return values[code].figure if code in values else None


def days_left(due: date | None, today: date) -> int | None:
    """Return how many days the clock still has; negative where it has run out."""
    return None if due is None else (due - today).days
