"""An order in words: what it waits for, how it came about, what it costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from babel.lists import format_list
from flask_babel import format_currency, get_locale, ngettext
from flask_babel import gettext as _

from marketplace.core.actor import Actor
from marketplace.orders import queries
from marketplace.orders.lifecycle import OrderAction
from marketplace.orders.models import LineRole, Order, OrderLine, OrderParty, Part
from marketplace.orders.money import Balance, amount_of, sums
from marketplace.orders.policy import standing
from marketplace.web.language import day, number
from marketplace.web.listing_cards import subject
from marketplace.wording import label

_A = OrderAction


def money(amount: Decimal | None) -> str:
    """Return an amount of euro as people here write it."""
    return "" if amount is None else format_currency(amount, "EUR")


def price(order: Order) -> str:
    """Return what the order costs without VAT, or that nobody pays."""
    if len(order.free_lines) == len(order.lines):
        return _("free of charge")
    return money(sums(order.lines).total.net)


def amount(line: OrderLine) -> str:
    """Return the quantity with its unit."""
    return measured(line.quantity, line)


def measured(quantity: float, line: OrderLine) -> str:
    """Return a quantity in the unit of a line."""
    return f"{number(quantity, 2)} {label(line.unit)}"


def outcome(order: Order) -> OrderLine:
    """Return the line that says what it is about: the product, or else the first one."""
    made = [line for line in order.lines if line.role is not LineRole.MATERIAL_IN]
    return (made or order.lines)[0]


def whose(order: Order) -> str:
    """Return the names of the clients and of those who work for them."""
    return _(
        "%(client)s and %(enterprise)s",
        client=listed([p.organisation.name for p in order.clients]),
        enterprise=listed([p.organisation.name for p in order.enterprises]),
    )


def listed(names: list[str]) -> str:
    """Return names as people list them: one, two and three."""
    return str(format_list(names, locale=get_locale() or "de"))


@dataclass(frozen=True)
class Turn:
    """The next step as a headline and a sentence; ``mine`` where it is the reader's."""

    title: str
    text: str
    mine: bool
    action: OrderAction


def turn(order: Order, *, actor: Actor) -> Turn | None:
    """Return what the reader has to do or waits for; None where the order has ended."""
    step = queries.next_step(order, actor=actor)
    if step is None:
        return None
    if not step.mine:
        names = [p.organisation.name for p in step.parties] or [_("the broker")]
        waiting = _("Waiting for %(name)s", name=listed(names))
        return Turn(waiting, _what(step.action, order), False, step.action)
    return Turn(_yours(step.action, order), _how(step.action, order), True, step.action)


def _what(action: OrderAction, order: Order) -> str:
    return {
        _A.OFFER: _("The terms are being written. You are told as soon as they are offered."),
        _A.AGREE: _("The terms are offered; the order begins when both sides have accepted."),
        _A.START: _("Both sides have accepted. Next, production starts."),
        _A.DELIVER: _("It is being made. The next news is the delivery."),
        _A.COMPLETE: _("Everything was handed over. The client confirms that all came as agreed."),
        _A.RESUME: _("The order rests: %(reason)s", reason=order.reason),
        _A.SETTLE: _("Something is not as agreed: %(reason)s", reason=order.reason),
    }[action]


def _yours(action: OrderAction, order: Order) -> str:
    if action is _A.OFFER and not order.product:
        return _("Your turn: write the terms")
    return {
        _A.OFFER: _("Your turn: offer the order to both sides"),
        _A.AGREE: _("Your turn: accept, or ask for a change"),
        _A.START: _("Your turn: start production"),
        _A.DELIVER: _("Your turn: report the delivery"),
        _A.COMPLETE: _("Your turn: confirm that all came as agreed"),
        _A.RESUME: _("Your turn: let the order go on as soon as it can"),
        _A.SETTLE: _("Your turn: settle what is not as agreed"),
    }[action]


def _how(action: OrderAction, order: Order) -> str:
    if action is _A.OFFER and not order.product:
        return _("Say what is made and who pays. Everything else is filled in from both sides.")
    return {
        _A.OFFER: _("Both sides see the terms then and are asked to accept them."),
        _A.AGREE: _("Please read the terms. Your name and the moment go on record."),
        _A.START: _("Tell the others that the material is there and the work has begun."),
        _A.DELIVER: _("As soon as everything is handed over, the client is asked to confirm."),
        _A.COMPLETE: _("With that the order is completed. Thank you for working together."),
        _A.RESUME: _("The order rests: %(reason)s", reason=order.reason),
        _A.SETTLE: _("Something is not as agreed: %(reason)s", reason=order.reason),
    }[action]


@dataclass(frozen=True)
class PartyCard:
    """One party on the spirit level, with what it pays and receives."""

    party: OrderParty
    name: str
    kind: str
    city: str
    icon: str
    accepted_at: datetime | None
    accepted_by: str
    free_of_charge: bool
    pays: str
    receives: str


def parties(order: Order) -> list[PartyCard]:
    """Return all parties in their order, with their yes to the terms as they stand."""
    given, balances = standing(order), sums(order.lines).parties
    found = []
    for party in order.parties:
        yes, balance = given.get(party.id), balances.get(party.id, Balance())
        found.append(
            PartyCard(
                party=party,
                name=party.organisation.name,
                kind=label(party.organisation.kind),
                city=party.organisation.city,
                icon="hammer" if party.part is Part.ENTERPRISE else "factory",
                accepted_at=yes.at if yes else None,
                accepted_by=yes.name if yes else "",
                free_of_charge=yes is not None and yes.free_of_charge,
                pays=money(balance.pays.gross) if balance.pays.gross else "",
                receives=money(balance.receives.gross) if balance.receives.gross else "",
            )
        )
    return found


@dataclass(frozen=True)
class LineRow:
    """One line of the terms as tables show it."""

    line: OrderLine
    what: str
    amount: str
    way: str
    each: str
    net: str
    payer: str


def lines(order: Order) -> list[LineRow]:
    """Return the lines of the terms as tables show them."""
    names = {party.id: party.organisation.name for party in order.parties}
    found = []
    for line in order.lines:
        free = line.payer_id is None
        one = "" if free or line.lump_sum or line.quantity == 1 else unit_price(line)
        found.append(
            LineRow(
                line=line,
                what=line.description,
                amount=amount(line),
                way=f"{names[line.giver_id]} → {names[line.taker_id]}",
                each=one,
                net=_("free of charge") if free else money(amount_of(line).net),
                payer=names.get(line.payer_id or 0, ""),
            )
        )
    return found


def unit_price(line: OrderLine) -> str:
    """Return the price of one; fractions of a cent stay where there are some."""
    price = Decimal(line.price or 0)
    exact = price == price.quantize(Decimal("0.01"))
    return money(price) if exact else f"{number(price, 4)} €"


def said(order: Order) -> list[tuple[str, str]]:
    """Return what listing and capability say of the pair that the order came of."""
    pairing = order.pairings[0]
    capability, listing = pairing.capability, pairing.listing
    found = []
    if listing is not None:
        until = f" – {day(listing.available_until)}" if listing.available_until else ""
        found = [
            (_("Listing"), listing.title),
            (_("Material"), subject(listing)),
            (_("Price"), label(listing.price_direction)),
            (_("Rhythm"), label(listing.recurrence)),
            (_("Available"), day(listing.available_from) + until),
        ]
    lead = capability.lead_time_days
    found.append((_("Workshop"), capability.title))
    if lead:
        found.append((_("Lead time"), ngettext("one day", "%(num)s days", lead)))
    return found
