"""An order in words: what it waits for, how it came about, what it costs."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from babel.dates import format_skeleton
from babel.lists import format_list
from flask_babel import format_currency, get_locale, ngettext, to_user_timezone
from flask_babel import gettext as _

from marketplace.core.actor import Actor
from marketplace.orders import queries
from marketplace.orders.drafts import OrderDraft, Pays
from marketplace.orders.lifecycle import OrderAction, OrderState
from marketplace.orders.models import LineRole, Milestone, Order, OrderLine, OrderParty, Part
from marketplace.orders.money import Balance, amount_of, sums
from marketplace.orders.policy import BEING_CARRIED_OUT, standing
from marketplace.orders.snapshots import differences, read
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


def short_day(value: datetime | date | None) -> str:
    """Return day and month, such as 3. Nov."""
    if value is None:
        return ""
    local = to_user_timezone(value) if isinstance(value, datetime) else value
    return format_skeleton("MMMd", local, locale=get_locale() or "de")


def period(first: date, last: date) -> str:
    """Return a period: a calendar week as its number, others as their days."""
    if first.weekday() == 0 and (last - first).days in (4, 5, 6):
        return _("week %(n)s", n=first.isocalendar().week)
    return short_day(first) if first == last else f"{short_day(first)} – {short_day(last)}"


@dataclass(frozen=True)
class Event:
    """One line of an order's history; ``at`` is a day where it is planned only."""

    at: datetime | date | None
    title: str
    name: str = ""
    comment: str = ""
    state: str = "done"
    milestone_id: int | None = None

    @property
    def day(self) -> str:
        return short_day(self.at)


def history(order: Order) -> list[Event]:
    """Return what has happened, in order."""
    found: list[tuple[datetime, int, Event]] = []
    offers = drafts = 0
    before: OrderState | None = None
    for step in order.steps:
        offers += step.state is OrderState.OFFERED
        drafts += step.state is OrderState.DRAFT
        title = _happened(step.state, before, offers, drafts)
        name = "" if step.state is OrderState.AGREED else step.name
        rank = 0 if step.state in {OrderState.DRAFT, OrderState.OFFERED} else 2
        found.append((step.at, rank, Event(step.at, title, name, step.comment)))
        before = step.state
    names = {party.id: party.organisation.name for party in order.parties}
    for a in order.acceptances:
        title = _("%(organisation)s has accepted the terms", organisation=names[a.party_id])
        found.append((a.at, 1, Event(a.at, title, a.name)))
    return [event for _at, _rank, event in sorted(found, key=lambda f: f[:2])]


def _happened(state: OrderState, before: OrderState | None, offers: int, drafts: int) -> str:
    if state is OrderState.DRAFT and drafts > 1:
        return _("A change was asked for")
    if before is OrderState.PAUSED and state is not OrderState.CANCELLED:
        return _("The order goes on")
    if before is OrderState.DISPUTED and state is not OrderState.CANCELLED:
        return _("The dispute is settled")
    return {
        OrderState.DRAFT: _("Drawn up from the proposal"),
        OrderState.OFFERED: _("Offered to both sides, terms %(n)s", n=offers),
        OrderState.AGREED: _("Agreed by both sides"),
        OrderState.IN_PRODUCTION: _("Production has started"),
        OrderState.DELIVERED: _("Everything is handed over"),
        OrderState.COMPLETED: _("Completed"),
        OrderState.PAUSED: _("Paused"),
        OrderState.DISPUTED: _("Disputed"),
        OrderState.CANCELLED: _("Cancelled"),
    }[state]


def plan(order: Order) -> list[Event]:
    """Return the milestones with start and end, in the order of their days; the next one is now."""
    begun = _first(order, OrderState.IN_PRODUCTION)
    ended = _first(order, OrderState.DELIVERED)
    rows = [
        (begun or order.starts_on, 0, _("Start of production"), "", begun is not None, None),
        *(
            (m.reached_on or m.planned_on, 1, m.title, _late(m), m.reached_on is not None, m.id)
            for m in order.milestones
        ),
        (ended or order.due_on, 2, _("Delivery"), "", ended is not None, None),
    ]
    rows.sort(key=lambda row: row[:2])
    ahead = [n for n, row in enumerate(rows) if not row[4]]
    running = order.state in BEING_CARRIED_OUT
    return [
        Event(day, title, comment=note, milestone_id=key,
              state="done" if done else "now" if running and n == ahead[0] else "")
        for n, (day, _rank, title, note, done, key) in enumerate(rows)
    ]  # fmt: skip


def _first(order: Order, state: OrderState) -> date | None:
    found = next((step.at for step in order.steps if step.state is state), None)
    return None if found is None else to_user_timezone(found).date()


def _late(milestone: Milestone) -> str:
    if milestone.reached_on is None or milestone.reached_on == milestone.planned_on:
        return milestone.note
    planned = _("planned for %(day)s", day=short_day(milestone.planned_on))
    return f"{milestone.note} ({planned})" if milestone.note else planned


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


def free_of_charge(snapshot: str) -> bool:
    """Tell whether some version of the terms has lines for which nobody pays."""
    return any(line.pays is Pays.NOBODY for line in read(snapshot).lines)


def changes(names: dict[int, str], before: OrderDraft, after: OrderDraft) -> list[list[str]]:
    """Return what two versions say differently: what, of which row, before, after."""
    return [
        [_field(found.field), found.where, _said(found.field, found.before, names),
         _said(found.field, found.after, names)]
        for found in differences(before, after)
    ]  # fmt: skip


def _field(name: str) -> str:
    return {
        "title": _("Title"),
        "product": _("What is made"),
        "work_place": _("Where is the work done?"),
        "standing": _("Standing order"),
        "recurrence": _("Rhythm"),
        "starts_on": _("Start"),
        "due_on": _("Due"),
        "organisation_id": _("Party"),
        "part": _("Part"),
        "sells": _("Sells the product"),
        "role": _("What it is"),
        "description": _("Line"),
        "quantity": _("Quantity"),
        "unit": _("Unit"),
        "mass_kg": _("Mass"),
        "pays": _("Who pays?"),
        "price": _("Price without VAT"),
        "lump_sum": _("Price for all of it"),
        "vat_percent": _("VAT"),
        "giver_id": _("Who gives it or does it"),
        "taker_id": _("Who takes it"),
        "listing_id": _("Listing"),
        "waste_code": _("Waste code"),
        "planned_on": _("Planned for"),
        "capability_id": _("Workshop"),
    }[name]


def _said(field: str, value: object, names: dict[int, str]) -> str:
    """Return a value of the terms as people read it."""
    if value is None:
        return "–"
    if field in {"organisation_id", "giver_id", "taker_id"}:
        return names.get(int(str(value)), "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, date):
        return day(value)
    return number(value, 4) if isinstance(value, float | Decimal) else str(value)
