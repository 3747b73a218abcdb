"""What applicants, assessors and the panel fill in."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, RadioField, TextAreaField
from wtforms import SelectField as MenuField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.geo.coordinates import Coordinate
from marketplace.orders.models import Order
from marketplace.seals.assessment import Finding, SealRole
from marketplace.seals.criteria import Criterion, ProductKind
from marketplace.seals.drafts import ApplicationDraft, InputDraft, MakerDraft, StepDraft
from marketplace.seals.models import (
    ProductGroup,
    ProductionStep,
    Route,
    SealApplication,
    SealInput,
    SealMaker,
)
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.understanding import understood
from marketplace.web.fields import (
    EnumField,
    EnumRadioField,
    ManyField,
    NumberField,
    TextField,
    WholeNumberField,
    gather,
    options,
)
from marketplace.web.language import LANGUAGES, language
from marketplace.web.photos import PhotoFields
from marketplace.web.places import PlaceFields
from marketplace.web.vocabulary import own_materials


class ApplicationForm(PhotoFields):
    """The head of an application; ``renews`` travels along from the certificate's page."""

    kind = EnumRadioField(_l("What is to be sealed?"), ProductKind, default=ProductKind.PRODUCT)
    name = TextField(_l("Name of the product or service"))
    description = TextAreaField(_l("Its story: what it is, of what, by whom"))
    written_in = MenuField(_l("Language of your text"), choices=options(LANGUAGES.items()))
    group = EnumField(_l("Product group"), ProductGroup)
    orders = ManyField(_l("From which orders does it come?"), choices=[])
    renews = HiddenField()

    def offer(self, orders: Iterable[Order]) -> None:
        """Offer the orders of the applicant."""
        named = [(str(o.id), f"{o.number}, {o.title}") for o in orders]
        self.orders.choices = options(named)

    def show(self, application: SealApplication) -> None:
        """Fill the form from what is stored."""
        for name in ("kind", "name", "description", "group", "renews"):
            self[name].data = getattr(application, name)
        self.written_in.data = application.language
        self.orders.data = [str(row.order_id) for row in application.orders]
        self.photos.data = [str(row.photo_id) for row in application.pictures]

    def draft(self) -> ApplicationDraft:
        """Return the head; raise ``Invalid`` with every problem."""
        keys = (whole(value) for value in self.orders.data or [])
        return ApplicationDraft(
            kind=self.kind.data or ProductKind.PRODUCT,
            name=self.name.data or "",
            description=clean(self.description.data),
            language=self.written_in.data or language(),
            group=self.group.data or ProductGroup.OTHER,
            order_ids=[key for key in keys if key is not None],
            photo_ids=self.ids(),
            renews=clean(self.renews.data)[:20] or None,
        )


class InputForm(PlaceFields):
    """A material and where it comes from."""

    ALIASES = {"material_code": "material_text"}

    name = TextField(_l("What goes into it?"))
    material_text = TextField(_l("Material"))
    material = HiddenField()
    mass_kg = NumberField(_l("Mass in one unit of the product, in kg"))
    route = EnumRadioField(_l("Why it is good enough"), Route)

    def show(self, row: SealInput) -> None:
        """Fill the form from what is stored."""
        self.name.data, self.mass_kg.data, self.route.data = row.name, row.mass_kg, row.route
        self.city.data = row.origin
        self.latitude.data, self.longitude.data = str(row.latitude), str(row.longitude)
        self.located.data = self.words()
        if row.material_code:
            self.material_text.data = materials().name(row.material_code, language())

    def draft(self, kept: Collection[str | None] = ()) -> InputDraft:
        """Return the material; raise ``Invalid`` with every problem.

        ``kept`` are codes that the application names already: they may stay though they are retired.
        """
        problems: list[Problem] = []
        code = gather(problems, lambda: self._material(kept))
        place = gather(problems, self.place)
        made = gather(
            problems,
            lambda: InputDraft(
                name=self.name.data or "",
                material_code=code,
                mass_kg=self.mass_kg.data,
                origin=place.city if place else "",
                point=place.exact if place else Coordinate(0.0, 0.0),
                route=self.route.data,
            ),
        )
        if made is None or problems:
            raise Invalid(problems)
        return made

    def _material(self, kept: Collection[str | None]) -> str | None:
        text = self.material_text.data
        if not text:
            return None
        return understood(
            materials(),
            text,
            field="material_text",
            what="material",
            language=language(),
            own=own_materials(),
            kept=kept,
        )


