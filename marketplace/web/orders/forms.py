"""What brokers fill in to write an order's terms."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.listings.models import PriceDirection, Unit
from marketplace.orders.drafts import OrderDraft
from marketplace.orders.models import Order, Payer
from marketplace.web.fields import DayField, EnumField, EnumRadioField, NumberField, TextField

SUGGESTED = {
    PriceDirection.GIVER_PAYS: Payer.CLIENT,
    PriceDirection.TAKER_PAYS: Payer.ENTERPRISE,
    PriceDirection.FREE: Payer.NOBODY,
}


class OrderForm(FlaskForm):
    """The terms. ``seen`` is the row's version that the broker has in front of them."""

    title = TextField(_l("Title of the order"))
    product = TextAreaField(_l("What is made or done?"))
    quantity = NumberField(_l("Quantity"))
    unit = EnumField(_l("Unit"), Unit)
    payer = EnumRadioField(_l("Who pays?"), Payer)
    price = NumberField(_l("Price for the whole order, without VAT"), digits=2)
    starts_on = DayField(_l("Start"))
    due_on = DayField(_l("Due"))
    seen = HiddenField()

    def show(self, order: Order) -> None:
        """Fill the form; what nobody has said yet is suggested from the listing and the capability."""
        for name in ("title", "quantity", "unit", "price", "starts_on", "due_on"):
            self[name].data = getattr(order, name)
        written = bool(order.product)
        self.product.data = order.product or order.capability.title
        self.payer.data = order.payer if written else SUGGESTED.get(order.listing.price_direction)
        self.seen.data = str(order.version)

    def draft(self) -> OrderDraft:
        """Return the terms; raise ``Invalid`` with every problem."""
        quantity, starts, due = self.quantity.data, self.starts_on.data, self.due_on.data
        if quantity is None or starts is None or due is None:
            empty = {"quantity": quantity, "starts_on": starts, "due_on": due}
            raise Invalid([Problem(name, "required") for name in empty if empty[name] is None])
        price = self.price.data
        return OrderDraft(
            title=self.title.data or "",
            product=clean(self.product.data),
            quantity=quantity,
            unit=self.unit.data or Unit.PIECE,
            payer=self.payer.data,
            price=None if price is None else Decimal(str(price)).quantize(Decimal("0.01")),
            starts_on=starts,
            due_on=due,
        )

    def version(self) -> int | None:
        """Return the version that was seen."""
        return whole(self.seen.data or "")
