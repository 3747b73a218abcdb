"""Who is asking."""

from dataclasses import dataclass
from enum import StrEnum, auto

from marketplace.core.errors import NotAllowed


class Role(StrEnum):
    """What somebody is in the organisation they act for, or in the initiative itself."""

    COMPANY = auto()
    ENTERPRISE = auto()
    PARTNER = auto()
    MANAGER = auto()
    BROKER = auto()
    AGENCY = auto()
    SYSTEM = auto()


@dataclass(frozen=True)
class Actor:
    """A person acting for one organisation, a broker of one service point, or nobody."""

    user_id: int | None = None
    organisation_id: int | None = None
    service_point_id: int | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds at least one of ``roles``."""
        return not self.roles.isdisjoint(roles)

    def belongs_to(self, organisation_id: int | None) -> bool:
        """Tell whether the actor acts for this organisation."""
        return organisation_id is not None and organisation_id == self.organisation_id

    def brokers_for(self, service_point_id: int | None) -> bool:
        """Tell whether the actor mediates for this service point, or for all of them."""
        if self.has(Role.AGENCY, Role.SYSTEM):
            return True
        return self.has(Role.BROKER) and service_point_id == self.service_point_id


ANYBODY = Actor()
SYSTEM = Actor(roles=frozenset({Role.SYSTEM}))


def require(allowed: bool) -> None:
    """Refuse unless a policy said yes."""
    if not allowed:
        raise NotAllowed
