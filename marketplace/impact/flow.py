"""Kilograms on their way through orders: each enters once, and nothing is lost from sight.

A kilogram enters where a client hands it over. What a social enterprise hands on, as a client of
another order, has entered before: there it counts only as far as it was passed on from somewhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter


@dataclass(frozen=True)
class Lot:
    """What stays the same on the way: who gave it, for which service point, and what it is."""

    giver_id: int
    service_point_id: int | None
    material: str | None
    waste_code: str | None


ROUNDING = 1e-12
Mix = dict[Lot, float]
"""Kilograms by lot."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What a client handed over in one delivery, in kg; ``moves``: it had entered before."""

    id: int
    order_id: int
    lot: Lot
    came: float
    lost: float = 0.0
    moves: bool = False

    @property
    def income(self) -> float:
        return self.came + self.lost


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What an organisation says became of ``mass`` kg that had come to an order."""

    id: int
    order_id: int
    organisation_id: int
    mass: float
    to_order_id: int | None = None


@dataclass
class Flow:
    """``given`` by delivery; ``fates`` by statement, each no more than there was; the rest by order.

    What was passed on and has not arrived is still in work where it came from.
    """

    given: dict[int, float] = field(default_factory=dict)
    fates: dict[int, Mix] = field(default_factory=dict)
    lost: dict[int, Mix] = field(default_factory=dict)
    in_work: dict[int, Mix] = field(default_factory=dict)
    came: dict[int, Mix] = field(default_factory=dict)


def total(mix: Mix) -> float:
    """Return the kilograms of all lots."""
    return sum(mix.values())


def _scaled(mix: Mix, by: float) -> Mix:
    return {lot: kg * by for lot, kg in mix.items()}


def _added(mixes: Iterable[Mix]) -> Mix:
    found: Mix = defaultdict(float)
    for mix in mixes:
        for lot, kg in mix.items():
            found[lot] += kg
    return {lot: kg for lot, kg in found.items() if kg > 0}


def _share(part: float, whole: float) -> float:
    """Return at most all of it: 0 to 1. What rounding alone keeps from being all of it is all of it:
    else the order in which things were recorded would leave dust of a lot, or none."""
    share = part / whole if whole > 0 else 0.0
    return share if share < 1.0 - ROUNDING else 1.0


def flow(handed: Collection[Handed], stated: Collection[Stated]) -> Flow:
    """Follow the kilograms through all orders, givers first.

    Where more was stated than came, or more passed on than arrived, as after a correction, every
    statement counts in proportion. Raises ``graphlib.CycleError`` where orders feed each other.
    """
    found = Flow()
    orders: TopologicalSorter[int] = TopologicalSorter()
    for each in handed:
        orders.add(each.order_id)
    for fate in stated:
        orders.add(fate.order_id)
        if fate.to_order_id is not None:
            orders.add(fate.to_order_id, fate.order_id)
    for order_id in orders.static_order():
        _arrive(found, order_id, handed, stated)
        _divide(found, order_id, [s for s in stated if s.order_id == order_id])
    return found


def _arrive(
    found: Flow, order_id: int, handed: Collection[Handed], stated: Collection[Stated]
) -> None:
    """Put down what came to an order and was lost on the way there: given, or carried on."""
    here = [h for h in handed if h.order_id == order_id]
    came: list[Mix] = []
    lost: list[Mix] = []
    for giver_id in {h.lot.giver_id for h in here}:
        mine = [h for h in here if h.lot.giver_id == giver_id]
        sent = [s for s in stated if (s.to_order_id, s.organisation_id) == (order_id, giver_id)]
        income = sum(h.income for h in mine)
        on_the_way = sum(total(found.fates[s.id]) for s in sent)
        arrived = _share(income, on_the_way)
        for each in sent:
            _turn_back(found, each, 1.0 - arrived)
        carried = _added(found.fates[s.id] for s in sent)
        safe = _share(sum(h.came for h in mine), income)
        came.append(_scaled(carried, safe))
        lost.append(_scaled(carried, 1.0 - safe))
        new = 1.0 - _share(total(carried), income)
        for h in mine:
            part = 0.0 if h.moves else new
            found.given[h.id] = part * h.income
            came.append({h.lot: part * h.came})
            lost.append({h.lot: part * h.lost})
    for fate in stated:
        if fate.to_order_id == order_id and fate.organisation_id not in {
            h.lot.giver_id for h in here
        }:
            _turn_back(found, fate, 1.0)
    found.came[order_id] = _added(came)
    found.lost[order_id] = _added(lost)


def _turn_back(found: Flow, fate: Stated, part: float) -> None:
    """Leave a part of what was passed on where it came from, since it has not arrived."""
    sent = found.fates[fate.id]
    found.fates[fate.id] = _scaled(sent, 1.0 - part)
    found.in_work[fate.order_id] = _added([found.in_work[fate.order_id], _scaled(sent, part)])


def _divide(found: Flow, order_id: int, stated: Collection[Stated]) -> None:
    """Divide what came to an order among the statements, every lot alike."""
    pool = found.came[order_id]
    there, said = total(pool), sum(s.mass for s in stated)
    for each in stated:
        found.fates[each.id] = _scaled(pool, _share(each.mass, max(there, said)))
    found.in_work[order_id] = _scaled(pool, 1.0 - _share(said, there))
