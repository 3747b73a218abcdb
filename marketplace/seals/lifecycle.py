"""How an application for the seal moves to its decision, and what becomes of a certificate."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class SealState(StrEnum):
    DRAFT = auto()
    SUBMITTED = auto()
    IN_ASSESSMENT = auto()
    ASSESSED = auto()
    AT_PANEL = auto()
    AWARDED = auto()
    REFUSED = auto()
    APPEALED = auto()
    WITHDRAWN = auto()


class SealAction(StrEnum):
    SUBMIT = auto()
    BEGIN = auto()
    REPORT = auto()
    CONVENE = auto()
    AWARD = auto()
    REFUSE = auto()
    APPEAL = auto()
    REHEAR = auto()
    WITHDRAW = auto()


class CertificateState(StrEnum):
    """What was decided of a certificate; whether it has expired is said by its last day."""

    VALID = auto()
    SUSPENDED = auto()
    WITHDRAWN = auto()


class CertificateAction(StrEnum):
    SUSPEND = auto()
    LIFT = auto()
    WITHDRAW = auto()


_S, _A = SealState, SealAction
UNDECIDED = (_S.SUBMITTED, _S.IN_ASSESSMENT, _S.ASSESSED, _S.AT_PANEL, _S.APPEALED)
"""The agency's clock runs in these states."""

SEAL = Lifecycle(
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _A.BEGIN): _S.IN_ASSESSMENT,
        (_S.IN_ASSESSMENT, _A.REPORT): _S.ASSESSED,
        (_S.ASSESSED, _A.CONVENE): _S.AT_PANEL,
        (_S.AT_PANEL, _A.AWARD): _S.AWARDED,
        (_S.AT_PANEL, _A.REFUSE): _S.REFUSED,
        (_S.REFUSED, _A.APPEAL): _S.APPEALED,
        (_S.APPEALED, _A.REHEAR): _S.AT_PANEL,
        **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (_S.DRAFT, *UNDECIDED)},
    },
)

_C, _D = CertificateState, CertificateAction
CERTIFICATE = Lifecycle(
    start=_C.VALID,
    moves={
        (_C.VALID, _D.SUSPEND): _C.SUSPENDED,
        (_C.SUSPENDED, _D.LIFT): _C.VALID,
        (_C.VALID, _D.WITHDRAW): _C.WITHDRAWN,
        (_C.SUSPENDED, _D.WITHDRAW): _C.WITHDRAWN,
    },
)
