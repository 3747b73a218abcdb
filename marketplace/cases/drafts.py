"""What people write into a case, already typed; drafts check themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto

from marketplace.accounts.drafts import good_email
from marketplace.cases.goals import GOALS
from marketplace.core.errors import Invalid, Problem
from marketplace.listings.models import Kind

TITLE = 160
WORDS = 5000
SHORT = 200
MOST_BUDGET = Decimal("99999999.99")
MOST_PIECES = 1_000_000


def _texts(draft: object, most: Mapping[str, int], *needed: str) -> list[Problem]:
    found = [Problem(name, "required") for name in needed if not getattr(draft, name)]
    for name, limit in most.items():
        if len(getattr(draft, name)) > limit:
            found.append(Problem(name, "too_long", {"most": limit}))
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


class Subject(StrEnum):
    """What somebody comes with: a mere idea, a goal, or one of the other mediation kinds."""

    IDEA = auto()
    CSR_GOAL = auto()
    RESIDUAL = auto()
    PRODUCTION_STEP = auto()
    SERVICE = auto()


KIND_OF: dict[Subject, Kind | None] = {
    Subject.IDEA: None,
    Subject.CSR_GOAL: Kind.CSR_PRODUCT,
    Subject.RESIDUAL: Kind.RESIDUAL,
    Subject.PRODUCTION_STEP: Kind.PRODUCTION_STEP,
    Subject.SERVICE: Kind.SERVICE,
}


@dataclass(frozen=True, kw_only=True)
class NeedsDraft:
    """``budget`` is in euro without VAT, ``sdgs`` are numbers of UN goals, 1 to 17."""

    kind: Kind
    what: str
    why: str = ""
    quality: str = ""
    quantity: str = ""
    deadline: date | None = None
    budget: Decimal | None = None
    csr_goal: str = ""
    sdgs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        long = dict.fromkeys(("what", "why", "quality", "csr_goal"), WORDS)
        problems = _texts(self, {**long, "quantity": 120}, "what")
        if self.budget is not None and not self.budget >= Decimal("0.01"):
            problems.append(Problem("budget", "not_positive"))
        if self.budget is not None and self.budget > MOST_BUDGET:
            problems.append(Problem("budget", "too_big"))
        if any(goal not in GOALS for goal in self.sdgs):
            problems.append(Problem("sdgs", "not_a_choice"))
        _refuse(problems)


@dataclass(frozen=True, kw_only=True)
class EnquiryDraft:
    """What somebody asks on the public site; ``agreed`` to being written to about it."""

    subject: Subject
    words: str
    name: str
    email: str
    language: str
    service_point_id: int
    organisation: str = ""
    phone: str = ""
    city: str = ""
    deadline: date | None = None
    budget: Decimal | None = None
    sdgs: tuple[int, ...] = ()
    agreed: bool = False

    def __post_init__(self) -> None:
        short = {"name": 120, "organisation": TITLE, "phone": 40, "city": 120}
        problems = _texts(self, {**short, "words": WORDS}, "words", "name", "email")
        if not self.agreed:
            problems.append(Problem("agreed", "consent_required"))
        for check in (self.needs, lambda: self.email and good_email(self.email)):
            try:
                check()
            except Invalid as refusal:
                problems += [p for p in refusal.problems if p.field != "what"]
        _refuse(problems)

    def needs(self) -> NeedsDraft:
        """Return the first needs sheet; a mere idea is the beginning of a product."""
        return NeedsDraft(
            kind=KIND_OF[self.subject] or Kind.CSR_PRODUCT,
            what=self.words,
            deadline=self.deadline,
            budget=self.budget,
            sdgs=self.sdgs,
        )


@dataclass(frozen=True, kw_only=True)
class CaseDraft:
    """``kind`` None: not known yet. The parties read the title."""

    title: str
    description: str = ""
    kind: Kind | None = None
    language: str = "de"
    contact_name: str = ""
    contact_organisation: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    contact_city: str = ""

    def __post_init__(self) -> None:
        contact = {"contact_name": 120, "contact_organisation": TITLE, "contact_email": 254}
        more = {"contact_phone": 40, "contact_city": 120, "title": TITLE, "description": WORDS}
        _refuse(_texts(self, contact | more, "title"))


@dataclass(frozen=True, kw_only=True)
class IdeaDraft:
    title: str
    description: str = ""

    def __post_init__(self) -> None:
        _refuse(_texts(self, {"title": TITLE, "description": WORDS}, "title"))


@dataclass(frozen=True, kw_only=True)
class TrialDraft:
    """``organisation_id`` is with whom it was tried."""

    what: str
    tried_on: date
    organisation_id: int | None = None
    pieces: int | None = None

    def __post_init__(self) -> None:
        problems = _texts(self, {"what": WORDS}, "what")
        if self.pieces is not None and self.pieces < 1:
            problems.append(Problem("pieces", "not_positive"))
        if self.pieces is not None and self.pieces > MOST_PIECES:
            problems.append(Problem("pieces", "too_big"))
        _refuse(problems)


@dataclass(frozen=True, kw_only=True)
class TaskDraft:
    title: str
    due_on: date
    assignee_id: int | None = None

    def __post_init__(self) -> None:
        _refuse(_texts(self, {"title": SHORT}, "title"))


@dataclass(frozen=True, kw_only=True)
class AppointmentDraft:
    """``for_parties``: the parties see it, and hear of it."""

    title: str
    starts_at: datetime
    minutes: int = 60
    place: str = ""
    for_parties: bool = True

    def __post_init__(self) -> None:
        problems = _texts(self, {"title": TITLE, "place": SHORT}, "title")
        if not 5 <= self.minutes <= 1440:
            problems.append(Problem("minutes", "minutes_of_a_day"))
        _refuse(problems)
