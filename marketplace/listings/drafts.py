"""What somebody says about a listing, already typed; it checks itself."""

from dataclasses import dataclass, field, replace
from datetime import date

from marketplace.accounts.places import Place
from marketplace.core.errors import Invalid, Problem
from marketplace.listings.models import (
    Kind,
    PriceDirection,
    Recurrence,
    Unit,
    WorkPlace,
)
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import estimate_mass_kg, materials
from marketplace.taxonomy.techniques import techniques as technique_tree
from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.waste import waste_codes

MOST = 1e9
MOST_TEXT = 5000
TITLE = 120
NEEDS_TECHNIQUE = frozenset({Kind.PRODUCTION_STEP, Kind.SERVICE, Kind.CSR_PRODUCT})


@dataclass(frozen=True, kw_only=True)
class ListingDraft:
    """Amounts are in ``unit`` (quantity), kg (mass of one delivery) and hours; dates are days."""

    kind: Kind
    title: str
    description: str = ""
    language: str = "de"
    material_code: str | None = None
    techniques: list[str] = field(default_factory=list)
    quantity: float | None = None
    unit: Unit = Unit.PIECE
    mass_kg: float | None = None
    work_hours: float | None = None
    recurrence: Recurrence = Recurrence.ONCE
    available_from: date
    available_until: date | None = None
    condition: Condition | None = None
    hazardous: bool = False
    waste_code: str | None = None
    price_direction: PriceDirection = PriceDirection.OPEN
    work_place: WorkPlace = WorkPlace.WORKSHOP
    place: Place
    photo_ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = [*self._words(), *self._amounts(), *self._codes()]
        if self.available_until and self.available_until < self.available_from:
            problems.append(Problem("available_until", "dates_reversed"))
        if problems:
            raise Invalid(problems)

    def _words(self) -> list[Problem]:
        found = []
        if not self.title:
            found.append(Problem("title", "required"))
        if len(self.title) > TITLE:
            found.append(Problem("title", "too_long", {"most": TITLE}))
        if len(self.description) > MOST_TEXT:
            found.append(Problem("description", "too_long", {"most": MOST_TEXT}))
        return found

    def _amounts(self) -> list[Problem]:
        found = []
        for name in ("quantity", "mass_kg", "work_hours"):
            amount = getattr(self, name)
            if amount is not None and not 0 < amount <= MOST:
                found.append(Problem(name, "not_positive" if not amount > 0 else "too_big"))
        return found

    def _codes(self) -> list[Problem]:
        found = []
        try:
            if self.material_code:
                materials().get(self.material_code)
        except UnknownCode:
            found.append(Problem("material", "material_unknown", {"text": self.material_code}))
        for code in self.techniques:
            try:
                technique_tree().get(code)
            except UnknownCode:
                found.append(Problem("techniques", "technique_unknown", {"text": code}))
        try:
            if self.waste_code:
                waste_codes().get(self.waste_code)
        except UnknownCode:
            found.append(Problem("waste_code", "waste_code_unknown", {"text": self.waste_code}))
        return found

    def fit_to_publish(self, today: date) -> None:
        """Raise ``Invalid`` where something is missing that others need to see."""
        missing = []
        if self.kind is Kind.RESIDUAL and not self.material_code:
            missing.append(Problem("material", "material_required"))
        if self.kind is Kind.RESIDUAL and self.quantity is None:
            missing.append(Problem("quantity", "quantity_required"))
        if self.kind in NEEDS_TECHNIQUE and not self.techniques:
            missing.append(Problem("techniques", "technique_required"))
        if self.available_until and self.available_until < today:
            missing.append(Problem("available_until", "window_past"))
        if missing:
            raise Invalid(missing)

    def fit_to_match(self) -> None:
        """Raise ``Invalid`` where not even an imported listing can be shown without it."""
        if self.kind is Kind.RESIDUAL and not self.material_code:
            raise Invalid.one("material", "material_required")

    def completed(self) -> "ListingDraft":
        """Return the draft with the hazard that its waste code implies."""
        if self.waste_code and waste_codes().get(self.waste_code).hazardous:
            return replace(self, hazardous=True)
        return self

    def mass(self) -> tuple[float | None, bool]:
        """Return the mass of one delivery in kg, and whether it is our estimate."""
        if self.mass_kg is not None:
            return self.mass_kg, False
        if self.quantity is None:
            return None, False
        if self.unit is Unit.KG:
            return self.quantity, False
        if self.unit is Unit.T:
            return self.quantity * 1000, False
        if self.material_code is None:
            return None, False
        estimate = estimate_mass_kg(self.material_code, self.quantity, self.unit.value)
        return estimate, estimate is not None
