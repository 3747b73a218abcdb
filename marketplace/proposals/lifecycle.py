"""How a proposal moves from proposed to accepted or refused."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class ProposalState(StrEnum):
    PROPOSED = auto()
    SHORTLISTED = auto()
    ACCEPTED = auto()
    REFUSED = auto()
    EXPIRED = auto()


class ProposalAction(StrEnum):
    SHORTLIST = auto()
    UNLIST = auto()
    ACCEPT = auto()
    REFUSE = auto()
    WITHDRAW = auto()
    EXPIRE = auto()
    REVIVE = auto()


_S, _A = ProposalState, ProposalAction

PROPOSAL = Lifecycle(
    start=_S.PROPOSED,
    moves={
        (_S.PROPOSED, _A.SHORTLIST): _S.SHORTLISTED,
        (_S.SHORTLISTED, _A.UNLIST): _S.PROPOSED,
        (_S.PROPOSED, _A.ACCEPT): _S.ACCEPTED,
        (_S.SHORTLISTED, _A.ACCEPT): _S.ACCEPTED,
        (_S.PROPOSED, _A.REFUSE): _S.REFUSED,
        (_S.SHORTLISTED, _A.REFUSE): _S.REFUSED,
        (_S.ACCEPTED, _A.WITHDRAW): _S.REFUSED,
        (_S.ACCEPTED, _A.REVIVE): _S.PROPOSED,
        (_S.PROPOSED, _A.EXPIRE): _S.EXPIRED,
        (_S.SHORTLISTED, _A.EXPIRE): _S.EXPIRED,
        (_S.EXPIRED, _A.REVIVE): _S.PROPOSED,
    },
)

LIVE = (_S.PROPOSED, _S.SHORTLISTED)
