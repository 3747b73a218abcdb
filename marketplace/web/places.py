"""Asking for a place: a site of the organisation, an address, or a pin on the map."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from marketplace.accounts.models import Site
from marketplace.accounts.places import Place, Placed, make_place
from marketplace.core.errors import Invalid
from marketplace.web.fields import TextField, options

COUNTRIES = ("AT", "HU", "DE", "CZ", "SK", "SI", "IT", "HR", "CH", "LI")


def secret() -> bytes:
    """Return the key of the blur."""
    return str(current_app.config["PLACE_SECRET"]).encode()


class PlaceFields(FlaskForm):
    """``located`` remembers for which words the hidden point stands: new words move the point."""

    site = SelectField(_l("Which place?"), choices=[], coerce=str, validate_choice=False)
    address = TextField(_l("Street and number"))
    postal_code = TextField(_l("Postal code"))
    city = TextField(_l("Town"))
    country = SelectField(_l("Country"), choices=options((c, c) for c in COUNTRIES), default="AT")
    latitude = HiddenField()
    longitude = HiddenField()
    located = HiddenField()

    def offer_sites(self, sites: list[Site]) -> None:
        """Let the form choose among the organisation's own places."""
        self.sites = {str(site.id): site for site in sites}
        named = [(key, site.name) for key, site in self.sites.items()]
        self.site.choices = options([*named, ("", str(_l("Another place")))])

    def show_place(self, at: Placed | None) -> None:
        """Fill the fields from something that lies somewhere."""
        if at is None:
            return
        self.address.data, self.postal_code.data = at.address, at.postal_code
        self.city.data, self.country.data = at.city, at.country
        self.latitude.data, self.longitude.data = str(at.latitude), str(at.longitude)
        self.located.data = self.words()
        same = [
            key
            for key, site in getattr(self, "sites", {}).items()
            if (site.latitude, site.longitude) == (at.latitude, at.longitude)
        ]
        self.site.data = same[0] if same else ""

    def words(self) -> str:
        """Return what names the town and the point together."""
        parts = (self.postal_code, self.city, self.country, self.latitude, self.longitude)
        return "|".join(str(f.data or "") for f in parts)

    def place(self) -> Place:
        """Return the place that was meant; raise ``Invalid`` beside the right field."""
        site = getattr(self, "sites", {}).get(self.site.data or "")
        if site is not None:
            chosen: Place = site.place
            return chosen
        latitude, longitude = self._point()
        if latitude is None and not (self.city.data or self.postal_code.data):
            raise Invalid.one("city", "place_required")
        return make_place(
            address=(self.address.data or "")[:200],
            postal_code=(self.postal_code.data or "")[:12],
            city=(self.city.data or "")[:100],
            country=self.country.data or "",
            latitude=latitude,
            longitude=longitude,
            secret=secret(),
        )

    def _point(self) -> tuple[float | None, float | None]:
        point = (self.latitude.data or "", self.longitude.data or "")
        before = (self.located.data or "").split("|")
        typed = [self.postal_code.data or "", self.city.data or "", self.country.data or ""]
        if len(before) == 5 and tuple(before[3:]) == point and before[:3] != typed:
            return None, None
        try:
            return float(point[0]), float(point[1])
        except ValueError:
            return None, None


def public_point(at: Placed) -> dict[str, Any]:
    """Return what a map may show of something to everybody."""
    return {"lat": at.public_latitude, "lon": at.public_longitude}
