"""Fills an empty marketplace with the demo region."""

from typing import Any


def is_inhabited(session: Any) -> bool:
    return False


def is_loaded(session: Any) -> bool:
    return False


def load(*args: Any, **kwargs: Any) -> dict[str, int]:
    return {}
