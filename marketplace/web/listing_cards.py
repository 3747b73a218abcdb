"""A listing as cards, lists and maps show it to everybody: blurred place, no address, no price."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from marketplace.listings.models import Listing
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.web.language import language, number
from marketplace.web.pictures import Picture
from marketplace.wording import label


@dataclass(frozen=True)
class Card:
    """What the card macro shows; ``km`` may be None."""

    url: str
    title: str
    photo: Picture | None
    material: str
    place: str
    quantity: str
    rhythm: str
    km: float | None
    lat: float
    lon: float
    note: str = ""


def subject(listing: Listing) -> str:
    """Return the material, or the techniques, in the reader's language."""
    lang = language()
    if listing.material_code:
        return materials().name(listing.material_code, lang)
    names = [techniques().name(code, lang) for code in listing.techniques]
    return ", ".join(names) or label(listing.kind)


def amount(listing: Listing) -> str:
    """Return the quantity with its unit, or the hours of work, or nothing."""
    if listing.quantity is not None:
        return f"{number(listing.quantity, 2)} {label(listing.unit)}"
    if listing.work_hours is not None:
        return _("about %(hours)s hours", hours=number(listing.work_hours, 1))
    return ""


def area(city: str) -> str:
    """Return the place as others may read it."""
    return _("near %(city)s", city=city)


def card(listing: Listing, km: float | None = None, note: str = "") -> Card:
    """Build the card of one listing whose pictures are loaded."""
    pictures = listing.photos
    return Card(
        url=url_for("materials.show", listing_id=listing.id),
        title=listing.title,
        photo=Picture(pictures[0]) if pictures else None,
        material=subject(listing),
        place=area(listing.city),
        quantity=amount(listing),
        rhythm=label(listing.recurrence),
        km=km,
        lat=listing.public_latitude,
        lon=listing.public_longitude,
        note=note,
    )


def cards(rows: list[tuple[Listing, float | None]]) -> list[Card]:
    """Build the cards of several listings."""
    return [card(listing, km) for listing, km in rows]
