"""What social enterprises fill in."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField

from marketplace.capabilities.drafts import CapabilityDraft
from marketplace.capabilities.models import Capability
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.understanding import understood
from marketplace.web.fields import (
    CodesField,
    DayField,
    EnumManyField,
    NumberField,
    TextField,
    WholeNumberField,
    gather,
    options,
)
from marketplace.web.language import LANGUAGES, language
from marketplace.web.photos import PhotoFields
from marketplace.web.places import PlaceFields
from marketplace.web.vocabulary import own_techniques

SAME = (
    "title", "description", "materials", "conditions", "capacity_kg_per_month",
    "capacity_pieces_per_month", "capacity_hours_per_month", "min_batch_kg", "lead_time_days",
    "accepts_hazardous", "permits", "on_site", "pickup", "storage_m2", "cooling", "seeking_work",
    "seeking_from", "available_from", "available_until",
)  # fmt: skip


class CapabilityForm(PlaceFields, PhotoFields):
    """A capability; ``reach`` says whether the radius or the drawn area counts."""

    ALIASES = {"techniques": "techniques_text"}
    kept: Collection[str] = ()
    """Codes that the capability names already: they may stay though they are retired."""

    title = TextField(_l("Name of the capability"))
    description = TextAreaField(_l("Description"))
    written_in = SelectField(_l("Language of your text"), choices=options(LANGUAGES.items()))
    materials = CodesField(_l("Accepted materials"))
    techniques = CodesField(_l("Techniques"))
    techniques_text = TextField(_l("Techniques"))
    conditions = EnumManyField(_l("Accepted conditions"), Condition)
    equipment = TextField(_l("Equipment"))
    capacity_kg_per_month = NumberField(_l("Kilograms a month"))
    capacity_pieces_per_month = NumberField(_l("Pieces a month"))
    capacity_hours_per_month = NumberField(_l("Hours of work a month"))
    min_batch_kg = NumberField(_l("Smallest batch"))
    lead_time_days = WholeNumberField(_l("Lead time"))
    storage_m2 = NumberField(_l("Storage"))
    pickup = BooleanField(_l("We pick up"))
    cooling = BooleanField(_l("We can keep things cool"))
    on_site = BooleanField(_l("We work at the client's site"))
    accepts_hazardous = BooleanField(_l("We are permitted to take hazardous material"))
    permits = TextField(_l("Our permit for taking waste"))
    reach = RadioField(
        _l("Service area"),
        choices=options([("radius", _l("Radius")), ("area", _l("Drawn area"))]),
        default="radius",
    )
    service_radius_km = NumberField(_l("How far do you go?"), default=45)
    service_area = HiddenField()
    available_from = DayField(_l("Available from"))
    available_until = DayField(_l("until"))
    seeking_work = BooleanField(_l("We are looking for work"))
    seeking_from = DayField(_l("Looking for work from"))

    def show(self, capability: Capability) -> None:
        """Fill the form from what is stored."""
        for name in SAME:
            self[name].data = getattr(capability, name)
        self.written_in.data = capability.language
        self.techniques.data = list(capability.techniques)
        self.equipment.data = "; ".join(capability.equipment)
        self.reach.data = "area" if capability.service_area else "radius"
        self.service_radius_km.data = capability.service_radius_km or 45
        self.service_area.data = capability.service_area or ""
        self.photos.data = [str(p.photo_id) for p in capability.pictures]
        self.show_place(capability)

    def draft(self) -> CapabilityDraft:
        """Return the answers as the domain speaks of them; raise ``Invalid`` with every problem."""
        problems: list[Problem] = []
        named = gather(problems, self._techniques)
        accepted = gather(problems, self._materials)
        place = gather(problems, self.place)
        if problems or place is None:
            if not self.title.data:
                problems.insert(0, Problem("title", "required"))
            raise Invalid(problems)
        by_area = self.reach.data == "area"
        if by_area and not self.service_area.data:
            raise Invalid.one("service_area", "area_empty")
        values = {name: self[name].data for name in SAME}
        return CapabilityDraft(
            **(values | {"description": clean(self.description.data), "materials": accepted}),
            language=self.written_in.data or language(),
            techniques=named or [],
            equipment=[w for w in map(str.strip, (self.equipment.data or "").split(";")) if w],
            service_radius_km=None if by_area else self.service_radius_km.data,
            service_area=self.service_area.data if by_area else None,
            place=place,
            photo_ids=self.ids(),
        )

    def _materials(self) -> list[str]:
        """Return the codes that were ticked; an unknown one is for the draft to refuse."""
        codes = [
            understood(
                materials(),
                code,
                field="materials",
                what="material",
                language=language(),
                kept=self.kept,
            )
            if code in materials()
            else code
            for code in self.materials.data
        ]
        return list(dict.fromkeys(codes))

    def _techniques(self) -> list[str]:
        typed = (self.techniques_text.data or "").replace(",", ";").split(";")
        own = own_techniques()
        codes = [
            understood(
                techniques(),
                word,
                field="techniques_text",
                what="technique",
                language=language(),
                own=own,
                kept=self.kept,
            )
            for word in [*self.techniques.data, *(w.strip() for w in typed)]
            if word
        ]
        return list(dict.fromkeys(codes))
