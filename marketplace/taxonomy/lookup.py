"""Finding labels: `find` decides what a written word means, `ranked` completes what is typed.

Works on numbers only, so that one index serves materials and techniques alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from marketplace.taxonomy.words import (
    LANGUAGES,
    Language,
    compact,
    fold,
    spellings,
    stem,
    tokens,
    verbatim,
)

_FUZZY_FROM = 82.0  # rapidfuzz ratio, 0 to 100: lets one or two slips pass in a longer word
_FOREIGN = 2  # a label in another language counts as that many tiers worse
_INFIX_TIER = 4
_FUZZY_TIER = 5
_SHORTEST_FUZZY = 4
_SHORTEST_INFIX = 3


Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """One word for one node; `language` is None for its code, which is no one's language."""

    node: int
    depth: int
    text: str
    language: Language | None
    is_name: bool
    retired: bool = False

    @property
    def precedence(self) -> tuple[bool, bool, int, int]:
        """Smaller wins where two nodes share a word: what is in use, names, the higher up, the first."""
        return (self.retired, not self.is_name, self.depth, self.node)


class Lookup:
    """An index over labels, built once; lookups do not change it."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self._labels: Sequence[Label] = sorted(labels, key=lambda label: label.precedence)
        self._compact = [compact(label.text) for label in self._labels]
        self._words = [fold(label.text).split() for label in self._labels]
        self._place = {label: index for index, label in enumerate(self._labels)}
        self._verbatim: dict[str, Label] = {}
        self._exact: dict[str, Label] = {}
        self._stemmed: dict[tuple[Language, str], Label] = {}
        for label in self._labels:
            self._verbatim.setdefault(verbatim(label.text), label)
            for spelling in spellings(label.text):
                self._exact.setdefault(spelling, label)
            if label.language is not None:
                for key in _stem_keys(label.text, label.language):
                    self._stemmed.setdefault((label.language, key), label)

    def find(self, word: str) -> Label | None:
        """The label that the word means; None rather than a guess.

        Spelled alike with its accents, else alike without them, else with the same stems.
        """
        if not compact(word):
            return None
        if verbatim(word) in self._verbatim:
            return self._verbatim[verbatim(word)]
        for spelling in spellings(word):
            if spelling in self._exact:
                return self._exact[spelling]
        hits = [
            self._stemmed[language, key]
            for language in LANGUAGES
            for key in _stem_keys(word, language)
            if (language, key) in self._stemmed
        ]
        return min(hits, key=lambda label: label.precedence, default=None)

    def ranked(self, text: str, language: Language) -> list[tuple[Rank, Label]]:
        """At most one label per node, best first, each with its rank: the smaller, the better.

        The tiers: the whole label, its beginning, the same stems, the beginning of its
        words, a part inside a word, and, where none but parts were found, what differs by a
        slip of the finger. Labels in another language stand two tiers lower; within a tier
        names come first, then the shorter label. Codes only answer to a dot.
        """
        typed = compact(text)
        if not typed:
            return []
        words = fold(text).split()
        best: dict[int, tuple[Rank, Label]] = {}

        def offer(index: int, tier: int, unlike: float = 0.0) -> None:
            label = self._labels[index]
            foreign = 0 if label.language == language else _FOREIGN
            length = len(self._compact[index])
            key = (tier + foreign, unlike, 0 if label.is_name else 1, length, label.node)
            if label.node not in best or key < best[label.node][0]:
                best[label.node] = (key, label)

        near = _FUZZY_TIER
        for index, whole in enumerate(self._compact):
            if self._labels[index].language is None and "." not in text:
                continue
            tier = _tier(typed, words, whole, self._words[index])
            if tier is not None:
                offer(index, tier)
                near = min(near, tier)
        meant = self.find(text)
        if meant is not None:
            offer(self._place[meant], 2)
        if meant is None and near >= _INFIX_TIER and len(typed) >= _SHORTEST_FUZZY:
            for index, score in self._alike(typed):
                offer(index, _FUZZY_TIER, 100.0 - score)
        return sorted(best.values(), key=lambda pair: pair[0])

    def _alike(self, typed: str) -> Iterable[tuple[int, float]]:
        """Labels whose beginning, as long as what was typed, is nearly what was typed."""
        beginnings = [whole[: len(typed) + 1] for whole in self._compact]
        found = process.extract(
            typed, beginnings, scorer=fuzz.ratio, score_cutoff=_FUZZY_FROM, limit=60
        )
        return [(index, score) for _, score, index in found]


def _tier(typed: str, words: list[str], whole: str, label_words: list[str]) -> int | None:
    if typed == whole:
        return 0
    if whole.startswith(typed):
        return 1
    if all(any(part.startswith(word) for part in label_words) for word in words):
        return 3
    if len(typed) >= _SHORTEST_INFIX and typed in whole:
        return _INFIX_TIER
    return None


def _stem_keys(text: str, language: Language) -> set[str]:
    """The stems run together, once from the word as written and once without its accents."""
    forms = (text, fold(text))
    keys = {"".join(stem(word, language) for word in tokens(form)) for form in forms}
    keys.update(stem(spelling, language) for spelling in spellings(text))
    return {key for key in keys if key}
