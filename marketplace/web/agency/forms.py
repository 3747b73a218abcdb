"""What the agency fills in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from marketplace.accounts.drafts import ServicePointDraft
from marketplace.accounts.models import ServicePoint
from marketplace.geo.regions import regions
from marketplace.web.fields import ManyField, TextField, options
from marketplace.web.language import language

COUNTRIES = ("AT", "HU")


class ServicePointForm(FlaskForm):
    """A service point and the provinces it holds."""

    name = TextField(_l("Name"))
    country = SelectField(_l("Country"), choices=options((c, c) for c in COUNTRIES))
    regions = ManyField(_l("Regions"))
    email = TextField(_l("E-mail"))
    phone = TextField(_l("Telephone"))

    def offer_regions(self) -> None:
        """List the provinces of Austria and Hungary by name."""
        named = [(code, region.names[language()]) for code, region in regions().items()]
        self.regions.choices = options(sorted(named))

    def show(self, point: ServicePoint) -> None:
        """Fill the form from what is stored."""
        for name in ("name", "country", "regions", "email", "phone"):
            self[name].data = getattr(point, name)

    def draft(self) -> ServicePointDraft:
        """Return the answers as the domain speaks of them."""
        return ServicePointDraft(
            name=self.name.data or "",
            country=self.country.data,
            regions=list(self.regions.data or []),
            email=self.email.data or "",
            phone=self.phone.data or "",
        )


class BrokerForm(FlaskForm):
    """Somebody who has an account becomes a broker."""

    email = TextField(_l("E-mail"))
