"""What partners and the agency fill in."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField

from marketplace.cluster.drafts import (
    CallDraft,
    ConsortiumDraft,
    CooperationDraft,
    InterestDraft,
    PartnerDraft,
)
from marketplace.cluster.models import (
    Call,
    CallInterest,
    ConsortiumRole,
    Cooperation,
    Direction,
    Partner,
    Theme,
)
from marketplace.core.text import clean
from marketplace.web.fields import (
    DayField,
    EnumField,
    EnumManyField,
    EnumRadioField,
    ManyField,
    NumberField,
    TextField,
    WholeNumberField,
    options,
)
from marketplace.web.language import LANGUAGES, language
from marketplace.web.money import euro

COUNTRIES = ("AT", "HU", "DE", "CZ", "SK", "SI", "HR", "IT", "RO")
INVITED = [role for role in ConsortiumRole if role is not ConsortiumRole.COORDINATOR]


class WrittenForm(FlaskForm):
    """Free text, the language that it is in, and what it is about."""

    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES.items()))
    themes = EnumManyField(_l("Topics"), Theme)

    def begin(self) -> None:
        """Propose the reader's own language."""
        self.language.data = language()

    def _themes(self) -> list[Theme]:
        return [Theme(value) for value in self.themes.data or []]


class PartnerForm(WrittenForm):
    """What an organisation says of itself to the cluster."""

    text = TextAreaField(_l("What you bring to the cluster, and what you hope for"))

    def show(self, partner: Partner) -> None:
        """Fill the form from what is stored."""
        self.text.data, self.language.data = partner.text, partner.language
        self.themes.data = list(partner.themes)

    def draft(self) -> PartnerDraft:
        """Return the answers as the domain speaks of them."""
        return PartnerDraft(
            text=clean(self.text.data), language=self.language.data, themes=self._themes()
        )


class CooperationForm(WrittenForm):
    """Something offered or sought."""

    direction = EnumRadioField(_l("Offered or sought?"), Direction, default=Direction.OFFER)
    title = TextField(_l("Title"))
    text = TextAreaField(_l("Description"))
    ends_on = DayField(_l("Shown until"))

    def show(self, row: Cooperation) -> None:
        """Fill the form from what is stored."""
        for name in ("direction", "title", "text", "language", "ends_on"):
            self[name].data = getattr(row, name)
        self.themes.data = list(row.themes)

    def draft(self, today: date) -> CooperationDraft:
        """Return the answers as the domain speaks of them."""
        return CooperationDraft(
            direction=self.direction.data or Direction.OFFER,
            title=self.title.data or "",
            text=clean(self.text.data),
            language=self.language.data,
            ends_on=self.ends_on.data,
            today=today,
            themes=self._themes(),
        )


class CallForm(WrittenForm):
    """A call as the agency writes it down."""

    title = TextField(_l("Title"))
    programme = TextField(_l("Programme"))
    reference = TextField(_l("Reference of the call"))
    text = TextAreaField(_l("What it is about"))
    website = TextField(_l("Web address of the call"))
    opens_on = DayField(_l("Opens on"))
    deadline_on = DayField(_l("Deadline"))
    budget = NumberField(_l("Budget of the call in euro"), digits=2)
    funding_percent = WholeNumberField(_l("Funding in percent"))
    countries = ManyField(_l("Countries"), choices=options((c, c) for c in COUNTRIES))

    def show(self, call: Call) -> None:
        """Fill the form from what is stored."""
        for name in PLAIN:
            self[name].data = getattr(call, name)
        self.budget.data = None if call.budget is None else float(call.budget)
        self.themes.data, self.countries.data = list(call.themes), list(call.countries)

    def draft(self) -> CallDraft:
        """Return the answers as the domain speaks of them."""
        plain: dict[str, Any] = {name: self[name].data for name in PLAIN}
        budget: Decimal | None = euro(self.budget.data)
        plain |= {"text": clean(self.text.data), "budget": budget, "themes": self._themes()}
        for name in ("title", "programme", "reference", "website"):
            plain[name] = plain[name] or ""
        return CallDraft(**plain, countries=list(self.countries.data or []))


PLAIN = (
    "title", "programme", "reference", "text", "language", "website", "opens_on", "deadline_on",
    "funding_percent",
)  # fmt: skip


class InterestForm(FlaskForm):
    """What an organisation brings to a call, and whom it looks for."""

    brings = TextAreaField(_l("What we bring"))
    seeks = TextAreaField(_l("Whom we look for"))
    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES.items()))

    def show(self, row: CallInterest | None) -> None:
        """Fill the form from what is stored, or propose the reader's own language."""
        self.language.data = row.language if row is not None else language()
        if row is not None:
            self.brings.data, self.seeks.data = row.brings, row.seeks

    def draft(self) -> InterestDraft:
        """Return the answers as the domain speaks of them."""
        return InterestDraft(
            brings=clean(self.brings.data),
            seeks=clean(self.seeks.data),
            language=self.language.data,
        )


class ConsortiumForm(FlaskForm):
    """What a consortium wants to do."""

    name = TextField(_l("Name of the consortium"))
    text = TextAreaField(_l("The idea"))
    task = TextAreaField(_l("What your organisation does in it"))
    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES.items()))

    def draft(self) -> ConsortiumDraft:
        """Return the answers as the domain speaks of them."""
        return ConsortiumDraft(
            name=self.name.data or "",
            text=clean(self.text.data),
            task=clean(self.task.data),
            language=self.language.data,
        )


class InviteForm(FlaskForm):
    """Who is invited, as what, to do what."""

    ALIASES = {"organisation": "organisation_id"}

    organisation_id = SelectField(_l("Organisation"), choices=[], validate_choice=False)
    role = EnumField(_l("Role"), ConsortiumRole, only=INVITED)
    task = TextField(_l("Task"))

    def offer(self, organisations: list[tuple[int, str]]) -> None:
        """List whom one can invite."""
        self.organisation_id.choices = options((str(key), name) for key, name in organisations)
