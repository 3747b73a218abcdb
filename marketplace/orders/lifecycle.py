"""How a co-production order moves from draft to completed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from marketplace.core.errors import WrongState
from marketplace.core.lifecycle import Lifecycle


class OrderState(StrEnum):
    DRAFT = auto()
    OFFERED = auto()
    AGREED = auto()
    IN_PRODUCTION = auto()
    DELIVERED = auto()
    COMPLETED = auto()
    PAUSED = auto()
    DISPUTED = auto()
    CANCELLED = auto()


class OrderAction(StrEnum):
    OFFER = auto()
    REVISE = auto()
    AGREE = auto()
    START = auto()
    DELIVER = auto()
    COMPLETE = auto()
    PAUSE = auto()
    RESUME = auto()
    DISPUTE = auto()
    SETTLE = auto()
    CANCEL = auto()


_S, _A = OrderState, OrderAction


@dataclass(frozen=True)
class OrderLifecycle(Lifecycle[OrderState, OrderAction]):
    """Knows of stops too: an action in ``back`` leads from its state to where the order stood."""

    back: Mapping[OrderAction, OrderState]

    def landing(
        self, state: OrderState, before: OrderState | None, action: OrderAction
    ) -> OrderState:
        """Return where ``action`` leads; ``before`` is where the order stood when it stopped."""
        if action not in self.back:
            return self.after(state, action)
        if state is not self.back[action] or before is None:
            raise WrongState(f"cannot {action} while {state}")
        return before

    def open_to(self, state: OrderState) -> frozenset[OrderAction]:
        """Return what may happen next, ways back included."""
        return super().open_to(state) | {a for a, stop in self.back.items() if stop is state}


RUNNING = (_S.AGREED, _S.IN_PRODUCTION, _S.DELIVERED)
STOPPED = (_S.PAUSED, _S.DISPUTED)

ORDER = OrderLifecycle(
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.OFFER): _S.OFFERED,
        (_S.OFFERED, _A.REVISE): _S.DRAFT,
        (_S.OFFERED, _A.AGREE): _S.AGREED,
        (_S.AGREED, _A.START): _S.IN_PRODUCTION,
        (_S.IN_PRODUCTION, _A.DELIVER): _S.DELIVERED,
        (_S.DELIVERED, _A.COMPLETE): _S.COMPLETED,
        (_S.AGREED, _A.PAUSE): _S.PAUSED,
        (_S.IN_PRODUCTION, _A.PAUSE): _S.PAUSED,
        (_S.AGREED, _A.DISPUTE): _S.DISPUTED,
        (_S.IN_PRODUCTION, _A.DISPUTE): _S.DISPUTED,
        (_S.DELIVERED, _A.DISPUTE): _S.DISPUTED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.OFFERED, _A.CANCEL): _S.CANCELLED,
        (_S.AGREED, _A.CANCEL): _S.CANCELLED,
        (_S.IN_PRODUCTION, _A.CANCEL): _S.CANCELLED,
        (_S.PAUSED, _A.CANCEL): _S.CANCELLED,
        (_S.DISPUTED, _A.CANCEL): _S.CANCELLED,
    },
    back={_A.RESUME: _S.PAUSED, _A.SETTLE: _S.DISPUTED},
)

OPEN = (_S.DRAFT, _S.OFFERED, *RUNNING, *STOPPED)
COMMITTING = (_S.DRAFT, _S.OFFERED, *RUNNING, _S.DISPUTED)
"""While an order is paused, the hands that it holds are free for others."""
