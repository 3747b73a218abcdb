"""What happens to proposals."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class ProposalsFound(Event):
    """A listing has proposals that it did not have before."""

    listing_id: int
    count: int
