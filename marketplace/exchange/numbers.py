"""Numbers in files from machines and from spreadsheets: decimal point or decimal comma."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*")
GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")


class Ambiguous(ValueError):
    """The number can be read in two ways."""


@dataclass(frozen=True)
class Spelling:
    """The decimal sign of a file, and whether the file itself shows that it is the one."""

    decimal: str | None = "."
    shown: bool = False

    def read(self, text: str) -> float:
        """Return the number that is meant.

        Raises ``Ambiguous`` for a text such as 1,500 where nothing tells whether it is one and a half,
        and ``ValueError`` where it is no number.
        """
        bare = SPACES.sub("", text)
        if not NUMBER.fullmatch(bare):
            raise ValueError(text)
        sign = decimal_sign(bare)
        if sign is None:
            sign = self._sign_of(bare)
        for other in {".", ","} - {sign}:
            bare = bare.replace(other, "")
        return float(bare.replace(sign, ".") if sign else bare)

    def _sign_of(self, bare: str) -> str:
        """Return the decimal sign of a text that reads both ways, such as 1.500; or none."""
        found = "." if "." in bare else ","
        if found == self.decimal:
            return found
        if self.shown:
            return ""
        raise Ambiguous(bare)


def decimal_sign(bare: str) -> str | None:
    """Return the decimal sign that the text itself shows, "" where it has none, None if unsure."""
    signs = [c for c in bare if c in ".,"]
    if not signs:
        return ""
    if len(set(signs)) == 2:
        last = max(bare.rfind("."), bare.rfind(","))
        if bare.count(bare[last]) > 1:
            raise ValueError(bare)
        return bare[last]
    if not GROUPS.fullmatch(bare):
        if len(signs) > 1:
            raise ValueError(bare)
        return signs[0]
    return "" if len(signs) > 1 else None


def spelling_of(texts: Iterable[str], default: str | None) -> Spelling:
    """Return the spelling that the numbers of a file show; ``default`` where they show none."""
    seen: set[str] = set()
    for text in texts:
        bare = SPACES.sub("", text)
        if NUMBER.fullmatch(bare):
            try:
                seen.add(decimal_sign(bare) or "")
            except ValueError:
                continue
    seen.discard("")
    return Spelling(seen.pop(), shown=True) if len(seen) == 1 else Spelling(default)
