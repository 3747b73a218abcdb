"""Form fields that read what people really type, and the bridge from drafts' problems to fields."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields import Choice, SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.refusals import sentence
from marketplace.wording import label

E = TypeVar("E", bound=StrEnum)
Answer = TypeVar("Answer")
SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
GROUPED = re.compile(r"-?\d{1,3}([.,])\d{3}(\1\d{3})*")


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Return value and label of each choice as WTForms wants them."""
    return [SelectChoice(value, text) for value, text in pairs]


def parse_number(text: str, decimal: str) -> float:
    """Return the number that was meant; ``decimal`` is the locale's decimal sign.

    The last of two different signs is the decimal one. A single sign followed by exactly three digits
    reads as the locale has it, so that 1.500 is fifteen hundred in German. Raises ``ValueError``.
    """
    bare = SPACES.sub("", text)
    if not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", bare):
        raise ValueError(text)
    last = max(bare.rfind("."), bare.rfind(","))
    signs = {c for c in bare if c in ".,"}
    if len(signs) == 2:
        point = bare[last]
    elif GROUPED.fullmatch(bare) and (bare.count(bare[last]) > 1 or bare[last] != decimal):
        point = ""
    else:
        point = bare[last] if last >= 0 else ""
    for sign in signs - {point}:
        bare = bare.replace(sign, "")
    return float(bare.replace(point, ".") if point else bare)


class TextField(StringField):
    """One line of text, trimmed and cleaned; never None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = " ".join(clean(valuelist[0]).splitlines()) if valuelist else ""

    def process_data(self, value: Any) -> None:
        self.data = value or ""


class NumberField(Field):
    """A number in the reader's own spelling; keeps what was typed when it is none."""

    widget = TextInput()
    code = "not_a_number"

    def __init__(self, label: Any = None, digits: int = 3, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.digits = digits

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        text = (
            f"{self.data:.{self.digits}f}".rstrip("0").rstrip(".")
            if self.digits
            else str(self.data)
        )
        return text.replace(".", _decimal_sign())

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = self.read(text)
            except (ValueError, OverflowError):
                raise ValueError(sentence(Problem(self.name, self.code))) from None

    def read(self, text: str) -> float:
        value = parse_number(text, _decimal_sign())
        if abs(value) > 1e15:
            raise ValueError(text)
        return value


class WholeNumberField(NumberField):
    """A whole number."""

    code = "not_a_whole_number"

    def read(self, text: str) -> int:
        value = super().read(text)
        if value != int(value):
            raise ValueError(text)
        return int(value)


class DayField(DateField):
    """A calendar day; the sentence on error is ours."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if valuelist and clean(valuelist[0]):
            try:
                super().process_formdata([clean(valuelist[0])])
            except ValueError:
                raise ValueError(sentence(Problem(self.name, "not_a_date"))) from None


class EnumField(SelectField):
    """One member of an enum from a menu; an empty first line means none."""

    data: Any

    def __init__(
        self, text: Any, kind: type[E], empty: str | None = None, only: Any = None, **kwargs: Any
    ) -> None:
        self.kind = kind
        self.may_be_empty = empty is not None
        first = [("", empty)] if empty is not None else []
        choices = options([*first, *((m.value, label(m)) for m in only or kind)])
        super().__init__(text, choices=choices, coerce=self.coerced, **kwargs)

    def coerced(self, value: Any) -> Any:
        """Return the member with this value, None for nothing; raise ``ValueError`` for others."""
        if value is None or value == "":
            return None
        return value if isinstance(value, self.kind) else self.kind(str(value))

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.may_be_empty and not self.process_errors:
            raise StopValidation(sentence(Problem(self.name, "not_a_choice")))

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            self.data = self.coerced(valuelist[0]) if valuelist else self.data
        except ValueError:
            self.data = None
            raise ValueError(sentence(Problem(self.name, "not_a_choice"))) from None

    def iter_choices(self) -> Iterable[Any]:
        for choice in self.choices:
            selected = self.coerced(choice.value) == self.data
            yield Choice(choice.value, choice.label, selected, {})


class EnumRadioField(EnumField):
    """One member of an enum as radio buttons."""

    widget = RadioField.widget
    option_widget = RadioField.option_widget


class ManyField(SelectMultipleField):
    """Several of the choices as checkboxes."""

    data: Any

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        known = {choice.value for choice in self.choices or []}
        self.data = [value for value in self.data or [] if value in known]


class EnumManyField(ManyField):
    """Several members of an enum as checkboxes; ``data`` holds their values."""

    def __init__(self, text: Any, kind: type[E], **kwargs: Any) -> None:
        super().__init__(text, choices=options((m.value, label(m)) for m in kind), **kwargs)


class CodesField(Field):
    """Repeated hidden inputs or checkboxes of one name: a list of texts without doubles."""

    widget = TextInput()

    def _value(self) -> str:
        return ";".join(self.data or [])

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        parts = (clean(p) for v in valuelist for p in str(v).split(";"))
        self.data = list(dict.fromkeys(p for p in parts if p))[:500]


def _decimal_sign() -> str:
    locale = get_locale()
    return str(locale.number_symbols["latn"]["decimal"]) if locale is not None else "."


def gather(problems: list[Problem], ask: Callable[[], Answer]) -> Answer | None:
    """Ask one question; put what is wrong with it to the other problems."""
    try:
        return ask()
    except Invalid as refusal:
        problems.extend(refusal.problems)
        return None


def blame(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Put each problem beside its field; what belongs to no field stands at the form's top.

    A form whose fields have other names than the draft's says so in ``ALIASES``.
    """
    aliases = getattr(form, "ALIASES", {})
    for problem in problems:
        field = form._fields.get(aliases.get(problem.field, problem.field))
        if field is None:
            form.form_errors.append(sentence(problem))
        else:
            field.errors = [*field.errors, sentence(problem)]
