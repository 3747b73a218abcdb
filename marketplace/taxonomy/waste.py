"""The European List of Waste: which codes there are, and which are hazardous.

Sources: Commission Decision 2000/532/EC as amended by Decision 2014/955/EU; the entry types
from the Commission's technical guidance on the classification of waste, 2018/C 124/01. The
titles of chapters and groups are short working titles of our own, not the legal text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, cast, get_args

from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tables import Row, rows
from marketplace.taxonomy.tree import Material, Tree, UnknownCode
from marketplace.taxonomy.words import fold, spoken, word_stems

EntryType = Literal["AN", "AH", "MN", "MH"]
"""Absolute or mirror entry, non-hazardous or hazardous. Of a mirror pair the waste itself
decides which one applies."""

_FOR_EXAMPLE = {"de": "z. B.", "hu": "pl.", "en": "e.g."}
_WRITTEN = re.compile(r"\s*(\d\d)[\s.\-]*(\d\d)[\s.\-]*(\d\d)\s*\*?\s*")


@dataclass(frozen=True, slots=True)
class WasteCode:
    """One six-digit entry, with the working titles of its chapter and group."""

    code: str
    hazardous: bool
    entry_type: EntryType
    chapter: "Title"
    group: "Title"

    @property
    def pretty(self) -> str:
        """As people write it: "16 02 13*", starred where hazardous."""
        star = "*" if self.hazardous else ""
        return f"{self.code[:2]} {self.code[2:4]} {self.code[4:]}{star}"


@dataclass(frozen=True, slots=True)
class Title:
    """A chapter (two digits) or a group (four digits) and its title in three languages."""

    code: str
    de: str
    hu: str
    en: str

    def name(self, language: str) -> str:
        """The title in a language."""
        return {"de": self.de, "hu": self.hu, "en": self.en}[spoken(language)]


class WasteList:
    """All entries, in the order of their codes."""

    def __init__(self, codes: list[WasteCode]) -> None:
        self._codes = {entry.code: entry for entry in codes}

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[WasteCode]:
        return iter(self._codes.values())

    def get(self, written: str) -> WasteCode:
        """The entry of "20 03 07", "200307" or "16 02 13*"; UnknownCode where there is none."""
        digits = normalised(written)
        if digits is None or digits not in self._codes:
            raise UnknownCode(written)
        return self._codes[digits]

    def title(self, written: str, language: str) -> str:
        """What an entry is about: its group, and materials of ours that usually become it.

        "Verpackungen (z. B. Jutesäcke)". UnknownCode as for `get`.
        """
        entry = self.get(written)
        group = entry.group.name(language)
        tree = materials()
        names = [tree.name(code, language) for code in _examples(tree).get(entry.code, [])]
        examples = ", ".join([name for name in names if name != group][:3])
        return f"{group} ({_FOR_EXAMPLE[spoken(language)]} {examples})" if examples else group

    def search(self, text: str, language: str, limit: int = 8) -> list[WasteCode]:
        """Entries by the beginning of their code, or by words, best first.

        Words are looked up among the materials, whose usual codes come first, and then in
        the titles of groups and chapters.
        """
        typed = re.sub(r"[\s.*\-]", "", text)
        if not typed or limit <= 0:
            return []
        if typed.isdigit():
            return [entry for entry in self if entry.code.startswith(typed)][:limit]
        usual = [
            self._codes[suggestion.node.usual_waste_code]
            for suggestion in materials().suggest(text, language, limit)
            if suggestion.node.usual_waste_code is not None
        ]
        titled = [entry for entry in self if _titled(entry.group, text, language)]
        titled += [entry for entry in self if _titled(entry.chapter, text, language)]
        return list(dict.fromkeys(usual + titled))[:limit]


def normalised(written: str) -> str | None:
    """The six digits of a code as people write it; None where it is none."""
    match = _WRITTEN.fullmatch(written)
    return None if match is None else "".join(match.groups())


@cache
def waste_codes() -> WasteList:
    """The list of waste, read once."""
    titles = waste_groups()
    return WasteList(
        [
            WasteCode(
                code=row["code"],
                hazardous=row["hazardous"] == "1",
                entry_type=_entry_type(row["entry_type"]),
                chapter=titles[row["code"][:2]],
                group=titles[row["code"][:4]],
            )
            for row in rows("waste_codes")
        ]
    )


@cache
def waste_groups() -> dict[str, Title]:
    """The chapters (two digits) and groups (four digits) by code."""
    return {row["code"]: _title(row) for row in rows("waste_groups")}


@lru_cache(maxsize=2)
def _examples(tree: Tree[Material]) -> dict[str, list[str]]:
    """Per entry the materials whose usual code it is, the highest first, not those below one."""
    examples: dict[str, list[str]] = {}
    for node in sorted(tree, key=lambda node: node.level):
        usual = node.usual_waste_code
        above = None if node.parent is None else tree.get(node.parent).usual_waste_code
        if usual is not None and usual != above and not node.retired:
            examples.setdefault(usual, []).append(node.code)
    return examples


def _title(row: Row) -> Title:
    return Title(row["code"], row["title_de"], row["title_hu"], row["title_en"])


def _entry_type(cell: str) -> EntryType:
    if cell not in get_args(EntryType):
        raise ValueError(f"not an entry type: {cell!r}")
    return cast(EntryType, cell)


def _titled(title: Title, text: str, language: str) -> bool:
    """Whether every word of the text begins a word of the title, or shares a stem with it."""
    folded = fold(title.name(language)).split()
    known = {each for word in word_stems(title.name(language), language) for each in word}
    return all(
        not known.isdisjoint(stems) or any(part.startswith(stems[-1]) for part in folded)
        for stems in word_stems(text, language)
        if stems
    )
