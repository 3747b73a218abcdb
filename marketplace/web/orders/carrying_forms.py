"""What people fill in while an order is carried out, and at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import fields as draft_fields
from typing import Any

from flask import request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, RadioField, TextAreaField
from wtforms import SelectField as MenuField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.carrying import (
    CallOff,
    Delivery,
    EvidenceKind,
    Story,
    TargetGroup,
    WorkEntry,
)
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.feedback import FeedbackDraft
from marketplace.orders.models import OrderLine, OrderParty
from marketplace.orders.stories import StoryDraft, stamp
from marketplace.orders.work_log import WorkDraft
from marketplace.web.fields import (
    DayField,
    EnumField,
    EnumRadioField,
    NumberField,
    TextField,
    WholeNumberField,
    options,
)
from marketplace.web.language import LANGUAGES
from marketplace.web.orders import words
from marketplace.web.photos import PhotoFields


def needed(**values: Any) -> None:
    """Raise ``Invalid`` for each value that is missing."""
    empty = [Problem(name, "required") for name, value in values.items() if value is None]
    if empty:
        raise Invalid(empty)


def key_of(field: Any) -> int | None:
    """Return the key that a menu holds."""
    return whole(str(field.data or ""))


class MilestoneDayForm(FlaskForm):
    reached_on = DayField(_l("Reached on"))
    note = TextAreaField(_l("What came of it"))


class DeliveryForm(FlaskForm):
    """A delivery to come."""

    ALIASES = {"line": "line_id", "call_off": "call_off_id"}

    line_id = MenuField(_l("What"), validate_choice=False)
    expected = NumberField(_l("Quantity"))
    planned_on = DayField(_l("Planned for"))
    fetched = RadioField(
        _l("Way"),
        choices=options(
            [("no", _l("whoever gives it brings it")), ("yes", _l("whoever takes it fetches it"))]
        ),
        default="no",
    )
    call_off_id = MenuField(_l("Belongs to call-off"), validate_choice=False)
    note = TextAreaField(_l("Note"))

    def offer(self, lines: Iterable[OrderLine], call_offs: Iterable[CallOff]) -> None:
        """Offer the lines and call-offs of the order."""
        self.line_id.choices = _lines(lines)
        named = [
            (str(c.id), f"{c.number}: {words.measured(c.quantity, c.line)}") for c in call_offs
        ]
        self.call_off_id.choices = options([("", _l("none")), *named])

    def draft(self) -> DeliveryDraft:
        """Return the delivery; raise ``Invalid`` with every problem."""
        day, expected = self.planned_on.data, self.expected.data
        needed(planned_on=day, expected=expected)
        return DeliveryDraft(
            line_id=key_of(self.line_id) or 0,
            planned_on=day,
            expected=expected or 0.0,
            fetched=self.fetched.data == "yes",
            call_off_id=key_of(self.call_off_id),
            note=clean(self.note.data),
        )


class HandOverForm(PhotoFields):
    """What was handed over, on the spot. ``seen`` is the version that the reader has before them."""

    done_on = DayField(_l("Day"))
    arrived = NumberField(_l("Arrived"))
    lost = NumberField(_l("Lost or broken on the way"))
    mass_kg = NumberField(_l("Mass"))
    note = TextAreaField(_l("Note"))
    seen = HiddenField()

    def show(self, delivery: Delivery, today: Any) -> None:
        """Fill the form with what is known."""
        self.done_on.data = delivery.done_on or today
        known = delivery.arrived is not None
        self.arrived.data = delivery.arrived if known else delivery.expected
        self.lost.data = delivery.lost or None
        self.mass_kg.data = delivery.mass_kg
        self.note.data = delivery.note
        self.seen.data = str(delivery.version)

    def draft(self) -> HandOver:
        """Return what was said; raise ``Invalid`` with every problem."""
        day, arrived = self.done_on.data, self.arrived.data
        needed(done_on=day, arrived=arrived)
        return HandOver(
            done_on=day,
            arrived=arrived or 0.0,
            lost=self.lost.data or 0.0,
            mass_kg=self.mass_kg.data,
            note=clean(self.note.data),
        )


class CallOffForm(FlaskForm):
    ALIASES = {"line": "line_id"}

    line_id = MenuField(_l("What"), validate_choice=False)
    quantity = NumberField(_l("Quantity"))
    due_on = DayField(_l("Due"))

    def offer(self, lines: Iterable[OrderLine]) -> None:
        """Offer the lines of the order."""
        self.line_id.choices = _lines(lines)

    def draft(self) -> CallOffDraft:
        """Return what is called off; raise ``Invalid`` with every problem."""
        quantity, day = self.quantity.data, self.due_on.data
        needed(quantity=quantity, due_on=day)
        return CallOffDraft(line_id=key_of(self.line_id) or 0, quantity=quantity or 0.0, due_on=day)


class WorkForm(FlaskForm):
    ALIASES = {"party": "party_id"}

    party_id = MenuField(_l("Workshop"), validate_choice=False)
    first_day = DayField(_l("From"))
    last_day = DayField(_l("until"))
    target_group = EnumField(_l("For whom the work is"), TargetGroup)
    role = TextField(_l("Role"))
    hours_planned = NumberField(_l("Hours planned"))
    hours_worked = NumberField(_l("Hours worked"))
    people = WholeNumberField(_l("How many people"), digits=0)
    in_training = WholeNumberField(_l("of them in training"), digits=0)
    qualified = WholeNumberField(_l("of them gained a qualification"), digits=0)
    qualification = TextField(_l("Which qualification"))

    def offer(self, parties: Iterable[OrderParty]) -> None:
        """Offer the enterprises for which the reader may put hours down."""
        self.party_id.choices = options((str(p.id), p.organisation.name) for p in parties)

    def again(self, last: WorkEntry) -> None:
        """Begin with what was put down last; most weeks are alike."""
        self.party_id.data, self.target_group.data = str(last.party_id), last.target_group
        self.role.data, self.people.data = last.role, last.people
        self.in_training.data = last.in_training

    def draft(self) -> WorkDraft:
        """Return the period; raise ``Invalid`` with every problem."""
        first, last = self.first_day.data, self.last_day.data
        needed(first_day=first, last_day=last)
        counted = ("hours_planned", "hours_worked", "people", "in_training", "qualified")
        return WorkDraft(
            party_id=key_of(self.party_id) or 0,
            first_day=first,
            last_day=last,
            target_group=self.target_group.data,
            role=self.role.data or "",
            qualification=self.qualification.data or "",
            **{name: self[name].data or 0 for name in counted},
        )


class EvidenceForm(FlaskForm):
    ALIASES = {"line": "line_id"}

    line_id = MenuField(_l("For which line"), validate_choice=False)
    kind = EnumRadioField(_l("What it shows"), EvidenceKind)
    file = FileField(_l("File (PDF or picture)"))

    def offer(self, lines: Iterable[OrderLine]) -> None:
        """Offer the lines of the order."""
        self.line_id.choices = _lines(lines)


class FeedbackForm(FlaskForm):
    MARKS = options([(str(n), str(n)) for n in range(1, 6)])
    fair_price = RadioField(_l("The price was fair"), choices=MARKS, validate_choice=False)
    quality = RadioField(
        _l("Quality and dates were as agreed"), choices=MARKS, validate_choice=False
    )
    again = RadioField(_l("We would work together again"), choices=MARKS, validate_choice=False)
    comment = TextAreaField(_l("In one sentence"))

    def show(self, known: Any) -> None:
        """Fill the form with what was said before."""
        for field in draft_fields(FeedbackDraft):
            value = getattr(known, field.name)
            self[field.name].data = None if value is None else str(value)

    def draft(self) -> FeedbackDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        return FeedbackDraft(
            fair_price=key_of(self.fair_price),
            quality=key_of(self.quality),
            again=key_of(self.again),
            comment=clean(self.comment.data),
        )


class StoryForm(FlaskForm):
    """``seen`` is the stamp of the words that the writer has before them."""

    title = TextField(_l("Title"))
    text = TextAreaField(_l("The story"))
    language = MenuField(_l("Language of your text"), choices=options(LANGUAGES.items()))
    seen = HiddenField()

    def show(self, story: Story | None, suggested: Mapping[str, str]) -> None:
        """Fill the form with the story as it is, or with what the order says."""
        if story is None:
            self.title.data, self.text.data = suggested["title"], suggested["text"]
            self.language.data = str(get_locale())
            return
        self.title.data, self.text.data = story.title, story.text
        self.language.data, self.seen.data = story.language, stamp(story)

    def photo_ids(self) -> list[int]:
        """Return the photos that were ticked."""
        return [n for n in map(whole, request.form.getlist("photo")) if n is not None]

    def draft(self) -> StoryDraft:
        """Return the story; raise ``Invalid`` with every problem."""
        return StoryDraft(
            title=self.title.data or "",
            text=clean(self.text.data),
            language=self.language.data,
            photo_ids=self.photo_ids(),
        )


def _lines(lines: Iterable[OrderLine]) -> Any:
    return options((str(line.id), f"{line.description} ({words.amount(line)})") for line in lines)
