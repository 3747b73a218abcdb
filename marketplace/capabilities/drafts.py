"""What a social enterprise says it can do, already typed; it checks itself."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marketplace.accounts.places import Place
from marketplace.core.errors import Invalid, Problem
from marketplace.geo.areas import BadArea, area_geojson, parse_area
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials as material_tree
from marketplace.taxonomy.techniques import techniques as technique_tree

MOST = 1e9
MOST_RADIUS_KM = 1000
AMOUNTS = (
    "capacity_kg_per_month",
    "capacity_pieces_per_month",
    "capacity_hours_per_month",
    "min_batch_kg",
    "storage_m2",
)


@dataclass(frozen=True, kw_only=True)
class CapabilityDraft:
    """Capacities are per month; ``service_area`` is GeoJSON text and replaces the radius in km."""

    title: str
    description: str = ""
    language: str = "de"
    materials: list[str] = field(default_factory=list)
    techniques: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    equipment: list[str] = field(default_factory=list)
    capacity_kg_per_month: float | None = None
    capacity_pieces_per_month: float | None = None
    capacity_hours_per_month: float | None = None
    min_batch_kg: float | None = None
    lead_time_days: int | None = None
    service_radius_km: float | None = None
    service_area: str | None = None
    accepts_hazardous: bool = False
    permits: str = ""
    on_site: bool = False
    pickup: bool = False
    storage_m2: float | None = None
    cooling: bool = False
    seeking_work: bool = False
    seeking_from: date | None = None
    available_from: date | None = None
    available_until: date | None = None
    place: Place
    photo_ids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        problems = [*self._words(), *self._amounts(), *self._codes(), *self._reach()]
        first, last = self.available_from, self.available_until
        if first and last and last < first:
            problems.append(Problem("available_until", "dates_reversed"))
        if problems:
            raise Invalid(problems)

    def _words(self) -> list[Problem]:
        found = []
        if not self.title:
            found.append(Problem("title", "required"))
        for name, most in (("title", 160), ("description", 5000), ("permits", 300)):
            if len(getattr(self, name)) > most:
                found.append(Problem(name, "too_long", {"most": most}))
        if sum(map(len, self.equipment)) > 2000:
            found.append(Problem("equipment", "too_long", {"most": 2000}))
        return found

    def _amounts(self) -> list[Problem]:
        found = []
        for name in AMOUNTS:
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount <= MOST:
                found.append(Problem(name, "not_positive" if not amount >= 0 else "too_big"))
        if self.lead_time_days is not None and not 0 <= self.lead_time_days <= 3650:
            wrong = "not_positive" if self.lead_time_days < 0 else "too_big"
            found.append(Problem("lead_time_days", wrong))
        return found

    def _codes(self) -> list[Problem]:
        trees: dict[str, Any] = {"materials": material_tree(), "techniques": technique_tree()}
        found = [
            Problem(name, f"{name[:-1]}_unknown", {"text": code})
            for name, tree in trees.items()
            for code in getattr(self, name)
            if code not in tree
        ]
        known = {c.value for c in Condition}
        if not set(self.conditions) <= known:
            found.append(Problem("conditions", "not_a_choice"))
        return found

    def _reach(self) -> list[Problem]:
        if self.service_area:
            try:
                area = area_geojson(parse_area(self.service_area))
                text = json.dumps(area, separators=(",", ":"))
                object.__setattr__(self, "service_area", text)
            except BadArea as refusal:
                return [Problem("service_area", f"area_{refusal.code.removeprefix('area_')}")]
            object.__setattr__(self, "service_radius_km", None)
            return []
        object.__setattr__(self, "service_area", None)
        if self.service_radius_km is None:
            return [Problem("service_radius_km", "radius_required")]
        if not 0 <= self.service_radius_km <= MOST_RADIUS_KM:
            return [Problem("service_radius_km", "radius_too_large", {"most": MOST_RADIUS_KM})]
        return []

    def fit_to_show(self) -> None:
        """Raise ``Invalid`` where something is missing that matching needs."""
        if not self.materials and not self.techniques:
            raise Invalid.one("materials", "materials_or_techniques_required")
