"""Amounts of money as people type them."""

from decimal import Decimal


def euro(value: float | None) -> Decimal | None:
    """Return an amount as it is stored, in whole cents."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
