"""What the law asks for before waste changes hands; said in time, and no legal advice.

Sources: Decision 2000/532/EC as amended (codes, starred entries), Commission notice 2018/C 124/01
(mirror entries: the waste itself decides, so that an assessment is needed), Regulation (EU)
2024/1157 on shipments of waste (applies from 21 May 2026; prior notification in general, for
green-listed waste the information of its Annex VII).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.core.errors import Invalid, Problem
from marketplace.orders.carrying import Evidence, EvidenceKind
from marketplace.orders.models import Order, OrderLine
from marketplace.taxonomy.waste import WasteCode, waste_codes


class Demand(StrEnum):
    """What can be missing before a line may be agreed."""

    HAZARD_PERMIT = auto()
    WASTE_PERMIT = auto()
    ASSESSMENT = auto()


class Shipment(StrEnum):
    """Which procedure a shipment of waste across a border is likely to need."""

    GREEN = auto()
    NOTIFICATION = auto()


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is to be handed over, and what its taker and its evidence show."""

    code: WasteCode | None = None
    hazardous: bool = False
    takes_hazardous: bool = False
    permit: bool = False
    assessed: bool = False

    @property
    def is_hazardous(self) -> bool:
        return self.hazardous or (self.code is not None and self.code.hazardous)


def missing(load: Load) -> list[Demand]:
    """Return what has to be there before the load may be agreed upon."""
    found = []
    if load.is_hazardous and not load.takes_hazardous:
        found.append(Demand.HAZARD_PERMIT)
    if load.code is not None and not load.permit:
        found.append(Demand.WASTE_PERMIT)
    if load.code is not None and load.code.entry_type in ("MN", "MH") and not load.assessed:
        found.append(Demand.ASSESSMENT)
    return found


def shipment(code: WasteCode | None, start: str, end: str) -> Shipment | None:
    """Return what a way from one country to another means for waste; None where nothing."""
    if code is None or start == end:
        return None
    return Shipment.NOTIFICATION if code.hazardous else Shipment.GREEN


@dataclass(frozen=True)
class OpenPoint:
    """What a line lacks."""

    line: OrderLine
    demand: Demand


def open_points(session: Session, order: Order) -> list[OpenPoint]:
    """Return everything that keeps the order from being agreed. Needs ``lines`` and ``parties``."""
    coded = [line for line in order.lines if line.waste_code is not None]
    if not coded:
        return []
    shown = _shown(session, order)
    able = _able(session, order)
    takers = {party.id: party.organisation_id for party in order.parties}
    found = []
    for line in coded:
        skills = able.get(takers[line.taker_id], [])
        load = Load(
            code=waste_codes().get(line.waste_code or ""),
            takes_hazardous=any(c.accepts_hazardous for c in skills),
            permit=any(c.permits for c in skills) or (line.id, EvidenceKind.PERMIT) in shown,
            assessed=(line.id, EvidenceKind.ASSESSMENT) in shown,
        )
        found += [OpenPoint(line, demand) for demand in missing(load)]
    return found


def check(session: Session, order: Order) -> None:
    """Raise ``Invalid`` with one problem per kind of thing that the law asks for and nobody showed."""
    demands = dict.fromkeys(point.demand for point in open_points(session, order))
    if demands:
        raise Invalid([Problem("legal", f"legal_{demand.value}") for demand in demands])


def shipments(order: Order) -> dict[int, Shipment]:
    """Return the lines that are waste and cross a border, by key, with their likely procedure.

    Needs ``lines``, and ``parties`` with their organisations.
    """
    countries = {party.id: party.organisation.country for party in order.parties}
    found = {}
    for line in order.lines:
        code = None if line.waste_code is None else waste_codes().get(line.waste_code)
        ways = countries[line.giver_id], countries[line.taker_id]
        kind = shipment(code, *ways)
        if kind is not None:
            found[line.id] = kind
    return found


def _shown(session: Session, order: Order) -> set[tuple[int, EvidenceKind]]:
    rows = session.execute(
        select(Evidence.line_id, Evidence.kind).where(Evidence.order_id == order.id)
    )
    return {(row[0], row[1]) for row in rows}


def _able(session: Session, order: Order) -> dict[int, list[Capability]]:
    """Return the capabilities that this order takes of each party, by organisation."""
    found: dict[int, list[Capability]] = {}
    for each in session.scalars(select(Capability).where(Capability.id.in_(_bound(order)))):
        found.setdefault(each.organisation_id, []).append(each)
    return found


def _bound(order: Order) -> Iterable[int]:
    return {pairing.capability_id for pairing in order.bound}
