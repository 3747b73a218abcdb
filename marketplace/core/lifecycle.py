"""A state machine is a table; guards, buttons and tests read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from marketplace.core.errors import WrongState

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


@dataclass(frozen=True)
class Lifecycle(Generic[State, Action]):
    """States, and what each action makes of them."""

    start: State
    moves: Mapping[tuple[State, Action], State]

    def after(self, state: State, action: Action) -> State:
        """Return the state that ``action`` leads to; raise ``WrongState`` where it cannot be."""
        try:
            return self.moves[state, action]
        except KeyError:
            raise WrongState(f"cannot {action} while {state}") from None

    def open_to(self, state: State) -> frozenset[Action]:
        """Return what may happen next; templates show these as buttons."""
        return frozenset(action for (source, action) in self.moves if source == state)
