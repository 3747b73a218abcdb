"""How a capability moves between draft, active and paused."""

from enum import StrEnum, auto

from marketplace.capabilities.models import CapabilityState
from marketplace.core.lifecycle import Lifecycle


class CapabilityAction(StrEnum):
    ACTIVATE = auto()
    PAUSE = auto()


_S, _A = CapabilityState, CapabilityAction

CAPABILITY = Lifecycle(
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.ACTIVATE): _S.ACTIVE,
        (_S.PAUSED, _A.ACTIVATE): _S.ACTIVE,
        (_S.ACTIVE, _A.PAUSE): _S.PAUSED,
    },
)
