"""What happens to the taxonomy."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class ValuesChanged(Event):
    """With this edition in force, techniques keep another share of a thing's worth."""

    edition: int
