"""How a listing moves from draft to given."""

from enum import StrEnum, auto

from marketplace.core.lifecycle import Lifecycle


class ListingState(StrEnum):
    DRAFT = auto()
    PUBLISHED = auto()
    PAUSED = auto()
    RESERVED = auto()
    GIVEN = auto()
    EXPIRED = auto()


class ListingAction(StrEnum):
    PUBLISH = auto()
    PAUSE = auto()
    RESUME = auto()
    RESERVE = auto()
    RELEASE = auto()
    GIVE = auto()
    EXPIRE = auto()
    RENEW = auto()


_S, _A = ListingState, ListingAction

LISTING = Lifecycle(
    start=_S.DRAFT,
    moves={
        (_S.DRAFT, _A.PUBLISH): _S.PUBLISHED,
        (_S.PUBLISHED, _A.PAUSE): _S.PAUSED,
        (_S.PAUSED, _A.RESUME): _S.PUBLISHED,
        (_S.PUBLISHED, _A.RESERVE): _S.RESERVED,
        (_S.PAUSED, _A.RESERVE): _S.RESERVED,
        (_S.RESERVED, _A.RELEASE): _S.PUBLISHED,
        (_S.RESERVED, _A.GIVE): _S.GIVEN,
        (_S.PUBLISHED, _A.GIVE): _S.GIVEN,
        (_S.PAUSED, _A.GIVE): _S.GIVEN,
        (_S.PUBLISHED, _A.EXPIRE): _S.EXPIRED,
        (_S.PAUSED, _A.EXPIRE): _S.EXPIRED,
        (_S.PUBLISHED, _A.RENEW): _S.PUBLISHED,
        (_S.PAUSED, _A.RENEW): _S.PUBLISHED,
        (_S.EXPIRED, _A.RENEW): _S.PUBLISHED,
    },
)

BY_OWNER = frozenset({_A.PUBLISH, _A.PAUSE, _A.RESUME, _A.GIVE, _A.RENEW})
