"""How words are compared: folded for equality, stemmed for search.

People type "Lkw-Plane", "LKW Planen" and "lkwplane", "molinó" and "molino". Folding makes
spelling variants equal; stemming makes singular and plural, and Hungarian cases, equal.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, Protocol, get_args

import snowballstemmer

Language = Literal["de", "hu", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_SNOWBALL: dict[Language, str] = {"de": "german", "hu": "hungarian", "en": "english"}
_APART = re.compile(r"[\W_]+")
_SHORTEST_STEM = 3
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def spoken(language: str) -> Language:
    """Which of the three languages a tag such as "hu" or "de-AT" means; ValueError for others."""
    for known in LANGUAGES:
        if language[:2].lower() == known:
            return known
    raise ValueError(f"not a language of the marketplace: {language!r}")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 (the library's name)


def fold(text: str) -> str:
    """Casefold, strip accents (ß becomes ss, ő becomes o), turn punctuation into one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _APART.sub(" ", bare).strip()


def verbatim(text: str) -> str:
    """Casefold and keep only letters and digits, but with their accents: bor is not bőr."""
    return _APART.sub("", unicodedata.normalize("NFC", text.casefold()))


def compact(text: str) -> str:
    """Fold and drop the spaces too, so that "Lkw-Plane" equals "lkwplane"."""
    return fold(text).replace(" ", "")


def spellings(text: str) -> tuple[str, ...]:
    """The compact form, and the one with ae, oe, ue for umlauts where that differs."""
    plain = compact(text)
    composed = unicodedata.normalize("NFC", text.casefold())
    written_out = compact(composed.translate(_DIGRAPHS))
    return (plain,) if written_out == plain else (plain, written_out)


def tokens(text: str) -> list[str]:
    """The words of a text, case-folded, accents kept (the stemmers need them)."""
    composed = unicodedata.normalize("NFC", text.casefold())
    return [word for word in _APART.split(composed) if word]


def stem(word: str, language: Language) -> str:
    """The folded stem of one word in one language: "Planen" gives "plan".

    A stem of one or two letters says nothing any more ("tévé" to "te"): then it is the word.
    """
    composed = unicodedata.normalize("NFC", word.casefold())
    stemmed = fold(_stemmed(composed, language))
    return stemmed if len(stemmed) >= _SHORTEST_STEM else fold(composed)


def word_stems(text: str, language: str | None = None) -> list[tuple[str, ...]]:
    """Per word of the text, all its stems without repetition.

    Without a language the stems of all three are given. A word typed without its accents
    shares at least one stem with the same word typed with them, so that a search asks for
    any stem of each word.
    """
    languages = LANGUAGES if language is None else (spoken(language),)
    return [
        _unique(stem(form, each) for form in (word, *spellings(word)) for each in languages if form)
        for word in tokens(text)
    ]


def stems(text: str, language: str | None = None) -> list[str]:
    """All stems of a text in the order of its words, without repetition."""
    return list(_unique(each for word in word_stems(text, language) for each in word))


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


@lru_cache(maxsize=50_000)
def _stemmed(word: str, language: Language) -> str:
    # A fresh stemmer per miss: one holds the word it works on, so threads must not share it.
    stemmer: _Stemmer = snowballstemmer.stemmer(_SNOWBALL[language])
    return stemmer.stemWord(word)
