"""How place names are compared: without marks, case and the usual abbreviations."""

import re
import unicodedata

UMLAUTS = str.maketrans({"ß": "ss", "đ": "d", "ł": "l", "ø": "o", "æ": "ae"})
NOT_WORD = re.compile(r"[^a-z0-9]+")
SAINT = re.compile(r"\b(?:st|skt|szt|sankt|szent)\b")
SHORT = ((re.compile(r"\ba d\b"), "an der"), (re.compile(r"\bb\b"), "bei"))


def fold(name: str) -> str:
    """Return the form in which spellings of one name agree.

    ``St. Pölten``, ``Sankt Poelten`` and ``st poelten`` all give ``sankt polten``.
    """
    text = unicodedata.normalize("NFD", name.casefold().translate(UMLAUTS))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = NOT_WORD.sub(" ", text).strip()
    text = SAINT.sub("sankt", text)
    for pattern, full in SHORT:
        text = pattern.sub(full, text)
    return text.replace("oe", "o").replace("ue", "u").replace("ae", "a")
