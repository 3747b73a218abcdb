"""What partners and the agency write, already typed; it checks itself."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from marketplace.accounts.drafts import good_website
from marketplace.cluster.models import ConsortiumRole, Direction, Theme
from marketplace.core.errors import Invalid, Problem

TITLE, LONG_TITLE, TEXT, TASK = 120, 200, 4000, 1000
MOST_BUDGET = Decimal(100_000_000_000)


def _texts(draft: object, **most: int) -> list[Problem]:
    """Return what is wrong with texts that must be there and have a longest length."""
    found = []
    for name, longest in most.items():
        value = getattr(draft, name)
        if not value:
            found.append(Problem(name, "required"))
        elif len(value) > longest:
            found.append(Problem(name, "too_long", {"most": longest}))
    return found


def _website(text: str) -> list[Problem]:
    try:
        good_website(text)
    except Invalid as refusal:
        return list(refusal.problems)
    return []


@dataclass(frozen=True, kw_only=True)
class PartnerDraft:
    """What an organisation says of itself to the cluster."""

    text: str
    language: str
    themes: list[Theme] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = _texts(self, text=TEXT)
        if not self.themes:
            problems.append(Problem("themes", "themes_required"))
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class CooperationDraft:
    """What a partner offers or seeks, until ``ends_on``."""

    direction: Direction
    title: str
    text: str
    language: str
    ends_on: date | None
    today: date
    themes: list[Theme] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = _texts(self, title=TITLE, text=TEXT)
        if self.ends_on is None:
            problems.append(Problem("ends_on", "required"))
        elif self.ends_on < self.today:
            problems.append(Problem("ends_on", "day_past"))
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class CallDraft:
    """A call as the agency writes it down; ``budget`` in euro."""

    title: str
    programme: str
    text: str
    language: str
    deadline_on: date | None
    reference: str = ""
    website: str = ""
    opens_on: date | None = None
    budget: Decimal | None = None
    funding_percent: int | None = None
    themes: list[Theme] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = _texts(self, title=LONG_TITLE, programme=TITLE, text=TEXT)
        problems += _website(self.website)
        if len(self.reference) > 80:
            problems.append(Problem("reference", "too_long", {"most": 80}))
        if self.deadline_on is None:
            problems.append(Problem("deadline_on", "required"))
        elif self.opens_on is not None and self.opens_on > self.deadline_on:
            problems.append(Problem("deadline_on", "dates_reversed"))
        if self.budget is not None and self.budget <= 0:
            problems.append(Problem("budget", "not_positive"))
        if self.budget is not None and self.budget > MOST_BUDGET:
            problems.append(Problem("budget", "too_big"))
        if self.funding_percent is not None and not 1 <= self.funding_percent <= 100:
            problems.append(Problem("funding_percent", "not_a_percentage"))
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class InterestDraft:
    """What an organisation brings to a call, and whom it looks for."""

    brings: str
    language: str
    seeks: str = ""

    def __post_init__(self) -> None:
        problems = _texts(self, brings=TASK)
        if len(self.seeks) > TASK:
            problems.append(Problem("seeks", "too_long", {"most": TASK}))
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class ConsortiumDraft:
    """What a consortium wants to do; ``role`` and ``task`` are its founder's."""

    name: str
    text: str
    language: str
    role: ConsortiumRole = ConsortiumRole.COORDINATOR
    task: str = ""

    def __post_init__(self) -> None:
        problems = _texts(self, name=TITLE, text=TEXT)
        if len(self.task) > TASK:
            problems.append(Problem("task", "too_long", {"most": TASK}))
        if problems:
            raise Invalid(problems)
