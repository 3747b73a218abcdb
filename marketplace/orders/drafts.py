"""The terms of an order as a broker writes them, already typed; they check themselves."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, auto

from marketplace.core.errors import Invalid, Problem
from marketplace.listings.models import Recurrence, Unit, WorkPlace
from marketplace.orders.models import LineRole, Part
from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.waste import waste_codes

TITLE = 160
PRODUCT = 5000
DESCRIPTION = 500
MOST_QUANTITY = 1e9
MOST_PRICE = Decimal("99999999.99")
SMALLEST_PRICE = Decimal("0.0001")
MOST_LINES = 50


class Pays(StrEnum):
    """Who pays for a line: whoever gives, whoever takes, or nobody."""

    TAKER = auto()
    GIVER = auto()
    NOBODY = auto()


def _words(values: dict[str, tuple[str, int]]) -> list[Problem]:
    """Return what is wrong with texts that are needed; ``values``: the text and its longest."""
    found = [Problem(name, "required") for name, (text, _most) in values.items() if not text]
    return found + [
        Problem(name, "too_long", {"most": most})
        for name, (text, most) in values.items()
        if len(text) > most
    ]


@dataclass(frozen=True, kw_only=True)
class PartyDraft:
    """An organisation that takes part; new ones come with a listing or a capability of theirs."""

    organisation_id: int
    part: Part
    sells: bool = False
    listing_id: int | None = None
    capability_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """``giver_id`` and ``taker_id`` are organisations; ``pays`` None has not been chosen.

    ``price`` is in euro without VAT, of one unit or, as a ``lump_sum``, of all.
    """

    id: int | None = None
    role: LineRole
    description: str
    quantity: float
    unit: Unit
    mass_kg: float | None = None
    pays: Pays | None
    price: Decimal | None = None
    lump_sum: bool = False
    vat_percent: Decimal = Decimal(0)
    giver_id: int
    taker_id: int
    listing_id: int | None = None
    waste_code: str | None = None

    def __post_init__(self) -> None:
        problems = _words({"description": (self.description, DESCRIPTION)})
        problems += [*self._amounts(), *self._price()]
        if self.giver_id == self.taker_id:
            problems.append(Problem("taker", "two_parties"))
        if not 0 <= self.vat_percent <= 100:
            problems.append(Problem("vat_percent", "not_a_percentage"))
        if self.waste_code is not None:
            try:
                waste_codes().get(self.waste_code)
            except UnknownCode:
                params = {"text": self.waste_code}
                problems.append(Problem("waste_code", "waste_code_unknown", params))
        if problems:
            raise Invalid(problems)

    def _amounts(self) -> list[Problem]:
        found = []
        for name, value in (("quantity", self.quantity), ("mass_kg", self.mass_kg)):
            if value is not None and not value > 0:
                found.append(Problem(name, "not_positive"))
            elif value is not None and value > MOST_QUANTITY:
                found.append(Problem(name, "too_big"))
        return found

    def _price(self) -> list[Problem]:
        if self.pays is None:
            return [Problem("pays", "price_required")]
        if self.pays is Pays.NOBODY:
            return [Problem("price", "price_and_free")] if self.price is not None else []
        if self.price is None:
            return [Problem("price", "price_required")]
        if not self.price >= SMALLEST_PRICE:
            return [Problem("price", "not_positive")]
        return [Problem("price", "too_big")] if self.price > MOST_PRICE else []


@dataclass(frozen=True, kw_only=True)
class MilestoneDraft:
    id: int | None = None
    title: str
    planned_on: date

    def __post_init__(self) -> None:
        problems = _words({"title": (self.title, TITLE)})
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """All that is agreed upon. Enterprises work one after the other, as they stand here."""

    title: str
    product: str
    work_place: WorkPlace = WorkPlace.WORKSHOP
    standing: bool = False
    recurrence: Recurrence = Recurrence.ONCE
    starts_on: date
    due_on: date
    parties: tuple[PartyDraft, ...]
    lines: tuple[LineDraft, ...]
    milestones: tuple[MilestoneDraft, ...] = ()

    def __post_init__(self) -> None:
        problems = _words({"title": (self.title, TITLE), "product": (self.product, PRODUCT)})
        problems += [*self._days(), *self._sides(), *self._whose()]
        if problems:
            raise Invalid(problems)

    def _days(self) -> list[Problem]:
        found = []
        if self.due_on < self.starts_on:
            found.append(Problem("due_on", "dates_reversed"))
        if self.standing and self.recurrence is Recurrence.ONCE:
            found.append(Problem("recurrence", "rhythm_required"))
        return found

    def _sides(self) -> list[Problem]:
        found = []
        if {party.part for party in self.parties} != set(Part):
            found.append(Problem("parties", "both_sides_required"))
        if len({party.organisation_id for party in self.parties}) < len(self.parties):
            found.append(Problem("parties", "party_twice"))
        if sum(party.sells for party in self.parties) > 1:
            found.append(Problem("parties", "one_seller"))
        if not self.lines:
            found.append(Problem("lines", "line_required"))
        if len(self.lines) > MOST_LINES or len(self.milestones) > MOST_LINES:
            found.append(Problem("lines", "too_many_lines", {"most": MOST_LINES}))
        return found

    def _whose(self) -> list[Problem]:
        known = {party.organisation_id for party in self.parties}
        return [
            Problem(f"lines-{number}-{field}", "party_unknown")
            for number, line in enumerate(self.lines)
            for field, value in (("giver", line.giver_id), ("taker", line.taker_id))
            if value not in known
        ]