class StepForm(FlaskForm):
    """A step and who does it."""

    name = TextField(_l("What is done?"))
    organisation_id = MenuField(_l("Who does it?"), validate_choice=False)
    hours = NumberField(_l("Hours for one unit of the product"))
    disadvantaged = BooleanField(_l("Disadvantaged people do it"))

    def offer(self, makers: Iterable[SealMaker]) -> None:
        """Offer the makers."""
        named = [(str(m.organisation_id), m.organisation.name) for m in makers]
        self.organisation_id.choices = options([*named, ("", _l("somebody else"))])

    def show(self, row: ProductionStep) -> None:
        """Fill the form from what is stored."""
        self.name.data, self.hours.data = row.name, row.hours
        self.organisation_id.data = str(row.organisation_id or "")
        self.disadvantaged.data = row.disadvantaged

    def draft(self) -> StepDraft:
        """Return the step; raise ``Invalid`` with every problem."""
        return StepDraft(
            name=self.name.data or "",
            organisation_id=whole(str(self.organisation_id.data or "")),
            hours=self.hours.data,
            disadvantaged=bool(self.disadvantaged.data),
        )


class PeopleForm(FlaskForm):
    """The people of one maker."""

    employees = WholeNumberField(_l("Employees"), digits=0)
    disadvantaged = WholeNumberField(_l("of them disadvantaged"), digits=0)

    def draft(self) -> MakerDraft:
        """Return the counts; raise ``Invalid`` with every problem."""
        counted = {name: self[name].data for name in ("employees", "disadvantaged")}
        return MakerDraft(**counted)


class EvidenceForm(FlaskForm):
    code = MenuField(_l("For which criterion"), validate_choice=False)
    file = FileField(_l("File (PDF or picture)"))

    def offer(self, criteria: Iterable[Criterion]) -> None:
        """Offer the criteria that are asked of this product."""
        named = [(c.code, f"{c.code}: {c.text(language())}"[:100]) for c in criteria]
        self.code.choices = options(named)


class JudgementForm(FlaskForm):
    finding = EnumRadioField(_l("Does it hold?"), Finding)
    points = NumberField(_l("Points"), digits=1)
    reason = TextAreaField(_l("Reason"))


class AppointmentForm(FlaskForm):
    role = EnumField(_l("Part"), SealRole)
    email = TextField(_l("E-mail"))


class TextForm(FlaskForm):
    """One text: a question, an answer, an appeal."""

    ALIASES = {"reason": "text"}

    text = TextAreaField(_l("Text"))


class ReasonForm(FlaskForm):
    reason = TextAreaField(_l("Reason"))


class VoteForm(FlaskForm):
    yes = RadioField(
        _l("Shall it carry the seal?"),
        choices=options([("yes", _l("yes")), ("no", _l("no"))]),
        validate_choice=False,
    )
    reason = TextAreaField(_l("Reason"))

    def vote(self) -> bool | None:
        """Return yes or no; None where nothing was chosen."""
        answers: Mapping[str, bool] = {"yes": True, "no": False}
        return answers.get(request.form.get("yes", ""))


def fields_of(form: Any) -> list[Any]:
    """Return what of a form is to be filled in."""
    return [f for f in form if f.type not in {"HiddenField", "CSRFTokenField"}]
