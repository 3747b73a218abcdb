"""What two versions of the terms say differently, in words."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from flask_babel import gettext as _

from marketplace.orders.drafts import OrderDraft, Pays
from marketplace.orders.snapshots import differences, read
from marketplace.web.language import day, number
from marketplace.wording import label


def free_of_charge(snapshot: str) -> bool:
    """Tell whether some version of the terms has lines for which nobody pays."""
    return any(line.pays is Pays.NOBODY for line in read(snapshot).lines)


def changes(names: dict[int, str], before: OrderDraft, after: OrderDraft) -> list[list[str]]:
    """Return what two versions say differently: what, of which row, before, after."""
    return [
        [_field(found.field), found.where, _said(found.field, found.before, names),
         _said(found.field, found.after, names)]
        for found in differences(before, after)
    ]  # fmt: skip


def _field(name: str) -> str:
    return {
        "title": _("Title"),
        "product": _("What is made"),
        "work_place": _("Where is the work done?"),
        "standing": _("Standing order"),
        "recurrence": _("Rhythm"),
        "starts_on": _("Start"),
        "due_on": _("Due"),
        "organisation_id": _("Party"),
        "part": _("Part"),
        "sells": _("Sells the product"),
        "role": _("What it is"),
        "description": _("Line"),
        "quantity": _("Quantity"),
        "unit": _("Unit"),
        "mass_kg": _("Mass"),
        "pays": _("Who pays?"),
        "price": _("Price without VAT"),
        "lump_sum": _("Price for all of it"),
        "vat_percent": _("VAT"),
        "giver_id": _("Who gives it or does it"),
        "taker_id": _("Who takes it"),
        "listing_id": _("Listing"),
        "waste_code": _("Waste code"),
        "planned_on": _("Planned for"),
        "capability_id": _("Workshop"),
    }[name]


def _said(field: str, value: object, names: dict[int, str]) -> str:
    """Return a value of the terms as people read it."""
    if value is None:
        return "–"
    if field in {"organisation_id", "giver_id", "taker_id"}:
        return names.get(int(str(value)), "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, date):
        return day(value)
    return number(value, 4) if isinstance(value, float | Decimal) else str(value)
