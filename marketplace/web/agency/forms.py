"""What the agency fills in."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, TextAreaField

from marketplace.accounts.drafts import ServicePointDraft
from marketplace.accounts.models import ServicePoint
from marketplace.core.errors import Problem
from marketplace.core.text import clean
from marketplace.geo.regions import regions
from marketplace.proposals.versions import DIGITS, NUMBERS, WeightsDraft
from marketplace.refusals import sentence
from marketplace.web.fields import ManyField, NumberField, TextField, options
from marketplace.web.language import LANGUAGES, language

COUNTRIES = ("AT", "HU")


class ServicePointForm(FlaskForm):
    """A service point and the provinces it holds."""

    name = TextField(_l("Name"))
    country = SelectField(_l("Country"), choices=options((c, c) for c in COUNTRIES))
    regions = ManyField(_l("Regions"))
    email = TextField(_l("E-mail"))
    phone = TextField(_l("Telephone"))
    about_de = TextAreaField(_l("About the service point, in German"))
    about_hu = TextAreaField(_l("About the service point, in Hungarian"))
    about_en = TextAreaField(_l("About the service point, in English"))
    contact_abroad = BooleanField(_l("Contact point for all other countries"))

    def offer_regions(self) -> None:
        """List the provinces of Austria and Hungary by name."""
        named = [(code, region.names[language()]) for code, region in regions().items()]
        self.regions.choices = options(sorted(named))

    def show(self, point: ServicePoint) -> None:
        """Fill the form from what is stored."""
        for name in ("name", "country", "regions", "email", "phone", "contact_abroad"):
            self[name].data = getattr(point, name)
        for lang in LANGUAGES:
            self[f"about_{lang}"].data = point.about.get(lang, "")

    def draft(self) -> ServicePointDraft:
        """Return the answers as the domain speaks of them."""
        return ServicePointDraft(
            name=self.name.data or "",
            country=self.country.data,
            regions=list(self.regions.data or []),
            email=self.email.data or "",
            phone=self.phone.data or "",
            about={lang: self[f"about_{lang}"].data or "" for lang in LANGUAGES},
            contact_abroad=bool(self.contact_abroad.data),
        )


class BrokerForm(FlaskForm):
    """Somebody who has an account becomes a broker."""

    email = TextField(_l("E-mail"))


class WeightsForm(FlaskForm):
    """How much each component counts, and where proximity halves."""

    proximity = NumberField(_l("Proximity"), digits=DIGITS)
    fit = NumberField(_l("Fit"), digits=DIGITS)
    capacity = NumberField(_l("Capacity"), digits=DIGITS)
    timing = NumberField(_l("Time"), digits=DIGITS)
    value = NumberField(_l("Value"), digits=DIGITS)
    fairness = NumberField(_l("Fairness"), digits=DIGITS)
    half_distance_km = NumberField(_l("Proximity halves every"), digits=DIGITS)
    comment = TextField(_l("Reason for the change"))

    def show(self, draft: WeightsDraft) -> None:
        """Fill the form with weights that there are already."""
        for name in NUMBERS:
            self[name].data = getattr(draft, name)

    def read(self, address: MultiDict[str, str]) -> None:
        """Fill the form from an address, which spells numbers the same in every language."""
        for name in NUMBERS:
            text = clean(address.get(name, ""))[:40]
            self[name].raw_data = [text] if text else None
            try:
                self[name].data = float(text) if text else None
                self[name].raw_data = None
            except ValueError:
                self[name].errors = [sentence(Problem(name, "not_a_number"))]
        self.comment.data = clean(address.get("comment", ""))

    def address(self) -> dict[str, Any]:
        """Return what an address must say to lead back to what was typed."""
        numbers = {name: str(round(self[name].data, DIGITS)) for name in NUMBERS}
        return numbers | ({"comment": self.comment.data} if self.comment.data else {})

    def draft(self) -> WeightsDraft:
        """Return the answers as the domain speaks of them."""
        numbers = {name: self[name].data for name in NUMBERS}
        return WeightsDraft(**numbers, comment=self.comment.data or "")
