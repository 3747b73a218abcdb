"""What applicants fill in, checking itself."""

from dataclasses import dataclass, field

from marketplace.core.errors import Invalid, Problem
from marketplace.geo.coordinates import Coordinate
from marketplace.seals.criteria import ProductKind
from marketplace.seals.models import ProductGroup, Route

NAME, TEXT = 160, 8000
MOST_KG, MOST_HOURS, MOST_PEOPLE = 100_000.0, 100_000.0, 100_000


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _worded(name: str, value: str, most: int) -> list[Problem]:
    if not value:
        return [Problem(name, "required")]
    return [Problem(name, "too_long", {"most": most})] if len(value) > most else []


@dataclass(frozen=True, kw_only=True)
class ApplicationDraft:
    """The head of an application; ``order_ids`` are the orders that the product comes from."""

    kind: ProductKind
    name: str
    description: str
    language: str
    group: ProductGroup
    order_ids: list[int] = field(default_factory=list)
    photo_ids: list[int] = field(default_factory=list)
    renews: str | None = None

    def __post_init__(self) -> None:
        problems = _worded("name", self.name, NAME)
        if len(self.description) > TEXT:
            problems.append(Problem("description", "too_long", {"most": TEXT}))
        _refuse(problems)


@dataclass(frozen=True, kw_only=True)
class InputDraft:
    """A material in one unit of the product; mass in kg."""

    name: str
    material_code: str | None = None
    mass_kg: float | None
    origin: str
    point: Coordinate
    route: Route | None

    def __post_init__(self) -> None:
        problems = _worded("name", self.name, 200)
        if self.mass_kg is None:
            problems.append(Problem("mass_kg", "required"))
        elif not self.mass_kg > 0:
            problems.append(Problem("mass_kg", "not_positive"))
        elif self.mass_kg > MOST_KG:
            problems.append(Problem("mass_kg", "too_big"))
        if self.route is None:
            problems.append(Problem("route", "required"))
        _refuse(problems)


@dataclass(frozen=True, kw_only=True)
class StepDraft:
    """A step of making one unit; hours may be unknown. ``organisation_id``: one of the makers."""

    name: str
    organisation_id: int | None = None
    hours: float | None = None
    disadvantaged: bool = False

    def __post_init__(self) -> None:
        problems = _worded("name", self.name, 200)
        if self.hours is not None and not self.hours >= 0:
            problems.append(Problem("hours", "negative"))
        elif self.hours is not None and self.hours > MOST_HOURS:
            problems.append(Problem("hours", "too_big"))
        _refuse(problems)


@dataclass(frozen=True, kw_only=True)
class MakerDraft:
    """How many people a maker employs, and how many of them are disadvantaged."""

    employees: int | None
    disadvantaged: int | None

    def __post_init__(self) -> None:
        problems = []
        for name in ("employees", "disadvantaged"):
            value = getattr(self, name)
            if value is None:
                problems.append(Problem(name, "required"))
            elif value < 0 or (name == "employees" and value == 0):
                problems.append(Problem(name, "not_positive" if value == 0 else "negative"))
            elif value > MOST_PEOPLE:
                problems.append(Problem(name, "too_big"))
        if not problems and (self.disadvantaged or 0) > (self.employees or 0):
            problems.append(Problem("disadvantaged", "more_than_people"))
        _refuse(problems)
