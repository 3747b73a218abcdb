"""How an organisation becomes a partner, and how a consortium goes from idea to answer."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class PartnerState(StrEnum):
    APPLIED = auto()
    ADMITTED = auto()
    REFUSED = auto()
    LEFT = auto()


class PartnerAction(StrEnum):
    APPLY = auto()
    ADMIT = auto()
    REFUSE = auto()
    LEAVE = auto()


PARTNER = Lifecycle(
    start=PartnerState.APPLIED,
    moves={
        (PartnerState.APPLIED, PartnerAction.ADMIT): PartnerState.ADMITTED,
        (PartnerState.APPLIED, PartnerAction.REFUSE): PartnerState.REFUSED,
        (PartnerState.APPLIED, PartnerAction.LEAVE): PartnerState.LEFT,
        (PartnerState.ADMITTED, PartnerAction.LEAVE): PartnerState.LEFT,
        (PartnerState.REFUSED, PartnerAction.APPLY): PartnerState.APPLIED,
        (PartnerState.LEFT, PartnerAction.APPLY): PartnerState.APPLIED,
    },
)


class PlaceState(StrEnum):
    INVITED = auto()
    TAKEN = auto()
    DECLINED = auto()


class PlaceAction(StrEnum):
    TAKE = auto()
    DECLINE = auto()
    INVITE = auto()


PLACE = Lifecycle(
    start=PlaceState.INVITED,
    moves={
        (PlaceState.INVITED, PlaceAction.TAKE): PlaceState.TAKEN,
        (PlaceState.INVITED, PlaceAction.DECLINE): PlaceState.DECLINED,
        (PlaceState.TAKEN, PlaceAction.DECLINE): PlaceState.DECLINED,
        (PlaceState.DECLINED, PlaceAction.INVITE): PlaceState.INVITED,
    },
)


class ConsortiumState(StrEnum):
    FORMING = auto()
    SUBMITTED = auto()
    FUNDED = auto()
    NOT_FUNDED = auto()
    DISSOLVED = auto()


class ConsortiumAction(StrEnum):
    SUBMIT = auto()
    FUND = auto()
    TURN_DOWN = auto()
    DISSOLVE = auto()


CONSORTIUM = Lifecycle(
    start=ConsortiumState.FORMING,
    moves={
        (ConsortiumState.FORMING, ConsortiumAction.SUBMIT): ConsortiumState.SUBMITTED,
        (ConsortiumState.FORMING, ConsortiumAction.DISSOLVE): ConsortiumState.DISSOLVED,
        (ConsortiumState.SUBMITTED, ConsortiumAction.FUND): ConsortiumState.FUNDED,
        (ConsortiumState.SUBMITTED, ConsortiumAction.TURN_DOWN): ConsortiumState.NOT_FUNDED,
        (ConsortiumState.SUBMITTED, ConsortiumAction.DISSOLVE): ConsortiumState.DISSOLVED,
    },
)
