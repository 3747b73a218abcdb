"""One row's cells as typed values; what cannot be read is gathered, cell by cell."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.exchange.numbers import Ambiguous, Spelling
from marketplace.taxonomy.lookup import Lookup
from marketplace.taxonomy.tree import NO_WORDS, Tree, UnknownCode
from marketplace.taxonomy.understanding import understood
from marketplace.taxonomy.waste import waste_codes

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

YES = frozenset({"yes", "y", "true", "1", "ja", "j", "igen", "i", "x"})
NO = frozenset({"no", "n", "false", "0", "nein", "nem"})
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_NUMBER = 1e15


class Cells:
    """``problems`` name columns of the file, not fields of drafts.

    ``own`` are words beside the trees': for ``material`` and ``technique``.
    """

    def __init__(
        self,
        cells: Mapping[str, str],
        spelling: Spelling,
        language: str,
        own: Mapping[str, Lookup] = MappingProxyType({}),
    ) -> None:
        self._cells = cells
        self._spelling = spelling
        self._own = own
        self.language = language
        self.problems: list[Problem] = []

    def blame(self, column: str, code: str, **params: object) -> None:
        """Note what is wrong with a column."""
        self.problems.append(Problem(column, code, params))

    def refuse(self) -> None:
        """Raise ``Invalid`` where anything was wrong so far."""
        if self.problems:
            raise Invalid(list(self.problems))

    def has(self, *columns: str) -> bool:
        """Tell whether at least one of the columns is filled in."""
        return any(self.text(column) for column in columns)

    def names(self, column: str) -> bool:
        """Tell whether the file has such a column at all, be it empty."""
        return column in self._cells

    def text(self, column: str) -> str:
        return clean(self._cells.get(column))

    def needed(self, column: str, most: int) -> str:
        """Return the text of a column that must be filled in."""
        text = self.text(column)
        if not text:
            self.blame(column, "required")
        if len(text) > most:
            self.blame(column, "too_long", most=most)
        return text

    def number(self, column: str) -> float | None:
        text = self.text(column)
        if not text:
            return None
        try:
            value = self._spelling.read(text)
        except Ambiguous:
            self.blame(column, "number_ambiguous", text=text)
        except (ValueError, OverflowError):
            self.blame(column, "not_a_number")
        else:
            if abs(value) <= MOST_NUMBER:
                return value
            self.blame(column, "too_big")
        return None

    def whole(self, column: str) -> int | None:
        value = self.number(column)
        if value is None:
            return None
        if value != int(value):
            self.blame(column, "not_a_whole_number")
            return None
        return int(value)

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        try:
            if DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.blame(column, "not_a_date")
        return None

    def flag(self, column: str) -> bool:
        """Return yes or no; an empty cell is no."""
        word = self.text(column).casefold()
        if word and word not in YES and word not in NO:
            self.blame(column, "not_yes_or_no")
        return word in YES

    def one_of(self, column: str, kind: type[E], default: E | None = None) -> E | None:
        word = self.text(column).casefold()
        if not word:
            return default
        try:
            return kind(word)
        except ValueError:
            self.blame(column, "not_one_of", choices=", ".join(m.value for m in kind))
            return default

    def many(self, column: str) -> list[str]:
        """Return the parts between semicolons, each once."""
        parts = (part.strip() for part in self.text(column).split(";"))
        return list(dict.fromkeys(part for part in parts if part))

    def many_of(self, column: str, kind: type[E]) -> list[str]:
        words = [word.casefold() for word in self.many(column)]
        known = [member.value for member in kind]
        if not set(words) <= set(known):
            self.blame(column, "not_one_of", choices=", ".join(known))
        return [word for word in words if word in known]

    def codes(
        self, column: str, tree: Tree[Any], what: str, kept: Collection[str | None] = ()
    ) -> list[str]:
        """Return the codes of the words in a column, each once, in their order.

        ``kept`` are codes that may stay though they are retired.
        """
        own = self._own.get(what, NO_WORDS)
        found = [
            self._asked(
                lambda word=word: understood(  # type: ignore[misc]
                    tree, word, field=column, what=what, language=self.language, own=own, kept=kept
                )
            )
            for word in self.many(column)
        ]
        return list(dict.fromkeys(code for code in found if code))

    def waste_code(self, column: str) -> str | None:
        text = self.text(column)
        if not text:
            return None
        try:
            return waste_codes().get(text).code
        except UnknownCode:
            self.blame(column, "waste_code_unknown", text=text)
            return None

    def country(self, column: str) -> str:
        text = self.text(column).upper()
        if text and not re.fullmatch(r"[A-Z]{2}", text):
            self.blame(column, "not_a_country")
            return ""
        return text

    def _asked(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except Invalid as refusal:
            self.problems.extend(refusal.problems)
            return None
