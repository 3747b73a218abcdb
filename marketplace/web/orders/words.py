"""An order in words: what it waits for, how it came about, what it costs."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_skeleton
from flask_babel import format_currency, get_locale, to_user_timezone
from flask_babel import gettext as _

from marketplace.core.actor import Actor
from marketplace.orders import queries
from marketplace.orders.lifecycle import OrderAction, OrderState
from marketplace.orders.models import Order, Party, Payer
from marketplace.orders.policy import Side, standing
from marketplace.web.language import number
from marketplace.wording import label

_A = OrderAction


def money(amount: Decimal | None) -> str:
    """Return an amount of euro as people here write it."""
    return "" if amount is None else format_currency(amount, "EUR")


def price(order: Order) -> str:
    """Return the price with who pays it, or that nobody does."""
    if order.price is None:
        return _("free of charge")
    if order.payer is Payer.CLIENT:
        return _("%(price)s, paid by the client", price=money(order.price))
    return _("%(price)s, paid by the social enterprise", price=money(order.price))


def amount(order: Order) -> str:
    """Return the quantity with its unit."""
    return f"{number(order.quantity, 2)} {label(order.unit)}"


def name_of(order: Order, side: Side) -> str:
    """Return what the people of a side are called."""
    if side is Side.BROKER:
        return _("the broker")
    return order.client.name if side is Side.CLIENT else order.enterprise.name


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
        names = [name_of(order, side) for side in step.whose]
        return Turn(_waiting(names), _what(step.action, order), False, step.action)
    return Turn(_yours(step.action, order), _how(step.action, order), True, step.action)


def _waiting(names: list[str]) -> str:
    if len(names) == 2:
        return _("Waiting for %(one)s and %(other)s", one=names[0], other=names[1])
    return _("Waiting for %(name)s", name=names[0])


def _what(action: OrderAction, order: Order) -> str:
    return {
        _A.OFFER: _("The terms are being written. You are told as soon as they are offered."),
        _A.AGREE: _("The terms are offered; the order begins when both sides have accepted."),
        _A.START: _("Both sides have accepted. Next, production starts."),
        _A.DELIVER: _("It is being made. The next news is the delivery."),
        _A.COMPLETE: _("Everything was handed over. The client confirms that all came as agreed."),
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
    }[action]


def short_day(value: datetime | date | None) -> str:
    """Return day and month, such as 3. Nov."""
    if value is None:
        return ""
    local = to_user_timezone(value) if isinstance(value, datetime) else value
    return format_skeleton("MMMd", local, locale=get_locale() or "de")


@dataclass(frozen=True)
class Event:
    """One line of an order's history; ``at`` is a day where it is planned only."""

    at: datetime | date | None
    title: str
    name: str = ""
    comment: str = ""
    state: str = "done"

    @property
    def day(self) -> str:
        return short_day(self.at)


def history(order: Order) -> list[Event]:
    """Return what has happened, in order, and after it what is planned."""
    found: list[tuple[datetime, int, Event]] = []
    offers = drafts = 0
    for step in order.steps:
        offers += step.state is OrderState.OFFERED
        drafts += step.state is OrderState.DRAFT
        title = _happened(step.state, offers, drafts)
        name = "" if step.state is OrderState.AGREED else step.name
        rank = 0 if step.state in {OrderState.DRAFT, OrderState.OFFERED} else 2
        found.append((step.at, rank, Event(step.at, title, name, step.comment)))
    for a in order.acceptances:
        who = order.client.name if a.party is Party.CLIENT else order.enterprise.name
        title = _("%(organisation)s has accepted the terms", organisation=who)
        found.append((a.at, 1, Event(a.at, title, a.name)))
    past = [event for _at, _rank, event in sorted(found, key=lambda f: f[:2])]
    return past + _planned(order)


def _happened(state: OrderState, offers: int, drafts: int) -> str:
    if state is OrderState.DRAFT and drafts > 1:
        return _("A change was asked for")
    return {
        OrderState.DRAFT: _("Drawn up from the proposal"),
        OrderState.OFFERED: _("Offered to both sides, terms %(n)s", n=offers),
        OrderState.AGREED: _("Agreed by both sides"),
        OrderState.IN_PRODUCTION: _("Production has started"),
        OrderState.DELIVERED: _("Everything is handed over"),
        OrderState.COMPLETED: _("Completed"),
        OrderState.CANCELLED: _("Cancelled"),
    }[state]


def _planned(order: Order) -> list[Event]:
    ahead: dict[OrderState, tuple[date | None, str]] = {
        OrderState.OFFERED: (None, _("Offer to both sides")),
        OrderState.AGREED: (None, _("Acceptance by both sides")),
        OrderState.IN_PRODUCTION: (order.starts_on, _("Start of production")),
        OrderState.DELIVERED: (order.due_on, _("Delivery")),
        OrderState.COMPLETED: (None, _("Completion")),
    }
    if order.state is OrderState.CANCELLED:
        return []
    states = list(OrderState)
    after = states[states.index(order.state) + 1 :]
    planned = [ahead[state] for state in after if state in ahead]
    return [
        Event(day, title, state="now" if n == 0 else "") for n, (day, title) in enumerate(planned)
    ]


@dataclass(frozen=True)
class PartyCard:
    """One side of the spirit level."""

    party: Party
    organisation_id: int
    name: str
    kind: str
    city: str
    icon: str
    accepted_at: datetime | None
    accepted_by: str
    free_of_charge: bool


def parties(order: Order) -> list[PartyCard]:
    """Return both sides, the client first, with their yes to the terms as they stand."""
    given = standing(order)
    return [
        PartyCard(
            party=party,
            organisation_id=organisation.id,
            name=organisation.name,
            kind=label(organisation.kind),
            city=organisation.city,
            icon="hammer" if party is Party.ENTERPRISE else "factory",
            accepted_at=given[party].at if party in given else None,
            accepted_by=given[party].name if party in given else "",
            free_of_charge=party in given and given[party].free_of_charge,
        )
        for party, organisation in (
            (Party.CLIENT, order.client),
            (Party.ENTERPRISE, order.enterprise),
        )
    ]
