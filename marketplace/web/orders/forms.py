"""What brokers fill in to write an order's terms: head, parties, lines, milestones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, FieldList, Form, FormField, HiddenField, TextAreaField
from wtforms import SelectField as MenuField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.listings.models import Recurrence, Unit, WorkPlace
from marketplace.orders.drafts import LineDraft, MilestoneDraft, OrderDraft, PartyDraft, Pays
from marketplace.orders.models import LineRole, Part
from marketplace.orders.snapshots import Rows
from marketplace.refusals import sentence
from marketplace.web.fields import DayField, EnumField, NumberField, TextField, gather, options


def key(field: Any) -> int | None:
    """Return the key that a hidden field or a menu holds."""
    return whole(str(field.data or ""))


def _exact(value: float | None, digits: str) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(Decimal(digits))


class PartyForm(Form):
    """One organisation; what it comes with matters only until it is saved."""

    organisation_id = HiddenField()
    part = HiddenField()
    listing_id = HiddenField()
    capability_id = HiddenField()

    def draft(self, seller: int | None) -> PartyDraft | None:
        """Return the party; None where the hidden fields were tampered with."""
        organisation = key(self.organisation_id)
        if organisation is None or self.part.data not in set(Part):
            return None
        return PartyDraft(
            organisation_id=organisation,
            part=Part(self.part.data),
            sells=organisation == seller,
            listing_id=key(self.listing_id),
            capability_id=key(self.capability_id),
        )


class LineForm(Form):
    """One line: what it is, how much, what it costs, from whom to whom."""

    id = HiddenField()
    listing_id = HiddenField()
    role = EnumField(_l("What it is"), LineRole)
    description = TextField(_l("Description"))
    quantity = NumberField(_l("Quantity"))
    unit = EnumField(_l("Unit"), Unit)
    mass_kg = NumberField(_l("Mass"))
    pays = EnumField(_l("Who pays?"), Pays, empty=_l("please choose"))
    price = NumberField(_l("Price without VAT"), digits=4)
    lump_sum = BooleanField(_l("for all of it, not for one unit"))
    vat_percent = NumberField(_l("VAT"), digits=1)
    giver = MenuField(_l("Who gives it or does it"), validate_choice=False)
    taker = MenuField(_l("Who takes it"), validate_choice=False)
    waste_code = TextField(_l("Waste code"))

    def draft(self) -> LineDraft:
        """Return the line; raise ``Invalid`` with every problem."""
        quantity, role, unit = self.quantity.data, self.role.data, self.unit.data
        if quantity is None or role is None or unit is None:
            raise Invalid.one("quantity" if quantity is None else "unit", "required")
        return LineDraft(
            id=key(self.id),
            role=role,
            description=self.description.data or "",
            quantity=quantity,
            unit=unit,
            mass_kg=self.mass_kg.data,
            pays=self.pays.data,
            price=_exact(self.price.data, "0.0001"),
            lump_sum=bool(self.lump_sum.data),
            vat_percent=_exact(self.vat_percent.data, "0.1") or Decimal(0),
            giver_id=key(self.giver) or 0,
            taker_id=key(self.taker) or 0,
            listing_id=key(self.listing_id),
            waste_code=self.waste_code.data or None,
        )


class MilestoneForm(Form):
    id = HiddenField()
    title = TextField(_l("Milestone"))
    planned_on = DayField(_l("Planned for"))

    def draft(self) -> MilestoneDraft:
        """Return the milestone; raise ``Invalid`` where the day is missing."""
        if self.planned_on.data is None:
            raise Invalid.one("planned_on", "required")
        return MilestoneDraft(
            id=key(self.id), title=self.title.data or "", planned_on=self.planned_on.data
        )


class OrderForm(FlaskForm):
    """The terms. ``seen`` is the row's version that the broker has in front of them."""

    title = TextField(_l("Title of the order"))
    product = TextAreaField(_l("What is made or done?"))
    work_place = EnumField(_l("Where is the work done?"), WorkPlace)
    standing = BooleanField(_l("Standing order: what is needed is called off bit by bit"))
    recurrence = EnumField(_l("Rhythm"), Recurrence)
    starts_on = DayField(_l("Start"))
    due_on = DayField(_l("Due"))
    seller = MenuField(_l("Who sells the product?"), validate_choice=False)
    parties = FieldList(FormField(PartyForm), _l("Parties"))
    lines = FieldList(FormField(LineForm), _l("Lines"))
    milestones = FieldList(FormField(MilestoneForm), _l("Milestones"))
    who = TextField(_l("Add an organisation"))
    seen = HiddenField()

    def show(self, head: Mapping[str, Any], draft: OrderDraft | Rows, version: int) -> None:
        """Fill the form from the head's values and from rows."""
        for name, value in head.items():
            self[name].data = value
        self.seen.data = str(version)
        for party in draft.parties:
            values = {"organisation_id": party.organisation_id, "part": party.part.value}
            self.parties.append_entry(values)
            if party.sells:
                self.seller.data = str(party.organisation_id)
        for line in draft.lines:
            self.lines.append_entry(_line_values(line))
        for each in draft.milestones:
            values = {"id": each.id, "title": each.title, "planned_on": each.planned_on}
            self.milestones.append_entry(values)

    def organisations(self) -> list[int]:
        """Return the keys of the parties, in their order."""
        found = (key(entry.form.organisation_id) for entry in self.parties)
        return [number for number in found if number is not None]

    def name_parties(self, names: Mapping[int, str]) -> None:
        """Offer the parties wherever one of them is chosen."""
        pairs = [(str(number), names.get(number, "")) for number in self.organisations()]
        self.seller.choices = options([("", _l("not said")), *pairs])
        for entry in self.lines:
            entry.form.giver.choices = options(pairs)
            entry.form.taker.choices = options(pairs)

    def draft(self) -> OrderDraft:
        """Return the terms; raise ``Invalid`` with every problem."""
        problems: list[Problem] = []
        seller = key(self.seller)
        parties = [entry.form.draft(seller) for entry in self.parties]
        lines = _gathered(problems, "lines", self.lines)
        milestones = _gathered(problems, "milestones", self.milestones)
        starts, due = self.starts_on.data, self.due_on.data
        if starts is None or due is None:
            problems += [
                Problem(name, "required")
                for name, day in (("starts_on", starts), ("due_on", due))
                if day is None
            ]
            raise Invalid(problems)
        made = gather(
            problems,
            lambda: OrderDraft(
                title=self.title.data or "",
                product=clean(self.product.data),
                work_place=self.work_place.data,
                standing=bool(self.standing.data),
                recurrence=self.recurrence.data,
                starts_on=starts,
                due_on=due,
                parties=tuple(party for party in parties if party is not None),
                lines=tuple(lines),
                milestones=tuple(milestones),
            ),
        )
        if made is None or problems:
            raise Invalid(problems)
        return made

    def version(self) -> int | None:
        """Return the version that was seen."""
        return whole(self.seen.data or "")

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field, also within the rows."""
        for problem in problems:
            field = _find(self, problem.field)
            if field is None:
                self.form_errors.append(sentence(problem))
            else:
                field.errors = [*field.errors, sentence(problem)]

    @property
    def flat(self) -> "Flat":
        """Return every field with those of the rows, for the summary of errors."""
        return Flat(list(_fields(self)), self.form_errors)


@dataclass(frozen=True)
class Flat:
    """Fields of several forms as one."""

    fields: list[Field]
    form_errors: list[Any]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)


def _line_values(line: LineDraft) -> dict[str, Any]:
    """Return a line as its form shows it; an order that was just drawn up says no price yet."""
    names = ("id", "listing_id", "role", "description", "quantity", "unit", "mass_kg", "lump_sum")
    return {name: getattr(line, name) for name in names} | {
        "pays": line.pays,
        "price": line.price,
        "vat_percent": line.vat_percent or None,
        "giver": str(line.giver_id),
        "taker": str(line.taker_id),
        "waste_code": line.waste_code,
    }


def _gathered(problems: list[Problem], name: str, rows: Any) -> list[Any]:
    found = []
    for position, entry in enumerate(rows):
        wrong: list[Problem] = []
        made = gather(wrong, entry.form.draft)
        problems += [Problem(f"{name}-{position}-{p.field}", p.code, p.params) for p in wrong]
        if made is not None:
            found.append(made)
    return found


def _find(form: OrderForm, name: str) -> Any:
    """Return the field of a problem; rows are counted as they stand in the form."""
    rows, _, rest = name.partition("-")
    position, _, inner = rest.partition("-")
    if inner and rows in ("lines", "milestones"):
        entries = list(form[rows])
        return entries[int(position)].form._fields.get(inner)
    found = form._fields.get(name)
    return None if isinstance(found, FieldList) else found


def _fields(form: Any) -> Iterator[Field]:
    for field in form:
        if isinstance(field, FieldList):
            for entry in field:
                yield from entry.form
        else:
            yield field
