"""Shares of one piece of work, side by side: compiled code and numpy let other threads run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(threads: int, *shares: Callable[[], T]) -> list[T]:
    """Return what each share returns, in order; with one thread they run one after the other, here."""
    if threads == 1:
        return [share() for share in shares]
    with ThreadPoolExecutor(threads) as pool:
        return [waiting.result() for waiting in [pool.submit(share) for share in shares]]
