"""Text that came from outside."""

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def clean(value: str | None) -> str:
    """Return ``value`` trimmed, in composed form, without control characters.

    Line breaks stay; marks that turn the direction of writing do not, since a title that uses them
    could make the rest of a page read backwards.
    """
    if not value:
        return ""
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"})
    return "".join(
        c for c in kept if c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ).strip()


def whole(text: str) -> int | None:
    """Return the whole number that plain digits spell, if it is one that a database can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def new_ref(prefix: str) -> str:
    """Return a fresh reference such as ``L-7K3QX9WD``, easy to read aloud."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
