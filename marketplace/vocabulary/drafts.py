"""What somebody says of a node of the trees, already typed; it checks itself."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from marketplace.core.errors import Invalid, Problem
from marketplace.taxonomy.factors import factors
from marketplace.taxonomy.tables import Branch, Entry
from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.waste import waste_codes
from marketplace.taxonomy.words import LANGUAGES, verbatim

WORD, WORDS, REASON = 80, 40, 500
MASSES = ("bulk_density_kg_m3", "areal_density_kg_m2", "linear_density_kg_m", "piece_mass_kg")
MOST_KG = 100_000.0


def factor_key(entry: Entry | None) -> str:
    """Return the published row that an entry names, as a form does; empty where it names none."""
    if entry is None or not entry.factor_material:
        return ""
    return f"{entry.factor_group}: {entry.factor_material}"


def factor_rows() -> dict[str, tuple[str, str]]:
    """Return group and material of each published row by its key."""
    return {f"{group}: {material}": (group, material) for group, material in factors()}


@dataclass(frozen=True, kw_only=True)
class NodeDraft:
    """What somebody says of a node, and why; figures as in ``taxonomy.tables.Entry``.

    A figure, waste code or ``factor`` (see ``factor_rows``) left empty is that of the node above.
    """

    branch: Branch
    name_de: str
    name_hu: str
    name_en: str
    synonyms_de: tuple[str, ...] = ()
    synonyms_hu: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    bulk_density_kg_m3: float | None = None
    areal_density_kg_m2: float | None = None
    linear_density_kg_m: float | None = None
    piece_mass_kg: float | None = None
    waste_code: str = ""
    factor: str = ""
    value_retention: float | None = None
    reason: str

    def __post_init__(self) -> None:
        problems = [*self._words(), *self._figures(), *reason_problems(self.reason)]
        if problems:
            raise Invalid(problems)

    def _words(self) -> Iterator[Problem]:
        for language in LANGUAGES:
            name, synonyms = f"name_{language}", f"synonyms_{language}"
            if not getattr(self, name):
                yield Problem(name, "required")
            for field, words in (
                (name, [getattr(self, name)]),
                (synonyms, getattr(self, synonyms)),
            ):
                if any(len(word) > WORD for word in words):
                    yield Problem(field, "too_long", {"most": WORD})
                if any(word and not verbatim(word) for word in words):
                    yield Problem(field, "word_without_letters")
                if len(words) > WORDS:
                    yield Problem(field, "too_many_words", {"most": WORDS})

    def _figures(self) -> Iterator[Problem]:
        if self.branch is Branch.TECHNIQUES:
            if self.value_retention is None:
                yield Problem("value_retention", "required")
            elif not 0 <= self.value_retention <= 1:
                yield Problem("value_retention", "not_a_share")
            return
        for name in MASSES:
            figure = getattr(self, name)
            if figure is not None and not 0 < figure <= MOST_KG:
                wrong = "too_big" if figure > 0 else "not_positive"
                yield Problem(name, "not_a_number" if math.isnan(figure) else wrong)
        if self.factor and self.factor not in factor_rows():
            yield Problem("factor", "not_a_choice")
        try:
            if self.waste_code:
                waste_codes().get(self.waste_code)
        except UnknownCode:
            yield Problem("waste_code", "waste_code_unknown", {"text": self.waste_code})

    def entry(self, code: str, before: Entry | None = None) -> Entry:
        """Return the entry of a node, which keeps of ``before`` what is not asked for here."""
        synonyms: dict[str, Any] = {f"synonyms_{each}": self._synonyms(each) for each in LANGUAGES}
        entry = replace(
            before or Entry(code=code, name_de="", name_hu="", name_en=""),
            name_de=self.name_de,
            name_hu=self.name_hu,
            name_en=self.name_en,
            **synonyms,
        )
        if self.branch is Branch.TECHNIQUES:
            return replace(entry, value_retention=self.value_retention)
        group, material = factor_rows().get(self.factor, (None, None))
        return replace(
            entry,
            **{name: getattr(self, name) for name in MASSES},
            waste_code=waste_codes().get(self.waste_code).code if self.waste_code else None,
            factor_group=group,
            factor_material=material,
        )

    def _synonyms(self, language: str) -> tuple[str, ...]:
        """Return each synonym once, without the name itself."""
        once = dict.fromkeys(getattr(self, f"synonyms_{language}"))
        once.pop(getattr(self, f"name_{language}"), None)
        return tuple(once)


def reason_problems(reason: str) -> Iterator[Problem]:
    """Give what is wrong with the reason for a change."""
    if not reason:
        yield Problem("reason", "required")
    elif len(reason) > REASON:
        yield Problem("reason", "too_long", {"most": REASON})


def mark(entry: Entry) -> str:
    """Return by what one tells whether a node is still as somebody saw it."""
    return hashlib.sha256(repr(entry).encode()).hexdigest()[:16]
