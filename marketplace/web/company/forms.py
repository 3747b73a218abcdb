"""What companies fill in."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.models import (
    Kind,
    Listing,
    PriceDirection,
    Recurrence,
    Unit,
    WorkPlace,
)
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.understanding import understood
from marketplace.taxonomy.waste import waste_codes
from marketplace.web.fields import (
    CodesField,
    DayField,
    EnumField,
    EnumRadioField,
    NumberField,
    TextField,
    gather,
    options,
)
from marketplace.web.language import LANGUAGES, language
from marketplace.web.photos import PhotoFields
from marketplace.web.places import PlaceFields
from marketplace.web.vocabulary import own_materials, own_techniques


class ListingForm(PlaceFields, PhotoFields):
    """One form for all four kinds; the page shows the fields that the kind needs."""

    ALIASES = {"material": "material_text", "techniques": "techniques_text"}
    kept: Collection[str | None] = ()
    """Codes that the listing names already: they may stay though they are retired."""

    kind = HiddenField()
    title = TextField(_l("Name it shortly"))
    description = TextAreaField(_l("Description"))
    written_in = SelectField(_l("Language of your text"), choices=options(LANGUAGES.items()))
    material = HiddenField()
    material_text = TextField(_l("Material"))
    techniques = CodesField(_l("Techniques"))
    techniques_text = TextField(_l("What is to be done?"))
    quantity = NumberField(_l("Quantity"))
    unit = EnumField(_l("Unit"), Unit)
    mass_kg = NumberField(_l("Mass of one delivery"))
    work_hours = NumberField(_l("Hours of work for one delivery"))
    recurrence = EnumRadioField(_l("How often?"), Recurrence, default=Recurrence.ONCE)
    available_from = DayField(_l("Available from"))
    available_until = DayField(_l("until"))
    condition = EnumRadioField(_l("Condition"), Condition, empty="–")
    waste_code = TextField(_l("Waste code"))
    hazardous = BooleanField(_l("Hazardous"))
    price_direction = EnumRadioField(_l("Price"), PriceDirection, default=PriceDirection.OPEN)
    work_place = EnumRadioField(
        _l("Where is the work done?"), WorkPlace, default=WorkPlace.WORKSHOP
    )

    def show(self, listing: Listing) -> None:
        """Fill the form from what is stored."""
        for name in (
            "title", "description", "quantity", "unit", "work_hours", "recurrence",
            "available_from", "available_until", "condition", "hazardous", "price_direction",
            "work_place",
        ):  # fmt: skip
            self[name].data = getattr(listing, name)
        self.kind.data = listing.kind.value
        self.written_in.data = listing.language
        self.material.data = listing.material_code or ""
        if listing.material_code:
            self.material_text.data = materials().name(listing.material_code, language())
        self.techniques.data = list(listing.techniques)
        self.mass_kg.data = None if listing.mass_estimated else listing.mass_kg
        if listing.waste_code:
            self.waste_code.data = waste_codes().get(listing.waste_code).pretty
        self.photos.data = [str(p.photo_id) for p in listing.pictures]
        self.show_place(listing)

    def chosen_kind(self) -> Kind:
        """Return the mediation kind; anything unknown is a leftover."""
        try:
            return Kind(self.kind.data or "residual")
        except ValueError:
            return Kind.RESIDUAL

    def draft(self) -> ListingDraft:
        """Return the answers as the domain speaks of them; raise ``Invalid`` with every problem."""
        problems: list[Problem] = []
        material = gather(problems, self._material)
        named = gather(problems, self._techniques)
        waste = gather(problems, self._waste_code)
        place = gather(problems, self.place)
        if problems or place is None or self.available_from.data is None:
            if self.available_from.data is None:
                problems.append(Problem("available_from", "required"))
            if not self.title.data:
                problems.insert(0, Problem("title", "required"))
            raise Invalid(problems)
        return ListingDraft(
            kind=self.chosen_kind(),
            title=self.title.data,
            description=clean(self.description.data),
            language=self.written_in.data or language(),
            material_code=material,
            techniques=named or [],
            quantity=self.quantity.data,
            unit=self.unit.data or Unit.PIECE,
            mass_kg=self.mass_kg.data,
            work_hours=self.work_hours.data,
            recurrence=self.recurrence.data or Recurrence.ONCE,
            available_from=self.available_from.data,
            available_until=self.available_until.data,
            condition=self.condition.data,
            hazardous=bool(self.hazardous.data),
            waste_code=waste,
            price_direction=self.price_direction.data or PriceDirection.OPEN,
            work_place=self.work_place.data or WorkPlace.WORKSHOP,
            place=place,
            photo_ids=self.ids(),
        )

    def _material(self) -> str | None:
        text = self.material_text.data
        if not text:
            return None
        code = self.material.data
        if code in materials() and text in {materials().name(code, lang) for lang in LANGUAGES}:
            text = code
        return understood(
            materials(),
            text,
            field="material_text",
            what="material",
            language=language(),
            own=own_materials(),
            kept=self.kept,
        )

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

    def _waste_code(self) -> str | None:
        if not self.waste_code.data:
            return None
        try:
            return waste_codes().get(self.waste_code.data).code
        except UnknownCode:
            raise Invalid.one(
                "waste_code", "waste_code_unknown", text=self.waste_code.data
            ) from None
