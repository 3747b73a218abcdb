"""How a case moves through the four services and ends; how an attempt within it does."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class Phase(StrEnum):
    CONSULTATION = auto()
    DEVELOPMENT = auto()
    MATCHING = auto()
    ACCOMPANIMENT = auto()
    CLOSED = auto()


class CaseAction(StrEnum):
    CONSULT = auto()
    DEVELOP = auto()
    MATCH = auto()
    ACCOMPANY = auto()
    CLOSE = auto()
    REOPEN = auto()


LEADS_TO = {
    CaseAction.CONSULT: Phase.CONSULTATION,
    CaseAction.DEVELOP: Phase.DEVELOPMENT,
    CaseAction.MATCH: Phase.MATCHING,
    CaseAction.ACCOMPANY: Phase.ACCOMPANIMENT,
}
OPEN_PHASES = tuple(LEADS_TO.values())

CASE = Lifecycle(
    start=Phase.CONSULTATION,
    moves={
        **{
            (phase, action): after
            for phase in OPEN_PHASES
            for action, after in LEADS_TO.items()
            if after is not phase
        },
        **{(phase, CaseAction.CLOSE): Phase.CLOSED for phase in OPEN_PHASES},
        (Phase.CLOSED, CaseAction.REOPEN): Phase.CONSULTATION,
    },
)


class AttemptState(StrEnum):
    OPEN = auto()
    TRIAL = auto()
    READY = auto()
    ORDERED = auto()
    FAILED = auto()
    DROPPED = auto()


class AttemptAction(StrEnum):
    TRY = auto()
    PASS = auto()
    FAIL = auto()
    ORDER = auto()
    DROP = auto()
    RESUME = auto()


_S, _A = AttemptState, AttemptAction

ATTEMPT = Lifecycle(
    start=_S.OPEN,
    moves={
        (_S.OPEN, _A.TRY): _S.TRIAL,
        (_S.READY, _A.TRY): _S.TRIAL,
        (_S.TRIAL, _A.PASS): _S.READY,
        (_S.TRIAL, _A.FAIL): _S.FAILED,
        (_S.OPEN, _A.ORDER): _S.ORDERED,
        (_S.READY, _A.ORDER): _S.ORDERED,
        (_S.OPEN, _A.DROP): _S.DROPPED,
        (_S.TRIAL, _A.DROP): _S.DROPPED,
        (_S.READY, _A.DROP): _S.DROPPED,
        (_S.FAILED, _A.RESUME): _S.OPEN,
        (_S.DROPPED, _A.RESUME): _S.OPEN,
        (_S.ORDERED, _A.RESUME): _S.OPEN,
    },
)
