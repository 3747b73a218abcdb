"""How a co-production order moves from draft to completed."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class OrderState(StrEnum):
    DRAFT = auto()
    OFFERED = auto()
    AGREED = auto()
    IN_PRODUCTION = auto()
    DELIVERED = auto()
    COMPLETED = auto()
    CANCELLED = auto()


class OrderAction(StrEnum):
    OFFER = auto()
    REVISE = auto()
    AGREE = auto()
    START = auto()
    DELIVER = auto()
    COMPLETE = auto()
    CANCEL = auto()


_S, _A = OrderState, OrderAction

ORDER = Lifecycle(
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.OFFER): _S.OFFERED,
        (_S.OFFERED, _A.REVISE): _S.DRAFT,
        (_S.OFFERED, _A.AGREE): _S.AGREED,
        (_S.AGREED, _A.START): _S.IN_PRODUCTION,
        (_S.IN_PRODUCTION, _A.DELIVER): _S.DELIVERED,
        (_S.DELIVERED, _A.COMPLETE): _S.COMPLETED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.OFFERED, _A.CANCEL): _S.CANCELLED,
        (_S.AGREED, _A.CANCEL): _S.CANCELLED,
        (_S.IN_PRODUCTION, _A.CANCEL): _S.CANCELLED,
    },
)

OPEN = (_S.DRAFT, _S.OFFERED, _S.AGREED, _S.IN_PRODUCTION, _S.DELIVERED)
