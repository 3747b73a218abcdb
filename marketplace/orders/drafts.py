"""The terms of an order as a broker writes them, already typed; they check themselves."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marketplace.core.errors import Invalid, Problem
from marketplace.listings.models import Unit
from marketplace.orders.models import Payer

TITLE = 160
PRODUCT = 5000
MOST_QUANTITY = 1e9
MOST_PRICE = Decimal("99999999.99")


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """``price`` is in euro for the whole order, without VAT; ``payer`` None has not been chosen."""

    title: str
    product: str
    quantity: float
    unit: Unit
    payer: Payer | None
    price: Decimal | None = None
    starts_on: date
    due_on: date

    def __post_init__(self) -> None:
        problems = [*self._words(), *self._amounts(), *self._price()]
        if self.due_on < self.starts_on:
            problems.append(Problem("due_on", "dates_reversed"))
        if problems:
            raise Invalid(problems)

    def _words(self) -> list[Problem]:
        found = []
        for name, most in (("title", TITLE), ("product", PRODUCT)):
            text = getattr(self, name)
            if not text:
                found.append(Problem(name, "required"))
            if len(text) > most:
                found.append(Problem(name, "too_long", {"most": most}))
        return found

    def _amounts(self) -> list[Problem]:
        if not self.quantity > 0:
            return [Problem("quantity", "not_positive")]
        return [Problem("quantity", "too_big")] if self.quantity > MOST_QUANTITY else []

    def _price(self) -> list[Problem]:
        if self.payer is None:
            return [Problem("payer", "price_required")]
        if self.payer is Payer.NOBODY:
            return [Problem("price", "price_and_free")] if self.price is not None else []
        if self.price is None:
            return [Problem("price", "price_required")]
        if not self.price >= Decimal("0.01"):
            return [Problem("price", "not_positive")]
        return [Problem("price", "too_big")] if self.price > MOST_PRICE else []
