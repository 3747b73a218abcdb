"""What can go wrong, in the language of the marketplace; edges turn each into a status once."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default


class MarketplaceError(Exception):
    """A refusal that a person can act on."""


class NotAllowed(MarketplaceError):
    """The actor may see the thing but not do this to it (403)."""


class NotFound(MarketplaceError):
    """No such thing, or none that this actor may know of (404)."""


class WrongState(MarketplaceError):
    """The thing is not in a state where this can happen (409)."""


class Outrun(WrongState):
    """Somebody else changed the thing in the meantime (409)."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field: ``code`` is worded by the edge, ``params`` fill the sentence."""

    field: str
    code: str
    params: Mapping[str, object] = default(default_factory=dict)


class Invalid(MarketplaceError):
    """What was typed cannot stand; carries one problem per cause (422)."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in problems))
        self.problems = problems

    @classmethod
    def one(cls, where: str, code: str, **params: object) -> "Invalid":
        """Build the refusal for a single field."""
        return cls([Problem(where, code, params)])
