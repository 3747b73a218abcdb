"""What an order costs: the one place where lines become sums."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from marketplace.orders.models import OrderLine

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Amount:
    """An amount of euro: without VAT, the VAT of it, and with VAT; in whole cents."""

    net: Decimal = NOTHING
    vat: Decimal = NOTHING

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.net + other.net, self.vat + other.vat)


@dataclass
class Balance:
    """What one party pays and what it receives."""

    pays: Amount = Amount()
    receives: Amount = Amount()


@dataclass
class Sums:
    """The whole order, and each party's part of it by the party's key."""

    total: Amount = Amount()
    parties: dict[int, Balance] = field(default_factory=dict)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def amount_of(line: OrderLine) -> Amount:
    """Return what a line costs; each line is rounded to cents by itself, half a cent up."""
    if line.price is None:
        return Amount()
    times = Decimal(1) if line.lump_sum else Decimal(repr(line.quantity))
    net = _cents(line.price * times)
    return Amount(net, _cents(net * line.vat_percent / 100))


def sums(lines: Iterable[OrderLine]) -> Sums:
    """Return what all lines cost, and who pays and receives how much of it."""
    found = Sums()
    for line in lines:
        amount = amount_of(line)
        found.total += amount
        if line.payer_id is not None:
            receiver = line.taker_id if line.payer_id == line.giver_id else line.giver_id
            payer = found.parties.setdefault(line.payer_id, Balance())
            payer.pays += amount
            other = found.parties.setdefault(receiver, Balance())
            other.receives += amount
    return found
