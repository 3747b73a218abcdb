"""Trees of materials and techniques: where a node stands, and what people call it.

A code is lower-case words joined by dots, each level repeating its parent's code in front:
`textile`, `textile.felt`, `textile.felt.wool`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from marketplace.taxonomy.lookup import Label, Lookup
from marketplace.taxonomy.words import LANGUAGES, Language, spoken


class UnknownCode(KeyError):
    """No node, or no waste code, is called this."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"unknown code: {self.code!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What materials and techniques share: a code, a name and synonyms in three languages.

    A retired node is there for what names it already; ``successor`` is the code of what is meant now.
    """

    code: str
    name_de: str
    name_hu: str
    name_en: str
    synonyms_de: tuple[str, ...] = ()
    synonyms_hu: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    retired: bool = False
    successor: str | None = None

    @property
    def parent(self) -> str | None:
        """The parent's code; None at the top."""
        return self.code.rpartition(".")[0] or None

    @property
    def level(self) -> int:
        """0 at the top."""
        return self.code.count(".")

    def name(self, language: str) -> str:
        """The name in a language."""
        return {"de": self.name_de, "hu": self.name_hu, "en": self.name_en}[spoken(language)]

    def synonyms(self, language: str) -> tuple[str, ...]:
        """Other words for it in a language."""
        every = {"de": self.synonyms_de, "hu": self.synonyms_hu, "en": self.synonyms_en}
        return every[spoken(language)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material(Node):
    """A material.

    Densities and the piece mass are engineering estimates of the material as it is usually
    handed over (loose, stacked, rolled), and this node's own: None where it has none. The
    waste code, the factor and the photo are the node's own or its nearest ancestor's.
    """

    bulk_density_kg_m3: float | None = None
    areal_density_kg_m2: float | None = None
    linear_density_kg_m: float | None = None
    piece_mass_kg: float | None = None
    usual_waste_code: str | None = None
    """Six digits of the List of Waste; what the material usually becomes when discarded."""
    factor_kg_co2e_per_kg: float | None = None
    """Greenhouse gas of producing 1 kg of it anew, kg CO2e; None where no published one fits."""
    factor_source: str | None = None
    photo: str | None = None
    """The key of a stock picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technique(Node):
    """A technique; `value_retention` in [0, 1], 1 for re-use as it is, 0 for disposal."""

    value_retention: float


T = TypeVar("T", bound=Node)
NO_WORDS = Lookup(())


@dataclass(frozen=True, slots=True)
class Word:
    """A word that people use for a node, beside those of the tree."""

    code: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion(Generic[T]):
    """A node on offer: its name in the reader's language, and the other word that matched."""

    node: T
    label: str
    matched: str | None


class Tree(Generic[T]):
    """Nodes by code. Iterating gives each parent before its children, depth first.

    Nodes are numbered 0, 1, 2, ... in that order, so a node and all below it are one
    unbroken span of numbers. Numbers hold for one edition: store codes.
    """

    def __init__(self, nodes: Iterable[T]) -> None:
        """Take nodes in any order; UnknownCode where a parent is missing, ValueError on repeats."""
        given = list(nodes)
        below: dict[str | None, list[T]] = {}
        for node in given:
            below.setdefault(node.parent, []).append(node)
        self._nodes: list[T] = []
        self._past: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._below = below
        for root in below.get(None, []):
            self._number(root)
        if len(self._numbers) != len(given):
            lost = next((n for n in given if n.code not in self._numbers), None)
            if lost is not None:
                raise UnknownCode(lost.parent or lost.code)
            raise ValueError("a code is given twice")

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(_labels(self._nodes))

    def _number(self, node: T) -> None:
        self._numbers[node.code] = len(self._nodes)
        self._nodes.append(node)
        for child in self._below.get(node.code, []):
            self._number(child)
        self._past[node.code] = len(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[T]:
        return iter(self._nodes)

    def __contains__(self, code: object) -> bool:
        return code in self._numbers

    @property
    def roots(self) -> list[T]:
        """The nodes at the top."""
        return list(self._below.get(None, []))

    def get(self, code: str) -> T:
        """The node of a code; UnknownCode where there is none."""
        return self._nodes[self.number(code)]

    def children(self, code: str) -> list[T]:
        """The nodes directly below."""
        self.number(code)
        return list(self._below.get(code, []))

    def offered(self, below: str | None = None) -> list[T]:
        """The nodes at the top, or directly below one, that may be named anew: none that is retired."""
        found = self.roots if below is None else self.children(below)
        return [node for node in found if not node.retired]

    def heir(self, code: str) -> T | None:
        """The node itself, or what is meant in its place since it is retired; None where nothing is."""
        node = self.get(code)
        while node.retired:
            if node.successor is None:
                return None
            node = self.get(node.successor)
        return node

    def ancestors(self, code: str) -> list[T]:
        """The node itself first, then its parent, up to the root."""
        steps = self.get(code).code.split(".")
        return [self.get(".".join(steps[:count])) for count in range(len(steps), 0, -1)]

    def descendants(self, code: str) -> list[T]:
        """The node itself first, then all below it, depth first."""
        first, past = self.span(code)
        return self._nodes[first:past]

    def covers(self, upper: str, lower: str) -> bool:
        """Whether `lower` is `upper` or lies below it."""
        first, past = self.span(upper)
        return first <= self.number(lower) < past

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each node by its code."""
        return self._numbers

    def number(self, code: str) -> int:
        """The node's place in the iteration order, from 0."""
        try:
            return self._numbers[code]
        except KeyError:
            raise UnknownCode(code) from None

    def span(self, code: str) -> tuple[int, int]:
        """The numbers of a node and all below it: from the first up to, not including, the last."""
        return self.number(code), self._past[code]

    def ancestor_numbers(self, code: str) -> NDArray[np.int64]:
        """The numbers of `ancestors`, shape (level + 1,): its index is the steps walked up."""
        return np.array([self.number(node.code) for node in self.ancestors(code)], dtype=np.int64)

    @property
    def parent_numbers(self) -> NDArray[np.int64]:
        """Per node in iteration order the number of its parent, -1 at the top; shape (nodes,)."""
        above = [-1 if node.parent is None else self.number(node.parent) for node in self._nodes]
        return np.array(above, dtype=np.int64)

    def name(self, code: str, language: str) -> str:
        """The name of a code in a language."""
        return self.get(code).name(language)

    def path(self, code: str, language: str) -> str:
        """The names from the top down to the node: "Textilien > Filz > Wollfilz"."""
        return " > ".join(node.name(language) for node in reversed(self.ancestors(code)))

    def own(self, words: Iterable[Word]) -> Lookup:
        """An index of words beside the tree's, for `find` and `suggest`; unknown codes are left out."""
        return Lookup(
            _label(self.number(each.code), self.get(each.code), each.text, each.language)
            for each in words
            if each.code in self
        )

    def find(self, word: str, own: Lookup = NO_WORDS) -> T | None:
        """The node that a code, name or synonym in any language means; None where none does.

        ``own`` are words beside the tree's: asked where the tree knows none in use. Retired nodes are
        found where no other is called so.

        Forgives case, accents, umlauts as ae, hyphens, spaces and endings (plural, case). It
        never guesses at a misspelling: an import must rather fail than be wrong.
        """
        if word in self:
            return self.get(word)
        found = self._lookup.find(word)
        if found is None or found.retired:
            found = own.find(word) or found
        return None if found is None else self._nodes[found.node]

    def suggest(
        self, text: str, language: str, limit: int = 8, own: Lookup = NO_WORDS
    ) -> list[Suggestion[T]]:
        """What somebody typing may mean, best first, nothing retired; forgives slips of the finger."""
        asked = spoken(language)
        found = [*self._lookup.ranked(text, asked), *own.ranked(text, asked)]
        labels: dict[int, Label] = {}
        for _, label in sorted(found, key=lambda pair: pair[0]):
            if not label.retired:
                labels.setdefault(label.node, label)
        return [self._suggestion(label, language) for label in [*labels.values()][: max(0, limit)]]

    def _suggestion(self, label: Label, language: str) -> Suggestion[T]:
        node = self._nodes[label.node]
        shown = node.name(language)
        return Suggestion(node, shown, None if label.text == shown else label.text)


def _labels(nodes: Iterable[Node]) -> Iterator[Label]:
    for number, node in enumerate(nodes):
        yield _label(number, node, node.code, None)
        for language in LANGUAGES:
            yield _label(number, node, node.name(language), language, is_name=True)
            for synonym in node.synonyms(language):
                yield _label(number, node, synonym, language)


def _label(
    number: int, node: Node, text: str, language: Language | None, *, is_name: bool = False
) -> Label:
    return Label(number, node.level, text, language, is_name, node.retired)
